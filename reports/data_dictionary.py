"""What every column of every file says: figures from the catalogue, keys and words from beside it."""

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from metrics import catalogue
from metrics.definitions.columns import WORDS
from reports.csv_export import listing
from storage.frames import dtypes, figure_table

TYPES = {
    pl.String: "text", pl.Int64: "whole number", pl.Float64: "number", pl.Boolean: "true or false",
    pl.Date: "date", pl.Datetime: "time (UTC)",
}  # fmt: skip


class Entry(NamedTuple):
    """A column of a file; what the catalogue says is empty where it holds a key or words.

    Attributes:
        file: name of the file.
        column: its heading there.
        type: what its cells hold.
        label: its name for people.
        definition: what it says.
        of: per what, or of how many.
        unit: of the figure.
        better: which way is better.
        after: the paper or rule it follows.
        version: of the definition.
    """

    file: str
    column: str
    type: str
    label: str
    definition: str
    of: str = ""
    unit: str = ""
    better: str = ""
    after: str = ""
    version: int | None = None


def entries(table: str) -> list[Entry]:
    """The columns of a file, in its order.

    Raises:
        KeyError: a column is defined nowhere.
    """
    columns = dtypes(figure_table(table))
    return [_entry(table, name, TYPES[kind.base_type()]) for name, kind in columns.items()]


def dictionary(tables: Iterable[str]) -> bytes:
    """The columns of these files as CSV."""
    rows = [entry for table in tables for entry in entries(table)]
    schema = {name: pl.Int64 if name == "version" else pl.String for name in Entry._fields}
    return listing(pl.DataFrame(rows, schema=schema, orient="row"))


def _entry(table: str, name: str, kind: str) -> Entry:
    words = WORDS.get(f"{table}.{name}")
    if words is None:
        try:
            figure = catalogue.column(table, name)
        except KeyError:
            words = WORDS[name]
    if words is not None:
        return Entry(f"{table}.csv", name, kind, name.replace("_", " ").capitalize(), words)
    return Entry(
        f"{table}.csv", name, kind, figure.label, figure.definition, figure.denominator, figure.unit,
        figure.direction, figure.source, figure.version,
    )  # fmt: skip
