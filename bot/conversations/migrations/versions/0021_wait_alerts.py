"""Keep that somebody waited for too long, so that it is told once."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "wait_alerts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=True, unique=True),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wait_alerts_due_at", "wait_alerts", ["due_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("wait_alerts")
