"""Growth and risk side by side: one row per journey."""

from reports.board.parts import Board, Figure, Row
from reports.intervals import Bar, ends_text, shared_axis
from reports.paper.blocks import Block, Cell, Column, Note, Table, span
from reports.paper.text import shortened
from reports.readings import Mark, Tone

TONES: dict[int, Tone] = {1: "good", -1: "bad", 0: "neutral"}
"""Of a lift above, below or around 0."""

LONGEST = 60
"""Letters of a name in the table; the journey's own page has all of it."""


def comparison(board: Board) -> list[Block]:
    """The table, and what has to be known to read it."""
    if not board.rows:
        return [Note("There are no journeys: name them in journeys.yaml.")]
    bars = [_bar(row.lift) for row in board.rows if row.lift.unit == "lift"]
    axis = shared_axis(bars)
    ends = ends_text(axis) if any(bar.low is not None for bar in bars) else ""
    columns = [
        Column("Journey", width=1.6), Column("Lift", right=True),
        Column("Interval", width=1.1, under=ends), Column("Net value", right=True),
        Column("Churn", right=True), Column("Consent", right=True, under="coverage"),
        Column("Requests", right=True, under="in time"), Column("Minimal", right=True, under="data"),
        Column("Vendors", right=True, under="protected"), Column("Cost", right=True, under="per 1k"),
        Column("Gate", width=1.5),
    ]  # fmt: skip
    body = [
        [
            Cell(
                f"{number}. {shortened(row.name, LONGEST)}",
                ", ".join(dict.fromkeys(mark.word for mark in row.marks)),
                strong=True,
            ),
            _figure(row.lift, strong=True),
            Cell(
                drawn=span(_bar(row.lift), axis if row.lift.unit == "lift" else shared_axis([_bar(row.lift)]))
            ),
            _figure(row.net_value, strong=True),
            _figure(row.churn),
            _consent(row),
            _figure(row.requests),
            _minimal(row),
            _vendors(row),
            _figure(row.cost),
            Cell(mark=row.gate.mark, small=row.gate.reason),
        ]
        for number, row in enumerate(board.rows, start=1)
    ]
    return [
        Table("Journeys, growth and risk", columns, body, dense=len(board.rows) > 8),
        Note(
            "Each journey is judged by its latest experiment against those held out. Requests are the whole "
            "company's. No evidence means not measured: neither good nor zero."
        ),
    ]


def _bar(figure: Figure) -> Bar:
    return Bar(figure.value, figure.low, figure.high, TONES[figure.side], "")


def _figure(figure: Figure, *, strong: bool = False) -> Cell:
    if not figure.known:
        return Cell(mark=Mark(figure.text, "◌", "none"))
    return Cell(figure.text, figure.limits, strong=strong)


def _consent(row: Row) -> Cell:
    cell = _figure(row.consent)
    leaks = f"{row.leakage.text} events without" if row.leakage.known and row.leakage.value else ""
    return Cell(cell.text, cell.small, cell.mark, leaks)


def _minimal(row: Row) -> Cell:
    cell = _figure(row.minimisation)
    return Cell(cell.text, f"load {row.excess_load.text}" if row.excess_load.known else "", cell.mark)


def _vendors(row: Row) -> Cell:
    if not row.vendors.known or not row.vendors_live.known:
        return _figure(row.vendors)
    return Cell(row.vendors.text, "" if " of " in row.vendors.text else f"of {row.vendors_live.text}")
