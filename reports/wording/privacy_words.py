"""Words that the pages on privacy share: counts, laws, rights, and what is said when there is no evidence."""

from typing import NamedTuple

from metrics import formatting
from reports.readings import NO_EVIDENCE, Mark
from reports.results import humanised
from reports.snapshot import Snapshot
from reports.wording.figures import listed

REGIMES = {
    "GDPR": "EU and EEA (GDPR)",
    "UK": "United Kingdom",
    "CCPA": "California (CCPA)",
    "LGPD": "Brazil (LGPD)",
    "PIPEDA": "Canada (PIPEDA)",
    "CA-QC": "Quebec",
    "TW": "Taiwan",
    "unknown": "Law unknown",
    "US-CO": "Colorado", "US-CT": "Connecticut", "US-DE": "Delaware", "US-FL": "Florida", "US-IA": "Iowa",
    "US-IN": "Indiana", "US-KY": "Kentucky", "US-MD": "Maryland", "US-MN": "Minnesota", "US-MT": "Montana",
    "US-NE": "Nebraska", "US-NH": "New Hampshire", "US-NJ": "New Jersey", "US-OR": "Oregon",
    "US-RI": "Rhode Island", "US-TN": "Tennessee", "US-TX": "Texas", "US-UT": "Utah", "US-VA": "Virginia",
}  # fmt: skip
"""By the key of law/regimes.yaml."""

RIGHTS = {
    "access": "Access",
    "delete": "Erase",
    "correct": "Correct",
    "portability": "Copy to take along",
    "object": "Object",
    "restrict": "Restrict",
    "opt_out": "Opt out of sale or sharing",
    "limit": "Limit sensitive data",
    "know": "Know",
}
"""By kind of request, and `know` as California counts access and portability together."""


class Told(NamedTuple):
    """An answer in words.

    Attributes:
        mark: its word and shape; None where the sentence needs none.
        lead: the answer, in one sentence.
        more: the figures behind it.
    """

    mark: Mark | None
    lead: str
    more: str = ""


def counted(number: int, one: str, several: str = "") -> str:
    """How many of what.

    >>> counted(1, "request"), counted(12_500, "request"), counted(2, "policy", "policies")
    ('1 request', '12,500 requests', '2 policies')
    """
    return f"{formatting.count(number)} {one if number == 1 else several or f'{one}s'}"


def verb(number: int, one: str = "is", several: str = "are") -> str:
    """The verb that a count takes."""
    return one if number == 1 else several


def regime_label(regime: str | None) -> str:
    """A law's name for people."""
    return REGIMES.get(regime or "unknown", regime or "")


def right_label(kind: str) -> str:
    """A right's name for people."""
    return RIGHTS.get(kind, humanised(kind))


def set_aside(snapshot: Snapshot, table: str) -> int:
    """Rows of an input table that broke a rule and count nowhere."""
    facts = snapshot.run.inputs.get(table) or {}
    return sum((facts.get("quarantined") or {}).values())


def set_aside_note(snapshot: Snapshot, table: str) -> str:
    """A sentence on the rows that were set aside; empty when there are none."""
    rows = set_aside(snapshot, table)
    if not rows:
        return ""
    return f"{counted(rows, 'row')} of {table} broke a rule and {verb(rows)} not counted: see Status."


def no_evidence(snapshot: Snapshot, tables: tuple[str, ...], what: str) -> Told:
    """Why nothing can be said, and what to do: a table is missing, or nothing in it counts.

    Args:
        snapshot: the run.
        tables: the input tables that the figures rest on.
        what: what nobody can know without them, for the end of a sentence.
    """
    absent = [table for table in tables if table not in snapshot.run.inputs]
    if absent:
        one = len(absent) == 1
        lack = f"has no table {absent[0]}" if one else f"lacks the tables {listed(absent)}"
        return Told(
            NO_EVIDENCE,
            f"No evidence: this workspace {lack}.",
            f"Add {'it' if one else 'them'} to workspace.yaml and refresh. Until then nobody knows {what}: "
            "neither good nor zero.",
        )
    lead = f"No evidence: nothing in {listed(list(tables))} counts for this period."
    return Told(NO_EVIDENCE, lead, f"Check on Status what was read and set aside. Nobody knows {what}.")
