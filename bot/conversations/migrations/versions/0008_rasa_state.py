"""Name how each message stands to Rasa, which two columns told by being empty or not."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Left to a person, who still has the conversation: Rasa answers these where the customer goes on without one.
WITHDRAWN = """
    for_rasa IS NOT NULL
    AND (SELECT owner FROM conversations WHERE conversations.id = messages.conversation_id) IN ('waiting', 'agent')
    AND answered_at >= (
        SELECT MAX(transitions.at) FROM transitions
        WHERE transitions.conversation_id = messages.conversation_id
        AND transitions.after = 'waiting' AND transitions.before IN ('assistant', 'closed')
    )
"""


def upgrade() -> None:
    """Apply the change."""
    op.add_column("messages", sa.Column("rasa_state", sa.String(length=15), nullable=True))
    op.execute(f"""
        UPDATE messages SET rasa_state = CASE
            WHEN for_rasa IS NOT NULL AND answered_at IS NULL THEN 'pending'
            WHEN {WITHDRAWN} THEN 'withdrawn'
            WHEN for_rasa IS NOT NULL THEN 'answered'
            WHEN answered_at IS NOT NULL AND (intent IS NOT NULL OR author = 'website') THEN 'already_heard'
        END
    """)  # noqa: S608


def downgrade() -> None:
    """Take the change back."""
    op.execute("UPDATE messages SET for_rasa = NULL WHERE rasa_state = 'already_heard'")
    op.drop_column("messages", "rasa_state")
