"""Which figures speak for a quarter: its newest frozen version, else its newest run."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from reports.annotations import standing
from reports.board.changes import previous
from reports.board_pdf import pack
from reports.gates.evaluation import decisions
from reports.quarters.content import PDF, from_contents
from reports.snapshot import Snapshot, load
from storage.errors import NoRunError
from storage.frozen import Version
from storage.store import Store


@dataclass(frozen=True)
class Quarter:
    """The figures of a quarter.

    Attributes:
        version: the frozen version that they are; None while they can still change.
        issued: the pack as it was issued; None while the quarter is not frozen.
    """

    snapshot: Snapshot
    version: Version | None = None
    issued: bytes | None = None


class File(NamedTuple):
    """One CSV file of a quarter.

    Attributes:
        table: its table.
        what: what it has one row per.
        rows: how many it has.
        hidden: those of them that have no figures, because too few people are behind them.
    """

    table: str
    what: str
    rows: int
    hidden: int


def quarter(store: Store, period: str | None = None, *, tables: Collection[str] | None = None) -> Quarter:
    """The figures that speak for a quarter, or without one those of the visible run.

    Args:
        store: where they lie.
        period: such as "2026Q3".
        tables: the figure tables that the reader may have, as for `reports.snapshot.load`; None: all.

    Raises:
        NoRunError: no run has measured it.
        StoreError: its frozen version is not what was frozen.
    """
    if period is None:
        return Quarter(load(store, tables=tables))
    versions = store.frozen_versions(period)
    if versions:
        return frozen(store, versions[0], tables=tables)
    run = store.latest_run(period)
    if run is None:
        msg = f"No run measured {period}."
        raise NoRunError(msg)
    return Quarter(load(store, run.run_id, tables=tables))


def frozen(store: Store, version: Version, *, tables: Collection[str] | None = None) -> Quarter:
    """A frozen version.

    Raises:
        StoreError: it is not what was frozen.
    """
    contents = store.frozen_content(version)
    return Quarter(from_contents(contents, tables), version, contents[PDF])


def before(store: Store, snapshot: Snapshot) -> Snapshot | None:
    """The figures that speak for the quarter before a snapshot's; None where there are none."""
    try:
        return quarter(store, previous(snapshot.run.period)).snapshot
    except NoRunError:
        return None


def pack_of(store: Store, found: Quarter) -> bytes:
    """The quarterly pack: as issued where the quarter is frozen, else made now."""
    if found.issued is not None:
        return found.issued
    return pack(
        found.snapshot, before(store, found.snapshot), decisions=decisions(store), events=standing(store)
    )
