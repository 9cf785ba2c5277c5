"""Define the account service's requests and answers, as its contract shows them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.backend.services import ApplicationState, MembershipState, MigrationStatus

Document = Literal["vat_certificate", "vat_invoice", "invoice", "licence", "register_extract"]
Detail = Literal["serial_number", "purchase_date", "purchase_country", "distributor"]
EMAIL = r"^[^@\s\x00]+@[^@\s\x00]+$"
Email = Annotated[str, Field(max_length=254, pattern=EMAIL, examples=["anna.berzina@example.com"])]
MOMENT, LATER, DAY = "2026-11-16T09:30:00Z", "2026-11-17T13:05:00Z", "2026-11-19"


class Model(BaseModel):
    """What is sent; nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid")


class VerificationIn(Model):
    """Whom to send a code."""

    email: Email
    language: Literal["lv", "en"] = Field("lv", description="Language of the letter")


class VerificationOut(BaseModel):
    """A verification that waits for its code."""

    id: str = Field(examples=["q0Yx2m7dVbR4"])
    expires_at: datetime = Field(examples=[MOMENT])
    delayed: bool = Field(
        False,
        description="Whether e-mail cannot be sent at the moment, so that the code may come late. "
        "Whether the address is known makes no difference.",
    )


class CodeIn(Model):
    """The code as the customer read it."""

    code: str = Field(pattern=r"^[0-9]{6}$", examples=["042917"])


class AccessIn(Model):
    """The customer for whom a website vouches."""

    email: Email


class AccessOut(BaseModel):
    """A token that opens one account until it expires."""

    token: str = Field(examples=["kP3v9sWq81Lr"])
    expires_at: datetime = Field(examples=[MOMENT])
    name: str = Field(examples=["Anna Berzina"])


class ApplicationOut(BaseModel):
    """How far the application for the account has come."""

    state: ApplicationState = Field(
        description="received: being checked; documents_missing: one of documents_wanted is needed first; verified: "
        "the e-mail to set a password was sent; active: the password is set; rejected",
        examples=["received"],
    )
    submitted_at: datetime = Field(examples=[MOMENT])
    due_on: date = Field(description="Day in Latvia by which it is checked: the second working day", examples=[DAY])
    verified_at: datetime | None = Field(examples=[None, LATER])
    activated_at: datetime | None = Field(examples=[None, LATER])
    vat_payer: bool = Field(examples=[True])
    documents: list[Document] = Field(description="Kinds of what was handed in", examples=[["vat_certificate"]])
    documents_wanted: list[Document] = Field(
        description="Kinds of which one is still needed; empty when there is enough", examples=[[]]
    )
    old_email_given: bool = Field(description="Whether it names the e-mail of a former CPS account", examples=[True])


class ProductOut(BaseModel):
    """A product; its points count once nothing is missing, which the green tick shows."""

    id: int = Field(examples=[17])
    model: str = Field(examples=["EOS R5 Mark II"])
    serial_number: str | None = Field(examples=["012034000517"])
    purchase_date: date | None = Field(examples=["2024-11-04"])
    purchase_country: str | None = Field(description="ISO 3166, two letters", examples=["LV"])
    distributor: str | None = Field(examples=[None])
    points: int = Field(ge=0, examples=[500])
    origin: Literal["migrated", "registered"] = Field(examples=["registered"])
    has_tick: bool = Field(examples=[False])
    missing: list[Detail] = Field(description="Required details that are not given", examples=[["distributor"]])


class MigrationOut(BaseModel):
    """Whether products of a former CPS account can be migrated."""

    status: MigrationStatus = Field(
        description="ready: the button is visible; not_active: the account is not active yet; no_old_email: the "
        "application did not give the old e-mail; nothing_to_migrate; migrated: done",
        examples=["ready"],
    )
    waiting: int = Field(ge=0, description="Products that wait to be migrated", examples=[2])


class ProductsOut(BaseModel):
    """The account's products, and those that may still be migrated."""

    products: list[ProductOut]
    migration: MigrationOut


class PointsOut(BaseModel):
    """Points that count, and points that wait until their products have a green tick."""

    total: int = Field(ge=0, examples=[721])
    waiting: int = Field(ge=0, examples=[200])
    waiting_products: int = Field(ge=0, examples=[1])
    invited_at: datetime | None = Field(
        description="When the account was first invited to choose a membership", examples=[MOMENT]
    )


class TierName(BaseModel):
    """A tier's name in both languages."""

    lv: str = Field(examples=["zelta"])
    en: str = Field(examples=["gold tier"])


class TierIdentity(BaseModel):
    """Which tier it is."""

    id: str = Field(examples=["gold"])
    kind: Literal["individual", "corporate"]
    name: TierName


class TierOut(TierIdentity):
    """A membership tier."""

    from_points: int = Field(examples=[1000])


class TiersOut(BaseModel):
    """All tiers, and which of them the account's points open."""

    total: int = Field(ge=0, examples=[721])
    available: list[str] = Field(description="Ids of the tiers that may be chosen", examples=[["silver"]])
    tiers: list[TierOut]


class InvoiceOut(BaseModel):
    """The invoice for a membership."""

    number: str = Field(examples=["CPS-2026-0117"])
    issued_at: datetime = Field(examples=[MOMENT])
    due_on: date = Field(description="Day in Latvia by which it is to be paid", examples=["2026-12-16"])


class MembershipOut(BaseModel):
    """The membership, usable from the moment it was chosen, and its invoice; all but the state is null without one."""

    state: MembershipState = Field(
        description="none: not chosen yet; invoice_coming: the invoice arrives within a few hours; open: to be paid by "
        "due_on; overdue: that day is over; paid",
        examples=["open"],
    )
    tier: TierIdentity | None
    method: Literal["card", "transfer"] | None = Field(examples=["transfer"])
    number: str | None = Field(examples=["LV-2026-4410"])
    previous_number: str | None = Field(description="The number before, if there was one", examples=["LV-2019-0862"])
    chosen_at: datetime | None = Field(examples=[MOMENT])
    invoice: InvoiceOut | None = Field(description="null while it is still coming")


class AccountOut(BaseModel):
    """All of one account."""

    email: str = Field(examples=["anna.berzina@example.com"])
    name: str = Field(examples=["Anna Berzina"])
    company: str = Field(examples=["SIA Paraugs"])
    application: ApplicationOut
    products: ProductsOut
    points: PointsOut
    tiers: TiersOut
    membership: MembershipOut


class ClockIn(Model):
    """How far to move the clock of the demo, and the language of the letters that are sent meanwhile."""

    forward_hours: int = Field(ge=1, le=24 * 366)
    language: Literal["lv", "en"] = "lv"


class ClockOut(BaseModel):
    """The time by the moved clock."""

    now: datetime
