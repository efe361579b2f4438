"""The tamper-evident log: each entry's hash covers its content and the hash of the entry before.

Editing, removing, inserting or reordering entries breaks the chain. Cutting off its end does not, so the
number of entries and the last hash are also kept in an anchor outside the database (Schneier & Kelsey 1999,
"Secure audit logs to support computer forensics"). Whoever can rewrite both the database and the anchor can
rewrite history: keep the anchor where the database's administrator cannot write.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, inspect, or_, select

from storage import anchor as anchors
from storage import chain
from storage.anchor import Anchor
from storage.chain import GENESIS, Entry
from storage.control import audit
from storage.engine import connect, sqlite_path, writing
from storage.store import Store

PROCESS = " (process "
"""Stands between a job's name and the number of its process, in an actor."""


@dataclass(frozen=True)
class AuditCheck:
    """What verification found.

    Attributes:
        ok: nothing is wrong.
        entries: number of entries in the log.
        first_broken: position of the first entry that is wrong or absent; None when the log is whole.
        what: the finding, in one sentence.
        why: what shows it.
        head: hash of the last entry, to compare with an exported log.
        anchored: an anchor is kept, so that a cut end shows.
    """

    ok: bool
    entries: int
    first_broken: int | None
    what: str
    why: str
    head: str
    anchored: bool


class Search(NamedTuple):
    """Which entries are wanted; None: any.

    Attributes:
        actor: this person's or job's, whichever of a job's processes wrote it.
        action: this action's.
        containing: those whose detail contains this text, capital or small.
        run_id: those about this run.
        since, until: those at or after, and before, a time with zone.
    """

    actor: str | None = None
    action: str | None = None
    containing: str | None = None
    run_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The search as SQL."""
        found: list[ColumnElement[bool]] = []
        if self.actor is not None:
            of_process = audit.c.actor.startswith(f"{self.actor}{PROCESS}", autoescape=True)
            found.append(or_(audit.c.actor == self.actor, of_process))
        if self.action is not None:
            found.append(audit.c.action == self.action)
        if self.containing is not None:
            text_ = self.containing.lower()
            found.append(func.lower(audit.c.detail).contains(text_, autoescape=True))
        if self.run_id is not None:
            named = (audit.c.detail.contains(f'"run_id":{self.run_id}{end}') for end in ",}")
            found.append(or_(*named))
        if self.since is not None:
            found.append(audit.c.at >= chain.iso(self.since))
        if self.until is not None:
            found.append(audit.c.at < chain.iso(self.until))
        return found


EVERYTHING = Search()


def entries(
    store: Store, search: Search = EVERYTHING, *, limit: int | None = None, skip: int = 0
) -> list[Entry]:
    """List the entries wanted, newest first: at most `limit` after the first `skip`."""
    query = select(audit).where(*search.conditions()).order_by(audit.c.seq.desc())
    with store.engine.connect() as connection:
        return [Entry(*row) for row in connection.execute(query.limit(limit).offset(skip or None))]


def count(store: Store, search: Search = EVERYTHING) -> int:
    """How many entries are wanted."""
    with store.engine.connect() as connection:
        return int(
            connection.execute(
                select(func.count()).select_from(audit).where(*search.conditions())
            ).scalar_one()
        )


def find(store: Store, seq: int) -> Entry | None:
    """The entry at a position; None where there is none."""
    with store.engine.connect() as connection:
        row = connection.execute(select(audit).where(audit.c.seq == seq)).first()
    return Entry(*row) if row else None


def actors(store: Store) -> list[str]:
    """Everybody who stands in the log, a job's processes together, by name."""
    with store.engine.connect() as connection:
        names = connection.execute(select(audit.c.actor).distinct()).scalars().all()
    return sorted({who(name) for name in names})


def who(actor: str) -> str:
    """An actor without the number of their process.

    >>> who("ana@till (process 4711)")
    'ana@till'
    """
    return actor.split(PROCESS, 1)[0]


def whole(store: Store) -> Iterator[Entry]:
    """Every entry in order, a few at a time."""
    query = select(audit).order_by(audit.c.seq)
    with store.engine.connect().execution_options(yield_per=1_000) as connection:
        for row in connection.execute(query):
            yield Entry(*row)


def verify(store: Store) -> AuditCheck:
    """Recompute every hash, follow the chain, and compare the log with its anchor.

    Entries beyond the anchor are sound while they chain: a crash may fall between commit and anchor.
    """
    seen = _Seen()
    broken, anchor = None, None
    if not inspect(store.engine).has_table(audit.name):
        why = "The database has no table of that name: it was dropped."
        return AuditCheck(False, 0, 1, "The whole log is missing.", why, GENESIS, bool(store.anchor))
    if store.anchor:
        try:
            anchor = anchors.read(store.anchor)
        except ValueError as error:
            broken = _Break(None, "The log's length cannot be checked.", f"{error} Restore it from a backup.")
    first = _first_break(whole(store), seen, anchor)
    if store.anchor and not first:
        broken = broken or _break_with_anchor(seen, anchor, store.anchor)
    broken = first or broken
    if broken:
        at = seen.entries if broken.seq is None else broken.seq
        return AuditCheck(False, seen.entries, at, broken.what, broken.why, seen.head, bool(store.anchor))
    end = (
        f"it reaches the anchor {store.anchor.name}"
        if store.anchor
        else "no anchor is kept, so a cut end would not show"
    )
    what = f"{seen.entries} entries, none altered."
    why = f"Every hash was recomputed; {end}."
    return AuditCheck(True, seen.entries, None, what, why, seen.head, bool(store.anchor))


def gone(url: str) -> AuditCheck | None:
    """The finding that a store at `url` has vanished while its anchor is still there; None: it has not."""
    file = sqlite_path(connect(url))
    if file is None or file.exists():
        return None
    try:
        anchor = anchors.read(anchors.beside(file))
    except ValueError as error:
        why = f"{error} Restore both from a backup."
    else:
        if anchor is None or anchor.entries == 0:
            return None
        seen = f"its anchor has seen {anchor.entries:,} entries"
        why = f"{file} is not there, but {seen}. Restore it from a backup."
    return AuditCheck(False, 0, 1, "The log is gone.", why, GENESIS, anchored=True)


def renew_anchor(store: Store, actor: str, reason: str) -> Entry:
    """Accept the log as it stands, after a restored backup or a lost anchor; this is logged with its reason.

    Raises:
        ValueError: the store keeps no anchor.
    """
    if store.anchor is None:
        msg = "This store keeps no anchor. Open it with one, then renew it."
        raise ValueError(msg)
    with anchors.lock(store.anchor), writing(store.engine).begin() as connection:
        found = {"reason": reason, "entries_found": chain.end(connection).entries}
        entry = chain.append(connection, actor, "anchor renewed", found)
    anchors.write(store.anchor, Anchor(entry.seq, entry.hash))
    return entry


class _Break(NamedTuple):
    seq: int | None
    what: str
    why: str


@dataclass
class _Seen:
    """What one pass over the log has seen: its length and last hash, and the hash where the anchor is."""

    entries: int = 0
    head: str = GENESIS
    at_anchor: str | None = None


def _first_break(log: Iterable[Entry], seen: _Seen, anchor: Anchor | None) -> _Break | None:
    previous, found = GENESIS, None
    for seq, entry in enumerate(log, start=1):
        found = found or _fault(seq, entry, previous)
        previous = entry.hash
        seen.entries, seen.head = seq, entry.hash
        if anchor and seq == anchor.entries:
            seen.at_anchor = entry.hash
    return found


def _fault(seq: int, entry: Entry, previous: str) -> _Break | None:
    if entry.seq > seq:
        why = f"The log goes on with entry {entry.seq}: some were removed."
        return _Break(seq, f"Entry {seq} is missing.", why)
    if entry.seq < seq:
        return _Break(entry.seq, f"Entry {entry.seq} was inserted.", "The log begins with entry 1.")
    if entry.previous != previous:
        why = "It lacks the hash of the entry before: entries were replaced, inserted or reordered."
        return _Break(seq, f"Entry {seq} does not follow entry {seq - 1}.", why)
    if entry.hash != chain.digest(entry[:-1]):
        return _Break(seq, f"Entry {seq} was altered.", "Its hash is not that of its content.")
    return None


def _break_with_anchor(seen: _Seen, anchor: Anchor | None, path: Path) -> _Break | None:
    if anchor is None:
        return _Break(None, "The log's length cannot be checked.", f"The anchor {path} is gone. Restore it.")
    if anchor.entries > seen.entries:
        seq = seen.entries + 1
        known = f"{path.name} has seen {anchor.entries} entries, the log has {seen.entries}"
        why = f"{known}: its end was cut off."
        return _Break(seq, f"Entry {seq} is missing.", why)
    if anchor.entries and seen.at_anchor != anchor.head:
        why = f"Its hash is not the one that the anchor {path.name} has seen: the log was written anew."
        return _Break(anchor.entries, f"Entry {anchor.entries} was replaced.", why)
    return None
