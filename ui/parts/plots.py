"""Bars and lines over time; the table beside each has the same figures."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from metrics import formatting
from reports.annotations import Annotation
from ui.parts import events

HEIGHT = 300
FEW = 31
"""Up to so many days each has a point: a day between gaps would not show as a line."""
GRID, INK = "rgba(128, 136, 148, 0.25)", "#7A828E"

Values = Sequence[float | None]


class Series(NamedTuple):
    """What is drawn in one colour.

    Attributes:
        name: for the legend.
        colour: the same wherever this is drawn.
        values: one per place on the x-axis; None leaves a gap.
        dash: Plotly's name of the line's pattern, so that lines differ by more than colour.
    """

    name: str
    colour: str
    values: Values
    dash: str = "solid"


class Goal(NamedTuple):
    """A value that should not be passed, drawn as a dashed line."""

    value: float
    label: str


class Note(NamedTuple):
    """What is said of one point of a line, above or below it."""

    day: Any
    value: float
    text: str
    above: bool = True


def stacked_bars(places: Sequence[Any], series: Sequence[Series], *, key: str, alt: str) -> None:
    """Draw counts on top of each other."""
    traces = [
        {
            "type": "bar", "x": list(places), "y": list(one.values), "name": one.name,
            "marker": {"color": one.colour}, "hovertemplate": "%{y:,}",
        }
        for one in series
    ]  # fmt: skip
    layout = {**_layout("", ",d"), "barmode": "stack", "bargap": 0.45}
    _show(traces, layout, key, alt)


def lines(
    days: Sequence[Any],
    series: Sequence[Series],
    *,
    key: str,
    alt: str,
    prefix: str = "",
    suffix: str = "",
    form: str = ",.3~g",
    goal: Goal | None = None,
    notes: Sequence[Note] = (),
    noted: Sequence[Annotation] = (),
) -> None:
    """Draw figures day by day, from 0 up, with the events noted in those days."""
    places = np.array([str(day) for day in days])
    traces = [
        {
            "type": "scatter", "x": places, "y": np.array(one.values, dtype=np.float64), "name": one.name,
            "mode": "lines+markers" if len(days) <= FEW else "lines",
            "marker": {"color": one.colour, "size": 5},
            "line": {"color": one.colour, "width": 2, "dash": one.dash}, "connectgaps": False,
            "hovertemplate": f"{prefix}%{{y:{form}}}{suffix}",
        }
        for one in series
    ]  # fmt: skip
    layout = _layout(suffix, form, prefix)
    known = [v for one in series for v in one.values if v is not None]
    top = max([*known, goal.value if goal else 0.0], default=1.0) or 1.0
    layout["yaxis"]["range"] = [0, 1.08 * top]
    if goal:
        layout |= _goal(goal)
    layout["annotations"] = [*layout.get("annotations", []), *map(_note, notes)]
    for part, drawn in events.lines(noted, days).items():
        layout[part] = [*layout.get(part, []), *drawn]
    _show(traces, layout, key, f"{alt}{events.said(noted)}")


def _note(note: Note) -> dict[str, Any]:
    return {
        "x": note.day, "y": note.value, "text": note.text, "showarrow": True, "arrowhead": 0, "ax": 0,
        "ay": -22 if note.above else 22, "arrowcolor": INK, "font": {"size": 12},
    }  # fmt: skip


def _goal(goal: Goal) -> dict[str, Any]:
    line = {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": goal.value, "y1": goal.value,
        "line": {"color": INK, "width": 1.4, "dash": "dash"},
    }  # fmt: skip
    label = {
        "xref": "paper", "x": 1, "y": goal.value, "text": goal.label, "showarrow": False, "yanchor": "bottom",
        "xanchor": "right", "font": {"size": 12, "color": INK},
    }  # fmt: skip
    return {"shapes": [line], "annotations": [label]}


def _layout(suffix: str, form: str, prefix: str = "") -> dict[str, Any]:
    axis: Mapping[str, Any] = {
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
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "font": {"size": 12},
            "traceorder": "normal",
        },
        "xaxis": {**axis, "showgrid": False, "tickformat": "%-d %b"},
        "yaxis": {**axis, "ticksuffix": suffix, "tickprefix": prefix, "tickformat": form},
    }


def _show(traces: list[dict[str, Any]], layout: dict[str, Any], key: str, alt: str) -> None:
    st.plotly_chart(
        go.Figure({"data": traces, "layout": layout}, _validate=False),
        key=key,
        config={"displayModeBar": False},
        alt=f"{alt} The table view has the same figures.",
    )
