"""The effect by days since assignment: what each day added above, what has added up below."""

from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from metrics import formatting
from metrics.formatting import EffectUnit
from reports.growth.ageing import Trend
from reports.results import Experiment, Metric, arm_name
from reports.wording.figures import difference_unit
from ui.parts.charts import GRID, INK, band
from ui.parts.markup import Column, Html, Row, table, text
from ui.parts.palette import arm_colours, translucent

HEIGHT = 460
UPPER, LOWER = (0.56, 1.0), (0.0, 0.46)
"""Parts of the height: each day's own figures, and their sum."""


def age_chart(
    rows: pl.DataFrame,
    found: Trend | None,
    experiment: Experiment,
    metric: Metric,
    variant: str,
    currency: str,
) -> None:
    """Draw both, on one axis of days; dashed lines are the averages of the halves."""
    colour = arm_colours(experiment.control, experiment.variants)[variant]
    factor = 100 if metric.unit == "share" else 1
    days = rows["day"].to_list()
    daily = factor * rows.select("daily_difference", "daily_low", "daily_high")
    names = ("difference", *(("difference_low", "difference_high") if experiment.ended else _ANY_LOOK))
    middle, low, high = ((factor * rows[name]).to_numpy() for name in names)
    traces = [
        _daily(days, daily, colour),
        *_halves(found, factor),
        *band(days, low, high, translucent(colour, 0.3), "limits of what has added up"),
        {
            "type": "scatter", "x": days, "y": middle, "mode": "lines", "name": "added up",
            "line": {"color": colour, "width": 2.5}, "hovertemplate": "by then %{y:+.3~g}<extra></extra>",
        },
    ]  # fmt: skip
    unit = {"share": "pp ", "money": f"{formatting.SYMBOLS.get(currency, currency)} "}.get(metric.unit, "")
    layout = _layout(f"{unit}per {experiment.noun[:-1]}", len(days))
    st.plotly_chart(
        go.Figure({"data": traces, "layout": layout}, _validate=False),
        key=f"age-{experiment.experiment}-{metric.metric}-{variant}",
        config={"displayModeBar": False},
        alt=f"{metric.label}: what each day since assignment added to the effect of {arm_name(variant)}, and "
        "what has added up. The table view has the same figures.",
    )


_ANY_LOOK = ("sequential_low", "sequential_high")


def _daily(days: list[int], daily: pl.DataFrame, colour: str) -> dict[str, Any]:
    """Each day's own effect; a day on which nobody did anything has no interval."""
    middle = daily["daily_difference"]
    ends = {
        "array": (daily["daily_high"] - middle).to_list(),
        "arrayminus": (middle - daily["daily_low"]).to_list(),
    }
    return {
        "type": "scatter", "x": days, "y": middle.to_list(), "yaxis": "y2", "mode": "markers",
        "name": "each day",
        "marker": {"color": colour, "size": 6},
        "error_y": {
            "type": "data", "symmetric": False, **ends, "color": colour, "thickness": 1.1, "width": 0,
        },
        "hovertemplate": "that day %{y:+.3~g}<extra></extra>",
    }  # fmt: skip


def _halves(found: Trend | None, factor: float) -> list[dict[str, Any]]:
    """The average effect a day of each half."""
    if found is None or found.early is None or found.late is None:
        return []
    last = found.early_days + found.late_days
    spans = [(0.5, found.early_days + 0.5, found.early), (found.early_days + 0.5, last + 0.5, found.late)]
    return [
        {
            "type": "scatter", "x": [first, end], "y": [factor * level] * 2, "yaxis": "y2", "mode": "lines",
            "line": {"color": INK, "width": 2, "dash": "dash"}, "name": "average of the half",
            "hoverinfo": "skip", "showlegend": not position,
        }
        for position, (first, end, level) in enumerate(spans)
    ]  # fmt: skip


def _layout(per: str, last: int) -> dict[str, Any]:
    axis = {
        "gridcolor": GRID, "zeroline": True, "zerolinecolor": INK, "zerolinewidth": 1.2, "fixedrange": True,
        "tickfont": {"size": 12}, "tickformat": "+.3~g", "nticks": 6,
    }  # fmt: skip
    return {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "separators": formatting.separators(),
        "hovermode": "x unified",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 12}},
        "xaxis": {
            "showgrid": False, "zeroline": False, "fixedrange": True, "tickfont": {"size": 12},
            "title": {"text": "days since assignment", "font": {"size": 12}}, "anchor": "y",
            "range": [0.2, last + 0.8],
        },
        "yaxis": {**axis, "domain": LOWER},
        "yaxis2": {**axis, "domain": UPPER},
        "annotations": [
            _title(f"what each day added, {per}", UPPER[1]),
            _title(f"what has added up, {per}", LOWER[1]),
        ],
    }  # fmt: skip


def _title(said: str, top: float) -> dict[str, Any]:
    return {
        "xref": "paper", "yref": "paper", "x": 0.005, "y": top, "xanchor": "left", "yanchor": "top",
        "text": said, "showarrow": False, "font": {"size": 12, "color": INK},
    }  # fmt: skip


def age_table(rows: pl.DataFrame, experiment: Experiment, metric: Metric, currency: str) -> Html:
    """The same figures as a table."""
    unit: EffectUnit = difference_unit(metric)
    names = ("difference", *(("difference_low", "difference_high") if experiment.ended else _ANY_LOOK))
    columns = [
        Column("Day since assignment", "effects_by_age.day"),
        Column("People", "page.units"),
        Column("Added that day", "effects_by_age.daily_difference"),
        Column("Its interval", "effects_by_age.daily_low"),
        Column("Added up", "effects_by_age.difference"),
        Column("Its interval", f"effects_by_age.{names[1]}"),
    ]
    body = []
    for row in rows.iter_rows(named=True):
        each = (row["daily_difference"], row["daily_low"], row["daily_high"])
        day = formatting.effect(*each, unit, currency=currency)
        middle, low, high = (row[name] for name in names)
        so_far = formatting.effect(middle, low, high, unit, currency=currency)
        people = formatting.count(row["n_control"] + row["n_variant"])
        shown = (row["day"], people, day.estimate, day.interval, so_far.estimate, so_far.interval)
        body.append(Row([text(part) for part in shown]))
    return table(columns, body, label=f"{metric.label} by days since assignment", kind="lg-plain")
