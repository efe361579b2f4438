"""Curves of who is still there, per arm with its band, the number at risk, and the same as a table."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from metrics import catalogue, formatting
from reports.growth.staying import at_risk_days, standing
from reports.results import Experiment, Metric, arm_name
from reports.wording.figures import capitalised
from ui.parts.charts import GRID, INK
from ui.parts.markup import Column, Html, Row, small, table, text
from ui.parts.palette import arm_colours, translucent

HEIGHT = 340
ROWS = 26
"""Days in the table view, about."""


def chart(
    found: pl.DataFrame, experiment: Experiment, metric: Metric, horizon: float | None, time: str
) -> None:
    """Draw each arm's curve as steps, with its pointwise band."""
    colours = arm_colours(experiment.control, experiment.variants)
    traces: list[dict[str, Any]] = []
    for arm in _arms(found, experiment):
        rows = found.filter(pl.col("variant") == arm)
        traces += _band(rows, translucent(colours[arm], 0.18))
    for arm in _arms(found, experiment):
        rows = found.filter(pl.col("variant") == arm)
        traces.append(_curve(rows, arm, colours[arm], "dot" if arm == experiment.control else "solid"))
    st.plotly_chart(
        go.Figure({"data": traces, "layout": _layout(found, horizon, time)}, _validate=False),
        key=f"survival-{experiment.experiment}-{metric.metric}-{'-'.join(_arms(found, experiment))}",
        config={"displayModeBar": False},
        alt=f"Share still there by {time} since assignment, per arm, with bands. The table view has the same "
        "figures.",
    )


def at_risk_table(found: pl.DataFrame, experiment: Experiment, horizon: float | None, time: str) -> Html:
    """How many are still followed and without the event, per arm, with the events so far beneath."""
    days = at_risk_days(found, horizon)
    columns = [
        Column("At risk", hint=catalogue.meaning("at_risk"), under="events so far"),
        *(
            Column(f"{'Day' if time == 'days' else capitalised(time)} {formatting.count(day)}", "at_risk")
            for day in days
        ),
    ]
    colours = arm_colours(experiment.control, experiment.variants)
    body = [
        Row([_named(arm, colours[arm]), *(_standing(standing(found, arm, day)) for day in days)])
        for arm in _arms(found, experiment)
    ]
    return table(columns, body, label="Number at risk", kind="lg-plain")


def curves_table(found: pl.DataFrame, experiment: Experiment, time: str) -> Html:
    """The curves as a table, thinned to what a reader takes in."""
    arms = _arms(found, experiment)
    days = sorted(found["day"].unique().to_list())
    days = days[:: max(1, -(-len(days) // ROWS))]
    level = formatting.percent(experiment.confidence, 0)
    columns = [
        Column("Day" if time == "days" else capitalised(time), "survival.day", left=True),
        *(
            Column(
                f"{capitalised(arm_name(arm))}, still there",
                "survival",
                under=f"{level} limits",
            )
            for arm in arms
        ),
    ]
    body = [
        Row([text(formatting.count(day)), *(_share(standing(found, arm, day)) for arm in arms)])
        for day in days
    ]
    return table(columns, body, label="Still there by day", kind="lg-plain")


def first_day(found: pl.DataFrame) -> float:
    """Where the chart starts: at 0, or at the first event where that comes late."""
    events = found.filter(pl.col("survival") < 1)["day"]
    if events.is_empty():
        return 0.0
    first, last = float(events.min()), float(found["day"].max())  # type: ignore[arg-type]
    return first if first > last / 2 else 0.0


def _arms(found: pl.DataFrame, experiment: Experiment) -> list[str]:
    known = set(found["variant"])
    return [arm for arm in (experiment.control, *experiment.variants) if arm in known]


def _named(arm: str, colour: str) -> Html:
    key = f'<span class="lg-key" style="background:{colour}" aria-hidden="true"></span>'
    return Html(f"{key}{text(capitalised(arm_name(arm)))}")


def _standing(row: dict[str, float | int | None]) -> Html:
    if not row:
        return text(formatting.MISSING)
    return Html(f"{text(formatting.count(row['at_risk']))}{small(formatting.count(row['events']))}")


def _share(row: dict[str, float | int | None]) -> Html:
    if not row:
        return text(formatting.MISSING)
    low, high = row["survival_low"], row["survival_high"]
    limits = f"{formatting.percent(low)} to {formatting.percent(high)}" if None not in (low, high) else ""
    return Html(f"{text(formatting.percent(row['survival']))}{small(limits) if limits else ''}")


def _curve(rows: pl.DataFrame, arm: str, colour: str, dash: str) -> dict[str, Any]:
    told = zip(
        _percent(rows["survival_low"]),
        _percent(rows["survival_high"]),
        rows["at_risk"].to_list(),
        strict=True,
    )
    return {
        "type": "scatter", "mode": "lines", "name": arm_name(arm), "x": rows["day"].to_list(),
        "y": _percent(rows["survival"]), "line": {"color": colour, "width": 2.5, "shape": "hv", "dash": dash},
        "customdata": list(told),
        "hovertemplate": f"{text(arm_name(arm))} %{{y:.1f}} %"
        " (%{customdata[0]:.1f} to %{customdata[1]:.1f}), at risk %{customdata[2]:,}<extra></extra>",
    }  # fmt: skip


def _band(rows: pl.DataFrame, fill: str) -> list[dict[str, Any]]:
    known = rows.filter(pl.col("survival_low").is_not_null())
    edge = {
        "type": "scatter", "mode": "lines", "x": known["day"].to_list(), "hoverinfo": "skip",
        "line": {"width": 0, "shape": "hv"}, "showlegend": False,
    }  # fmt: skip
    return [
        {**edge, "y": _percent(known["survival_low"])},
        {**edge, "y": _percent(known["survival_high"]), "fill": "tonexty", "fillcolor": fill},
    ]


def _percent(values: pl.Series) -> list[float | None]:
    return [None if value is None else 100 * value for value in values]


def _layout(found: pl.DataFrame, horizon: float | None, time: str) -> dict[str, Any]:
    axis = {"gridcolor": GRID, "zeroline": False, "fixedrange": True, "tickfont": {"size": 12}}
    start = first_day(found)
    shown = found.filter(pl.col("day") >= start)
    known: Sequence[float] = [v for name in ("survival", "survival_low") for v in found[name].drop_nulls()]
    top = 100.0 * max(shown["survival_high"].drop_nulls(), default=1.0) if start else 100.0
    bottom = max(0.0, 100 * min(known, default=0.0))
    bottom -= min(bottom, 0.08 * (top - bottom) or 1.0)
    shapes, notes = [], []
    if horizon is not None:
        shapes.append(
            {"type": "line", "x0": horizon, "x1": horizon, "yref": "paper", "y0": 0, "y1": 1,
             "layer": "below", "line": {"color": INK, "width": 1.4, "dash": "dash"}}
        )  # fmt: skip
        notes.append(
            {"x": horizon, "yref": "paper", "y": 1, "text": "horizon", "showarrow": False, "xanchor": "right",
             "yanchor": "top", "font": {"size": 12, "color": INK}}
        )  # fmt: skip
    return {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "separators": formatting.separators(),
        "hovermode": "x unified",
        "legend": {"orientation": "h", "y": 1.14, "x": 0, "font": {"size": 12}},
        "xaxis": {**axis, "showgrid": False, "range": [start, 1.01 * max(1, horizon or 0, *found["day"])],
                  "title": {"text": f"{capitalised(time)} since assignment", "font": {"size": 12}}},
        "yaxis": {**axis, "ticksuffix": " %", "range": [bottom, top + 0.03 * (top - bottom)]},
        "shapes": shapes,
        "annotations": notes,
    }  # fmt: skip
