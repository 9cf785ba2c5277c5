"""Keep up to where an agent has got and read what the customer wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    for name in ("agent_delivered_id", "agent_read_id"):
        op.add_column("conversations", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take the change back."""
    for name in ("agent_read_id", "agent_delivered_id"):
        op.drop_column("conversations", name)
