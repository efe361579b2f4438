"""Inference day by day: one line per journey, or per model of the one chosen."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from metrics import formatting
from reports.annotations import Annotation, concerning
from reports.wording.privacy_cost import SERVING, Spend
from ui import filters, frame
from ui.data import Loaded
from ui.parts import downloads, events, plots
from ui.parts.markup import Column, Html, Row, table, text
from ui.parts.palette import OKABE_ITO
from ui.records import annotation_data

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
LINES = 8
"""Lines that can still be told apart; the table has all."""
DAYS = 28
"""Newest days in the table; the file has all."""


class Figure(NamedTuple):
    """What is drawn per day; `adds_up` tells whether models can be put together."""

    label: str
    adds_up: bool


FIGURES = {
    "cost_per_1k": Figure("Cost per thousand", adds_up=True),
    "cost": Figure("Cost", adds_up=True),
    "requests": Figure("Requests", adds_up=True),
    "latency_p95": Figure("Latency, 95 %", adds_up=False),
}


def show(loaded: Loaded, days: pl.DataFrame, spends: Sequence[Spend], names: Mapping[str, str]) -> None:
    """Draw a figure by day with its target, or show it as a table."""
    one = spends[0] if len(spends) == 1 else None
    offered = {key: found.label for key, found in FIGURES.items() if found.adds_up or one}
    st.html(
        frame.heading(
            "Day by day",
            "By model and way of serving."
            if one
            else "By journey; choose one above to see its models and latency.",
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = filters.choice("Figure", offered, "figure")
        shown = filters.view()
        downloads.button(days, "inference_by_day", "inference-by-day")
    rows = _by_model(days, key) if one else _by_journey(days, key, names)
    lines = _lines(rows)
    noted = _noted(loaded, rows, one)
    if shown == "chart":
        _chart(loaded, rows, lines, key, one, noted)
        events.numbered(noted)
    else:
        st.html(_table(rows, lines, key, loaded.currency))
        events.listed(noted)


def _noted(loaded: Loaded, rows: pl.DataFrame, one: Spend | None) -> list[Annotation]:
    """The events of the days shown, about everything or the experiments of the journey chosen."""
    records = loaded.snapshot.experiments() if one else ()
    own = [record.experiment for record in records if one and record.definition["journey"] == one.journey]
    return events.within(rows["day"].to_list(), concerning(annotation_data.standing(), own))


def _by_model(days: pl.DataFrame, key: str) -> pl.DataFrame:
    served = pl.col("serving").replace(SERVING)
    return days.select("day", line=pl.format("{}, {}", "model", served), value=pl.col(key).cast(pl.Float64))


def _by_journey(days: pl.DataFrame, key: str, names: Mapping[str, str]) -> pl.DataFrame:
    """All models of a journey together: counts and costs add up, and the price is their quotient."""
    sums = days.group_by("journey", "day").agg(pl.col("cost", "requests", "recommendations").sum())
    made = pl.col("recommendations")
    price = pl.when(made > 0).then(1000 * pl.col("cost") / made)
    value = price if key == "cost_per_1k" else pl.col(key).cast(pl.Float64)
    line = pl.col("journey").replace(dict(names))
    return sums.select("day", line=line, value=value).sort("day")


def _lines(rows: pl.DataFrame) -> list[str]:
    """The lines, the highest first."""
    means = (
        rows.group_by("line")
        .agg(pl.col("value").mean())
        .sort("value", "line", descending=[True, False], nulls_last=True)
    )
    return means["line"].to_list()


def _chart(
    loaded: Loaded,
    rows: pl.DataFrame,
    lines: list[str],
    key: str,
    one: Spend | None,
    noted: Sequence[Annotation],
) -> None:
    wide = rows.pivot("line", index="day", values="value").sort("day")
    wide = wide.upsample("day", every="1d") if wide.height > 1 else wide
    series = [
        plots.Series(
            line,
            OKABE_ITO[i % len(OKABE_ITO)],
            wide[line].to_list(),
            DASHES[(i // len(OKABE_ITO)) % len(DASHES)],
        )
        for i, line in enumerate(lines[:LINES])
    ]
    label = FIGURES[key].label
    before, after = formatting.affixes(loaded.currency) if key.startswith("cost") else ("", "")
    plots.lines(
        wide["day"].to_list(),
        series,
        key=f"inference-{key}-{one.journey if one else 'all'}",
        alt=f"{label} by day.",
        prefix=before,
        suffix=" ms" if key == "latency_p95" else after,
        goal=_goal(key, one, loaded.currency),
        noted=noted,
    )
    if len(lines) > LINES:
        st.html(frame.note(f"The {LINES} highest of {len(lines)} lines; the table and the file have all."))


def _goal(key: str, one: Spend | None, currency: str) -> plots.Goal | None:
    if one is None:
        return None
    if key == "cost_per_1k" and one.cost_target is not None:
        return plots.Goal(
            one.cost_target, f"target of the journey {formatting.price(one.cost_target, currency)}"
        )
    if key == "latency_p95" and one.latency_target is not None:
        return plots.Goal(
            one.latency_target, f"target of the journey {formatting.milliseconds(one.latency_target)}"
        )
    return None


def _table(rows: pl.DataFrame, lines: list[str], key: str, currency: str) -> Html:
    wide = rows.pivot("line", index="day", values="value").sort("day", descending=True).head(DAYS)
    columns = [Column("Day"), *(Column(line, f"inference_by_day.{key}") for line in lines)]
    body = [
        Row([text(formatting.day(row["day"])), *(text(_written(row[line], key, currency)) for line in lines)])
        for row in wide.iter_rows(named=True)
    ]
    return table(columns, body, label=f"{FIGURES[key].label} by day, the newest first", kind="lg-plain")


def _written(value: Any, key: str, currency: str) -> str:
    if key == "requests":
        return formatting.count(value)
    if key == "latency_p95":
        return formatting.milliseconds(value)
    return formatting.price(value, currency)
