"""Batch by batch through a contract: accepted rows to one Parquet file, rejected rows to another."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import polars as pl

from jobs.intake import parsing, quarantine
from jobs.intake.contracts.binding import UNREADABLE, Bound
from jobs.intake.reading.stored import ROW, StoredFile
from jobs.problems import Problem


class Zones(NamedTuple):
    """Times kept as text in one column of a batch.

    Attributes:
        zoned: how many have a zone.
        unzoned: how many have a clock time without one.
        first: row of the first of those.
    """

    zoned: int
    unzoned: int
    first: int | None


@dataclass(frozen=True)
class Batch:
    """Consecutive rows of one file, sifted.

    Attributes:
        label: place among the batches of the table.
        file: name of the file.
        first_row: number of the first row, from 1.
        rows: how many rows.
        zones: column of times kept as text → whether they have zones.
        accepted: Parquet file of the accepted ones, in order; None: there are none.
        rejected: Parquet files of the others, as the quarantine keeps them.
    """

    label: str
    file: str
    first_row: int
    rows: int
    zones: Mapping[str, Zones] = field(default_factory=dict)
    accepted: Path | None = None
    rejected: tuple[Path, ...] = ()

    def accepted_rows(self) -> pl.Series:
        """Numbers of the accepted rows, ascending."""
        rows = pl.int_range(self.first_row, self.first_row + self.rows, dtype=pl.UInt32, eager=True).alias(
            ROW
        )
        if not self.rejected:
            return rows
        rejected = pl.read_parquet(list(self.rejected), columns=["row"])["row"].cast(pl.UInt32)
        return rows.filter(~rows.is_in(rejected.implode()))


@dataclass(frozen=True)
class Sieve:
    """What every batch of a table goes through.

    Attributes:
        table: name of the table.
        bound: its contract, bound to the workspace.
        derived: columns written beside the contract's.
        timezone: zone of days without a time.
        folder: where accepted and rejected rows are written.
    """

    table: str
    bound: Bound
    derived: Sequence[pl.Expr]
    timezone: str
    folder: Path

    def sift(self, file: StoredFile, number: int) -> Iterator[Batch]:
        """Sift the `number`-th file of the table.

        Raises:
            WorkspaceError: the file is damaged.
        """
        columns = [column for column in self.bound.dtypes if column in file.schema]
        for count, stored in enumerate(file.read(columns)):
            accepted, rejected = self.bound.sift(self._typed(stored))
            label = f"{number:05}-{count:05}"
            batch = Batch(label, file.name, int(stored[ROW][0]), stored.height, self._zones(stored))
            batch = self.accept(batch, accepted.drop(ROW).with_columns(*self.derived))
            yield self.reject(batch, stored, rejected)

    def accept(self, batch: Batch, rows: pl.DataFrame) -> Batch:
        """The batch with these accepted rows instead of any it had."""
        path = self.folder / f"part-{batch.label}.parquet"
        if not rows.height:
            path.unlink(missing_ok=True)
            return replace(batch, accepted=None)
        rows.write_parquet(path)
        return replace(batch, accepted=path)

    def reject(self, batch: Batch, rows: pl.DataFrame, reasons: pl.DataFrame) -> Batch:
        """The batch with further rows set aside, for `reasons` (ROW, rule, column)."""
        if not reasons.height:
            return batch
        path = self.folder.parent / f"rejected-{batch.label}-{len(batch.rejected)}.parquet"
        own = {
            name: parsing.as_text(name, rows.schema[name])
            if name in rows.columns
            else pl.lit(None, pl.String)
            for name in self.bound.dtypes
        }
        quarantine.as_kept(rows, reasons, self.table, batch.file, own).write_parquet(path)
        return replace(batch, rejected=(*batch.rejected, path))

    def _typed(self, stored: pl.DataFrame) -> pl.DataFrame:
        dtypes = self.bound.dtypes
        readings = {
            column: parsing.read(column, stored.schema.get(column, pl.Null()), dtype, self.timezone)
            for column, dtype in dtypes.items()
        }
        is_stored = {
            column: r.is_stored.alias(f"#{column}")
            for column, r in readings.items()
            if r.is_stored is not None
        }
        values = stored.select(ROW, *(reading.value for reading in readings.values()), *is_stored.values())
        checked = values.with_columns(parsing.in_calendar(column, dtypes[column]) for column in is_stored)
        unreadable = [
            pl.when(pl.col(f"#{column}") & pl.col(column).is_null()).then(pl.lit(column))
            for column in is_stored
        ]
        return checked.select(
            ROW, *dtypes, pl.coalesce(pl.lit(None, pl.String), *unreadable).alias(UNREADABLE)
        )

    def _zones(self, stored: pl.DataFrame) -> dict[str, Zones]:
        times = [
            column
            for column, dtype in self.bound.dtypes.items()
            if isinstance(dtype, pl.Datetime) and stored.schema.get(column) == pl.String
        ]
        return {column: _count_zones(stored, parsing.zoned(column)) for column in times}


def _count_zones(stored: pl.DataFrame, zoned: pl.Expr) -> Zones:
    first = pl.col(ROW).filter(~zoned).min().alias("first")
    counts = stored.select(zoned.sum().alias("zoned"), (~zoned).sum().alias("unzoned"), first)
    return Zones(*counts.row(0))


def mixed_zones(batches: Iterable[Batch]) -> Iterator[Problem]:
    """A notice for every column of a file in which some times have a zone and some have none."""
    for file, of_file in groupby(batches, key=lambda batch: batch.file):
        parts = [batch.zones for batch in of_file]
        for column in parts[0]:
            zones = [part[column] for part in parts if column in part]
            unzoned = sum(part.unzoned for part in zones)
            if unzoned and any(part.zoned for part in zones):
                first = next(part.first for part in zones if part.unzoned)
                what = f"{unzoned:,} times have no zone while others have one; they were read as UTC."
                where = f"{file}, column {column}, row {first}"
                yield Problem(where, what, "Write every time with its zone, as in 2026-09-30T08:15:00Z.")
