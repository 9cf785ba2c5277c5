"""Call the causes of transitions what the agents' actions are called: requeue and return_to_bot."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAMES = {"put_back": "requeued", "given_back": "returned_to_bot"}


def upgrade() -> None:
    """Apply the change."""
    _rename(NAMES)


def downgrade() -> None:
    """Take the change back."""
    _rename({after: before for before, after in NAMES.items()})


def _rename(names: dict[str, str]) -> None:
    transitions = sa.table("transitions", sa.column("cause", sa.String))
    for before, after in names.items():
        op.execute(transitions.update().where(transitions.c.cause == before).values(cause=after))
