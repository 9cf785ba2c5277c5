"""Create the blocks: who may not call a person for some time."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "blocks",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("network_hash", sa.String(length=64), nullable=True),
        sa.Column("until", UtcDateTime(timezone=True), nullable=False),
        sa.Column("agent_name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id"),
    )
    op.create_index("ix_blocks_network_hash", "blocks", ["network_hash"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("blocks")
