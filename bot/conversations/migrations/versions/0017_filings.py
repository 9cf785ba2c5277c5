"""Keep what supervisors decide about messages that were not understood."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "filings",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "message_id",
            sa.Integer(),
            sa.ForeignKey("messages.id", ondelete="CASCADE"),
            nullable=False,
            unique=True,
        ),
        sa.Column(
            "conversation_id",
            sa.String(length=32),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=120), nullable=True),
        sa.Column("draft_lv", sa.Text(), nullable=True),
        sa.Column("draft_en", sa.Text(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_filings_conversation_id", "filings", ["conversation_id"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("filings")
