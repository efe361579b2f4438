"""Consent in sentences: who was personalised without it, how far it reaches, where it dropped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from metrics import formatting
from reports.readings import HIDDEN, NO_EVIDENCE, Mark
from reports.wording.figures import listed
from reports.wording.privacy_words import Told, counted, verb

Row = Mapping[str, Any]

JOINT, EVERYWHERE = "*joint*", "*all*"
STATES = ("granted", "refused", "withdrawn", "expired", "undecided")

LEAK = Mark("personalised without consent", "■", "bad")
NO_LEAK = Mark("none", "●", "good")
NOT_NEEDED = Mark("consent not needed", "–", "none")
ALERTS = {
    "drop": Mark("dropped", "▼", "warn"),
    "rise": Mark("rose", "▲", "warn"),
    "steady": Mark("steady", "●", "neutral"),
    "unknown": Mark("not judged", "◌", "none"),
}
"""By what a week is against the weeks before; a sudden rise is no good news either: look at the banner."""

FINDINGS = {
    ("gpc", "binding"): "Opt-out signal where it is law: sale, sharing and targeting refused",
    ("gpc", "as_recorded"): "Opt-out signal where it is not law: taken as recorded",
    ("tcf", "granted"): "TC string that grants",
    ("tcf", "refused"): "TC string that refuses",
    ("tcf", "silent"): "TC string that does not speak of the purpose: taken as recorded",
    ("tcf", "invalid"): "TC string that is not valid: grants nothing",
    ("tcf", "undecodable"): "TC string that cannot be decoded: grants nothing",
    ("tcf_number", "not_needed"): "TCF number of no purpose that is declared here",
    ("tcf_number", "granted_in_part"): "TCF number that is only part of a purpose: no grant",
}
"""What came of signals, by kind of signal and finding."""


@dataclass(frozen=True)
class Coverage:
    """How far joint consent covers a journey's events.

    Attributes:
        events, covered: those that need consent, and those at which every purpose was granted.
        leaked: personalised events without it; None where that is not known.
        status, note: as in consent.csv.
    """

    name: str
    events: int | None
    covered: int | None
    share: float | None
    low: float | None
    leaked: int | None
    status: str
    note: str

    @property
    def mark(self) -> Mark:
        """Whether anybody was personalised without consent."""
        if self.leaked is None:
            return missing(self.status)
        return LEAK if self.leaked else NO_LEAK


def missing(status: str) -> Mark:
    """Why a row has no figure."""
    return {"suppressed": HIDDEN, "not_testable": NOT_NEEDED}.get(status, NO_EVIDENCE)


def coverage(row: Row, name: str) -> Coverage:
    """A `*joint*` row of consent.csv."""
    return Coverage(
        name, row["eligible"], row["granted"], row["coverage"], row["coverage_low"], row["leakage_events"],
        row["status"], row["note"] or "",
    )  # fmt: skip


def worst_first(found: list[Coverage]) -> list[Coverage]:
    """Journeys with leaks first, then those least covered; those without a figure last."""
    return sorted(found, key=lambda c: (-(c.leaked or 0), c.share is None, c.share or 0.0))


def lead(found: list[Coverage], alerts: pl.DataFrame) -> Told:
    """Who was personalised without consent, and how much is covered.

    Args:
        found: journeys, as `worst_first` orders them.
        alerts: rows of consent_alerts.
    """
    dropped = drops(alerts)
    asked = [c for c in found if c.mark != NOT_NEEDED]
    known = [c for c in asked if c.leaked is not None]
    if found and not asked:
        return Told(NOT_NEEDED, "No journey here rests on consent.", dropped)
    if not known:
        why = "; ".join(dict.fromkeys(c.note for c in asked if c.note))
        return Told(
            asked[0].mark if asked else NO_EVIDENCE,
            f"Nobody can say how far consent reaches: {why}.",
            dropped,
        )
    unknown = [c.name for c in asked if c.leaked is None]
    beside = [f"There is no figure for {listed(unknown)}."] if unknown else []
    other = [c.name for c in found if c.mark == NOT_NEEDED]
    if other:
        beside.append(f"{listed(other)} {verb(len(other), 'rests', 'rest')} on another basis than consent.")
    if len(asked) == 1:
        only = known[0]
        mark = only.mark if only.leaked else _whole(asked)
        return Told(mark, _one(only), " ".join(filter(None, [*beside, dropped])))
    leaking = [c for c in known if c.leaked]
    more = " ".join(filter(None, [_covered(known), *beside, dropped]))
    if not leaking:
        sentence = f"None of {counted(len(known), 'journey')} personalised without consent."
        return Told(_whole(asked), sentence, more)
    told = [f"{c.name} ({counted(c.leaked or 0, 'event')})" for c in leaking]
    subject = f"{len(leaking)} of {counted(len(known), 'journey')} personalised without consent"
    return Told(LEAK, f"{subject}: {listed(told)}.", more)


def _whole(found: list[Coverage]) -> Mark:
    """Good only if every journey that needs consent is known to be without leaks."""
    return Mark("no leaks", "●", "good") if all(c.leaked == 0 for c in found) else NO_EVIDENCE


def _one(only: Coverage) -> str:
    reach = f"{only.name} reaches {_share(only)} of its events with consent{_least(only)}"
    if only.leaked:
        ran = f"{counted(only.leaked, 'event')} {verb(only.leaked, 'was', 'were')} personalised without it"
        return f"{reach}; {ran}."
    return f"{reach}; none was personalised without it."


def _covered(known: list[Coverage]) -> str:
    least = sorted((c for c in known if c.share is not None), key=lambda c: c.share or 0.0)
    parts = [f"{c.name} {_share(c)}" for c in least]
    return f"Consent covers, of all events: {listed(parts, 6)}." if parts else ""


def _share(one: Coverage) -> str:
    return formatting.percent(one.share)


def _least(one: Coverage) -> str:
    return f" (at least {formatting.percent(one.low)})" if one.low is not None else ""


def next_step(found: list[Coverage], alerts: pl.DataFrame) -> str:
    """What to do first."""
    steps = []
    if leaking := [c.name for c in found if c.leaked]:
        steps.append(
            f"Stop personalising for people without consent in {listed(leaking)}; find what passed by."
        )
    jumps = alerts.filter(pl.col("alert").is_in(["drop", "rise"]))
    if jumps.height:
        steps.append("Look at what changed on the banner where the rate jumped.")
    unknown = [c.name for c in found if c.mark == NO_EVIDENCE]
    if unknown:
        steps.append(f"Bring in what is missing for {listed(unknown)}.")
    return " ".join(steps) or "Nothing needs an act. Outside what consent covers the effect is not known."


def drops(alerts: pl.DataFrame) -> str:
    """Jumps of the consent rate, the newest first; weeks of one purpose and place that fell alike are one."""
    jumped = alerts.filter(pl.col("alert").is_in(["drop", "rise"])).sort("week")
    jumps = jumped.group_by("jurisdiction", "purpose", "alert", maintain_order=True).agg(
        "rate", "baseline", "week", weeks=pl.len()
    )
    rows = jumps.sort(pl.col("week").list.first(), descending=True, maintain_order=True)
    told = [_jump(row) for row in rows.iter_rows(named=True)]
    return f"The consent rate {listed(told, 2)}." if told else ""


def _jump(row: Row) -> str:
    """Where and since when it jumped, and how far, as far as the figures may be shown."""
    rates = [value for value in row["rate"] if value is not None]
    usual = next((value for value in row["baseline"] if value is not None), None)
    far = f" to {formatting.percent(rates[-1], 0)}" if rates else ""
    far += f" from {formatting.percent(usual, 0)}" if usual is not None else ""
    first = f"the week of {formatting.day(row['week'][0])}"
    when = f"since {first} ({counted(row['weeks'], 'week')})" if row["weeks"] > 1 else f"in {first}"
    return f"{ALERTS[row['alert']].word}{far} in {row['jurisdiction']} ({row['purpose']}), {when}"


def alarm(alerts: pl.DataFrame) -> str:
    """Where the rate jumped and since when, for a page on other things; empty where it did not."""
    jumped = alerts.filter(pl.col("alert").is_in(["drop", "rise"]))
    if jumped.is_empty():
        return ""
    firsts = jumped.group_by("jurisdiction", "alert").agg(pl.col("week").min()).sort("week", "jurisdiction")
    told = [
        f"{ALERTS[row['alert']].word} in {row['jurisdiction']} in the week of {formatting.day(row['week'])}"
        for row in firsts.iter_rows(named=True)
    ]
    return f"the consent rate {listed(told)}: look at what changed on the banner."


def watched(alerts: pl.DataFrame) -> str:
    """How many weeks were looked at for jumps, and how many could not be."""
    if alerts.is_empty():
        return "No week could be watched: there are no first answers in this quarter."
    judged = alerts.filter(pl.col("alert").is_in(["drop", "rise", "steady"])).height
    few = alerts.filter(pl.col("status") == "suppressed").height
    rest = alerts.height - judged - few
    parts = [f"{counted(judged, 'week')} of a place and purpose {verb(judged, 'was', 'were')} judged"]
    if few:
        parts.append(f"{formatting.count(few)} had too few people to show")
    if rest:
        parts.append(f"{formatting.count(rest)} had too little before them to compare with")
    jumps = alerts.filter(pl.col("alert").is_in(["drop", "rise"])).height
    found = f"{counted(jumps, 'week')} jumped, as said above." if jumps else "No jump." if judged else ""
    return f"{found} {listed(parts)}.".strip()


def states(row: Row) -> dict[str, int | None]:
    """People by state; None where the count is hidden."""
    return {state: row[state] for state in STATES}


def rate(row: Row, name: str) -> tuple[str, str]:
    """A rate and what it is a share of, both in words; a hidden one says so."""
    value = row[name]
    if row["status"] != "ok":
        return formatting.MISSING, ""
    parts = ("granted", "refused", "withdrawn")
    chose = None if any(row[part] is None for part in parts) else sum(row[part] for part in parts)
    if value is None:
        return (
            ("nobody chose", "") if name == "consent_rate" and chose == 0 else ("◌ hidden", "too few people")
        )
    of = chose if name == "consent_rate" else row["eligible"]
    return formatting.percent(value), f"of {formatting.count(of)}" if of is not None else ""


def finding(signal: str, found: str) -> str:
    """What came of a signal, in words."""
    return FINDINGS.get((signal, found), f"{signal}: {found.replace('_', ' ')}")
