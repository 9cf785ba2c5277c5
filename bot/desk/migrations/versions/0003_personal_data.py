"""Keep what was removed at the end of its term, whose a call was, and who worked with a person's data."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "removals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_removals_at", "removals", ["at"])
    op.create_table(
        "desk_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_desk_audit_at", "desk_audit", ["at"])
    op.add_column("calls", sa.Column("email_hash", sa.String(length=64), nullable=True))
    op.create_index("ix_calls_email_hash", "calls", ["email_hash"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_calls_email_hash", "calls")
    op.drop_column("calls", "email_hash")
    op.drop_table("desk_audit")
    op.drop_table("removals")
