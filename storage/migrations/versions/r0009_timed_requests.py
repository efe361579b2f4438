"""How many requests to a model have their latency recorded: what its latency rests on."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("inference", sa.Column("timed_requests", sa.BigInteger()))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("inference", "timed_requests")
