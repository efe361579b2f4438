"""Intervals drawn in a table's cells, on an axis that all rows share."""

from reports.intervals import Axis, Bar, shared_axis
from ui.parts.markup import Html, tag, text

__all__ = ["Axis", "Bar", "draw", "shared_axis"]


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
