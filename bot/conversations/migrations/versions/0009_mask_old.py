"""Mask what agents wrote, and what customers left, before such texts were masked."""

import sqlalchemy as sa
from alembic import op

from bot.conversations.masking import Masking
from bot.settings import get_settings

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AT_ONCE = 1000  # rows
MAX_LINE = 500  # characters
# A text that a person still needs as typed gets its masked form beside it.
MESSAGES = """
    SELECT messages.id, text, owner IN ('waiting', 'agent') AND closed_at IS NULL AS is_needed
    FROM messages JOIN conversations ON conversations.id = conversation_id
    WHERE author IN ('customer', 'agent', 'note') AND masked IS NULL AND messages.id > :last
    ORDER BY messages.id LIMIT :some
"""
TICKETS = """
    SELECT id, text, false AS is_needed FROM tickets WHERE done_at IS NOT NULL AND id > :last ORDER BY id LIMIT :some
"""
LINES = """
    SELECT id, line AS text, false AS is_needed FROM transitions WHERE line IS NOT NULL AND id > :last
    ORDER BY id LIMIT :some
"""


def upgrade() -> None:
    """Apply the change."""
    masking = Masking(get_settings())
    _mask(masking, MESSAGES, "UPDATE messages SET text = :masked WHERE id = :id")
    _mask(masking, TICKETS, "UPDATE tickets SET text = :masked WHERE id = :id")
    _mask(masking, LINES, "UPDATE transitions SET line = :masked WHERE id = :id", MAX_LINE)


def _mask(masking: Masking, find: str, put: str, longest: int | None = None) -> None:
    connection, last = op.get_bind(), 0
    while rows := connection.execute(sa.text(find), {"last": last, "some": AT_ONCE}).all():
        for row in rows:
            last, masked = row.id, masking.hide(row.text)[:longest]
            if masked != row.text:
                kept = "UPDATE messages SET masked = :masked WHERE id = :id" if row.is_needed else put
                connection.execute(sa.text(kept), {"masked": masked, "id": row.id})


def downgrade() -> None:
    """Leave the texts masked: what they were is gone."""
