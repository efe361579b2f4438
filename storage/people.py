"""Colleagues who sign in: with which roles they last did, and when they were last signed out everywhere."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from storage import chain
from storage.control import people


def signed_in(connection: Connection, subject: str, name: str, roles: Iterable[str]) -> None:
    """Record a sign-in, and a role change where the last one was with other roles."""
    now, held = datetime.now(UTC), sorted(roles)
    before = _known(connection, subject)
    chain.append(connection, name, "sign-in", {"subject": subject, "roles": held})
    if before is not None and before.roles != held:
        change = {"subject": subject, "before": before.roles, "after": held, "reason": "as the sign-in says"}
        chain.append(connection, name, "role change", change)
    values = {"name": name, "roles": held, "signed_in_at": now}
    if before is None:
        connection.execute(insert(people).values(subject=subject, **values))
    else:
        connection.execute(update(people).where(people.c.subject == subject).values(**values))


def sign_out(connection: Connection, actor: str, subject: str, reason: str) -> datetime:
    """End every session that a person has begun until now, and record it; gives the time.

    Raises:
        KeyError: nobody of that subject has ever signed in.
    """
    if _known(connection, subject) is None:
        raise KeyError(subject)
    now = datetime.now(UTC)
    connection.execute(update(people).where(people.c.subject == subject).values(signed_out_at=now))
    chain.append(connection, actor, "sign-out everywhere", {"subject": subject, "reason": reason})
    return now


def sign_outs(connection: Connection) -> dict[str, datetime]:
    """When each person was last signed out everywhere, by subject; those who never were are left out."""
    found = select(people.c.subject, people.c.signed_out_at).where(people.c.signed_out_at.is_not(None))
    return {row.subject: row.signed_out_at for row in connection.execute(found)}


def named(connection: Connection, name: str) -> list[str]:
    """Subjects of the people who go by a subject or a name."""
    found = select(people.c.subject).where((people.c.subject == name) | (people.c.name == name))
    return list(connection.execute(found.order_by(people.c.subject)).scalars())


def _known(connection: Connection, subject: str) -> Row[Any] | None:
    return connection.execute(select(people).where(people.c.subject == subject)).first()
