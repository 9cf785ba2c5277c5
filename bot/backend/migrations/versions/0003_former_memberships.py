"""Keep the numbers of former memberships."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "former_memberships",
        sa.Column("old_email", sa.String(254), primary_key=True),
        sa.Column("number", sa.String(40), nullable=False),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("former_memberships")
