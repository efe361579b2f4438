"""Where the names of points stand on a chart: they hide neither each other nor a point or its interval."""

from collections.abc import Sequence
from typing import Literal, NamedTuple
from unicodedata import east_asian_width

Side = Literal["above", "below", "beside"]
NARROWEST = 230.0
"""Width in pixels of the plot on a narrow phone. What is clear there is clear on every wider one."""
BEFORE, BEHIND = 34.0, 10.0
"""How far a name may reach over the left and the right end of the plot, in pixels."""
LETTER, WIDE_LETTER = 6.4, 12.5
"""Width of a letter at 12 pixels, and of one of those that are as wide as high."""
LINE, GAP, MARKER = 15.0, 9.0, 8.0
"""Height of a name, its distance from the middle of its point, and half of a point, in pixels."""


class Spot(NamedTuple):
    """A point with its interval.

    Attributes:
        name: what it is called.
        x: where it lies, from 0 at the left end of the plot to 1 at the right one.
        low: where its interval begins, likewise.
        high: where it ends.
        y: pixels from the top of the plot.
    """

    name: str
    x: float
    low: float
    high: float
    y: float


class Place(NamedTuple):
    """Where a name stands.

    Attributes:
        side: of its point; `beside` is behind the end of its interval.
        shift: by how many pixels its middle stands right of its point; nothing where it stands beside it.
    """

    side: Side
    shift: float = 0.0


class Box(NamedTuple):
    """What takes room: from `left` pixels before one share of the width to `right` behind another."""

    low: float
    high: float
    left: float
    right: float
    top: float
    bottom: float


def width(name: str) -> float:
    """About how wide a name is, in pixels; rather too much than too little."""
    return sum(WIDE_LETTER if east_asian_width(letter) in "WF" else LETTER for letter in name)


def places(spots: Sequence[Spot]) -> list[Place | None]:
    """Where each name stands, in the order given; None where it would hide something.

    Each stands above its point if there is room, else below it, else beside it; above and below in the
    middle, unless an end of the plot is too near.
    """
    taken = [box for spot in spots for box in drawn(spot)]
    found: list[Place | None] = []
    for spot in spots:
        half = width(spot.name) / 2
        shift = max(0.0, half - BEFORE - spot.x * NARROWEST)
        shift = min(shift, (1 - spot.x) * NARROWEST + BEHIND - half)
        tried = [Place("above", shift), Place("below", shift)]
        if spot.high * NARROWEST + GAP + width(spot.name) <= NARROWEST + BEHIND:
            tried.append(Place("beside"))
        free = (place for place in tried if all(clear(named(spot, place), box) for box in taken))
        place = next(free, None)
        found.append(place)
        if place is not None:
            taken.append(named(spot, place))
    return found


def drawn(spot: Spot) -> tuple[Box, Box]:
    """The room that a point takes, and its interval."""
    marker = Box(spot.x, spot.x, MARKER, MARKER, spot.y - MARKER, spot.y + MARKER)
    return marker, Box(spot.low, spot.high, 0, 0, spot.y - 1, spot.y + 1)


def named(spot: Spot, place: Place) -> Box:
    """The room that a name takes."""
    if place.side == "beside":
        reach = GAP + width(spot.name)
        return Box(spot.high, spot.high, -GAP, reach, spot.y - LINE / 2, spot.y + LINE / 2)
    top = spot.y - GAP - LINE if place.side == "above" else spot.y + GAP
    half = width(spot.name) / 2
    return Box(spot.x, spot.x, half - place.shift, half + place.shift, top, top + LINE)


def clear(one: Box, other: Box) -> bool:
    """Whether two are apart, on the narrowest plot and on every wider one."""
    apart = one.bottom <= other.top or other.bottom <= one.top
    return apart or _ends_before(one, other) or _ends_before(other, one)


def _ends_before(one: Box, other: Box) -> bool:
    """It also lies before the other then, so that a wider plot parts them more."""
    end, begin = one.high * NARROWEST + one.right, other.low * NARROWEST - other.left
    return one.high <= other.low and end <= begin
