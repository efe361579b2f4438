"""Data minimisation in sentences: what holds the score down, what mends it, what is kept too long."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics import formatting
from reports.readings import NO_EVIDENCE, Mark
from reports.wording.figures import listed
from reports.wording.privacy_words import Told, counted, verb

ALL = "*all*"
SPECIAL = 8
"""Sensitivity of the special categories of GDPR Art 9."""

JUSTIFIED = Mark("justified", "●", "good")
EXCESS = Mark("excess data", "▲", "warn")
SPECIAL_EXCESS = Mark("excess special data", "■", "bad")
UNCERTAIN = Mark("not certain", "◌", "none")

WEIGHTS = {1: "plain", 2: "contact or behaviour", 4: "location or finance", 8: "special category"}
"""By sensitivity."""

Row = Mapping[str, Any]


def failing(fields: pl.DataFrame) -> pl.DataFrame:
    """Rows of minimization_fields.csv that fail a test, the heaviest first."""
    return fields.filter(~pl.col("passes").fill_null(value=False)).sort(
        "sensitivity", "system", "field", descending=[True, False, False], nulls_last=False
    )


def of_journey(fields: pl.DataFrame, journey: str | None) -> pl.DataFrame:
    """Rows of the fields that a journey uses; of all without one."""
    if journey is None:
        return fields
    return fields.filter(pl.col("journeys").str.split(";").list.contains(journey).fill_null(value=False))


def lead(fields: pl.DataFrame, summary: Row | None, set_aside: int) -> Told:
    """Which fields hold the score down.

    Args:
        fields: rows of minimization_fields.csv in question.
        summary: their row of minimization.csv over all systems; None without fields.
        set_aside: rows of the inventory that broke a rule.
    """
    if summary is None or summary["score"] is None or fields.is_empty():
        return Told(NO_EVIDENCE, "No evidence: the inventory has no field here, so there is no score.")
    score, rows = formatting.number(summary["score"]), failing(fields)
    if rows.is_empty():
        sentence = f"All {counted(fields.height, 'field')} are justified: the score is {score}."
        if fields.height == 1:
            sentence = f"Its one field is justified: the score is {score}."
        if set_aside:
            return Told(UNCERTAIN, f"{sentence[:-1]}, as far as the inventory can be read.")
        return Told(JUSTIFIED, sentence)
    names = listed([row["field"] for row in rows.iter_rows(named=True)])
    mark = SPECIAL_EXCESS if (rows["sensitivity"] == SPECIAL).any() else EXCESS
    subject = f"{formatting.count(rows.height)} of {counted(fields.height, 'field')}"
    sentence = f"{subject} {verb(rows.height, 'holds', 'hold')} the score at {score}: {names}."
    return Told(mark, sentence, f"Excess load {_load(summary['excess_load'])}{_of_all(summary)}.")


def _of_all(summary: Row) -> str:
    """Of how much weight in all; the score is one less the excess load's share of it."""
    share = 1 - summary["score"]
    return f" of {_load(summary['excess_load'] / share)}" if share > 0 else ""


def first_fix(rows: pl.DataFrame) -> str:
    """What to mend first; `rows` as `failing` returns them."""
    if rows.is_empty():
        return ""
    row = rows.row(0, named=True)
    after = row["score_if_fixed"]
    alone = f" That alone brings the whole score to {formatting.number(after)}." if after is not None else ""
    return f"{row['field']} in {row['system']}: {row['fix'] or 'see its tests.'}{alone}"


def retention(fields: pl.DataFrame) -> Told:
    """What is kept longer than declared, and where that is not known."""
    late = overdue(fields)
    unknown = fields.filter(pl.col("retention_ok").is_null()).height
    beside = f"For {counted(unknown, 'field')} nobody can tell." if unknown else ""
    if late.is_empty():
        rest = "No field is known to be kept" if unknown else "No field is kept"
        return Told(None, f"{rest} longer than declared.", beside)
    longest = late.row(0, named=True)
    days = counted(longest["retention_overdue_days"], "day")
    sentence = f"{counted(late.height, 'field')} {verb(late.height, 'holds', 'hold')} records for too long"
    return Told(None, f"{sentence}, {longest['field']} in {longest['system']} by {days}.", beside)


def overdue(fields: pl.DataFrame) -> pl.DataFrame:
    """Fields kept longer than declared, the longest first."""
    known = fields.filter(pl.col("retention_overdue_days").is_not_null())
    return known.sort("retention_overdue_days", "system", "field", descending=[True, False, False])


def tests(row: Row) -> list[Mark]:
    """What a field fails, and what nobody can tell of it."""
    found = []
    for name, (wrong, unknown) in _TESTS.items():
        outcome = row[f"{name}_ok"]
        if outcome is None:
            found.append(Mark(unknown, "◌", "none"))
        elif not outcome:
            found.append(Mark(wrong, "■", "bad"))
    return found


_TESTS = {
    "purpose": ("no purpose needs it", "purposes not known"),
    "basis": ("no lawful basis", "basis not known"),
    "use": ("not used", "last use not known"),
    "retention": ("kept too long", "retention not known"),
}
"""By test: what failing it is called, and what missing evidence is called."""


def trend(before: Row | None, after: Row | None, old: pl.DataFrame, new: pl.DataFrame, run: int) -> str:
    """What changed since an earlier run.

    Args:
        before, after: the two runs' rows of minimization.csv for the same system and journey.
        old, new: their rows of minimization_fields.csv.
        run: the earlier run's number.
    """
    if after is None or before is None or before["score"] is None or after["score"] is None:
        return "No earlier run has a score to compare with."
    if old.equals(new):
        return f"Nothing changed since run {run}: score {formatting.number(after['score'])}."
    score = _moved("score", formatting.number(before["score"]), formatting.number(after["score"]))
    load = _moved("excess load", _load(before["excess_load"]), _load(after["excess_load"]))
    was, now = _outcomes(old), _outcomes(new)
    told = {
        "newly failing": [key for key, passes in now.items() if not passes and was.get(key)],
        "mended": [key for key, passes in now.items() if passes and was.get(key) is False],
        "gone": [key for key in was if key not in now],
        "added": [key for key in now if key not in was],
        "of these failing": [key for key, passes in now.items() if not passes and key not in was],
    }
    parts = [f"{what}: {listed([field for _, field in keys])}" for what, keys in told.items() if keys]
    return f"Since run {run}: {score}, {load}{'; ' if parts else ''}{'; '.join(parts)}."


def _moved(what: str, before: str, after: str) -> str:
    return f"{what} {after} as before" if before == after else f"{what} {before} → {after}"


def _outcomes(fields: pl.DataFrame) -> dict[tuple[str, str], bool]:
    return {(s, f): bool(p) for s, f, p in fields.select("system", "field", "passes").iter_rows()}


def _load(value: float | None) -> str:
    return formatting.number(value, 0)
