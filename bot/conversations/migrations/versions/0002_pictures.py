"""Remember which picture goes with a message."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    # A plain ADD COLUMN: making the table anew, as batch mode does, would lose SQLite's AUTOINCREMENT.
    op.add_column("messages", sa.Column("picture", sa.String(length=60), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("messages", "picture")
