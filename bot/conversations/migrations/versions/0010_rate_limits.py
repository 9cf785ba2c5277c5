"""Count what is limited where all processes see it, in place of the wrong passwords of an agent."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "rate_limit_hits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rate_limit_hits_key", "rate_limit_hits", ["key", "expires_at"])
    op.create_index("ix_rate_limit_hits_expires_at", "rate_limit_hits", ["expires_at"])
    op.add_column("conversations", sa.Column("network_hash", sa.String(length=64), nullable=True))
    op.drop_column("agents", "failures")
    op.drop_column("agents", "locked_until")


def downgrade() -> None:
    """Take the change back."""
    op.add_column("agents", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("agents", sa.Column("locked_until", UtcDateTime(timezone=True), nullable=True))
    op.drop_column("conversations", "network_hash")
    op.drop_table("rate_limit_hits")
