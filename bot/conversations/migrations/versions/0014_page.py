"""Remember on which page a customer opened the chat."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("conversations", sa.Column("page_address", sa.String(length=300), nullable=True))
    op.add_column("conversations", sa.Column("page_title", sa.String(length=200), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("conversations", "page_title")
    op.drop_column("conversations", "page_address")
