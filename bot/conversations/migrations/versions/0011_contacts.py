"""Keep whose a conversation is, as keyed hashes, and what customers ask about their data."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    of_conversation = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    op.create_table(
        "contacts",
        sa.Column("conversation_id", sa.String(length=32), of_conversation, primary_key=True),
        sa.Column("email_hash", sa.String(length=64), primary_key=True),
    )
    op.create_index("ix_contacts_email_hash", "contacts", ["email_hash"])
    op.create_table(
        "data_requests",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(length=32),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_data_requests_conversation_id", "data_requests", ["conversation_id"])
    op.create_index("ix_data_requests_done_at", "data_requests", ["done_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("data_requests")
    op.drop_table("contacts")
