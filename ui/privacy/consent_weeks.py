"""Consent week by week: the rate of first answers per place, and the weeks that jumped."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import polars as pl
import streamlit as st

from metrics import catalogue, formatting
from reports.annotations import Annotation, concerning
from reports.wording.privacy_consent import ALERTS, missing
from ui import filters, frame
from ui.parts import downloads, events, plots
from ui.parts.markup import Column, Html, Row, mark, small, table, text
from ui.parts.palette import OKABE_ITO
from ui.records import annotation_data

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
JUMPED = ("drop", "rise")
WEEK = timedelta(days=6)
"""From a week's first day to its last."""
PLACES = 7
"""Places that can still be told apart, the largest; the file has all."""


def show(alerts: pl.DataFrame) -> None:
    """Draw the weekly rates of one purpose, or show them as a table with what each week amounts to."""
    if alerts.is_empty():
        return
    st.html(
        frame.heading(
            "Week by week",
            "Share of a week's first answers that were a grant. A jump is judged against the last twelve "
            "usual weeks of the same place, and told until it is over. Weeks of too few people stay hidden.",
        )
    )
    purposes = {name: name for name in _jumpiest_first(alerts)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        purpose = filters.choice("First answers about", purposes, "about", 330)
        shown = filters.view()
        rows = alerts.filter(pl.col("purpose") == purpose)
        downloads.button(rows, "consent_alerts", "consent-weeks")
    weeks = rows["week"].to_list()
    noted = concerning(annotation_data.standing(), (), min(weeks), max(weeks) + WEEK)
    if shown == "chart":
        _chart(rows, purpose, noted)
        events.numbered(noted)
    else:
        st.html(weeks_table(rows))
        events.listed(noted)


def _jumpiest_first(alerts: pl.DataFrame) -> list[str]:
    """Purposes, those with most weeks that jumped first."""
    jumps = pl.col("alert").is_in(JUMPED).sum()
    counted = alerts.group_by("purpose").agg(jumps=jumps).sort("jumps", "purpose", descending=[True, False])
    return list(counted["purpose"])


def _chart(rows: pl.DataFrame, purpose: str, noted: Sequence[Annotation]) -> None:
    places = _by_size(rows)
    wide = rows.pivot("jurisdiction", index="week", values="rate").sort("week")
    drawn = [place for place in places if wide[place].drop_nulls().len()]
    if not drawn:
        st.html(
            frame.note(
                "No rate can be shown: in every week too few people answered, or answered alike. The table "
                "says which weeks were judged."
            )
        )
        return
    plots.lines(
        wide["week"].to_list(),
        [
            plots.Series(place, OKABE_ITO[i % len(OKABE_ITO)], _percent(wide[place]), DASHES[i % len(DASHES)])
            for i, place in enumerate(drawn[:PLACES])
        ],
        key=f"consent-weeks-{purpose}",
        alt=f"Weekly consent rate of first answers about {purpose} by place.",
        suffix=" %",
        form=".0f",
        goal=_usual(rows),
        notes=_jumps(rows.filter(pl.col("jurisdiction").is_in(drawn[:PLACES]))),
        noted=noted,
    )
    absent = [place for place in places if place not in drawn[:PLACES]]
    if absent:
        st.html(frame.note(f"Not drawn: {', '.join(absent)}. See the table or the file."))


def _jumped(rows: pl.DataFrame) -> pl.DataFrame:
    """The first week of every jump that may be shown: weeks that jumped alike are one jump."""
    shown = rows.filter(pl.col("alert").is_in(JUMPED), pl.col("rate").is_not_null()).sort("week")
    return shown.unique(["jurisdiction", "alert"], keep="first", maintain_order=True)


def _jumps(rows: pl.DataFrame) -> list[plots.Note]:
    """Where a rate dropped or rose, named where it stands."""
    return [
        plots.Note(
            row["week"],
            100 * row["rate"],
            f"{row['jurisdiction']} {ALERTS[row['alert']].word}",
            row["alert"] == "rise",
        )
        for row in _jumped(rows).iter_rows(named=True)
    ]


def _usual(rows: pl.DataFrame) -> plots.Goal | None:
    """The usual rate of the one place that jumped: the weeks at it may be hidden, for too few declined."""
    jumped = _jumped(rows)
    if jumped.height != 1:
        return None
    place, rate = jumped.row(0, named=True)["jurisdiction"], jumped["baseline"][0]
    return (
        plots.Goal(100 * rate, f"usual in {place}: {formatting.percent(rate, 0)}")
        if rate is not None
        else None
    )


def _percent(rates: pl.Series) -> list[float | None]:
    return [None if value is None else 100 * value for value in rates]


def weeks_table(rows: pl.DataFrame) -> Html:
    """A row per week and a column per place, the newest first."""
    places = _by_size(rows)[:PLACES]
    cells = {(row["week"], row["jurisdiction"]): row for row in rows.iter_rows(named=True)}
    columns = [
        Column("Week of", hint=catalogue.meaning("consent_alerts.baseline")),
        *(Column(place, "consent_alerts.rate", left=True) for place in places),
    ]
    body = [
        Row([text(formatting.day(week)), *(_week(cells.get((week, place))) for place in places)])
        for week in rows["week"].unique().sort(descending=True)
    ]
    return table(columns, body, label="Consent by week", kind="lg-plain")


def _by_size(rows: pl.DataFrame) -> list[str]:
    """Places, those with the most first answers first."""
    sums = rows.group_by("jurisdiction").agg(pl.col("decided").sum())
    ordered = sums.sort("decided", "jurisdiction", descending=[True, False])
    return list(ordered["jurisdiction"])


def _week(row: dict[str, Any] | None) -> Html:
    if row is None:
        return text(formatting.MISSING)
    status = ALERTS.get(row["alert"] or "", missing(row["status"]))
    if row["status"] == "suppressed":
        return mark(status)
    rate = formatting.percent(row["rate"], 0) if row["rate"] is not None else "rate hidden"
    usual = f", usually {formatting.percent(row['baseline'], 0)}" if row["baseline"] is not None else ""
    of = f"{rate}{usual}, of {formatting.count(row['decided'])}"
    return Html(f"{mark(status)}{small(of)}")
