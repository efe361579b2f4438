"""Strict reading of CSV: every record complete, every quotation mark closed, every byte UTF-8."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from jobs.problems import Problem, WorkspaceError

_LONGEST_FIELD = 2**31 - 1


def header(path: Path, name: str) -> tuple[str, ...]:
    """Column names of a CSV file, called `name` in messages.

    Raises:
        WorkspaceError: there is no header, it cannot be read, or two columns have one name.
    """
    _, columns = next(_records(path, name), (1, []))
    if not columns:
        what, remedy = "The file is empty.", "Export it again; its first line names the columns."
        raise WorkspaceError([Problem(name, what, remedy)])
    twice = [column for column, times in Counter(columns).items() if times > 1]
    if twice:
        what = f"More than one column is called {' and '.join(map(repr, twice))}."
        raise WorkspaceError([Problem(f"{name}, line 1", what, "Give every column its own name.")])
    return tuple(columns)


def check(path: Path, name: str) -> int:
    """Number of records after the header, blank lines included.

    Raises:
        WorkspaceError: a record has too few or too many fields, or cannot be read; names its line.
    """
    records = _records(path, name)
    _, columns = next(records)
    count = 0
    for line, record in records:
        if record and len(record) != len(columns):
            what = f"The row has {len(record)} fields where the header has {len(columns)}."
            remedy = "Write text that contains commas or line breaks between quotation marks."
            raise WorkspaceError([Problem(f"{name}, line {line}", what, remedy)])
        count += 1
    return count


def scan(path: Path, row: str) -> pl.LazyFrame:
    """All columns as text, with the number of the record, from 1, in column `row`."""
    return pl.scan_csv(path, infer_schema=False, glob=False, row_index_name=row, row_index_offset=1)


def ambiguous(name: str) -> WorkspaceError:
    """The error for a file that one reader of CSV understands differently from the next."""
    what = "A quotation mark or a carriage return stands inside a field that is not quoted."
    remedy = 'Write such fields between quotation marks, and each mark inside them twice: "5"" pipe".'
    return WorkspaceError([Problem(name, what, remedy)])


def _records(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line on which each starts."""
    csv.field_size_limit(_LONGEST_FIELD)
    with path.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.reader(stream, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except UnicodeDecodeError:
                where = f"{name}, line {_undecodable_line(path)}"
                raise WorkspaceError(
                    [Problem(where, "The text is not UTF-8.", "Export it as UTF-8.")]
                ) from None
            except csv.Error as error:
                raise WorkspaceError([_unreadable(f"{name}, line {line}", str(error))]) from None
            yield line, record


def _undecodable_line(path: Path) -> int:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


def _unreadable(where: str, error: str) -> Problem:
    if error == "unexpected end of data":
        what = "A quotation mark opens here and is never closed."
        return Problem(where, what, "Close it, or write a mark inside a quoted field twice.")
    what = "Text follows a closing quotation mark."
    return Problem(where, what, "Write a mark inside a quoted field twice.")
