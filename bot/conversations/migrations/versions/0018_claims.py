"""Let several web processes share the work, and find what waits for Rasa without reading all messages."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    # Claims last for seconds: after a crash of the database, nobody needs them.
    prefixes = ["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else []
    op.create_table(
        "claims",
        sa.Column("name", sa.String(length=32), primary_key=True),
        sa.Column("process", sa.String(length=16), nullable=False),
        sa.Column("until", UtcDateTime(timezone=True), nullable=False),
        prefixes=prefixes,
    )
    op.create_index("ix_claims_process", "claims", ["process"])
    pending = sa.text("rasa_state = 'pending'")
    op.create_index(
        "ix_messages_pending", "messages", ["conversation_id"], sqlite_where=pending, postgresql_where=pending
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_messages_pending", "messages")
    op.drop_table("claims")
