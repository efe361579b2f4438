"""Effect against evidence: every tested SKU as a point, with the same figures as a table."""

import math
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from metrics import formatting
from reports.growth.products import RATE, Products, Span
from reports.results import Experiment
from reports.wording.products import PER, amount, category_name, each
from ui.parts.charts import GRID, INK
from ui.parts.kept import kept
from ui.parts.markup import Column, Html, Row, small, table, text
from ui.parts.palette import CONTROL, OKABE_ITO

HEIGHT = 380
MOST = 1_000
"""Points drawn: those with the smallest p-values; the many others lie on top of each other near 0."""
ROWS = 40
SMALLEST = 1e-300


def points(found: Products) -> pl.DataFrame:
    """Tested SKUs, the strongest evidence first."""
    return found.tested.filter(pl.col("p_corrected").is_not_null()).sort("p_corrected", "sku")


def chart(found: Products, experiment: Experiment, currency: str) -> None:
    """Draw difference against −log10 of p, those called different by shape and colour."""
    drawn = (
        points(found)
        .head(MOST)
        .with_columns(x=PER * pl.col("difference"), y=-pl.col("p_corrected").clip(SMALLEST).log10())
    )
    chosen = pl.col("q_value") <= RATE
    groups = (
        (f"more (q ≤ {RATE:g})", "triangle-up", OKABE_ITO[2], chosen & (pl.col("x") > 0)),
        (f"less (q ≤ {RATE:g})", "triangle-down", OKABE_ITO[5], chosen & (pl.col("x") <= 0)),
        (f"not called different (q > {RATE:g})", "circle", CONTROL, ~chosen),
    )
    traces = [
        _trace(drawn.filter(which), name, shape, colour, currency)
        for name, shape, colour, which in groups
        if drawn.filter(which).height
    ]
    st.plotly_chart(
        go.Figure({"data": traces, "layout": _layout(drawn, experiment, currency)}, _validate=False),
        key=f"volcano-{experiment.experiment}-{found.variant}",
        config={"displayModeBar": False},
        alt=f"Difference in revenue {each(experiment)} against the strength of evidence, a point per SKU. "
        "The table view has the same figures.",
    )


def points_table(found: Products, experiment: Experiment, currency: str) -> Html:
    """The same figures as a table, the strongest evidence first."""
    columns = [
        Column("SKU"),
        Column("Difference", "sku_lift.difference", under=each(experiment)),
        Column("p", "sku_lift.p_value"),
        Column("p, corrected", "sku_lift.p_corrected"),
        Column("q", "sku_lift.q_value"),
    ]
    body = [
        Row(
            [
                Html(f"{text(row['sku'])}{small(category_name(row['category']))}"),
                text(_written(row, currency)),
                *(text(formatting.p_value(row[name])) for name in ("p_value", "p_corrected", "q_value")),
            ]
        )
        for row in points(found).head(ROWS).iter_rows(named=True)
    ]
    return table(columns, body, label="SKUs by strength of evidence", kind="lg-plain")


def _trace(rows: pl.DataFrame, name: str, shape: str, colour: str, currency: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "name": name,
        "x": rows["x"].to_numpy(), "y": rows["y"].to_numpy(),
        "marker": {"symbol": shape, "color": colour, "size": 8 if shape == "circle" else 12, "opacity": 0.8},
        "text": _told(rows, currency), "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


@kept
def _told(rows: pl.DataFrame, currency: str) -> list[str]:
    """What is said of each point."""
    return [
        f"<b>{text(row['sku'])}</b>, {text(category_name(row['category']))}<br>{_written(row, currency)}<br>"
        f"p {formatting.p_value(row['p_corrected'])}, q {formatting.p_value(row['q_value'])}"
        for row in rows.iter_rows(named=True)
    ]


def _written(row: dict[str, Any], currency: str) -> str:
    told = amount(Span(row["difference"], row["difference_low"], row["difference_high"]), currency)
    return f"{told.estimate} ({told.interval})"


def _layout(drawn: pl.DataFrame, experiment: Experiment, currency: str) -> dict[str, Any]:
    axis = {"gridcolor": GRID, "zeroline": False, "fixedrange": True, "tickfont": {"size": 12}}
    symbol = formatting.SYMBOLS.get(currency, currency)
    line = {"type": "line", "line": {"color": INK, "width": 1.2}, "layer": "below"}
    shapes: list[dict[str, Any]] = [{**line, "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1}]
    notes: list[dict[str, Any]] = []
    border = _border(drawn)
    if border is not None:
        dashed = {"color": INK, "width": 1.4, "dash": "dash"}
        shapes.append({**line, "line": dashed, "xref": "paper", "x0": 0, "x1": 1, "y0": border, "y1": border})
        notes.append(
            {"xref": "paper", "x": 1, "y": border, "text": f"q = {RATE:g}", "showarrow": False,
             "yanchor": "bottom", "xanchor": "right", "font": {"size": 12, "color": INK}}
        )  # fmt: skip
    return {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "separators": formatting.separators(),
        "hovermode": "closest",
        "legend": {"orientation": "h", "y": 1.12, "x": 0, "font": {"size": 12}},
        "xaxis": {**axis, "showgrid": False, "tickformat": "+,.3~r",
                  "title": {"text": f"Difference, {symbol} {each(experiment)}", "font": {"size": 12}}},
        "yaxis": {**axis, "rangemode": "tozero",
                  "title": {"text": "Evidence, −log₁₀ p", "font": {"size": 12}}},
        "shapes": shapes,
        "annotations": notes,
    }  # fmt: skip


def _border(drawn: pl.DataFrame) -> float | None:
    """Where evidence parts those called different from the others; None where there are none of either."""
    chosen = drawn.filter(pl.col("q_value") <= RATE)["y"]
    others = drawn.filter(pl.col("q_value") > RATE)["y"]
    if chosen.is_empty() or others.is_empty():
        return None
    border = (float(chosen.min()) + float(others.max())) / 2  # type: ignore[arg-type]
    return border if math.isfinite(border) else None
