"""The account service's HTTP interface; docs/backend.openapi.json is its published contract."""

import hmac
import pathlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from ipaddress import ip_address
from typing import Annotated, Any, Literal

from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, Path, Request, Response, Security
from fastapi.responses import HTMLResponse
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from bot import logs
from bot.backend import services
from bot.backend.mail import LETTERS, Mailbox, code_letter, make_post
from bot.backend.models import Account
from bot.backend.sample import SAMPLE
from bot.database import Database
from bot.problems import answer_problems, documented, problem
from bot.settings import Settings, get_settings

FOLDER = pathlib.Path(__file__).parent
MIGRATIONS = FOLDER / "migrations"
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
BIGGEST_BODY = 10_000  # bytes

templates = Jinja2Templates(FOLDER)
api = APIRouter(prefix="/v1")
around = APIRouter()


class Model(BaseModel):
    """What is sent; nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid")


class VerificationIn(Model):
    """Whom to send a code."""

    email: str = Field(max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$", examples=["anna.berzina@example.com"])
    language: Literal["lv", "en"] = Field("lv", description="Language of the letter")


class VerificationOut(BaseModel):
    """A verification that waits for its code."""

    id: str
    expires_at: datetime


class CodeIn(Model):
    """The code as the customer read it."""

    code: str = Field(pattern=r"^[0-9]{6}$", examples=["042917"])


class AccessOut(BaseModel):
    """A token that opens one account until it expires."""

    token: str
    expires_at: datetime
    name: str


class AccountOut(BaseModel):
    """The token's account."""

    name: str
    company: str


class PointsOut(BaseModel):
    """Points that count, and points that wait until their products have a green tick."""

    total: int
    waiting: int
    waiting_products: int


class TierName(BaseModel):
    """A tier's name in both languages."""

    lv: str
    en: str


class TierOut(BaseModel):
    """A membership tier."""

    id: str
    kind: Literal["individual", "corporate"]
    from_points: int
    name: TierName


class TiersOut(BaseModel):
    """All tiers, and which of them the account's points open."""

    total: int
    available: list[str] = Field(description="Ids of the tiers that may be chosen")
    tiers: list[TierOut]


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _check_key(
    request: Request,
    key: Annotated[str | None, Security(APIKeyHeader(name="X-Api-Key", auto_error=False))],
) -> None:
    wanted = request.app.state.settings.backend_key.get_secret_value()
    if not key or not hmac.compare_digest(key.encode(), wanted.encode()):
        raise problem(401, "wrong-key", "The key is missing or wrong")


def _token(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(HTTPBearer(auto_error=False))],
) -> str:
    if not bearer:
        raise problem(401, "no-access", "The token is missing", {"www-authenticate": "Bearer"})
    return bearer.credentials


Config = Annotated[Settings, Depends(_settings)]
Data = Annotated[Database, Depends(_database)]
Token = Annotated[str, Depends(_token)]
Keyed = [Depends(_check_key)]

WRONG_KEY = (401, "The key is missing or wrong")
NO_ACCESS = (401, "The token is missing, unknown or too old")


def _open(database: Database, token: str) -> Account:
    with database.read() as session:
        account = services.find_account(session, token)
        if not account:
            raise problem(401, "no-access", "The token is unknown or too old", {"www-authenticate": "Bearer"})
        _ = account.products  # loaded while the session is open
        return account


@api.post(
    "/verifications",
    status_code=202,
    dependencies=Keyed,
    responses=documented(WRONG_KEY, (429, "Too many codes for this e-mail address")),
)
def open_verification(
    body: VerificationIn, config: Config, database: Data, request: Request, background: BackgroundTasks
) -> VerificationOut:
    """Send a six-digit code to an e-mail address; the answer is the same whether or not it is known."""
    try:
        with database.write() as session:
            opened = services.open_verification(session, body.email, config.code_lifetime, config.codes_an_hour)
    except services.TooManyCodes:
        raise problem(429, "too-many-codes", "Too many codes for this e-mail address; try again later") from None
    if opened.account:
        letter = code_letter(
            opened.account.email, opened.account.name, opened.code, body.language, config.code_lifetime // 60
        )
        # After the answer, so that its time does not tell a known address from an unknown one.
        background.add_task(request.app.state.post.send, letter)
    return VerificationOut(id=opened.id, expires_at=opened.expires_at)


@api.post(
    "/verifications/{verification_id}/confirm",
    dependencies=Keyed,
    responses=documented(
        WRONG_KEY,
        (410, "The verification is unknown, spent or too old: open a new one"),
        (422, "The code is wrong, or the request malformed"),
    ),
)
def confirm_verification(
    verification_id: Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")],
    body: CodeIn,
    config: Config,
    database: Data,
) -> AccessOut:
    """Trade the right code for a token, once; five tries, then a new code is needed."""
    spent = problem(410, "code-spent", "This code is no longer good; ask for a new one")
    with database.write() as session:
        verification = services.count_try(session, verification_id)
    if not verification:
        raise spent
    if not services.is_code_right(verification, body.code):
        left = services.MOST_TRIES - verification.tries
        raise problem(422, "wrong-code", "The code is wrong", tries_left=left)
    with database.write() as session:
        granted = services.grant_access(session, verification, config.access_lifetime)
    if not granted:
        raise spent
    token, access, account = granted
    return AccessOut(token=token, expires_at=access.expires_at, name=account.name)


@api.delete("/access", status_code=204, responses=documented((401, "The token is missing")))
def end_access(token: Token, database: Data) -> Response:
    """Make the token worthless."""
    with database.write() as session:
        services.end_access(session, token)
    return Response(status_code=204)


@api.get("/account", responses=documented(NO_ACCESS))
def read_account(token: Token, database: Data) -> AccountOut:
    """Return the name and company of the token's account."""
    account = _open(database, token)
    return AccountOut(name=account.name, company=account.company)


@api.get("/points", responses=documented(NO_ACCESS))
def read_points(token: Token, database: Data) -> PointsOut:
    """Return the points of the token's account."""
    points = services.points_of(_open(database, token))
    return PointsOut(total=points.total, waiting=points.waiting, waiting_products=points.waiting_products)


@api.get("/tiers", responses=documented(NO_ACCESS))
def read_tiers(token: Token, database: Data) -> TiersOut:
    """Return all tiers, and which of them the token's account may choose."""
    total = services.points_of(_open(database, token)).total
    with database.read() as session:
        every = services.tiers(session)
    return TiersOut(
        total=total,
        available=[tier.id for tier in services.available_tiers(every, total)],
        tiers=[
            TierOut(
                id=tier.id,
                kind=tier.kind,
                from_points=tier.from_points,
                name=TierName(lv=tier.name_lv, en=tier.name_en),
            )
            for tier in every
        ],
    )


@around.get("/health")
def health(database: Data) -> dict[str, str]:
    """Tell that the service and its database answer."""
    with database.read() as session:
        session.execute(text("SELECT 1"))
    return {"status": "ok"}


@around.get("/mailbox", include_in_schema=False)
def show_mailbox(request: Request) -> HTMLResponse:
    """Show the letters that no mail server took, to this machine only."""
    post = request.app.state.post
    if not isinstance(post, Mailbox) or not _from_this_machine(request):
        raise problem(404, "not-found", "There is no such page")
    nonce = secrets.token_urlsafe(16)
    headers = {
        "content-security-policy": f"default-src 'none'; style-src 'nonce-{nonce}'; frame-ancestors 'none'",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    context: dict[str, Any] = {"letters": list(post.letters), "words": LETTERS["mailbox"], "nonce": nonce}
    return templates.TemplateResponse(request, "mailbox.html", context, headers=headers)


@around.get("/samples", include_in_schema=False)
def show_samples(request: Request) -> dict[str, Any]:
    """List the sample accounts, to this machine only."""
    if not _from_this_machine(request):
        raise problem(404, "not-found", "There is no such page")
    return {"samples": [{"email": sample["email"], "note": sample["note"]} for sample in SAMPLE["accounts"]]}


def _from_this_machine(request: Request) -> bool:
    # The name is checked too, so that a page elsewhere cannot reach us under a name of its own (DNS rebinding).
    name = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    client = request.client
    return bool(client and ip_address(client.host).is_loopback and name in LOOPBACK_NAMES)


@asynccontextmanager
async def _close(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.database.engine.dispose()


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the account service from the settings."""
    settings = settings or get_settings()
    logs.configure(settings.log_level)
    app = FastAPI(
        title="CPS account service",
        version="1.0.0",
        description="What the assistant asks of the system that keeps accounts, products, points and tiers.",
        docs_url=None,
        redoc_url=None,
        lifespan=_close,
    )
    app.state.settings = settings
    app.state.database = Database(settings.backend_database_url)
    app.state.post = make_post(settings)
    app.include_router(api)
    app.include_router(around)
    answer_problems(app, BIGGEST_BODY)
    return app
