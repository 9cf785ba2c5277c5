"""Keep trials of what supervisors decided, and which model is in use."""

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "trials",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=True, unique=True),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=16), nullable=True),
        sa.Column("base", sa.String(length=16), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "model_choices",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("model", sa.String(length=16), nullable=True),
        sa.Column("base", sa.String(length=16), nullable=True),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=20), nullable=True),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("model_choices")
    op.drop_table("trials")
