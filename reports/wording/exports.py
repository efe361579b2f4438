"""What is said of the files of a quarter: whether they can still change, and how to read them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from metrics import formatting
from policy.roles import PACK, Audience
from reports.quarters.quarter import File, Quarter
from reports.readings import Mark

AUDIENCES: Mapping[Audience, str] = {
    "board": "Board",
    "marketing": "Marketing",
    "privacy": "Privacy and law",
}
FROZEN, OPEN = Mark("frozen", "●", "good"), Mark("not frozen", "◔", "neutral")


class Said(NamedTuple):
    """A state in words.

    Attributes:
        mark: its word and shape.
        sentence: what holds.
        more: what it means.
        command: what changes it; empty: nothing does.
    """

    mark: Mark
    sentence: str
    more: str
    command: str = ""


def state(quarter: Quarter) -> Said:
    """Whether the files of a quarter can still change."""
    run, version = quarter.snapshot.run, quarter.version
    period, as_of = formatting.quarter(run.period), formatting.day(quarter.snapshot.as_of_date)
    if version is None:
        return Said(
            OPEN,
            f"{period} can still change: it is not frozen.",
            f"These files are of run {run.run_id}, with data as of {as_of}. Freeze the quarter before its "
            "figures are quoted.",
            f"python -m jobs freeze WORKSPACE --period {run.period}",
        )
    moved = len(version.moved)
    corrected = f" It corrects {moved} figure{'' if moved == 1 else 's'}." if moved else ""
    on = formatting.day(version.frozen_at.astimezone(quarter.snapshot.zone).date())
    return Said(
        FROZEN,
        f"{period} is frozen as version {version.version}: these files never change.",
        f"Frozen on {on} by {version.actor}, with data as of {as_of} (run {run.run_id}): {version.reason}."
        f"{corrected}",
    )


def pack(audience: Audience) -> str:
    """What the PDF is, or why there is none for an audience."""
    if audience in PACK:
        return (
            "Two sentences, growth against risk, a page per journey, privacy, method and definitions. For "
            "print, the archive (PDF/A-2a) and screen readers (PDF/UA-1)."
        )
    return f"The pack is written for the board: it is no file for {AUDIENCES[audience].lower()}."


def readme(quarter: Quarter, audience: Audience, files: Iterable[File]) -> str:
    """The README of a ZIP, as Markdown."""
    snapshot, said = quarter.snapshot, state(quarter)
    run, command = snapshot.run, f" `{said.command}`" if said.command else ""
    listed = "\n".join(
        f"| `{file.table}.csv` | {file.what} | {file.rows} | {file.hidden} |" for file in files
    )
    return f"""# {snapshot.name}: {formatting.quarter(run.period)}, for {AUDIENCES[audience].lower()}

{said.sentence} {said.more}{command}

- Run {run.run_id}, data as of {formatting.day(snapshot.as_of_date)}; definitions {run.definitions_version};
  policy {run.policy_version or "default"}.
- Amounts in {snapshot.currency}; days, weeks and quarters in {snapshot.zone.key}; times in UTC.
- UTF-8, comma, header row, ISO dates, `.` decimals, full precision. An empty cell is not available, not zero.
- `status` says why a row has no figures: `suppressed` (about fewer than {snapshot.minimum_people} people),
  `not_testable` or `no_evidence`. Nobody can be told from a file, and rows must not be joined to anybody.
- A text that a spreadsheet would take for a formula begins with an apostrophe.
- `data_dictionary.csv` defines every column of every file. `manifest.json` has the SHA-256 of each file.

| file | one row per | rows | hidden |
|---|---|---|---|
{listed}
"""
