"""What the store keeps beside the figures: runs, their definitions, plans, leases and the audit log."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from storage.schema import UtcTime, metadata

HEAD = "0010"
"""Revision of the newest migration; a store at this revision has exactly the tables of the metadata."""

runs = Table(
    "runs",
    metadata,
    Column("run_id", Integer, primary_key=True),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("actor", Text, nullable=False),
    Column("as_of", UtcTime, nullable=False),
    Column("period", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("definitions_version", Text, nullable=False),
    Column("policy_version", Integer),
    Column("policy_hash", Text, nullable=False),
    Column("policy_text", Text, nullable=False),
    Column("workspace", JSON, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("summary", JSON, nullable=False),
    CheckConstraint("status IN ('running', 'complete', 'failed')", name="ck_runs_status"),
    sqlite_autoincrement=True,
)

visible = Table(
    "visible",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("run_id", Integer, ForeignKey("runs.run_id", name="fk_visible_run"), nullable=False),
    CheckConstraint("slot = 1", name="ck_visible_one_row"),
)


def _of_run(name: str, key: str, *columns: Column[Any]) -> Table:
    identity = ("run_id", *key.split())
    return Table(
        name,
        metadata,
        Column("run_id", Integer, nullable=False),
        *(Column(part, Text, nullable=False) for part in key.split()),
        *columns,
        PrimaryKeyConstraint(*identity, name=f"pk_{name}"),
        ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=f"fk_{name}_run", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )


experiments = _of_run(
    "experiments",
    "experiment",
    Column("definition", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
)
verdicts = _of_run(
    "verdicts",
    "experiment variant",
    Column("code", Text, nullable=False),
    Column("detail", JSON, nullable=False),
)
metrics = _of_run("metrics", "metric", Column("definition", JSON, nullable=False))

plans = Table(
    "plans",
    metadata,
    Column("experiment", Text, primary_key=True),
    Column("planned_n", BigInteger, nullable=False),
    Column("fixed_at", UtcTime, nullable=False),
    Column(
        "fixed_by_run",
        Integer,
        ForeignKey("runs.run_id", name="fk_plans_run"),
        nullable=False,
    ),
)

decisions = Table(
    "decisions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("kind", Text, nullable=False),
    Column("journey", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("check", Text),
    Column("document", Text),
    Column("scope", JSON, nullable=False),
    Column("step", Integer),
    Column("expires_on", Date),
    Column("refers_to", Integer, ForeignKey("decisions.number", name="fk_decisions_refers_to")),
    Column("against", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What people decided about journeys; rows are added, never changed."""

annotations = Table(
    "annotations",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("experiment", Text),
    Column("noted_at", UtcTime, nullable=False),
    Column("noted_by", Text, nullable=False),
    Column("removed_at", UtcTime),
    Column("removed_by", Text),
    sqlite_autoincrement=True,
)
"""Events that colleagues note on a day; one that is taken back keeps its row."""

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("acquired_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("subject", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("signed_in_at", UtcTime, nullable=False),
    Column("signed_out_at", UtcTime),
    PrimaryKeyConstraint("subject", name="pk_people"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
"""Texts throughout: the hash covers exactly what stands here, and spoilt values can still be named."""
