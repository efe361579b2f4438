"""Effects by days since assignment, and whether they fade."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT, COUNT, NUMBER = sa.Text(), sa.BigInteger(), sa.Double[float]()
TABLES: dict[str, tuple[tuple[str, ...], tuple[tuple[Any, str], ...]]] = {
    "effects_by_age": (
        ("run_id", "experiment", "metric", "variant", "day"),
        (
            (TEXT, "experiment metric control variant"),
            (COUNT, "day window_days n_control n_variant"),
            (NUMBER, "difference difference_low difference_high sequential_low sequential_high"),
            (NUMBER, "daily_difference daily_low daily_high"),
            (NUMBER, "relative relative_low relative_high relative_sequential_low relative_sequential_high"),
            (TEXT, "status note"),
        ),
    ),
    "effect_trends": (
        ("run_id", "experiment", "metric", "variant"),
        (
            (TEXT, "experiment metric control variant"),
            (COUNT, "n_control n_variant early_days late_days"),
            (NUMBER, "early early_low early_high late late_low late_high change change_low change_high"),
            (NUMBER, "p_value smallest_change"),
            (TEXT, "reading interval status note"),
        ),
    ),
}


def upgrade() -> None:
    """Create both tables."""
    for table, (key, columns) in TABLES.items():
        op.create_table(
            table,
            sa.Column("run_id", sa.Integer(), nullable=False),
            *(
                sa.Column(name, kind, nullable=name not in key)
                for kind, names in columns
                for name in names.split()
            ),
            sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
            sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=f"fk_{table}_run", ondelete="CASCADE"),
            sqlite_with_rowid=False,
        )


def downgrade() -> None:
    """Drop both, with their figures."""
    for table in TABLES:
        op.drop_table(table)
