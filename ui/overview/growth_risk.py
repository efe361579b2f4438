"""The growth-risk map: what each journey brings against the checks that stand against it, and as a table."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go
import streamlit as st

from metrics import catalogue, formatting
from reports.board.gates import MARKS, WORST_FIRST
from reports.board.parts import GateStatus, GrowthRisk, Point
from reports.wording.figures import listed
from ui import filters
from ui.frame import note
from ui.overview.board_table import address_of, chosen, link_to
from ui.overview.map_names import GAP, Place, Spot, places
from ui.parts.charts import GRID, INK
from ui.parts.markup import Column, Html, Row, mark, small, table, tag, text

NOBODY = (
    "No journey can be placed: none has a net value or a lift that may be read. It takes an experiment with "
    "passing health checks; a margin metric shows net value."
)
HEIGHT = 222
PLOT = 146
"""Height of the plot without its margins, in pixels."""
MOST_NAMED = 12
"""With more journeys their names show on hover and in the table, as do those that would hide something."""
LINE = 23
"""Height of a name and its marker, in pixels."""
TICKS = 11
"""With fewer numbers of checks between none and the most, each number that a journey has is on the axis."""
LONGEST = 30
SPREAD = 0.8
"""Share of a step over which journeys with equally many checks are spread, so that none hides another."""
AIR = 0.06
"""Share of the widest reach that is left free at either end."""
SHAPES: Mapping[GateStatus, tuple[str, str]] = {
    "open": ("circle", "#009E73"),
    "held": ("diamond", "#C98A00"),
    "blocked": ("square", "#D55E00"),
    "not_evaluated": ("circle-open", "#7A828E"),
}
"""Marker and colour by the gate's status; the shape tells them apart without colour."""


class Frame(NamedTuple):
    """The ends of the axes; more checks lie further down."""

    left: float
    right: float
    top: float
    bottom: float

    def across(self, value: float) -> float:
        """Where a value lies, from 0 at the left to 1 at the right."""
        return (value - self.left) / (self.right - self.left)

    def down(self, height: float) -> float:
        """Where a height lies, from 0 at the top to 1 at the bottom."""
        return (height - self.top) / (self.bottom - self.top)


def show(found: GrowthRisk, currency: str) -> None:
    """Draw the map, or its table."""
    with st.container(horizontal=True, vertical_alignment="center", key="map-head"):
        st.html(tag("h2", text("Growth against risk"), class_="lg-head"))
        view = filters.view("map") if found.points else None
    if view is None:
        st.html(tag("p", text(NOBODY), class_="lg-void"))
        return
    if view == "table":
        st.html(map_table(found))
    else:
        _chart(found, currency)
    if found.without:
        what = catalogue.figure(found.measure).label.lower()
        st.html(note(f"Not on the map, without a {what}: {listed(found.without)}."))


def map_table(found: GrowthRisk) -> Html:
    """The same figures as a table."""
    columns = [
        Column("Journey"),
        Column(catalogue.figure(found.measure).label, found.measure),
        Column("Checks against", "board.standing"),
        Column("Gate"),
    ]
    rows = [
        Row(
            [
                text(point.name),
                Html(f"{_told(point)}{small(point.figure.limits)}"),
                text("–" if point.standing is None else point.standing),
                mark(point.gate.mark),
            ]
        )
        for point in found.points
    ]
    return table(columns, rows, label="Growth against risk", kind="lg-plain")


def _told(point: Point) -> Html:
    return link_to(point.figure.text, point.figure.evidence, chosen(point.gate))


def _chart(found: GrowthRisk, currency: str) -> None:
    lanes = _lanes(found.points)
    heights = _heights(found.points, lanes)
    frame = _frame(found, lanes)
    drawn = {
        status: [point for point in found.points if point.gate.status == status]
        for status in reversed(WORST_FIRST)
    }
    shown = [(status, points) for status, points in drawn.items() if points]
    traces = [_trace(status, points, heights, found.measure) for status, points in shown]
    layout = {**_layout(found, lanes, frame, currency), "annotations": _names(found, heights, frame)}
    st.plotly_chart(
        go.Figure({"data": traces, "layout": layout}, _validate=False),
        key=f"growth-risk-{found.measure}",
        config={"displayModeBar": False},
        alt="Each journey by what it brings, with its interval, and by the number of checks that fail or "
        "lack evidence; shape and colour show its gate. The table view has the same figures, and links.",
    )


def _lanes(points: Sequence[Point]) -> dict[int | None, int]:
    """Where each number of checks lies; journeys that nobody evaluated lie below all others."""
    known = {point.standing for point in points if point.standing is not None}
    lanes: dict[int | None, int] = {count: count for count in range(max(known) + 1)} if known else {}
    if any(point.standing is None for point in points):
        lanes[None] = len(lanes)
    return lanes


def _heights(points: Sequence[Point], lanes: Mapping[int | None, int]) -> dict[str, float]:
    """Where each journey lies: those with equally many checks side by side, by what they bring."""
    by_lane: defaultdict[int | None, list[Point]] = defaultdict(list)
    for point in points:
        by_lane[point.standing].append(point)
    found = {}
    for standing, members in by_lane.items():
        ordered = sorted(members, key=lambda point: (-(point.figure.value or 0), point.journey))
        for place, point in enumerate(ordered):
            found[point.journey] = lanes[standing] + SPREAD * ((place + 0.5) / len(ordered) - 0.5)
    return found


def _frame(found: GrowthRisk, lanes: Mapping[int | None, int]) -> Frame:
    """From one end of each axis to the other, with room for names above and below."""
    reach = [_reach(point, found.measure) for point in found.points]
    left, right = min(0.0, *(low for _, low, _ in reach)), max(0.0, *(high for _, _, high in reach))
    air = AIR * ((right - left) or 1.0)
    room = max(0.5, LINE / PLOT * len(lanes))
    return Frame(left - air, right + air, -1.2 * room, max(lanes.values()) + room)


def _reach(point: Point, measure: str) -> tuple[float, float, float]:
    """A journey's figure and the ends of its interval, as the axis counts."""
    scale, figure = _scale(measure), point.figure
    value = figure.value or 0.0
    low = figure.low if figure.low is not None else value
    high = figure.high if figure.high is not None else value
    return scale * value, scale * low, scale * high


def _scale(measure: str) -> float:
    return 1.0 if measure == "net_value" else 100.0


def _names(found: GrowthRisk, heights: Mapping[str, float], frame: Frame) -> list[dict[str, Any]]:
    """The journeys' names, without those for which there is no room."""
    if len(found.points) > MOST_NAMED:
        return []
    spots = []
    for point in found.points:
        x, low, high = (frame.across(value) for value in _reach(point, found.measure))
        spots.append(Spot(_short(point.name), x, low, high, PLOT * frame.down(heights[point.journey])))
    placed = zip(found.points, places(spots), strict=True)
    return [
        {
            "y": heights[point.journey], "text": str(text(_short(point.name))), "font": {"size": 12},
            "showarrow": False, "borderpad": 0, **_stands(place, *_reach(point, found.measure)),
        }
        for point, place in placed
        if place is not None
    ]  # fmt: skip


def _stands(place: Place, value: float, _low: float, high: float) -> dict[str, Any]:
    match place.side:
        case "above":
            return {
                "x": value,
                "xanchor": "center",
                "xshift": place.shift,
                "yanchor": "bottom",
                "yshift": GAP,
            }
        case "below":
            return {"x": value, "xanchor": "center", "xshift": place.shift, "yanchor": "top", "yshift": -GAP}
        case "beside":
            return {"x": high, "xanchor": "left", "xshift": GAP, "yanchor": "middle"}


def _trace(
    status: GateStatus,
    points: Sequence[Point],
    heights: Mapping[str, float],
    measure: str,
) -> dict[str, Any]:
    symbol, colour = SHAPES[status]
    reach = [_reach(point, measure) for point in points]
    told = [
        (str(text(p.name)), p.figure.text, p.figure.limits, p.gate.mark.word,
         "not evaluated" if p.standing is None else f"{p.standing} checks failing or unknown")
        for p in points
    ]  # fmt: skip
    return {
        "type": "scatter", "mode": "markers", "name": MARKS[status].word,
        "x": [value for value, _, _ in reach], "y": [heights[point.journey] for point in points],
        "cliponaxis": False,
        "marker": {"symbol": symbol, "color": colour, "size": 12, "line": {"width": 2, "color": colour}},
        "error_x": {
            "type": "data", "symmetric": False, "array": [high - value for value, _, high in reach],
            "arrayminus": [value - low for value, low, _ in reach], "color": INK, "thickness": 1.6,
            "width": 0,
        },
        "customdata": told,
        "meta": [address_of(point.figure.evidence, chosen(point.gate)) for point in points],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]} (%{customdata[2]})<br>%{customdata[4]}"
        "<br>gate %{customdata[3]}<extra></extra>",
    }  # fmt: skip


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def _layout(
    found: GrowthRisk, lanes: Mapping[int | None, int], frame: Frame, currency: str
) -> dict[str, Any]:
    axis = {"gridcolor": GRID, "zeroline": False, "fixedrange": True, "tickfont": {"size": 12}}
    money = found.measure == "net_value"
    title = "Net value, with interval" if money else "Lift, with interval"
    ticks = _ticks(found.points, _scale(found.measure))
    step, taken = 1 + len(lanes) // TICKS, {0, None, *(point.standing for point in found.points)}
    shown = {lane: place for lane, place in lanes.items() if place % step == 0 or lane is None}
    if len(lanes) <= TICKS:
        shown = {lane: place for lane, place in lanes.items() if lane in taken}
    words = ["not<br>evaluated" if lane is None else str(lane) for lane in shown]
    return {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 12, "t": 20, "b": 4},
        "separators": formatting.separators(),
        "hovermode": "closest",
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1, "xanchor": "right",
                   "font": {"size": 12}},
        "xaxis": {**axis, "tickvals": ticks, "ticktext": [_tick(value, money, currency) for value in ticks],
                  "title": {"text": title, "font": {"size": 12}, "standoff": 6}, "automargin": True,
                  "range": [frame.left, frame.right]},
        "yaxis": {**axis, "range": [frame.bottom, frame.top],
                  "tickvals": list(shown.values()), "ticktext": words,
                  "title": {"text": "Checks against it", "font": {"size": 12}}},
        "shapes": [
            {"type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1,
             "line": {"color": INK, "width": 1.2}, "layer": "below"}
        ],
    }  # fmt: skip


def _ticks(points: Sequence[Point], scale: float) -> list[float]:
    """Round values from end to end, about five of them, 0 among them."""
    known = (
        [p.figure.low for p in points] + [p.figure.high for p in points] + [p.figure.value for p in points]
    )
    ends = [0.0, *(scale * value for value in known if value is not None)]
    low, high = min(ends), max(ends)
    rough = (high - low) / 5 or 1.0
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return [step * place for place in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _tick(value: float, money: bool, currency: str) -> str:
    if money:
        return formatting.total(value, currency=currency).estimate
    return formatting.percent(value / 100, 0 if value == round(value) else 1, sign=True)
