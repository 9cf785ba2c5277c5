"""Keep that an answer did not help, and which questions may have been meant instead."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change. Answers that were given before cannot be marked."""
    op.add_column("turns", sa.Column("answer_id", sa.Integer(), nullable=True))
    op.add_column("turns", sa.Column("instead", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("turns", sa.Column("unhelpful", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take the change back."""
    for name in ("unhelpful", "instead", "answer_id"):
        op.drop_column("turns", name)
