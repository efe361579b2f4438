"""Tables of the audit log: entries a line each, and one entry whole."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from metrics import formatting
from reports.wording import audit as wording
from storage.audit import AuditCheck, who
from storage.chain import Entry
from ui import frame
from ui.parts.markup import Column, Html, Row, facts, link, mark, small, table, tag, text

TERMS = {
    "run_id": "Run", "use": "What for", "key": "Joined on", "lawful_basis": "Lawful basis",
    "old_version": "Old version", "new_version": "New version", "old_hash": "Old policy, SHA-256",
    "new_hash": "New policy, SHA-256", "recommended": "Recommended", "decided": "Decided", "reason": "Reason",
    "via": "Asked for", "entries": "Entries", "definitions_version": "Version of definitions",
    "policy_version": "Policy version", "policy_hash": "Policy, SHA-256",
    "fingerprint": "Fingerprint of the input",
}  # fmt: skip
"""Details as people call them, in the order in which they are told; others follow."""
APART = frozenset({"admission", "as_of", "changes", "files", "inputs"})
"""Details that stand in a table of their own or in the sentence."""
DIGEST = re.compile(r"[0-9a-f]{12,64}")


def entries(
    found: Sequence[Entry],
    zone: ZoneInfo,
    check: AuditCheck,
    address: Callable[[int], Mapping[str, str | None]],
) -> Html:
    """Entries, newest first; from the first broken one on, none can be trusted."""
    columns = [Column("Entry", width="5rem"), Column("When", width="9.5rem"), Column("Who", width="11rem"),
               Column("What", width="11rem"), Column("In words")]  # fmt: skip
    rows = []
    for entry in found:
        doubted = check.first_broken is not None and entry.seq >= check.first_broken
        broken = mark(wording.BROKEN) if entry.seq == check.first_broken else Html("")
        number = link(formatting.count(entry.seq), "audit", **address(entry.seq))
        cells = [
            Html(f"{number} {broken}"),
            text(wording.moment(entry.at, zone)),
            text(who(entry.actor)),
            text(wording.action(entry.action)),
            text(wording.sentence(entry, zone)),
        ]
        rows.append(Row(cells, dim=doubted))
    return table(columns, rows, label="Audit log", kind="lg-plain lg-log")


def entry(found: Entry, zone: ZoneInfo) -> Html:
    """One entry: when, who, what, and every detail that is a single value."""
    said = wording.detail(found) or {}
    pairs = [
        ("In words", text(wording.sentence(found, zone))),
        ("What", text(wording.action(found.action))),
        ("When", Html(f"{text(wording.moment(found.at, zone))}{small(found.at)}")),
        ("Who", text(found.actor)),
        *(
            (TERMS.get(name, name.replace("_", " ").capitalize()), _value(said[name]))
            for name in sorted(said, key=_rank)
            if name not in APART and not isinstance(said[name], dict)
        ),
        ("Hash", tag("span", text(found.hash), class_="lg-id")),
        ("Hash of the entry before", tag("span", text(found.previous), class_="lg-id")),
    ]
    return facts(pairs)


def _rank(name: str) -> int:
    return list(TERMS).index(name) if name in TERMS else len(TERMS)


def _value(found: object) -> Html:
    said = text(wording.value(found))
    return tag("span", said, class_="lg-id") if DIGEST.fullmatch(said) else said


def parts(found: Entry) -> Iterator[Html]:
    """The tables inside an entry: rows admitted and refused, files, changed rules."""
    said = wording.detail(found) or {}
    try:
        for name, tell in (("admission", _admission), ("changes", _changes), ("files", _files)):
            if said.get(name):
                yield tell(said[name])
    except (AttributeError, KeyError, TypeError, ValueError):
        yield frame.note("The rest of this entry cannot be shown as a table.")


def _admission(tables: Mapping[str, Any]) -> Html:
    columns = [
        Column("Table"),
        Column("Use"),
        Column("Admitted", "page.rows_admitted"),
        Column("Refused", "page.rows_refused"),
        Column("Why"),
    ]
    rows = []
    for name, known in tables.items():
        rows.append(_admission_row(name, "read", known["accepted"], known["quarantined"]))
        for use, counts in known["uses"].items():
            refused = {wording.REFUSALS.get(why, why): n for why, n in counts["refused"].items()}
            rows.append(_admission_row("", use, counts["admitted"], refused))
    under = "Rows, exactly: set aside on reading by the rule broken, and in each use by who may count."
    return Html(
        f"{frame.heading('Rows admitted and refused', under)}"
        f"{table(columns, rows, label='Rows admitted and refused', kind='lg-plain')}"
    )


def _admission_row(name: str, use: str, admitted: int, refused: Mapping[str, int]) -> Row:
    reasons = sorted(refused.items(), key=lambda pair: -pair[1])
    why = ", ".join(f"{reason.replace('_', ' ')} {formatting.count(n)}" for reason, n in reasons)
    cells = [name, use, formatting.count(admitted), formatting.count(sum(refused.values())), why or "–"]
    return Row([text(cell) for cell in cells])


def _changes(changes: Sequence[Mapping[str, Any]]) -> Html:
    columns = [Column("Rule"), Column("Before"), Column("After")]
    rows = [
        Row([text(change["rule"]), text(_plain(change["old"])), text(_plain(change["new"]))])
        for change in changes
    ]
    return table(columns, rows, label="Changed rules", kind="lg-plain")


def _plain(value: object) -> str:
    return str(value) if isinstance(value, int | float) else wording.value(value)


def _files(files: Mapping[str, str]) -> Html:
    columns = [Column("File"), Column("SHA-256")]
    rows = [Row([text(name), tag("span", text(digest), class_="lg-id")]) for name, digest in files.items()]
    return table(columns, rows, label="Files", kind="lg-plain")
