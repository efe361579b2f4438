"""Rows that broke a rule: kept for a while so that they can be mended, forgotten with the people in them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from jobs.intake.reading.stored import ROW

POSITION = ("table", "rule", "column", "file", "row")
"""Columns of a quarantine file before the row's own columns, which are all text."""

_UNFINISHED = ".partial"
_STAMP = "%Y%m%dT%H%M%S%fZ"
_LONGEST_VALUE = 10_000


class RuleCount(NamedTuple):
    """How many rows of a table broke a rule first.

    Attributes:
        rule: the rule, in a person's words.
        rows: their number.
        example: where the first of them is ("orders.csv, row 3, column revenue: not_finite"); never a value.
    """

    rule: str
    rows: int
    example: str


def as_kept(
    rows: pl.DataFrame, reasons: pl.DataFrame, table: str, file: str, own: Mapping[str, pl.Expr]
) -> pl.DataFrame:
    """The rows of a file for which there are `reasons` (ROW, rule, column), as the quarantine keeps them.

    `own` writes each of their own columns as text; a value longer than 10,000 characters is cut.
    """
    texts = [text.str.slice(0, _LONGEST_VALUE).alias(own_name(name)) for name, text in own.items()]
    named = rows.select(ROW, *texts).join(reasons.rename({"rule": "#rule", "column": "#column"}), on=ROW)
    return named.sort(ROW).select(
        pl.lit(table).alias("table"),
        pl.col("#rule").alias("rule"),
        pl.col("#column").alias("column"),
        pl.lit(file).alias("file"),
        pl.col(ROW).cast(pl.Int64).alias("row"),
        *map(own_name, own),
    )


def own_name(column: str) -> str:
    """What a row's own column is called beside the quarantine's."""
    return f"own_{column}" if column in POSITION else column


def write(parts: Sequence[Path], table: str, folder: Path, now: dt.datetime) -> Path:
    """Join rejected rows of one run into one file of the quarantine, readable by its owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{table}-{now.strftime(_STAMP)}.parquet"
    partial = file.with_suffix(_UNFINISHED)
    pl.scan_parquet(list(parts)).sink_parquet(partial)
    partial.chmod(0o600)
    partial.replace(file)
    return file


def counts(parts: Sequence[Path]) -> tuple[RuleCount, ...]:
    """Rows per rule, most frequent first, with the first example in order of the parts."""
    if not parts:
        return ()
    rules = (
        pl.scan_parquet(list(parts))
        .select(POSITION)
        .group_by("rule", maintain_order=True)
        .agg(pl.len().alias("rows"), pl.col("file", "row", "column").first())
        .sort("rows", descending=True, maintain_order=True)
        .collect()
    )
    return tuple(
        RuleCount(rule, rows, f"{file}, row {row}, column {column}: {rule}")
        for rule, rows, file, row, column in rules.iter_rows()
    )


def purge(folder: Path, keep_days: int, now: dt.datetime) -> int:
    """Delete files older than `keep_days` at `now` (UTC) by the time in their names; returns how many.

    What a killed run left unfinished goes too, and folders of runs that are then empty.
    """
    oldest = (now - dt.timedelta(days=keep_days)).strftime(_STAMP)
    old = [file for file in folder.rglob("*.parquet") if file.stem.rpartition("-")[2] < oldest]
    for file in [*old, *folder.rglob(f"*{_UNFINISHED}")]:
        _remove(file, folder)
    return len(old)


def forget(folder: Path, customer_ids: Iterable[str]) -> int:
    """Delete every row in which any column holds one of the ids, as it may stand in the wrong one; how many.

    What a killed run left unfinished is deleted whole. Erasure: GDPR Art. 17, Cal. Civ. Code 1798.105.
    """
    for unfinished in list(folder.rglob(f"*{_UNFINISHED}")):
        _remove(unfinished, folder)
    ids = pl.Series(list(customer_ids), dtype=pl.String)
    return sum(_forget_in(file, ids, folder) for file in sorted(folder.rglob("*.parquet")))


def _forget_in(file: Path, ids: pl.Series, folder: Path) -> int:
    rows = pl.read_parquet(file)
    own = [pl.col(column).is_in(ids.implode()) for column in rows.columns if column not in POSITION]
    kept = rows.filter(~pl.any_horizontal(own).fill_null(value=False))
    if not kept.height:
        _remove(file, folder)
    elif kept.height < rows.height:
        partial = file.with_suffix(_UNFINISHED)
        kept.write_parquet(partial)
        partial.chmod(0o600)
        partial.replace(file)
    return rows.height - kept.height


def _remove(file: Path, folder: Path) -> None:
    """Delete a file, and its own folder below `folder` if nothing else is in it."""
    file.unlink()
    if file.parent != folder and not any(file.parent.iterdir()):
        file.parent.rmdir()
