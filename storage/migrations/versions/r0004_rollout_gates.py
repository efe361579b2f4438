"""Rollout gates: what each check saw, what a journey's gate says, and what people decided."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT, COUNT, NUMBER = sa.Text(), sa.BigInteger(), sa.Double[float]()
TIME = sa.DateTime(timezone=True)
COLUMNS: dict[str, tuple[tuple[str, Any], ...]] = {
    "gates": (
        ("figure", TEXT),
        ("op", TEXT),
        ("unit", TEXT),
        ("distance", NUMBER),
        ("n", COUNT),
        ("counted", TEXT),
        ("period", TEXT),
        ("measured_at", TIME),
        ("why", TEXT),
        ("sentence", TEXT),
        ("would_change", TEXT),
        ("explanation", TEXT),
        ("owner", TEXT),
        ("legal_reference", TEXT),
        ("remedy", TEXT),
    ),
    "journeys": (
        ("gate_reason", TEXT),
        ("gate_step", COUNT),
        ("checks_failing", COUNT),
        ("checks_unknown", COUNT),
        ("rollout_percent", NUMBER),
    ),
}


def upgrade() -> None:
    """Add the columns and the table of decisions."""
    for table, columns in COLUMNS.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind))
    op.create_table(
        "decisions",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("journey", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("check", TEXT),
        sa.Column("document", TEXT),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("step", sa.Integer()),
        sa.Column("expires_on", sa.Date()),
        sa.Column(
            "refers_to", sa.Integer(), sa.ForeignKey("decisions.number", name="fk_decisions_refers_to")
        ),
        sa.Column("against", TEXT, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("decisions")
    for table, columns in COLUMNS.items():
        for name, _ in columns:
            op.drop_column(table, name)
