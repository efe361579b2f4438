"""Vendors and transfers in sentences: who may not receive data, what to do next, and by when."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from metrics import formatting
from reports.readings import NO_EVIDENCE, Mark
from reports.wording.figures import listed
from reports.wording.privacy_words import Told, counted

Row = Mapping[str, Any]

_ISO_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")

CONTRACTS = {
    "valid": Mark("valid", "●", "good"),
    "expiring": Mark("expiring", "▲", "warn"),
    "expired": Mark("expired", "■", "bad"),
    "missing": Mark("not on record", "■", "bad"),
}
"""By the contract's state; `expiring` ends within 60 days."""

REVIEWS = {
    "current": Mark("reviewed", "●", "good"),
    "overdue": Mark("review overdue", "▲", "warn"),
    "missing": Mark("never reviewed", "▲", "warn"),
}

AGREEMENTS = {
    True: Mark("signed", "●", "good"),
    False: Mark("missing", "■", "bad"),
    None: Mark("not needed", "–", "none"),
}
"""Processing agreement of GDPR Art 28."""

TRANSFERS = {
    True: Mark("lawful", "●", "good"),
    False: Mark("not lawful", "■", "bad"),
    None: Mark("country unknown", "◌", "none"),
}

ROOMS = {
    True: Mark("complete", "●", "good"),
    False: Mark("incomplete", "▲", "warn"),
    None: Mark("not needed", "–", "none"),
}
"""Clean room: every protection that the vendor's journeys require."""

MECHANISMS = {
    "adequacy": "adequacy decision",
    "scc": "standard contractual clauses",
    "bcr": "binding corporate rules",
    "dpf": "Data Privacy Framework",
    "none": "none named",
}

NOW = Mark("now", "■", "bad")
SOON = Mark("soon", "▲", "warn")
LATER = Mark("later", "○", "neutral")
SOON_DAYS = 60


def of_journey(vendors: pl.DataFrame, journey: str | None) -> pl.DataFrame:
    """Rows of the vendors that serve a journey; all without one."""
    if journey is None:
        return vendors
    return vendors.filter(pl.col("journeys").str.split(";").list.contains(journey).fill_null(value=False))


def urgent_first(vendors: pl.DataFrame) -> pl.DataFrame:
    """Rows of vendors.csv by the day of their next action."""
    severity = pl.col("contract_status").replace_strict(
        {"missing": 0, "expired": 0, "expiring": 1, "valid": 1}, default=1, return_dtype=pl.Int8
    )
    return vendors.sort("due", severity, "vendor", nulls_last=False)


def may_receive(row: Row) -> bool:
    """Whether contract, agreement and transfer all allow data to go there."""
    in_force = row["contract_status"] in ("valid", "expiring")
    return in_force and row["dpa_ok"] is not False and row["transfer_ok"] is True


def obstacles(row: Row) -> list[str]:
    """Why data may not go there."""
    found = {
        f"contract {CONTRACTS[row['contract_status']].word}": row["contract_status"]
        in ("expired", "missing"),
        "no processing agreement": row["dpa_ok"] is False,
        "transfer not lawful": row["transfer_ok"] is False,
        "country not recorded": row["transfer_ok"] is None,
    }
    return [what for what, applies in found.items() if applies]


def lead(vendors: pl.DataFrame, set_aside: int) -> Told:
    """Who may not receive data as things stand."""
    rows = list(vendors.iter_rows(named=True))
    if not rows:
        return Told(NO_EVIDENCE, "No vendor is on record here.")
    barred = [row["vendor"] for row in rows if not may_receive(row)]
    if barred:
        of = f"{formatting.count(len(barred))} of {counted(len(rows), 'vendor')}"
        sentence = f"{of} may not receive data as things stand: {listed(barred)}."
        return Told(Mark("send no data", "■", "bad"), sentence)
    whole = f"All {counted(len(rows), 'vendor')} may receive data"
    sentence = whole if len(rows) > 1 else "The one vendor may receive data"
    if set_aside:
        return Told(Mark("not certain", "◌", "none"), f"{sentence}, as far as the register can be read.")
    return Told(Mark("in order", "●", "good"), f"{sentence}: contract, agreement and transfer are in order.")


def first_step(vendors: pl.DataFrame) -> str:
    """The most urgent action."""
    rows = urgent_first(vendors)
    if rows.is_empty():
        return ""
    row = rows.row(0, named=True)
    return f"{row['vendor']}: {next_action(row)}"


def next_action(row: Row) -> str:
    """What to do with a vendor, its days as people say them."""
    told: str = row["next_action"] or formatting.MISSING
    return _ISO_DAY.sub(lambda found: formatting.day(dt.date.fromisoformat(found[0])), told)


def serves(vendors: Iterable[Row], names: Mapping[str, str]) -> str:
    """The journeys that one or several vendors serve between them."""
    served = {journey for row in vendors for journey in (row["journeys"] or "").split(";") if journey}
    if not served:
        return "serves no journey"
    if len(names) > 1 and served >= names.keys():
        return "all journeys"
    return ", ".join(sorted(names.get(journey, journey) for journey in served))


def timing(due: dt.date | None, today: dt.date) -> Mark:
    """How soon an action is due."""
    if due is None or due <= today:
        return NOW
    return SOON if (due - today).days <= SOON_DAYS else LATER


def mechanism(row: Row) -> str:
    """What carries a transfer, in words."""
    named = [name for name in str(row["transfer_mechanism"] or "").split(";") if name]
    words = [MECHANISMS.get(name, name) for name in named]
    if row["transfer_ok"] is True and named in ([], ["none"]):
        return "none needed"
    return ", ".join(words) or "not recorded"


def exposure(journeys: pl.DataFrame, names: Mapping[str, str]) -> Told:
    """Events on days on which a vendor that serves the journey might not receive data.

    Args:
        journeys: rows of journeys.csv.
        names: journey → its name for people.
    """
    counts = journeys.select("journey", "events_to_unprotected_recipients")
    known = [(names.get(j, j), n) for j, n in counts.iter_rows() if n is not None]
    unknown = [names.get(j, j) for j, n in counts.iter_rows() if n is None]
    beside = f"Not known for {listed(unknown, 6)}." if unknown else ""
    exposed = [(name, number) for name, number in known if number]
    if not known:
        return Told(NO_EVIDENCE, "Nobody knows how many events were exposed to such vendors.", beside)
    if not exposed:
        return Told(None, "No event fell on a day on which a vendor might not receive data.", beside)
    parts = [f"{counted(number, 'event')} of {name}" for name, number in exposed]
    return Told(
        None,
        f"{listed(parts, 6)} fell on days on which a vendor that serves the journey might not receive data.",
        f"An exposure by the register, not a log of what was sent. {beside}".strip(),
    )
