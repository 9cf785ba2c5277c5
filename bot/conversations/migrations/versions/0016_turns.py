"""Keep how each message was understood and answered."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change. Of earlier messages, what is known beside them is copied."""
    op.create_table(
        "turns",
        sa.Column("message_id", sa.Integer(), sa.ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(length=32),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("intent", sa.String(length=80), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("ranking", sa.JSON(), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=True),
        sa.Column("place", sa.String(length=40), nullable=True),
        sa.Column("responses", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("contradicted", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_turns_conversation_id", "turns", ["conversation_id"])
    op.create_index("ix_turns_at", "turns", ["at"])
    op.execute(
        "INSERT INTO turns (message_id, conversation_id, at, language, intent, confidence, ranking, responses, kind,"
        " contradicted) SELECT messages.id, conversation_id, messages.created_at, language, intent, confidence, '[]',"
        " '[]', CASE WHEN understood THEN 'answer' ELSE 'miss' END, false FROM messages"
        " JOIN conversations ON conversations.id = conversation_id"
        " WHERE author = 'customer' AND rasa_state = 'answered' AND understood IS NOT NULL"
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("turns")
