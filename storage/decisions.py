"""What people decided, added one by one and never changed; each is an entry of the audit log too."""

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import Connection, insert, select

from storage import audit
from storage.control import decisions

AuditAction = Literal["decision", "waiver", "sign-off"]


def record(
    connection: Connection, decision: Mapping[str, Any], action: AuditAction, detail: Mapping[str, Any]
) -> int:
    """Add a decision and the audit entry that tells of it, and give its number.

    Args:
        connection: its transaction holds both.
        decision: the columns of `decisions` but the number.
        action: the action of the entry, with its `detail`; see `storage.acts`.
    """
    values = {**decision, "roles": list(decision["roles"]), "scope": list(decision["scope"])}
    number = int(
        connection.execute(insert(decisions).values(values).returning(decisions.c.number)).scalar_one()
    )
    audit.append(connection, str(decision["name"]), action, detail)
    return number


def read(connection: Connection) -> list[dict[str, Any]]:
    """Every decision, oldest first."""
    found = connection.execute(select(decisions).order_by(decisions.c.number)).mappings()
    return [{**row, "roles": tuple(row["roles"]), "scope": tuple(row["scope"])} for row in found]
