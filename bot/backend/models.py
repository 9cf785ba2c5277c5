"""Define the account service's tables."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from bot.database import UtcDateTime

REQUIRED_DETAILS = ("serial_number", "purchase_date", "purchase_country", "distributor")


class Base(DeclarativeBase):
    """Tables of the account service."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012


class Account(Base):
    """A company's digital business account."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # in lower case
    name: Mapped[str] = mapped_column(String(200))
    company: Mapped[str] = mapped_column(String(200))
    invited_at: Mapped[datetime | None]  # to choose a membership, when the points reached the first tier
    products: Mapped[list["Product"]] = relationship(back_populates="account", order_by="Product.id")
    application: Mapped["Application"] = relationship(back_populates="account")
    membership: Mapped["Membership | None"] = relationship(back_populates="account")


class Application(Base):
    """A company's request for its account, and what came of it."""

    __tablename__ = "applications"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    vat_payer: Mapped[bool]
    documents: Mapped[list[str]] = mapped_column(JSON)  # their kinds; the documents themselves are not stored
    old_email: Mapped[str | None] = mapped_column(String(254))  # of the former CPS account, in lower case
    submitted_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]  # when the e-mail to set a password was sent
    activated_at: Mapped[datetime | None]  # when the password was set
    rejected_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship(back_populates="application")


class Product(Base):
    """A registered product; its points count when no required detail is missing (the green tick)."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    # A product of a former CPS account has that account's e-mail address, and no account until it is migrated.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    old_email: Mapped[str | None] = mapped_column(String(254), index=True)  # in lower case
    origin: Mapped[str] = mapped_column(String(20), default="registered")  # or migrated
    model: Mapped[str] = mapped_column(String(200))
    points: Mapped[int]
    serial_number: Mapped[str | None] = mapped_column(String(100))
    purchase_date: Mapped[date | None]
    purchase_country: Mapped[str | None] = mapped_column(String(2))  # ISO 3166
    distributor: Mapped[str | None] = mapped_column(String(200))
    account: Mapped[Account | None] = relationship(back_populates="products")

    @property
    def missing(self) -> list[str]:
        """Return the required details that are missing."""
        return [detail for detail in REQUIRED_DETAILS if not getattr(self, detail)]

    @property
    def has_tick(self) -> bool:
        """Tell whether all required details are there."""
        return not self.missing


class Tier(Base):
    """A membership tier, which accounts with enough points may choose."""

    __tablename__ = "tiers"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # individual or corporate
    from_points: Mapped[int]
    name_lv: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))


class Membership(Base):
    """The membership that an account chose; it is usable at once, whether or not its invoice is paid."""

    __tablename__ = "memberships"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    tier_id: Mapped[str] = mapped_column(ForeignKey("tiers.id"))
    method: Mapped[str] = mapped_column(String(20))  # card or transfer
    number: Mapped[str] = mapped_column(String(40), unique=True)
    previous_number: Mapped[str | None] = mapped_column(String(40))
    chosen_at: Mapped[datetime]
    invoice_number: Mapped[str] = mapped_column(String(40))
    issued_at: Mapped[datetime]  # of the invoice; may be in the future
    due_on: Mapped[date]
    paid_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship(back_populates="membership")
    tier: Mapped[Tier] = relationship()


class FormerMembership(Base):
    """A membership number from the former CPS, which a new membership replaces."""

    __tablename__ = "former_memberships"

    old_email: Mapped[str] = mapped_column(String(254), primary_key=True)  # of the former CPS account, in lower case
    number: Mapped[str] = mapped_column(String(40))


class Verification(Base):
    """One attempt to confirm who a customer is, by a code sent to an e-mail address."""

    __tablename__ = "verifications"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    email_hash: Mapped[str] = mapped_column(String(64), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))  # null: unknown
    code_hash: Mapped[bytes | None]  # null: no letter was sent, an older code is to be used
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]


class Access(Base):
    """A token that opens one account for a short time; only its hash is stored."""

    __tablename__ = "accesses"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Event(Base):
    """Something that happened to an account, to be posted to the website side; see services/events.py."""

    __tablename__ = "account_events"  # Rasa has a table of its own named events
    __table_args__ = (UniqueConstraint("account_id", "kind", "subject"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))  # which product or invoice
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    at: Mapped[datetime]  # by the demo's clock; may be in the future
    again_at: Mapped[datetime | None]  # after a failed attempt, in real time
    done_at: Mapped[datetime | None]  # when it arrived, or was given up
    attempts: Mapped[int] = mapped_column(default=0)


class Record(Base):
    """One read or write of an account in the audit trail, without what was read or written."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(100))  # customer, website, portal, clock, or agent:<e-mail address>
    what: Mapped[str] = mapped_column(String(40))
    why: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(index=True)  # no foreign key: the audit trail outlives the account


class Clock(Base):
    """How far business dates are ahead of the real time: one row, changed only in the demo."""

    __tablename__ = "clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    offset_seconds: Mapped[int] = mapped_column(BigInteger)
