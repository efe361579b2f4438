"""What people decided, added one by one and never changed; each is an entry of the audit log too."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, func, insert, select, text

from storage import chain
from storage.control import decisions, visible

AuditAction = Literal["decision", "waiver", "sign-off"]


class Seen(NamedTuple):
    """What a decision is judged on.

    Attributes:
        run_id: the visible run.
        number: of the last decision; 0 before the first.
    """

    run_id: int
    number: int


def latest(connection: Connection) -> Seen | None:
    """The visible run and the last decision, kept as they are until the writing transaction ends.

    None where no run is visible.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE decisions, visible IN SHARE ROW EXCLUSIVE MODE"))
    run_id = connection.execute(select(visible.c.run_id)).scalar_one_or_none()
    number = connection.execute(select(func.max(decisions.c.number))).scalar_one()
    return None if run_id is None else Seen(run_id, number or 0)


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
    chain.append(connection, str(decision["name"]), action, detail)
    return number


def read(connection: Connection) -> list[dict[str, Any]]:
    """Every decision, oldest first."""
    found = connection.execute(select(decisions).order_by(decisions.c.number)).mappings()
    return [{**row, "roles": tuple(row["roles"]), "scope": tuple(row["scope"])} for row in found]
