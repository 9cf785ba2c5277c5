"""Create the ready replies, and fill them in from replies.yml."""

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
import yaml
from alembic import op

from bot import desk
from bot.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    table = op.create_table(
        "ready_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("title_lv", sa.String(length=80), nullable=False),
        sa.Column("text_lv", sa.Text(), nullable=False),
        sa.Column("title_en", sa.String(length=80), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("retired_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ready_replies_agent_id", "ready_replies", ["agent_id"])
    content = yaml.safe_load((Path(desk.__path__[0]) / "replies.yml").read_text(encoding="utf-8"))
    columns = ("title", "text")
    replies = [
        {f"{column}_{language}": one[column][language] for column in columns for language in ("lv", "en")}
        for group in content.values()
        for one in group.values()
    ]
    op.bulk_insert(table, [reply | {"uses": 0, "changed_at": datetime.now(UTC)} for reply in replies])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("ready_replies")
