"""Let a verification wait for an older code, without a letter of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("verifications") as table:
        table.alter_column("code_hash", existing_type=sa.LargeBinary(), nullable=True)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DELETE FROM verifications WHERE code_hash IS NULL")
    with op.batch_alter_table("verifications") as table:
        table.alter_column("code_hash", existing_type=sa.LargeBinary(), nullable=False)
