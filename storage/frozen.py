"""Frozen quarters: what was shown to a board, kept as it was; a correction is a further version.

A version holds its own content, so that no later refresh, migration or release changes it. Its hash stands in
the tamper-evident log, and the database refuses to change or remove it, and the run that it shows.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    insert,
    select,
)

from storage import chain
from storage.engine import canonical_json
from storage.errors import StoreError
from storage.schema import UtcTime, metadata

frozen = Table(
    "frozen",
    metadata,
    Column("period", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("run_id", Integer, ForeignKey("runs.run_id", name="fk_frozen_run"), nullable=False),
    Column("frozen_at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("moved", JSON, nullable=False),
)

frozen_content = Table(
    "frozen_content",
    metadata,
    Column("period", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["period", "version"], ["frozen.period", "frozen.version"], name="fk_frozen_content"
    ),
)


class Moved(NamedTuple):
    """A figure that is other than in the version before, as people read it.

    Attributes:
        about: whose figure: a journey, an experiment, a law, a vendor.
        figure: what it is called.
        before, after: as written.
    """

    about: str
    figure: str
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    """One version of a frozen quarter.

    Attributes:
        period: such as "2026Q3".
        version: 1, and one more for every correction.
        run_id: the run that it shows.
        frozen_at: when, in UTC.
        actor: who froze it.
        reason: why.
        moved: what is other than in the version before; empty for the first.
    """

    period: str
    version: int
    run_id: int
    frozen_at: datetime
    actor: str
    reason: str
    moved: tuple[Moved, ...] = ()


def keep(connection: Connection, version: Version, contents: Mapping[str, bytes]) -> None:
    """Store a version with its content and its audit entry, in the caller's transaction.

    Raises:
        StoreError: it is not the version that comes next: somebody else has frozen the quarter meanwhile.
    """
    found = of_period(connection, version.period)
    following = found[0].version + 1 if found else 1
    if version.version != following:
        msg = f"{version.period} is at version {following - 1} by now: somebody else froze it. Freeze again."
        raise StoreError(msg)
    digest = content_hash(contents)
    values = {**vars(version), "moved": [list(item) for item in version.moved], "content_hash": digest}
    connection.execute(insert(frozen).values(values))
    keys = {"period": version.period, "version": version.version}
    rows = [{**keys, "name": name, "content": content} for name, content in sorted(contents.items())]
    connection.execute(insert(frozen_content), rows)
    detail = {
        **keys, "run_id": version.run_id, "reason": version.reason, "content_hash": digest,
        "moved": len(version.moved),
    }  # fmt: skip
    chain.append(connection, version.actor, "freeze", detail)


def of_period(connection: Connection, period: str | None = None) -> list[Version]:
    """List the versions of a quarter, or of all, newest quarter and version first."""
    query = select(frozen).order_by(frozen.c.period.desc(), frozen.c.version.desc())
    if period is not None:
        query = query.where(frozen.c.period == period)
    return [_version(row) for row in connection.execute(query).mappings()]


def content(connection: Connection, version: Version) -> dict[str, bytes]:
    """Read what a version holds, by name.

    Raises:
        StoreError: it is not what was frozen.
    """
    at = (frozen_content.c.period == version.period, frozen_content.c.version == version.version)
    query = select(frozen_content.c.name, frozen_content.c.content).where(*at)
    found = {str(name): bytes(held) for name, held in connection.execute(query)}
    same = (frozen.c.period == version.period, frozen.c.version == version.version)
    expected = connection.execute(select(frozen.c.content_hash).where(*same)).scalar_one_or_none()
    if expected is None or content_hash(found) != expected:
        msg = (
            f"Version {version.version} of {version.period} is not what was frozen: its content does not "
            "have its hash. Restore the store from a backup, and verify the audit log."
        )
        raise StoreError(msg)
    return found


def content_hash(contents: Mapping[str, bytes]) -> str:
    """SHA-256 over the names and the SHA-256 of each content, hexadecimal."""
    digests = {name: hashlib.sha256(held).hexdigest() for name, held in contents.items()}
    return hashlib.sha256(canonical_json(digests).encode()).hexdigest()


def now() -> datetime:
    """The present time as a version keeps it: to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def _version(row: Mapping[Any, Any]) -> Version:
    moved: Sequence[Sequence[str]] = row["moved"]
    known = {name: row[name] for name in ("period", "version", "run_id", "frozen_at", "actor", "reason")}
    return Version(**known, moved=tuple(Moved(*item) for item in moved))
