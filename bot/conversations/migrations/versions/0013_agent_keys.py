"""Let conversations and their changes of hands refer to agents by a foreign key."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

AGENTS = sa.table("agents", sa.column("id", sa.Integer))
TABLES = [sa.table(name, sa.column("agent_id"), sa.column("former")) for name in ("conversations", "transitions")]
INDEX = "ix_conversations_agent_id"


def upgrade() -> None:
    """Apply the change. Who is no agent any more is named by the name alone."""
    same = sa.cast(AGENTS.c.id, sa.String(32))
    for table in TABLES:
        _change(table, "INTEGER REFERENCES agents (id) ON DELETE SET NULL")
        op.execute(
            table.update().values(agent_id=sa.select(AGENTS.c.id).where(same == table.c.former).scalar_subquery())
        )
        op.drop_column(table.name, "former")


def downgrade() -> None:
    """Take the change back."""
    for table in TABLES:
        _change(table, "VARCHAR(32)")
        op.execute(table.update().values(agent_id=sa.cast(table.c.former, sa.String(32))))
        op.drop_column(table.name, "former")


def _change(table: sa.TableClause, kind: str) -> None:
    # Without a batch, as SQLite would remove the messages together with the old table.
    if table.name == "conversations":
        op.drop_index(INDEX, table.name)
    op.execute(f"ALTER TABLE {table.name} RENAME COLUMN agent_id TO former")
    op.execute(f"ALTER TABLE {table.name} ADD COLUMN agent_id {kind}")
    if table.name == "conversations":
        op.create_index(INDEX, table.name, ["agent_id"])
