"""Keep applications, memberships, products to migrate, an audit trail and a clock."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from bot.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = UtcDateTime(timezone=True)


def upgrade() -> None:
    """Apply the change."""
    op.add_column("accounts", sa.Column("invited_at", MOMENT))
    applications = op.create_table(
        "applications",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("vat_payer", sa.Boolean, nullable=False),
        sa.Column("documents", sa.JSON, nullable=False),
        sa.Column("old_email", sa.String(254)),
        sa.Column("submitted_at", MOMENT, nullable=False),
        sa.Column("verified_at", MOMENT),
        sa.Column("activated_at", MOMENT),
        sa.Column("rejected_at", MOMENT),
    )
    with op.batch_alter_table("products") as products:
        products.alter_column("account_id", existing_type=sa.Integer, nullable=True)
        products.alter_column("country", existing_type=sa.String(2), new_column_name="purchase_country")
        products.add_column(sa.Column("old_email", sa.String(254)))
        products.add_column(sa.Column("origin", sa.String(20), nullable=False, server_default="registered"))
        products.create_index("ix_products_old_email", ["old_email"])
    op.create_table(
        "memberships",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tier_id", sa.String(40), sa.ForeignKey("tiers.id"), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("number", sa.String(40), nullable=False, unique=True),
        sa.Column("previous_number", sa.String(40)),
        sa.Column("chosen_at", MOMENT, nullable=False),
        sa.Column("invoice_number", sa.String(40), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("paid_at", MOMENT),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False, index=True),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("why", sa.String(40), nullable=False),
        sa.Column("account_id", sa.Integer, index=True),
    )
    clock = op.create_table(
        "clock",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("offset_seconds", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(clock, [{"id": 1, "offset_seconds": 0}])

    # An account that is there already was opened once; what was handed in for it nobody wrote down.
    accounts = sa.table("accounts", sa.column("id"))
    now = sa.literal(datetime.now(UTC), MOMENT)
    opened = sa.select(accounts.c.id, sa.false(), sa.literal([], sa.JSON), now, now, now)
    columns = ["account_id", "vat_payer", "documents", "submitted_at", "verified_at", "activated_at"]
    op.execute(applications.insert().from_select(columns, opened))


def downgrade() -> None:
    """Take the change back."""
    for table in ("clock", "audit", "memberships", "applications"):
        op.drop_table(table)
    products = sa.table("products", sa.column("account_id"))
    op.execute(products.delete().where(products.c.account_id.is_(None)))
    with op.batch_alter_table("products") as batch:
        batch.drop_index("ix_products_old_email")
        batch.drop_column("old_email")
        batch.drop_column("origin")
        batch.alter_column("purchase_country", existing_type=sa.String(2), new_column_name="country")
        batch.alter_column("account_id", existing_type=sa.Integer, nullable=False)
    op.drop_column("accounts", "invited_at")
