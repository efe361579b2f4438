"""What a printed page is made of: records that the Typst files lay out, holding finished words and places.

Words are formatted before they come here; the layout computes no figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, Literal

from reports.intervals import Axis, Bar
from reports.paper.text import printable
from reports.readings import Mark, Tone

FEW_ROWS, FEW_LETTERS, MOST_LETTERS = 12, 90, 3_000
"""Rows and letters of the longest cell of a table that fits on one page, and the most of their product."""


@dataclass(frozen=True)
class Span:
    """An interval drawn in a table's cell; places are per cent of the width.

    Attributes:
        margin: tolerated harm, a dashed line; None without one.
        cut_low, cut_high: whether it reaches beyond the axis.
    """

    low: float
    high: float
    estimate: float | None
    zero: float
    margin: float | None
    cut_low: bool
    cut_high: bool
    tone: Tone


@dataclass(frozen=True)
class Meter:
    """A share drawn in a cell, from 0 to 1, with a tick at its lower limit."""

    share: float
    low: float | None
    tone: Tone


@dataclass(frozen=True)
class Cell:
    """A table's cell.

    Attributes:
        text: the figure or words.
        small: what stands beneath, in small letters.
        mark: a status before or instead of the text.
        alarm: a warning beneath, in the colour of what is wrong.
        drawn: an interval or a share.
    """

    text: str = ""
    small: str = ""
    mark: Mark | None = None
    alarm: str = ""
    strong: bool = False
    drawn: Span | Meter | None = None


@dataclass(frozen=True)
class Column:
    """A table's column.

    Attributes:
        width: a share of what is left, or 0 for as wide as its content.
        under: what stands beneath the heading, such as the ends of an axis.
    """

    heading: str
    width: float = 0
    right: bool = False
    under: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under headings.

    Attributes:
        said: what it shows, for who cannot see it.
        dense: whether it is set in smaller letters.
        whole: whether it stays on one page though it is longer than a few rows.
    """

    kind: ClassVar = "table"
    said: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    dense: bool = False
    whole: bool = False

    @property
    def together(self) -> bool:
        """Whether it is short enough to stay on one page."""
        longest = max((len(cell.text) + len(cell.small) for row in self.rows for cell in row), default=0)
        few = len(self.rows) <= FEW_ROWS and longest <= FEW_LETTERS
        return few or (self.whole and len(self.rows) * longest <= MOST_LETTERS)


@dataclass(frozen=True)
class Heading:
    """A heading within a section, with what has to be known before reading on."""

    kind: ClassVar = "heading"
    text: str
    note: str = ""


@dataclass(frozen=True)
class Lead:
    """The answer: a sentence, what is behind it, and a status."""

    kind: ClassVar = "lead"
    text: str
    more: str = ""
    mark: Mark | None = None


@dataclass(frozen=True)
class Note:
    """A remark in small letters."""

    kind: ClassVar = "note"
    text: str


@dataclass(frozen=True)
class Item:
    """One of several things beside each other: a label, a figure or a sentence, and what stands beneath."""

    label: str
    text: str
    small: str = ""
    mark: Mark | None = None


@dataclass(frozen=True)
class Tiles:
    """Figures in boxes beside each other."""

    kind: ClassVar = "tiles"
    items: Sequence[Item]
    columns: int = 3


@dataclass(frozen=True)
class Answers:
    """Questions with their answers, side by side."""

    kind: ClassVar = "answers"
    items: Sequence[Item]


@dataclass(frozen=True)
class Facts:
    """Labels with their values, one below the other."""

    kind: ClassVar = "facts"
    items: Sequence[Item]


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    kind: ClassVar = "bullets"
    items: Sequence[str]


@dataclass(frozen=True)
class Tick:
    """A value on an axis, and where it stands, from 0 to 1."""

    place: float
    text: str


@dataclass(frozen=True)
class Band:
    """An area between two limits; every place is from 0 to 1, from the lower left."""

    points: Sequence[tuple[float, float, float]]
    pale: bool


@dataclass(frozen=True)
class Curve:
    """An estimate over time with its limits; every place is from 0 to 1, from the lower left.

    Attributes:
        said: the curve in words, for who cannot see it.
        line: places of the estimate.
        bands: each without a gap: where a limit is unknown one ends and the next begins.
        across, up: ticks of the two axes.
        zero: where no effect lies.
        events: what was noted, by number, where it happened.
    """

    kind: ClassVar = "curve"
    said: str
    caption: str
    line: Sequence[tuple[float, float]]
    bands: Sequence[Band]
    across: Sequence[Tick]
    up: Sequence[Tick]
    zero: float
    events: Sequence[Tick] = ()


@dataclass(frozen=True)
class Dot:
    """A journey on the map: its interval and gate, in a lane of its own; places are from 0 to 1.

    Attributes:
        end: whether its name stands at the right end of the interval, else at the left.
    """

    name: str
    low: float
    high: float
    estimate: float
    mark: Mark
    end: bool


@dataclass(frozen=True)
class Lanes:
    """Journeys with the same number of checks against them."""

    label: str
    dots: Sequence[Dot]


@dataclass(frozen=True)
class Map:
    """Growth from left to right, checks against it from top to bottom; places are from 0 to 1."""

    kind: ClassVar = "map"
    said: str
    caption: str
    levels: Sequence[Lanes]
    across: Sequence[Tick]
    zero: float


@dataclass(frozen=True)
class Beside:
    """Two things side by side; the left one takes `share` of the width."""

    kind: ClassVar = "beside"
    left: Sequence["Block"]
    right: Sequence["Block"]
    share: float = 0.5


Block = Heading | Lead | Note | Tiles | Answers | Facts | Bullets | Table | Curve | Map | Beside


@dataclass(frozen=True)
class Section:
    """A chapter that begins on a new page.

    Attributes:
        mark: a status beside the title.
        under: a line beneath the title.
        wide: whether its pages lie on their side.
        brief: whether it may share a page with another one that is brief.
    """

    title: str
    blocks: Sequence[Block]
    mark: Mark | None = None
    under: str = ""
    wide: bool = False
    brief: bool = False


def span(bar: Bar, axis: Axis) -> Span | None:
    """Where an interval lies on an axis; nothing without limits."""
    if bar.low is None or bar.high is None or bar.estimate is None:
        return None
    inside = axis.low <= bar.estimate <= axis.high
    return Span(
        low=axis.place(bar.low),
        high=axis.place(bar.high),
        estimate=axis.place(bar.estimate) if inside else None,
        zero=axis.place(0),
        margin=None if bar.margin is None else axis.place(bar.margin),
        cut_low=bar.low < axis.low,
        cut_high=bar.high > axis.high,
        tone=bar.tone,
    )


def plain(value: object) -> Any:
    """A record as JSON takes it, every text printable; a block names its kind."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mark):
        return {"word": printable(value.word), "shape": SHAPES.get(value.shape, "none"), "tone": value.tone}
    if is_dataclass(value):
        kind = getattr(value, "kind", None)
        named = {"kind": kind} if kind else {}
        if isinstance(value, Table):
            named["together"] = value.together
        return named | {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


Shape = Literal["up", "down", "disc", "square", "diamond", "hollow", "ring", "dotted", "quarter", "dash"]
SHAPES: dict[str, Shape] = {
    "▲": "up", "▼": "down", "●": "disc", "■": "square", "◆": "diamond", "◇": "hollow", "○": "ring",
    "◌": "dotted", "◔": "quarter", "–": "dash",
}  # fmt: skip
"""How the layout draws the shape of a mark."""
