"""Remember when a customer's chat last gave a sign of life, and when the customer last looked at it."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("conversations", sa.Column("online_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("looked_at", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("conversations", "looked_at")
    op.drop_column("conversations", "online_at")
