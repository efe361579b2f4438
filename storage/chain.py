"""The chain of the tamper-evident log: how an entry is added, and how its anchor follows.

`storage.audit` reads the log and verifies it.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, text

from storage import acts
from storage import anchor as anchors
from storage.acts import Action
from storage.anchor import Anchor
from storage.control import audit
from storage.engine import canonical_json

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
    last = end(connection)
    body = (last.entries + 1, iso(datetime.now(UTC)), actor, action, written, last.head)
    entry = Entry(*body, hash=digest(body))
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
            anchors.write(path, end(connection))


def begin_anchor(connection: Connection, path: Path) -> None:
    """Write the first anchor of an empty log; a log with entries and no anchor stays without."""
    if path.exists():
        return
    with anchors.lock(path):
        last = end(connection)
        if last.entries == 0:
            anchors.write(path, last)


def iso(time: datetime) -> str:
    """A time as entries write it."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def digest(body: tuple[object, ...]) -> str:
    """The hash of an entry: of all its fields before it."""
    return hashlib.sha256(canonical_json([str(part) for part in body]).encode()).hexdigest()


def end(connection: Connection) -> Anchor:
    """How far the log reaches."""
    last = connection.execute(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).first()
    return Anchor(last.seq, last.hash) if last else Anchor(0, GENESIS)


def _holds(connection: Connection, anchor: Anchor) -> bool:
    if anchor.entries == 0:
        return anchor.head == GENESIS
    found = connection.execute(select(audit.c.hash).where(audit.c.seq == anchor.entries)).scalar_one_or_none()
    return found == anchor.head
