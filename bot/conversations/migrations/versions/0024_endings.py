"""Let agents call off for some seconds that a conversation is closed or given back."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("conversations", sa.Column("ending_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("ending", sa.JSON(), nullable=True))
    op.create_index("ix_conversations_ending_at", "conversations", ["ending_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_conversations_ending_at", "conversations")
    op.drop_column("conversations", "ending")
    op.drop_column("conversations", "ending_at")
