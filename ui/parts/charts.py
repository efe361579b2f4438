"""The effect over time: estimate, the interval of one planned look, and the band that holds at every look."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import polars as pl
import streamlit as st

from metrics import formatting
from metrics.formatting import EffectText
from reports.annotations import Annotation
from reports.results import Experiment, Metric, arm_name
from reports.wording.figures import difference_unit
from ui.filters import Scale
from ui.parts import events
from ui.parts.effects import scale_figure
from ui.parts.markup import Column, Html, Row, table, text
from ui.parts.palette import arm_colours, translucent

HEIGHT = 420
FEWEST = 3
"""With fewer steps a table says more than a chart."""
GRID, INK = "rgba(128, 136, 148, 0.25)", "#7A828E"
EARLY = 0.25
"""The first part of the days, whose limits are too wide to set the chart's height."""

_RELATIVE = (
    "relative",
    "relative_low",
    "relative_high",
    "relative_sequential_low",
    "relative_sequential_high",
)
_ABSOLUTE = ("difference", "difference_low", "difference_high", "sequential_low", "sequential_high")

Values = npt.NDArray[np.float64]


def course(
    steps: pl.DataFrame,
    experiment: Experiment,
    metric: Metric,
    variant: str,
    scale: Scale,
    noted: Sequence[Annotation] = (),
) -> None:
    """Draw the cumulative effect day by day, with the events noted in those days."""
    names = _RELATIVE if scale == "relative" else _ABSOLUTE
    factor = 100 if scale == "relative" or metric.unit == "share" else 1
    dated = steps["date"].null_count() == 0
    days = steps["date"].dt.to_string("iso").to_list() if dated else steps["day"].to_list()
    middle, low, high, any_low, any_high = (factor * steps[name].to_numpy() for name in names)
    colour = arm_colours(experiment.control, experiment.variants)[variant]
    unit = " %" if scale == "relative" else " pp" if metric.unit == "share" else ""
    line = {
        "type": "scatter", "x": days, "y": middle, "mode": "lines" if len(days) > 1 else "markers",
        "line": {"color": colour, "width": 2.5}, "marker": {"color": colour, "size": 9}, "name": "estimate",
        "customdata": np.column_stack([low, high, any_low, any_high, steps["n_variant"].to_numpy()]),
        "hovertemplate": f"%{{y:+.3~g}}{unit}<br>one look %{{customdata[0]:+.3~g}} to "
        "%{customdata[1]:+.3~g}<br>any look %{customdata[2]:+.3~g} to %{customdata[3]:+.3~g}"
        "<br>n %{customdata[4]:,}<extra></extra>",
    }  # fmt: skip
    traces = [
        *band(days, any_low, any_high, translucent(colour, 0.2), "valid at every look"),
        *band(days, low, high, translucent(colour, 0.36), "one planned look"),
        line,
    ]
    layout = _layout(height(middle, any_low, any_high), unit, dated=dated)
    drawn = events.lines(noted, days)
    layout |= {"shapes": [*layout["shapes"], *drawn["shapes"]], "annotations": drawn["annotations"]}
    st.plotly_chart(
        go.Figure({"data": traces, "layout": layout}, _validate=False),
        key=f"course-{experiment.experiment}-{metric.metric}-{variant}-{scale}",
        config={"displayModeBar": False},
        alt=f"{metric.label}: effect of {arm_name(variant)} day by day, with both bands."
        f"{events.said(noted)} The table view has the same figures.",
    )


def course_table(
    steps: pl.DataFrame, experiment: Experiment, metric: Metric, scale: Scale, currency: str
) -> Html:
    """The same figures as a table, the newest first, thinned to what a reader takes in."""
    names = _RELATIVE if scale == "relative" else _ABSOLUTE
    unit: formatting.EffectUnit = "lift" if scale == "relative" else difference_unit(metric)
    step = max(1, -(-steps.height // 26))
    rows = steps.reverse().gather_every(step)
    columns = [
        Column("Day", "effects_by_day.day", left=True),
        Column("People", "page.units"),
        Column("Lift" if scale == "relative" else "Difference", scale_figure(scale)),
        Column(f"{formatting.percent(experiment.confidence, 0)}, one planned look", names[1]),
        Column("Valid at every look", names[3]),
    ]
    return table(
        columns,
        [_step(row, names, unit, currency) for row in rows.iter_rows(named=True)],
        label=f"{metric.label} by day",
        kind="lg-plain",
    )


def _step(row: dict[str, Any], names: Sequence[str], unit: formatting.EffectUnit, currency: str) -> Row:
    middle, low, high, any_low, any_high = (row[name] for name in names)
    fixed: EffectText = formatting.effect(middle, low, high, unit, currency=currency)
    any_look = formatting.effect(middle, any_low, any_high, unit, currency=currency)
    day = formatting.day(row["date"]) if row["date"] else f"day {row['day']}"
    people = None if row["n_control"] is None else row["n_control"] + row["n_variant"]
    shown = (day, formatting.count(people), fixed.estimate, fixed.interval, any_look.interval)
    return Row([text(part) for part in shown])


def band(days: list[Any], low: Values, high: Values, fill: str, name: str) -> list[dict[str, Any]]:
    """Two traces that fill the space between lower and upper limits."""
    edge = {"type": "scatter", "x": days, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        {**edge, "y": low, "showlegend": False},
        {**edge, "y": high, "fill": "tonexty", "fillcolor": fill, "name": name},
    ]


def height(middle: Values, low: Values, high: Values) -> list[float]:
    """The vertical range: all of the estimates, and the limits once they have settled; 0 always in it."""
    settled = int(EARLY * len(middle))
    shown = np.concatenate([low[settled:], high[settled:], middle, [0.0]])
    known = shown[np.isfinite(shown)]
    bottom, top = float(known.min()), float(known.max())
    room = 0.06 * ((top - bottom) or 1)
    return [bottom - room, top + room]


def _layout(height: list[float], unit: str, *, dated: bool) -> dict[str, Any]:
    axis = {
        "showgrid": True,
        "gridcolor": GRID,
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"size": 12},
    }
    return {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "separators": formatting.separators(),
        "hovermode": "x unified",
        "legend": {"orientation": "h", "y": 1.14, "x": 0, "font": {"size": 12}},
        "xaxis": {**axis, "showgrid": False, "tickformat": "%-d %b" if dated else ""},
        "yaxis": {**axis, "range": height, "ticksuffix": unit, "tickformat": "+.3~g"},
        "shapes": [
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0,
             "line": {"color": INK, "width": 1.2}, "layer": "below"}
        ],
    }  # fmt: skip
