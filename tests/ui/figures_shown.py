"""What a page shows in its tables, read from the page as it is sent."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from metrics.catalogue import FIGURES, shown
from storage.frames import dtypes, figure_table
from storage.schema import FIGURES as TABLES

NUMBER = re.compile(r"\d")


@dataclass
class Shown:
    """A table: its name, its columns as (heading, key of the figure), the words of its cells row by row."""

    label: str
    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Shown] = []
        self.inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "table":
            self.tables.append(Shown(given.get("aria-label", "")))
        elif tag == "tr":
            self.tables[-1].rows.append([])
        elif tag == "th" and given.get("role") == "columnheader":
            self.tables[-1].columns.append(("", given.get("data-figure", "")))
            self.inside = "head"
        elif tag in ("th", "td"):
            self.tables[-1].rows[-1].append("")
            self.inside = "cell"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self.inside = None

    def handle_data(self, data: str) -> None:
        if self.inside == "head":
            heading, key = self.tables[-1].columns[-1]
            self.tables[-1].columns[-1] = (heading + data, key)
        elif self.inside == "cell":
            self.tables[-1].rows[-1][-1] += data


def tables(page: str) -> list[Shown]:
    """The tables of a page."""
    reader = _Reader()
    reader.feed(page)
    return [Shown(t.label, t.columns, [row for row in t.rows if row]) for t in reader.tables]


def is_defined(key: str) -> bool:
    """Whether the catalogue defines a figure: by its own key, or as a column that its file really has."""
    table, _, name = key.rpartition(".")
    if key in FIGURES:
        return True
    return table in TABLES and name in dtypes(figure_table(table)) and shown(key).key == name


def undefined(page: str, words: frozenset[str]) -> set[str]:
    """Columns of figures that the catalogue does not define; the first column names its rows.

    `words`: headings of columns whose digits are no figures (dates, sentences, articles of law).
    """
    found = set()
    for table in tables(page):
        for position, (heading, key) in enumerate(table.columns):
            if key and not is_defined(key):
                found.add(f"{table.label} · {heading}: no figure {key!r}")
            cells = [row[position] for row in table.rows if NUMBER.search(row[position])]
            if position and not key and cells and heading not in words:
                found.add(f"{table.label} · {heading}: {cells[0]!r}")
    return found
