"""Keep which file a customer has sent with a message."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("messages", sa.Column("attachment", sa.String(length=40), nullable=True))
    op.create_index("ix_messages_attachment", "messages", ["attachment"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_messages_attachment", "messages")
    op.drop_column("messages", "attachment")
