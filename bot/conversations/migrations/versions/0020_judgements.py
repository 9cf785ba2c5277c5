"""Keep what supervisors think of answers."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "judgements",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("message_id", sa.Integer(), sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
        sa.Column(
            "conversation_id",
            sa.String(length=32),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("agent_id", sa.Integer(), sa.ForeignKey("agents.id", ondelete="SET NULL"), nullable=True),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("facts", sa.String(length=500), nullable=True),
        sa.UniqueConstraint("message_id", "agent_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_judgements_conversation_id", "judgements", ["conversation_id"])
    op.create_index("ix_judgements_agent_id", "judgements", ["agent_id"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("judgements")
