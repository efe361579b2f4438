"""Intervals drawn in a table's cells, on an axis that all rows share."""

from collections.abc import Iterable
from typing import NamedTuple

from reports.readings import Tone
from ui.markup import Html, tag, text

CROWDED = 4
"""Limits this many times farther out than three in four of the others are cut off, with an arrow."""


class Axis(NamedTuple):
    """What the cells' left and right ends stand for; 0 always lies between them."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Where a value lies, in per cent of the width, inside the cell."""
        return min(100.0, max(0.0, 100 * (value - self.low) / (self.high - self.low)))


class Bar(NamedTuple):
    """One interval; without limits nothing is drawn.

    Attributes:
        margin: tolerated harm, drawn as a dashed line.
        said: the interval in words, for who cannot see it.
    """

    estimate: float | None
    low: float | None
    high: float | None
    tone: Tone
    said: str
    margin: float | None = None


def shared_axis(bars: Iterable[Bar]) -> Axis:
    """An axis that shows most intervals whole; a few that reach much farther are cut off."""
    limits = [v for bar in bars for v in (bar.low, bar.high, bar.estimate, bar.margin) if v is not None]
    if not any(limits):
        return Axis(-1, 1)
    sizes = sorted(abs(value) for value in limits)
    farthest = CROWDED * sizes[(3 * (len(sizes) - 1)) // 4] or sizes[-1]
    low, high = min(0.0, max(min(limits), -farthest)), max(0.0, min(max(limits), farthest))
    room = 0.06 * (high - low)
    return Axis(low - room, high + room)


def draw(bar: Bar, axis: Axis | None = None) -> Html:
    """One cell; without an axis of its own on the interval's own scale."""
    if bar.low is None or bar.high is None or bar.estimate is None:
        return Html("")
    axis = axis or shared_axis([bar])
    left, right, middle = (axis.place(value) for value in (bar.low, bar.high, bar.estimate))
    parts = [_line("zero", axis.place(0))]
    if bar.margin is not None:
        parts.append(_line("margin", axis.place(bar.margin)))
    span = f"left:{left:.2f}%;width:{right - left:.2f}%"
    parts.append(tag("span", Html(""), class_="lg-range", style=span))
    for cut, side, arrow in ((bar.low < axis.low, "left", "‹"), (bar.high > axis.high, "right", "›")):
        if cut:
            parts.append(tag("span", text(arrow), class_=f"lg-cut lg-cut-{side}"))
    if axis.low <= bar.estimate <= axis.high:
        parts.append(_line("dot", middle))
    return tag("span", Html("".join(parts)), class_=f"lg-bar lg-{bar.tone}", role="img", aria_label=bar.said)


def _line(kind: str, place: float) -> Html:
    return tag("span", Html(""), class_=f"lg-{kind}", style=f"left:{place:.2f}%")
