"""A quarter on one page: everything that the board shows, made from one run and the quarter before it."""

from dataclasses import replace

import polars as pl

from metrics import formatting
from reports.board import changes
from reports.board.growth_risk import growth_risk
from reports.board.headline import headline
from reports.board.parts import Board, Row, Tile
from reports.board.rows import row
from reports.board.source import Source
from reports.board.tiles import tiles
from reports.snapshot import Snapshot


def board(snapshot: Snapshot, before: Snapshot | None = None, *, stale: str = "") -> Board:
    """The board of a run.

    Args:
        snapshot: the run.
        before: the last complete run of the quarter before; None where there is none.
        stale: what is old about the figures, such as "the data end 9 days ago": no gate then counts as open.
            Empty for a quarter that has passed, and on paper.
    """
    source, earlier = Source.of(snapshot), Source.of(before) if before else None
    rows, company = _figures(source)
    old_rows, old_company = _figures(earlier) if earlier else ((), ())
    found = {item.journey: item for item in old_rows}
    pairs = tuple(zip(company, old_company, strict=True)) if earlier else ()
    if earlier:
        company = tuple(
            replace(new, moved=changes.moved(new.figure, old.figure, source.currency)) for new, old in pairs
        )
    overdue = snapshot.table("dsr_requests").filter(pl.col("state") == "overdue").height
    run = snapshot.run
    return Board(
        period=run.period,
        headline=headline(rows, company, overdue=overdue, stale=stale),
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


def _figures(source: Source) -> tuple[tuple[Row, ...], tuple[Tile, ...]]:
    rows = tuple(row(source, journey) for journey in source.journeys)
    return rows, tiles(source, rows)
