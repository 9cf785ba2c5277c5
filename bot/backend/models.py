"""The account service's tables."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from bot.database import UtcDateTime


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
    products: Mapped[list["Product"]] = relationship(back_populates="account", order_by="Product.id")


class Product(Base):
    """A registered product; its points count once nothing required is missing (the green tick)."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    model: Mapped[str] = mapped_column(String(200))
    points: Mapped[int]
    serial_number: Mapped[str | None] = mapped_column(String(100))
    purchase_date: Mapped[date | None]
    country: Mapped[str | None] = mapped_column(String(2))  # ISO 3166
    distributor: Mapped[str | None] = mapped_column(String(200))
    account: Mapped[Account] = relationship(back_populates="products")

    @property
    def has_tick(self) -> bool:
        """Tell whether all required details are given."""
        return all((self.serial_number, self.purchase_date, self.country, self.distributor))


class Tier(Base):
    """A membership tier, open to accounts with enough points."""

    __tablename__ = "tiers"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # individual or corporate
    from_points: Mapped[int]
    name_lv: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))


class Verification(Base):
    """One attempt of somebody to show, by a code sent to an e-mail address, who they are."""

    __tablename__ = "verifications"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    email_hash: Mapped[str] = mapped_column(String(64), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))  # none: unknown
    code_hash: Mapped[bytes]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]


class Access(Base):
    """A token that opens one account for a short time; only its hash is kept."""

    __tablename__ = "accesses"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
