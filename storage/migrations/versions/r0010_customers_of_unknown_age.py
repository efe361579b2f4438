"""How many customers a journey met, and of how many of them the age is unknown at the most."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = ("customers", "age_unknown_most")


def upgrade() -> None:
    """Add the columns."""
    for name in COLUMNS:
        op.add_column("consent", sa.Column(name, sa.BigInteger()))


def downgrade() -> None:
    """Take them away."""
    for name in COLUMNS:
        op.drop_column("consent", name)
