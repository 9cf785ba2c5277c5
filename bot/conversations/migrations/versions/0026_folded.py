"""Keep what customers and agents wrote in small letters without diacritics, too, to find conversations by words."""

import sqlalchemy as sa
from alembic import op

from bot.text import fold

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

AT_ONCE = 1000  # rows
MESSAGES = """
    SELECT id, text, masked FROM messages WHERE author IN ('customer', 'agent') AND id > :last ORDER BY id LIMIT :some
"""


def upgrade() -> None:
    """Apply the change."""
    op.add_column("messages", sa.Column("folded", sa.Text(), nullable=True))
    op.create_index("ix_conversations_created_at", "conversations", ["created_at"])
    connection, last = op.get_bind(), 0
    while rows := connection.execute(sa.text(MESSAGES), {"last": last, "some": AT_ONCE}).all():
        for row in rows:
            last, folded = row.id, fold(row.text if row.masked is None else row.masked)
            connection.execute(
                sa.text("UPDATE messages SET folded = :folded WHERE id = :id"), {"folded": folded, "id": row.id}
            )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_conversations_created_at", "conversations")
    op.drop_column("messages", "folded")
