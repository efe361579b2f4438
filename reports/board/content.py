"""A quarter on one page: everything that the board shows, made from one run and the quarter before it."""

from collections.abc import Mapping
from dataclasses import replace

from metrics import formatting
from policy.gates import Gate
from reports.board import changes
from reports.board.growth_risk import growth_risk
from reports.board.headline import headline
from reports.board.parts import Board, Row, Tile
from reports.board.rows import row
from reports.board.source import Source
from reports.board.tiles import overdue, tiles
from reports.snapshot import Snapshot


def board(
    snapshot: Snapshot,
    before: Snapshot | None = None,
    *,
    gates: Mapping[str, Gate] | None = None,
    stale: str = "",
    past: bool = False,
) -> Board:
    """The board of a run.

    Args:
        snapshot: the run.
        before: the last complete run of the quarter before; None where there is none.
        gates: the journeys' gates at present (`reports.gates.evaluation.gates`); None: as in the run.
        stale: what is old about the figures, such as "the data end 9 days ago"; empty where nothing is, and
            on paper.
        past: whether the quarter is looked back on: what was cleared then need not be so today.
    """
    source, earlier = Source.of(snapshot), Source.of(before) if before else None
    rows, company = _figures(source, gates or {})
    old_rows, old_company = _figures(earlier, {}) if earlier else ((), ())
    found = {item.journey: item for item in old_rows}
    pairs = tuple(zip(company, old_company, strict=True)) if earlier else ()
    if earlier:
        company = tuple(
            replace(new, moved=changes.moved(new.figure, old.figure, source.currency)) for new, old in pairs
        )
    run = snapshot.run
    return Board(
        period=run.period,
        headline=headline(rows, company, overdue=overdue(snapshot), stale=stale, past=past),
        tiles=company,
        rows=rows,
        map=growth_risk(rows),
        changes=changes.changes(source, earlier, [(item, found.get(item.journey)) for item in rows], pairs),
        run={
            "run_id": run.run_id,
            "as_of": formatting.day(snapshot.as_of_date),
            "policy_version": run.policy_version,
            "definitions_version": run.definitions_version,
        },
    )


def _figures(source: Source, gates: Mapping[str, Gate]) -> tuple[tuple[Row, ...], tuple[Tile, ...]]:
    rows = tuple(row(source, journey, gates.get(journey.journey)) for journey in source.journeys)
    return rows, tiles(source, rows)
