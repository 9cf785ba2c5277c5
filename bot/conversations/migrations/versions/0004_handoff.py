"""Remember who holds a conversation, what the assistant understood, every change of hands, and messages left behind."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = UtcDateTime(timezone=True)


def upgrade() -> None:
    """Apply the change."""
    for column in (
        sa.Column("customer_email", sa.String(length=254), nullable=True),
        sa.Column("owner", sa.String(length=10), nullable=False, server_default="assistant"),
        sa.Column("cause", sa.String(length=20), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("waiting_since", MOMENT, nullable=True),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("agent_name", sa.String(length=80), nullable=True),
        sa.Column("agent_seen_at", MOMENT, nullable=True),
        sa.Column("wants_ticket", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("place", sa.String(length=40), nullable=True),
        sa.Column("delivered_id", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("seen_id", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("conversations", column)
    op.create_index("ix_conversations_owner", "conversations", ["owner"])
    op.create_index("ix_conversations_agent_id", "conversations", ["agent_id"])
    for column in (
        sa.Column("speaker", sa.String(length=80), nullable=True),
        sa.Column("response", sa.String(length=80), nullable=True),
        sa.Column("intent", sa.String(length=80), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("understood", sa.Boolean(), nullable=True),
    ):
        op.add_column("messages", column)
    op.create_table(
        "transitions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(length=32),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("before", sa.String(length=10), nullable=False),
        sa.Column("after", sa.String(length=10), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("agent_name", sa.String(length=80), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("line", sa.String(length=500), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(length=32),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sqlite_autoincrement=True,
    )
    for table, column in (
        ("transitions", "conversation_id"),
        ("transitions", "at"),
        ("transitions", "due_at"),
        ("tickets", "conversation_id"),
        ("tickets", "due_at"),
        ("tickets", "done_at"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("tickets")
    op.drop_table("transitions")
    for name in ("understood", "confidence", "intent", "response", "speaker"):
        op.drop_column("messages", name)
    op.drop_index("ix_conversations_agent_id", "conversations")
    op.drop_index("ix_conversations_owner", "conversations")
    for name in (
        "seen_id",
        "delivered_id",
        "place",
        "wants_ticket",
        "agent_seen_at",
        "agent_name",
        "agent_id",
        "waiting_since",
        "asked_at",
        "cause",
        "owner",
        "customer_email",
    ):
        op.drop_column("conversations", name)
