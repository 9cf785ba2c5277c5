"""Reach customers who have left: by e-mail, and on another device."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OTHER, EMAIL = "ix_conversations_other_token_hash", "ix_conversations_reply_email"


def upgrade() -> None:
    """Apply the change."""
    op.add_column("conversations", sa.Column("other_token_hash", sa.String(length=64), nullable=True))
    op.add_column("conversations", sa.Column("reply_email", sa.String(length=254), nullable=True))
    op.add_column("conversations", sa.Column("mailed_id", sa.Integer(), nullable=False, server_default="0"))
    # An index, as SQLite adds a constraint only to a table that is made anew.
    op.create_index(OTHER, "conversations", ["other_token_hash"], unique=True)
    op.create_index(EMAIL, "conversations", ["reply_email"])


def downgrade() -> None:
    """Take the change back."""
    for index in (EMAIL, OTHER):
        op.drop_index(index, "conversations")
    for name in ("mailed_id", "reply_email", "other_token_hash"):
        op.drop_column("conversations", name)
