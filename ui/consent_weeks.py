"""Consent week by week: the rate of first answers per place, and the weeks that jumped."""

import polars as pl
import streamlit as st

from metrics import catalogue, formatting
from reports.readings import HIDDEN
from reports.wording.privacy_consent import ALERTS, missing
from ui import downloads, filters, frame, plots
from ui.markup import Column, Html, Row, mark, small, table, text
from ui.palette import OKABE_ITO

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
PLACES = 7
"""Lines that can still be told apart; the table has all."""
ROWS = 60
"""Newest rows in the table; the file has all."""


def show(alerts: pl.DataFrame) -> None:
    """Draw the weekly rates of one purpose, or show them as a table with what each week amounts to."""
    if alerts.is_empty():
        return
    st.html(
        frame.heading(
            "Week by week",
            "Share of a week's first answers that were a grant. A jump is judged against the twelve weeks "
            "before, in the same place. Weeks with too few people stay hidden.",
        )
    )
    purposes = {name: name for name in alerts["purpose"].unique().sort()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        purpose = filters.choice("First answers about", purposes, "about", 330)
        shown = filters.view()
        rows = alerts.filter(pl.col("purpose") == purpose)
        downloads.button(rows, "consent_alerts", "consent-weeks")
    if shown == "chart":
        _chart(rows, purpose)
    else:
        st.html(weeks_table(rows))


def _chart(rows: pl.DataFrame, purpose: str) -> None:
    places = (
        rows.group_by("jurisdiction")
        .agg(pl.col("decided").sum())
        .sort("decided", "jurisdiction", descending=[True, False])
    )
    wide = rows.pivot("jurisdiction", index="week", values="rate").sort("week")
    drawn = [place for place in places["jurisdiction"] if wide[place].drop_nulls().len()]
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
    )
    hidden = [place for place in places["jurisdiction"] if place not in drawn[:PLACES]]
    if hidden:
        st.html(frame.note(f"Not drawn: {', '.join(hidden)}. See the table."))


def _percent(rates: pl.Series) -> list[float | None]:
    return [None if value is None else 100 * value for value in rates]


def weeks_table(rows: pl.DataFrame) -> Html:
    """One row per place and week, jumps first, then the newest."""
    columns = [
        Column("Week of"),
        Column("Place"),
        Column("Rate", right=True, hint=_meaning("rate")),
        Column("Usual", right=True, hint=_meaning("baseline")),
        Column("Against its own weeks", hint=_meaning("score")),
        Column("First answers", right=True, hint=_meaning("decided")),
    ]
    jumped = pl.col("alert").is_in(["drop", "rise"]).fill_null(value=False)
    ordered = rows.sort(jumped, "week", "jurisdiction", descending=[True, True, False])
    body = [_week(row) for row in ordered.head(ROWS).iter_rows(named=True)]
    return table(columns, body, label="Consent by week", kind="lg-plain")


def _week(row: dict[str, object]) -> Row:
    status = ALERTS.get(str(row["alert"]), missing(str(row["status"])))
    values = (row["rate"], row["baseline"])
    rate, usual = (formatting.percent(v if isinstance(v, float) else None) for v in values)
    decided = row["decided"]
    return Row(
        [
            text(formatting.day(row["week"])),  # type: ignore[arg-type]
            text(row["jurisdiction"]),
            text(rate) if row["rate"] is not None else mark(HIDDEN),
            text(usual),
            Html(f"{mark(status)}{small(row['note'] or '') if row['status'] == 'not_testable' else ''}"),
            text(formatting.count(decided if isinstance(decided, int) else None)),
        ],
        dim=row["status"] == "suppressed",
    )


def _meaning(name: str) -> str:
    entry = catalogue.column("consent_alerts", name)
    return f"{entry.definition} Of: {entry.denominator}."
