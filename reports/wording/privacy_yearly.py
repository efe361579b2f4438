"""California's yearly table of requests in words: when it is due, and whether the log behind it is whole."""

import datetime as dt
import re

import polars as pl

from metrics import formatting
from reports.readings import Mark
from reports.wording.figures import listed
from reports.wording.privacy_words import Told, counted, verb

ENTRIES = 6
APPLIES = (
    "Due from businesses that handle the personal information of ten million or more consumers in a calendar "
    "year (11 CCR 7102). Requests of residents of California; access and portability together are “know”."
)
COMPLETE = Mark("log complete", "●", "good")
INCOMPLETE = Mark("log incomplete", "▲", "warn")
NOTHING_LOGGED = Mark("no evidence", "◌", "none")
_LACKING = re.compile(r"(\d+) logged without (\w+)(?: \(([^)]*)\))?")


def publication(year: int, today: dt.date) -> str:
    """When the table of a year has to be published (11 CCR 7102: by 1 July of the year after)."""
    day = dt.date(year + 1, 7, 1)
    if today.year <= year:
        return f"{year} is not complete: its table is to be published by {formatting.day(day)}."
    if today <= day:
        return f"The table of {year} is to be published by {formatting.day(day)}."
    return f"The table of {year} was to be published by {formatting.day(day)}."


def log_check(rows: pl.DataFrame) -> Told:
    """Whether every request of a year has the six entries that its log must hold (11 CCR 7101).

    `rows`: of dsr_7102.csv, one year.
    """
    received = int(rows["received"].sum() or 0)
    if not received:
        return Told(NOTHING_LOGGED, "No request of this year is on record.")
    lacking: dict[str, int] = {}
    for note in rows["note"].drop_nulls():
        for number, entry, meaning in _LACKING.findall(note):
            name = meaning or entry.replace("_", " ")
            lacking[name] = lacking.get(name, 0) + int(number)
    if not lacking:
        whole = f"All {ENTRIES} entries are there for {counted(received, 'logged request')}."
        return Told(COMPLETE, whole)
    parts = [f"the {name} of {formatting.count(number)}" for name, number in lacking.items()]
    total = sum(lacking.values())
    return Told(
        INCOMPLETE, f"{counted(total, 'entry', 'entries')} {verb(total)} missing: {listed(parts, 6)}."
    )


def remarks(note: str | None) -> str:
    """What stands beside a right's figures, without what is said of the table as a whole."""
    parts = [part.strip() for part in (note or "").split(";")]
    return "; ".join(p for p in parts if p and "set aside" not in p and p != "year not complete")
