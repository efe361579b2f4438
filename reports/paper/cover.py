"""The cover: two sentences, six figures, growth against risk, and what changed."""

from collections.abc import Mapping
from itertools import groupby

from metrics import catalogue, formatting
from reports.board.parts import Board, Changes, Figure, GrowthRisk, Point, Tile
from reports.intervals import Axis, Bar, shared_axis
from reports.paper.blocks import (
    Beside,
    Block,
    Bullets,
    Cell,
    Column,
    Dot,
    Heading,
    Item,
    Lanes,
    Lead,
    Map,
    Note,
    Section,
    Table,
    Tick,
    Tiles,
)
from reports.paper.comparison import comparison
from reports.paper.curve import ticks
from reports.paper.text import shortened
from reports.readings import Mark
from reports.wording.figures import listed
from reports.wording.privacy_words import counted

LONGEST = 36
"""Letters of a name that fit on the map; the table has all of it."""
ROOM = 0.55
"""A name stands right of an interval that ends before this place, else left of it."""
NAMED = 26
"""Journeys on the map that still have room for their names; more are numbered as in the table."""
FEWEST, FEW = 3, 5
"""Journeys whose table fits on the cover with some changes, and alone; that of more has its own pages."""
MANY = 20
"""Changes that are set in smaller letters if there are more."""
TONES: Mapping[str, Mark] = {
    "good": Mark("better", "▲", "good"),
    "bad": Mark("worse", "▼", "bad"),
    "neutral": Mark("other", "●", "neutral"),
}
NO_FIGURE = Mark("", "◌", "none")


def cover(board: Board, currency: str) -> list[Block]:
    """The first page: the board as the screen shows it, with the table where that is short."""
    items, charted = [_tile(tile) for tile in board.tiles], growth_risk(board.map, currency)
    missing: list[Block] = (
        [Note(f"Not on the map, for want of a figure: {listed(board.map.without, 8)}.")]
        if board.map.without
        else []
    )
    table = comparison(board) if len(board.rows) <= FEW else []
    return [
        Lead(board.headline.growth, board.headline.risk),
        *(
            [Beside([charted, *missing], [Tiles(items, columns=2)], share=0.56)]
            if charted
            else [Tiles(items, columns=3), *missing]
        ),
        *table,
        *_changes(board),
    ]


def _tile(tile: Tile) -> Item:
    figure = tile.figure
    if not figure.known:
        return Item(tile.title, formatting.MISSING, tile.under, mark=NO_FIGURE._replace(word=figure.text))
    return Item(tile.title, figure.text, f"{tile.under}{f' · {tile.moved}' if tile.moved else ''}")


def growth_risk(found: GrowthRisk, currency: str) -> Map | None:
    """The map; None where no journey can be placed on it."""
    points = [point for point in found.points if point.figure.known]
    if not points:
        return None
    label = catalogue.figure(found.measure).label
    axis = shared_axis(_bar(point.figure) for point in points)
    numbered = len(points) > NAMED
    ordered = sorted(points, key=lambda point: (point.standing is None, point.standing or 0))
    levels = [
        Lanes(
            _level(standing),
            [_dot(point, axis, number=points.index(point) + 1 if numbered else 0) for point in group],
        )
        for standing, group in groupby(ordered, key=lambda point: point.standing)
    ]
    names = " Numbers are those of the table that follows." if numbered else ""
    return Map(
        said="; ".join(_said(point, label) for point in points),
        caption=f"{label} with its interval, against the checks of the gate that fail or lack evidence: "
        f"fewer is safer. Shape: the gate.{names}",
        levels=levels,
        across=[
            Tick(axis.place(value) / 100, _written(value, found.measure, axis, currency))
            for value in ticks(axis.low, axis.high)
        ],
        zero=axis.place(0) / 100,
    )


def _bar(figure: Figure) -> Bar:
    return Bar(figure.value, figure.low, figure.high, "neutral", "")


def _dot(point: Point, axis: Axis, number: int) -> Dot:
    figure = point.figure
    middle = figure.value or 0.0
    low, high = (middle if limit is None else limit for limit in (figure.low, figure.high))
    places = [axis.place(value) / 100 for value in (low, high, middle)]
    name = str(number) if number else shortened(point.name, LONGEST)
    return Dot(name, places[0], places[1], places[2], point.gate.mark, end=places[1] < ROOM)


def _level(standing: int | None) -> str:
    return "not evaluated" if standing is None else counted(standing, "check")


def _said(point: Point, label: str) -> str:
    limits = f" ({point.figure.limits})" if point.figure.limits else ""
    gate = f"gate {point.gate.mark.word}, {_level(point.standing)}"
    return f"{point.name}: {label.lower()} {point.figure.text}{limits}, {gate}"


def _written(value: float, measure: str, axis: Axis, currency: str) -> str:
    if measure == "net_value":
        if value == 0:
            return formatting.effect(
                0.0, axis.low, axis.high, "money", currency=currency, sign=False
            ).estimate
        return formatting.total(value, currency=currency).estimate
    return formatting.effect(value, axis.low, axis.high, "lift").estimate


def _changes(board: Board) -> list[Block]:
    """What changed, as far as there is room beneath the table; `changed` has all of it."""
    found, shown = board.changes, board.changes.changes[: _room(board)]
    if not _room(board):
        return [Note(found.remark)] if found.remark and not found.changes else []
    rest = len(found.changes) - len(shown)
    more = f" ({len(shown)} of {len(found.changes)}; all follow)" if rest else ""
    return [
        Heading(f"{_title(found)}{more}"),
        *([Bullets([change.sentence for change in shown])] if shown else []),
        *([Note(found.remark)] if found.remark and not rest else []),
    ]


def changed(board: Board) -> list[Section]:
    """Everything that changed since the quarter before, on a page of its own; nothing if the cover has it."""
    found = board.changes
    if len(found.changes) <= _room(board):
        return []
    columns = [Column("What changed", width=1), Column("Reading")]
    body = [[Cell(change.sentence), Cell(mark=TONES[change.tone])] for change in found.changes]
    notes = [Note(found.remark)] if found.remark else []
    return [
        Section(
            _title(found), [Table(_title(found), columns, body, dense=len(body) > MANY), *notes], wide=True
        )
    ]


def _room(board: Board) -> int:
    """How many changes fit on the cover."""
    if len(board.rows) > FEW:
        return 5
    short = all(len(row.name) <= LONGEST for row in board.rows)
    return 2 if short and len(board.rows) <= FEWEST else 0


def _title(found: Changes) -> str:
    return f"What changed since {formatting.quarter(found.period)}"
