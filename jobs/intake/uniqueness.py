"""Rows that no single row can condemn: a key of two rows, a unit in two variants, a falling count."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from jobs.intake import parsing
from jobs.intake.contracts.results import TOMBSTONE
from jobs.intake.reading.stored import ROW
from jobs.intake.sifting import Batch, Sieve

_HASH = "#hash"
_UNIT = ("experiment", "unit_id")
_CROSSOVER = (*_UNIT, "variant", "assigned_at")
_SERIES = ("experiment", "variant", "metric", "segment_dimension", "segment")


class _Offence(NamedTuple):
    """Keys whose rows are set aside, and why."""

    keys: pl.DataFrame
    rule: str
    column: str


def without_duplicates(batches: Sequence[Batch], sieve: Sieve, key: Sequence[str]) -> list[Batch]:
    """Set every accepted row aside whose key another row has too; an empty cell equals another.

    The other row may itself be rejected, unless one of its values could not be read.
    """
    rows = [pl.scan_parquet(batch.accepted).select(key) for batch in batches if batch.accepted]
    rejected = [path for batch in batches for path in batch.rejected]
    if rejected:
        readable = pl.scan_parquet(rejected).filter(pl.col("rule") != "wrong_type")
        dtypes = sieve.bound.dtypes
        rows.append(
            readable.select(parsing.read(c, pl.String(), dtypes[c], sieve.timezone).value for c in key)
        )
    keys = _found(pl.concat(rows), key, pl.len() > 1, pl.len() > 1)
    offence = _Offence(keys, "duplicate_key", " + ".join(key))
    return [_part(batch, sieve, offence)[0] for batch in batches]


def without_crossovers(batches: Sequence[Batch], sieve: Sieve) -> tuple[list[Batch], tuple[Path, ...]]:
    """Set every accepted assignment aside whose unit stands in two variants of one experiment.

    Also returns files of the experiment, unit_id, variant and assigned_at of those rows.
    """
    parts = [batch.accepted for batch in batches if batch.accepted]
    units = pl.scan_parquet(parts).filter(pl.col("unit_id") != TOMBSTONE).select(*_UNIT, "variant")
    variant = pl.col("variant")
    hashed = variant.hash()
    keys = _found(units, _UNIT, hashed.min() != hashed.max(), variant.min() != variant.max())
    offence = _Offence(keys, "crossover", "unit_id")
    left: list[Batch] = []
    crossovers: list[Path] = []
    for batch in batches:
        rest, lost = _part(batch, sieve, offence)
        left.append(rest)
        if lost is not None:
            crossovers.append(sieve.folder / f"crossovers-{batch.label}.parquet")
            lost.select(_CROSSOVER).write_parquet(crossovers[-1])
    return left, tuple(crossovers)


def without_falls(batches: Sequence[Batch], sieve: Sieve) -> list[Batch]:
    """Set every accepted row aside of a series of cumulative aggregates whose n falls from day to day.

    Which of its days is wrong cannot be told.
    """
    parts = [batch.accepted for batch in batches if batch.accepted]
    if not parts:
        return list(batches)
    rows = pl.scan_parquet(parts).select(*_SERIES, "day", "n").filter(pl.col("day").is_not_null())
    steps = rows.sort("day").select(*_SERIES, fell=pl.col("n").diff().over(_SERIES) < 0)
    keys = steps.filter("fell").select(_SERIES).unique().collect()
    return [_part(batch, sieve, _Offence(keys, "falling_n", "n"))[0] for batch in batches]


def _found(rows: pl.LazyFrame, key: Sequence[str], suspect: pl.Expr, sure: pl.Expr) -> pl.DataFrame:
    """Keys whose rows satisfy `sure`: by hash first, which needs little memory, then exactly.

    `suspect` must hold wherever `sure` does.
    """
    hashed = rows.with_columns(pl.struct(key).hash().alias(_HASH))
    suspects = hashed.group_by(_HASH).agg(suspect.alias("suspect")).filter("suspect").select(_HASH).collect()
    exact = hashed.join(suspects.lazy(), on=_HASH, how="semi").group_by(key).agg(sure.alias("sure"))
    return exact.filter("sure").select(key).collect() if suspects.height else suspects.clear()


def _part(batch: Batch, sieve: Sieve, offence: _Offence) -> tuple[Batch, pl.DataFrame | None]:
    """A batch without the offending rows, and those rows."""
    if batch.accepted is None or not offence.keys.height:
        return batch, None
    key = offence.keys.columns
    keys = pl.read_parquet(batch.accepted, columns=key).with_row_index("at")
    at = keys.join(offence.keys, on=key, how="semi", nulls_equal=True)["at"]
    if not len(at):
        return batch, None
    rows = pl.read_parquet(batch.accepted).insert_column(0, batch.accepted_rows())
    lost = rows[at.sort()]
    reasons = lost.select(ROW, rule=pl.lit(offence.rule), column=pl.lit(offence.column))
    rest = rows.join(lost.select(ROW), on=ROW, how="anti", maintain_order="left").drop(ROW)
    return sieve.reject(sieve.accept(batch, rest), lost, reasons), lost
