"""Let agents have an authenticator app."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("agents", sa.Column("totp_secret", sa.String(length=200), nullable=True))
    op.add_column("agents", sa.Column("totp_used", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("agents", "totp_used")
    op.drop_column("agents", "totp_secret")
