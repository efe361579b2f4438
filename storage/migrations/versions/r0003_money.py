"""What an effect on money amounts to: totals, returns on cost, and what half the interval would mean."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = ("run_id", "experiment", "metric", "variant")
COLUMNS: tuple[tuple[Any, str], ...] = (
    (sa.Text(), "experiment journey metric control variant period kind interval"),
    (sa.BigInteger(), "n_control n_variant"),
    (sa.Double(), "window_days incremental_total incremental_low incremental_high"),
    (sa.Double(), "per_unit per_unit_low per_unit_high recommendations_per_unit"),
    (sa.Double(), "per_recommendation per_recommendation_low per_recommendation_high cost_per_unit"),
    (sa.Text(), "cost_basis"),
    (sa.Double(), "return_on_cost return_low return_high"),
    (sa.BigInteger(), "quarter_units"),
    (sa.Text(), "quarter_basis"),
    (sa.Double(), "quarter_total quarter_low quarter_high half_low half_high"),
    (sa.BigInteger(), "units_for_half"),
    (sa.Text(), "status note"),
)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "money",
        sa.Column("run_id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, kind, nullable=name not in KEY)
            for kind, names in COLUMNS
            for name in names.split()
        ),
        sa.PrimaryKeyConstraint(*KEY, name="pk_money"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_money_run", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the table with its figures."""
    op.drop_table("money")
