"""Remember when a customer last wrote, for whom a website vouched, and which of its tokens were used."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("conversations", sa.Column("identity_seen_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("identity_subject", sa.String(length=64), nullable=True))
    op.create_table(
        "website_tokens",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_hash"),
    )
    op.create_index("ix_website_tokens_expires_at", "website_tokens", ["expires_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_website_tokens_expires_at", "website_tokens")
    op.drop_table("website_tokens")
    op.drop_column("conversations", "identity_subject")
    op.drop_column("conversations", "identity_seen_at")
