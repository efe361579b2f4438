"""A file of a table as it is stored, whatever it is stored as."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from jobs.intake.reading import csv_text
from jobs.problems import Problem, WorkspaceError

ROW = "#row"
"""Number of a row in its file, from 1."""
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)
"""What Polars raises when a file is damaged or out of reach; their text may quote a row."""

_BATCH_ROWS = 250_000


@dataclass(frozen=True)
class StoredFile:
    """A file with rows of a table.

    Attributes:
        name: what messages call it.
        schema: column → stored type; every column of a CSV file is text.
        read: batches of the named columns, with ROW; raises WorkspaceError where the file is damaged.
    """

    name: str
    schema: Mapping[str, pl.DataType]
    read: Callable[[Sequence[str]], Iterator[pl.DataFrame]]


def parquet_file(address: str | Path, name: str, *, first_row: int = 1) -> StoredFile:
    """A Parquet file, local or remote; its first row has number `first_row`.

    Raises:
        WorkspaceError: the file is damaged, or two columns have one name.
    """
    rows = partial(pl.scan_parquet, address, glob=False, hive_partitioning=False)
    damage = Problem(name, "The Parquet file is damaged or incomplete.", "Export it again.")
    try:
        schema = rows().collect_schema()
    except pl.exceptions.DuplicateError:
        what = "Two columns of the file have one name."
        raise WorkspaceError([Problem(name, what, "Give every column its own name.")]) from None
    except UNREADABLE:
        raise WorkspaceError([damage]) from None
    numbered = rows(row_index_name=ROW, row_index_offset=first_row)
    return StoredFile(name, schema, partial(_batches, numbered, WorkspaceError([damage])))


def csv_file(path: Path, name: str) -> StoredFile:
    """A local CSV file, checked from its first record to its last.

    Raises:
        WorkspaceError: a record is incomplete or cannot be read; names its line.
    """
    columns = csv_text.header(path, name)
    records = csv_text.check(path, name)
    return StoredFile(name, dict.fromkeys(columns, pl.String()), partial(_read_csv, path, name, records))


def _read_csv(path: Path, name: str, records: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    seen = 0
    for batch in _batches(csv_text.scan(path, ROW), csv_text.ambiguous(name), columns):
        seen += batch.height
        yield batch
    if seen != records:
        raise csv_text.ambiguous(name)


def _batches(rows: pl.LazyFrame, damage: WorkspaceError, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    try:
        batches = rows.select(ROW, *columns).collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True)
        yield from (batch for batch in batches if batch.height)
    except UNREADABLE:
        raise damage from None
