"""Remember what a customer told the assistant, what they reported, and when somebody else goes on."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    for column in (
        sa.Column("details", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("problem", sa.String(length=80), nullable=True),
        sa.Column("told_by", sa.String(length=64), nullable=True),
        sa.Column("person", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("conversations", column)


def downgrade() -> None:
    """Take the change back."""
    for name in ("person", "told_by", "problem", "details"):
        op.drop_column("conversations", name)
