"""The tamper-evident log: each entry's hash covers its content and the hash of the entry before.

Editing, removing, inserting or reordering entries breaks the chain. Cutting off its end does not, so the
number of entries and the last hash are also kept in an anchor outside the database (Schneier & Kelsey 1999,
"Secure audit logs to support computer forensics"). Whoever can rewrite both the database and the anchor can
rewrite history: keep the anchor where the database's administrator cannot write.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, func, insert, select, text

from storage import acts
from storage import anchor as anchors
from storage.acts import Action
from storage.anchor import Anchor
from storage.control import audit
from storage.engine import canonical_json, writing

if TYPE_CHECKING:
    from storage.store import Store

GENESIS = "0" * 64
"""Stands for the hash before the first entry."""


class Entry(NamedTuple):
    """One record of the log.

    Attributes:
        seq: position, from 1.
        at: ISO time, UTC.
        actor: who did it.
        action: what was done, one of `storage.acts.Action`.
        detail: canonical JSON.
        previous: hash of the entry before.
        hash: SHA-256, hexadecimal, of all of the above.
    """

    seq: int
    at: str
    actor: str
    action: str
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True)
class AuditCheck:
    """What verification found.

    Attributes:
        ok: nothing is wrong.
        entries: number of entries in the log.
        first_broken: position of the first entry that is wrong or absent; None when the log is whole.
        what: the finding, in one sentence.
        why: what shows it.
    """

    ok: bool
    entries: int
    first_broken: int | None
    what: str
    why: str


def append(connection: Connection, actor: str, action: Action, detail: Mapping[str, Any]) -> Entry:
    """Add an entry within the connection's transaction, which must be one that writes.

    Raises:
        ValueError: the action is unknown or its detail does not fit it (`storage.acts`), or nobody acts.
        ValueError, TypeError: the detail cannot be written as JSON.
    """
    if not actor.strip():
        msg = f"An audit entry on '{action}' must say who acted."
        raise ValueError(msg)
    written = canonical_json(dict(detail))
    acts.check(action, json.loads(written))
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))
    end = _end(connection)
    body = (end.entries + 1, _iso(datetime.now(UTC)), actor, action, written, end.head)
    entry = Entry(*body, hash=_digest(body))
    connection.execute(insert(audit).values(entry._asdict()))
    return entry


def advance(connection: Connection, path: Path) -> None:
    """Move the anchor to the log's end after a commit; where the two disagree, it stays as evidence."""
    with anchors.lock(path):
        try:
            anchor = anchors.read(path)
        except ValueError:
            return
        if anchor and _holds(connection, anchor):
            anchors.write(path, _end(connection))


def begin_anchor(connection: Connection, path: Path) -> None:
    """Write the first anchor of an empty log; a log with entries and no anchor stays without."""
    if path.exists():
        return
    with anchors.lock(path):
        end = _end(connection)
        if end.entries == 0:
            anchors.write(path, end)


def entries(
    store: "Store",
    *,
    actor: str | None = None,
    action: str | None = None,
    containing: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> list[Entry]:
    """List the log, newest first.

    Args:
        store: the store whose log it is.
        actor: only this person's or job's entries.
        action: only this action.
        containing: only entries whose detail contains this text, capital or small.
        since: only entries at or after this time, with zone.
        until: only entries before this time, with zone.
        limit: at most so many.
    """
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if actor is not None:
        query = query.where(audit.c.actor == actor)
    if action is not None:
        query = query.where(audit.c.action == action)
    if containing is not None:
        query = query.where(func.lower(audit.c.detail).contains(containing.lower(), autoescape=True))
    if since is not None:
        query = query.where(audit.c.at >= _iso(since))
    if until is not None:
        query = query.where(audit.c.at < _iso(until))
    with store.engine.connect() as connection:
        return [Entry(*row) for row in connection.execute(query)]


def verify(store: "Store") -> AuditCheck:
    """Recompute every hash, follow the chain, and compare the log with its anchor.

    Entries beyond the anchor are sound while they chain: a crash may fall between commit and anchor.
    """
    with store.engine.connect() as connection:
        log = [Entry(*row) for row in connection.execute(select(audit).order_by(audit.c.seq))]
    broken = _first_break(log) or (_break_with_anchor(log, store.anchor) if store.anchor else None)
    if broken:
        return AuditCheck(False, len(log), *broken)
    end = (
        f"it reaches the anchor {store.anchor.name}"
        if store.anchor
        else "no anchor is kept, so a cut end would not show"
    )
    return AuditCheck(
        True, len(log), None, f"{len(log)} entries, none altered.", f"Every hash was recomputed; {end}."
    )


def renew_anchor(store: "Store", actor: str, reason: str) -> Entry:
    """Accept the log as it stands, after a restored backup or a lost anchor; this is logged with its reason.

    Raises:
        ValueError: the store keeps no anchor.
    """
    if store.anchor is None:
        msg = "This store keeps no anchor. Open it with one, then renew it."
        raise ValueError(msg)
    with anchors.lock(store.anchor), writing(store.engine).begin() as connection:
        end = _end(connection)
        entry = append(connection, actor, "anchor renewed", {"reason": reason, "entries_found": end.entries})
    anchors.write(store.anchor, Anchor(entry.seq, entry.hash))
    return entry


class _Break(NamedTuple):
    seq: int
    what: str
    why: str


def _first_break(log: list[Entry]) -> _Break | None:
    previous = GENESIS
    for seq, entry in enumerate(log, start=1):
        if entry.seq > seq:
            return _Break(
                seq, f"Entry {seq} is missing.", f"The log goes on with entry {entry.seq}: some were removed."
            )
        if entry.seq < seq:
            return _Break(entry.seq, f"Entry {entry.seq} was inserted.", "The log begins with entry 1.")
        if entry.previous != previous:
            why = "It lacks the hash of the entry before: entries were replaced, inserted or reordered."
            return _Break(seq, f"Entry {seq} does not follow entry {seq - 1}.", why)
        if entry.hash != _digest(entry[:-1]):
            return _Break(seq, f"Entry {seq} was altered.", "Its hash is not that of its content.")
        previous = entry.hash
    return None


def _break_with_anchor(log: list[Entry], path: Path) -> _Break | None:
    try:
        anchor = anchors.read(path)
    except ValueError as error:
        return _Break(len(log), "The log's length cannot be checked.", f"{error} Restore it from a backup.")
    if anchor is None:
        return _Break(
            len(log), "The log's length cannot be checked.", f"The anchor {path} is gone. Restore it."
        )
    if anchor.entries > len(log):
        seq = len(log) + 1
        why = f"{path.name} has seen {anchor.entries} entries, the log has {len(log)}: its end was cut off."
        return _Break(seq, f"Entry {seq} is missing.", why)
    if anchor.entries and log[anchor.entries - 1].hash != anchor.head:
        why = f"Its hash is not the one that the anchor {path.name} has seen: the log was written anew."
        return _Break(anchor.entries, f"Entry {anchor.entries} was replaced.", why)
    return None


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _digest(body: tuple[object, ...]) -> str:
    return hashlib.sha256(canonical_json([str(part) for part in body]).encode()).hexdigest()


def _end(connection: Connection) -> Anchor:
    last = connection.execute(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).first()
    return Anchor(last.seq, last.hash) if last else Anchor(0, GENESIS)


def _holds(connection: Connection, anchor: Anchor) -> bool:
    if anchor.entries == 0:
        return anchor.head == GENESIS
    found = connection.execute(select(audit.c.hash).where(audit.c.seq == anchor.entries)).scalar_one_or_none()
    return found == anchor.head
