"""Frozen quarters, which the database itself refuses to change or remove."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

REFUSAL = "A frozen quarter never changes: freeze a further version."
TABLES = ("frozen", "frozen_content")


def upgrade() -> None:
    """Create both tables and their guards."""
    op.create_table(
        "frozen",
        sa.Column("period", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.run_id", name="fk_frozen_run"), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
    )
    op.create_table(
        "frozen_content",
        sa.Column("period", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period", "version"], ["frozen.period", "frozen.version"], name="fk_frozen_content"
        ),
    )
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for name, event in _sqlite(table).items():
                op.execute(f"CREATE TRIGGER {name} {event} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END")
        return
    op.execute(
        "CREATE FUNCTION frozen_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    for table in TABLES:
        for name, event in _postgresql(table).items():
            op.execute(f"CREATE TRIGGER {name} {event} EXECUTE FUNCTION frozen_refuse()")


def downgrade() -> None:
    """Remove both tables, and every frozen quarter with them."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION frozen_refuse()")


def _sqlite(table: str) -> dict[str, str]:
    same = "period = NEW.period AND version = NEW.version"
    same += " AND name = NEW.name" if table == "frozen_content" else ""
    return {
        f"{table}_no_update": f"BEFORE UPDATE ON {table}",
        f"{table}_no_delete": f"BEFORE DELETE ON {table}",
        # INSERT OR REPLACE removes rows without a DELETE.
        f"{table}_no_replace": f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})",
    }


def _postgresql(table: str) -> dict[str, str]:
    return {
        f"{table}_no_change": f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW",
        f"{table}_no_truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
    }
