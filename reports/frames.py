"""A run's figure tables by name: in memory, or read from the store when they are first asked for."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from threading import RLock

import polars as pl

from storage.frames import figure_table
from storage.store import Store

KEPT_PARTS = 16
"""Experiments' rows of a table that are kept; those asked for longest ago are forgotten first."""
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
        """By experiment and variant: SKUs `tested`, and `different` at q ≤ rate."""
        q = pl.col("q_value")
        return (
            self["sku_lift"]
            .group_by("experiment", "variant")
            .agg(tested=q.count(), different=(q <= rate).sum())
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
        self._lock = RLock()

    def part(self, table: str, experiment: str) -> pl.DataFrame:
        """Rows of one experiment; they alone are read."""
        key = (self._allowed(table), experiment)
        with self._lock:
            if key not in self._parts:
                self._parts[key] = self._store.figures(table, self._run_id, experiment=experiment)
            self._parts.move_to_end(key)
            while len(self._parts) > KEPT_PARTS:
                self._parts.popitem(last=False)
            return self._parts[key]

    def skus_called_different(self, rate: float) -> pl.DataFrame:
        """By experiment and variant: SKUs `tested`, and `different` at q ≤ rate; no row of a SKU is read."""
        self._allowed("sku_lift")
        return self._store.skus_called_different(self._run_id, rate)

    def __getitem__(self, table: str) -> pl.DataFrame:
        with self._lock:
            found = self._whole.get(self._allowed(table))
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
