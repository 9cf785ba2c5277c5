"""Remember what is left of what a customer typed for a person, once that person no longer holds the conversation."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("messages", sa.Column("masked", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("messages", "masked")
