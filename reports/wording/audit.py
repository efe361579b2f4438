"""The audit log in plain words: what each entry says, and whether the log can be trusted."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from metrics import formatting
from reports.readings import Mark
from reports.wording.privacy_words import counted, verb
from storage.acts import Action
from storage.audit import AuditCheck
from storage.chain import Entry

INTACT = Mark("intact", "●", "good")
UNANCHORED = Mark("intact, length unknown", "▲", "warn")
BROKEN = Mark("broken", "■", "bad")
Detail = Mapping[str, Any]

ACTIONS: Mapping[Action, str] = {
    "refresh": "Refresh",
    "refresh failed": "Refresh failed",
    "refresh interrupted": "Refresh cut off",
    "join": "Data sets joined",
    "clean-room match": "Clean-room figures taken",
    "export": "Export",
    "freeze": "Quarter frozen",
    "policy change": "Policy changed",
    "annotation": "Event noted",
    "annotation removed": "Event taken back",
    "decision": "Decision",
    "waiver": "Waiver",
    "sign-off": "Sign-off",
    "sign-in": "Sign-in",
    "access refused": "Access refused",
    "role change": "Roles changed",
    "sign-out everywhere": "Signed out everywhere",
    "anchor renewed": "Anchor renewed",
}
"""Every action as people call it."""

REFUSALS = {
    "universal_holdout": "universal holdout",
    "consent": "no consent",
    "child": "child",
    "objection": "objection",
    "erased": "erased",
    "after_withdrawal": "after a withdrawal or objection",
    "not_assigned": "not in the experiment",
    "no_customer": "no known customer",
}
"""Why rows were refused; `jobs.row_counts` counts them under these names."""


def action(name: str) -> str:
    """What an action is called."""
    return dict[str, str](ACTIONS).get(name, name)  # type: ignore[arg-type]


def detail(entry: Entry) -> dict[str, Any] | None:
    """What an entry says beside its action; None: it cannot be read, as only a forged one cannot."""
    try:
        found = json.loads(entry.detail)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def sentence(entry: Entry, zone: ZoneInfo) -> str:
    """An entry in one sentence; of one that was forged or written by an older Liftgate, what can be said.

    `zone`: the workspace's, in which a measurement's last day ends.
    """
    said = detail(entry)
    if said is None:
        return "What it says cannot be read."
    tell = _TOLD.get(entry.action)
    try:
        if entry.action == "refresh":
            return _refresh(said, zone)
        return tell(said) if tell else f"{action(entry.action)}."
    except (KeyError, TypeError, ValueError, AttributeError):
        return f"{action(entry.action)}."


def state(check: AuditCheck) -> tuple[Mark, str, str]:
    """Whether the log can be trusted: mark, sentence, and what shows it or what to do."""
    if not check.ok:
        where = f" at entry {formatting.count(check.first_broken)}" if check.first_broken is not None else ""
        return (
            BROKEN,
            f"The log is broken{where}: {check.what}",
            f"{check.why} Keep the database and its anchor as they are, as evidence; compare them with a "
            "backup or an exported log. Entries before the break stand.",
        )
    length = counted(check.entries, "entry", "entries")
    if check.entries == 0:
        return INTACT, "The log is empty.", "The first refresh, export or decision begins it."
    if not check.anchored:
        return UNANCHORED, f"The log's {length} form an unbroken chain.", f"{check.why}"
    return INTACT, f"The log is intact: {length}, none altered, removed or moved.", check.why


def ago(verified_at: datetime, now: datetime) -> str:
    """When the log was last verified.

    >>> from datetime import UTC, timedelta
    >>> noon = datetime(2026, 9, 30, 12, tzinfo=UTC)
    >>> [ago(noon, noon + timedelta(seconds=s)) for s in (3, 70, 600)]
    ['Verified just now.', 'Verified 1 minute ago.', 'Verified 10 minutes ago.']
    """
    minutes = int((now - verified_at).total_seconds() // 60)
    return f"Verified {counted(minutes, 'minute')} ago." if minutes else "Verified just now."


def moment(at: str, zone: ZoneInfo) -> str:
    """When an entry was made, in the workspace's zone; what is no time stays as it stands."""
    try:
        return formatting.clock(datetime.fromisoformat(at).astimezone(zone))
    except ValueError:
        return at


def value(found: object) -> str:
    """A detail's value for people."""
    if found is None:
        return "none"
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, list):
        return ", ".join(value(item) for item in found) or "none"
    return formatting.count(found) if isinstance(found, int) else str(found)


def counted_roles(held: list[str]) -> str:
    """The roles that somebody held.

    >>> counted_roles([]), counted_roles(["privacy"]), counted_roles(["admin", "privacy"])
    ('no role', 'the role privacy', 'the roles admin, privacy')
    """
    if not held:
        return "no role"
    return f"the {'role' if len(held) == 1 else 'roles'} {value(held)}"


def _refresh(said: Detail, zone: ZoneInfo) -> str:
    end = datetime.fromisoformat(said["as_of"]) - timedelta(microseconds=1)
    day = formatting.day(end.astimezone(zone).date())
    tables = said["inputs"]
    rows = sum(facts.get("accepted") or 0 for facts in tables.values())
    aside = sum(facts["rows_in"] - facts["accepted"] for facts in tables.values())
    return (
        f"Run {said['run_id']} measured up to {day}: {counted(rows, 'row')} of "
        f"{counted(len(tables), 'table')} accepted, {formatting.count(aside)} set aside."
    )


def _join(said: Detail) -> str:
    tables = counted(len(said["tables"]), "table")
    basis = f" Basis: {said['lawful_basis'].replace('_', ' ')}." if "lawful_basis" in said else ""
    return f"Run {said['run_id']} joined {tables} on {said['key']} for {said['use']}.{basis}"


def _match(said: Detail) -> str:
    return (
        f"Run {said['run_id']} took {counted(said['rows'], 'row')} of aggregates on "
        f"{', '.join(said['metrics'])} for {said['experiment']}."
    )


def _export(said: Detail) -> str:
    files = list(said["files"])
    what = files[0] if len(files) == 1 else counted(len(files), "file")
    how = "from a page" if said.get("via") == "page" else "by command"
    if "entries" in said:
        were = verb(said["entries"], "was", "were")
        return f"The audit log's {counted(said['entries'], 'entry', 'entries')} {were} exported {how}."
    of_run = f" of run {said['run_id']}" if "run_id" in said else ""
    rows = f": {counted(said['rows'], 'row')} of {said['table']}" if "rows" in said else ""
    return f"{what}{of_run} exported {how}{rows}."


def _freeze(said: Detail) -> str:
    moved = f", {counted(said['moved'], 'figure')} moved" if said["version"] > 1 else ""
    quarter = formatting.quarter(said["period"])
    what = f"{quarter} frozen as version {said['version']} from run {said['run_id']}{moved}."
    return f"{what} Reason: {said['reason']}"


def _policy(said: Detail) -> str:
    versions = f"from version {value(said['old_version'])} to {value(said['new_version'])}"
    return f"The policy went {versions}: {counted(len(said['changes']), 'rule')} changed."


def _event(said: Detail) -> str:
    about = f" about {said['experiment']}" if "experiment" in said else ""
    return f"Event {said['number']}{about} on {said['day']}, {said['kind'].replace('_', ' ')}: {said['text']}"


def _decision(said: Detail) -> str:
    against = "" if said["decided"] == said["recommended"] else f" (recommended: {said['recommended']})"
    return f"{said['journey']}: {said['decided']}{against}. Reason: {said['reason']}"


def _waiver(said: Detail) -> str:
    return (
        f"{said['journey']}, check {said['check']}: waiver {said['state']}, until {said['until']}. "
        f"Reason: {said['reason']}"
    )


_TOLD: Mapping[str, Callable[[Detail], str]] = {
    "refresh failed": lambda said: f"Run {said['run_id']} failed: {said['reason']}",
    "refresh interrupted": lambda said: f"Run {said['run_id']} was cut off: {said['reason']}",
    "join": _join,
    "clean-room match": _match,
    "export": _export,
    "freeze": _freeze,
    "policy change": _policy,
    "annotation": _event,
    "annotation removed": lambda said: f"Taken back: {_event(said)}",
    "decision": _decision,
    "waiver": _waiver,
    "sign-off": lambda said: f"{said['journey']}: {said['kind']} signed off, until {said['until']}.",
    "sign-in": lambda said: f"Signed in with {counted_roles(said['roles'])}.",
    "access refused": lambda said: f"Refused: {said['what']}, with {counted_roles(said['roles'])}.",
    "role change": lambda said: f"{said['subject']}: {value(said['before'])} → {value(said['after'])}.",
    "sign-out everywhere": lambda said: f"Every session of {said['subject']} was ended.",
    "anchor renewed": lambda said: (
        f"The log was accepted as it stood, at {counted(said['entries_found'], 'entry', 'entries')}. "
        f"Reason: {said['reason']}"
    ),
}
