"""A run's figure tables by name: in memory, or read from the store when they are first asked for."""

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterator, Mapping
from threading import Lock

import polars as pl

from storage.frames import figure_table
from storage.store import Store

KEPT_PARTS = 64 * 2**20
"""Bytes of experiments' rows that are kept; those asked for longest ago are forgotten first."""
LARGE = 100_000
"""Rows from which on a whole table is not kept."""


class WithheldError(PermissionError):
    """A table is not for the reader; it was never loaded for them."""

    def __init__(self, table: str) -> None:
        super().__init__(f"The table {table} is not for this reader's roles: see policy/roles.py.")


class Frames(Mapping[str, pl.DataFrame]):
    """Frames by table; one that is not among them is withheld, never empty."""

    def __init__(self, frames: Mapping[str, pl.DataFrame]) -> None:
        self._frames = frames

    def part(self, table: str, experiment: str) -> pl.DataFrame:
        """Rows of one experiment."""
        return self[table].filter(experiment=experiment)

    def skus_called_different(self, rate: float) -> pl.DataFrame:
        """By experiment and variant: SKUs `tested`, `different` at q ≤ rate, `more` of these gaining."""
        q = pl.col("q_value")
        different = q <= rate
        return (
            self["sku_lift"]
            .group_by("experiment", "variant")
            .agg(
                tested=q.count(),
                different=different.sum(),
                more=(different & (pl.col("difference") > 0)).sum(),
            )
        )

    def __getitem__(self, table: str) -> pl.DataFrame:
        if table not in self._frames:
            raise WithheldError(figure_table(table).name)
        return self._frames[table]

    def __contains__(self, table: object) -> bool:
        return table in self._frames

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)


class LateFrames(Frames):
    """A complete run's tables that a reader may have, in a store that stays open.

    A run never changes, so a table may be read late. Several sessions may ask at once.
    """

    def __init__(self, store: Store, run_id: int, tables: Collection[str]) -> None:
        self._whole: dict[str, pl.DataFrame] = {}
        super().__init__(self._whole)
        self._store = store
        self._run_id = run_id
        self._tables = tuple(tables)
        self._parts: OrderedDict[tuple[str, str], pl.DataFrame] = OrderedDict()
        self._held = 0.0
        self._lock = Lock()
        self._locks: defaultdict[object, Lock] = defaultdict(Lock)

    def part(self, table: str, experiment: str) -> pl.DataFrame:
        """Rows of one experiment; they alone are read."""
        key = (self._allowed(table), experiment)
        with self._reading(key):
            found = self._parts.get(key)
            if found is None:
                found = self._store.figures(table, self._run_id, experiment=experiment)
            with self._lock:
                self._keep(key, found)
            return found

    def _keep(self, key: tuple[str, str], found: pl.DataFrame) -> None:
        if key not in self._parts:
            self._parts[key] = found
            self._held += found.estimated_size()
        self._parts.move_to_end(key)
        while self._held > KEPT_PARTS and len(self._parts) > 1:
            self._held -= self._parts.popitem(last=False)[1].estimated_size()

    def _reading(self, what: object) -> Lock:
        """A lock for each thing that is read: whoever wants something else does not wait."""
        with self._lock:
            return self._locks[what]

    def skus_called_different(self, rate: float) -> pl.DataFrame:
        """By experiment and variant: SKUs `tested`, `different` and `more`; no row of a SKU is read."""
        self._allowed("sku_lift")
        return self._store.skus_called_different(self._run_id, rate)

    def __getitem__(self, table: str) -> pl.DataFrame:
        with self._reading(self._allowed(table)):
            found = self._whole.get(table)
            if found is None:
                found = self._store.figures(table, self._run_id)
                if found.height < LARGE:
                    self._whole[table] = found
            return found

    def __contains__(self, table: object) -> bool:
        return table in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def _allowed(self, table: str) -> str:
        if table not in self._tables:
            raise WithheldError(figure_table(table).name)
        return table
