"""Create the notifications of customers, and who subscribed to them."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "subscriptions",
        sa.Column("email_hash", sa.String(length=64), primary_key=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("token", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False, unique=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("page_address", sa.String(length=300), nullable=True),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
    )
    op.create_index("ix_subscriptions_due_at", "subscriptions", ["due_at"])
    op.create_table(
        "notifications",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event_hash", sa.String(length=64), nullable=False, unique=True),
        sa.Column("email_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("told_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("told_by", sa.String(length=5), nullable=True),
        sqlite_autoincrement=True,
    )
    for name in ("email_hash", "created_at", "due_at"):
        op.create_index(f"ix_notifications_{name}", "notifications", [name])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("notifications")
    op.drop_table("subscriptions")
