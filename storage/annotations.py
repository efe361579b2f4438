"""Events that colleagues note; one that is taken back stays, with who took it back and when."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from storage import chain
from storage.control import annotations
from storage.errors import StoreError

SAID = ("day", "kind", "text", "experiment")


def add(connection: Connection, actor: str, subject: str, values: Mapping[str, Any]) -> int:
    """Keep an event with its audit entry, and give its number.

    Args:
        connection: its transaction holds both.
        actor: who notes it, for people.
        subject: what the sign-in calls them, for good.
        values: day, kind, text, and the id of an experiment or None.
    """
    row = {**values, "noted_at": _now(), "noted_by": actor}
    made = insert(annotations).values(row).returning(annotations.c.number)
    number = int(connection.execute(made).scalar_one())
    chain.append(connection, actor, "annotation", {"number": number, "subject": subject, **_said(values)})
    return number


def remove(connection: Connection, actor: str, subject: str, number: int) -> None:
    """Take an event back; its row stays and the audit log has both acts.

    Raises:
        StoreError: there is none of that number that stands.
    """
    stands = (annotations.c.number == number, annotations.c.removed_at.is_(None))
    row = connection.execute(select(annotations).where(*stands)).mappings().first()
    taken = update(annotations).where(*stands).values(removed_at=_now(), removed_by=actor)
    if row is None or connection.execute(taken).rowcount != 1:
        msg = f"No event of number {number} stands: somebody else has removed it."
        raise StoreError(msg)
    detail = {"number": number, "subject": subject, **_said(row)}
    chain.append(connection, actor, "annotation removed", detail)


def read(connection: Connection) -> list[dict[str, Any]]:
    """Every event, those taken back among them, by day and number."""
    found = select(annotations).order_by(annotations.c.day, annotations.c.number)
    return [dict(row) for row in connection.execute(found).mappings()]


def _said(values: Mapping[Any, Any]) -> dict[str, str]:
    return {name: str(values[name]) for name in SAID if values[name] is not None}


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
