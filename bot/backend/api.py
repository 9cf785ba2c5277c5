"""The account service's HTTP interface; docs/backend.openapi.json is its published contract."""

import pathlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from sqlalchemy import text

from bot import logs
from bot.backend import access, account_api, demo
from bot.backend.deps import Data
from bot.backend.events import Events
from bot.backend.mail import make_post
from bot.backend.portal import portal
from bot.database import Database
from bot.problems import answer_problems
from bot.settings import Settings, get_settings

MIGRATIONS = pathlib.Path(__file__).parent / "migrations"
MAX_BODY = 10_000  # bytes

around = APIRouter()


@around.get("/health")
def health(database: Data) -> dict[str, str]:
    """Tell that the service and its database answer."""
    with database.read() as session:
        session.execute(text("SELECT 1"))
    return {"status": "ok"}


@around.get("/alive", include_in_schema=False)
async def alive() -> None:
    """Tell the supervisor that this process does not hang, whatever its database does."""


@asynccontextmanager
async def _run(app: FastAPI) -> AsyncIterator[None]:
    app.state.events.start()
    yield
    app.state.events.stop()
    app.state.database.engine.dispose()


def create_app(settings: Settings | None = None) -> FastAPI:
    """Create the account service from the settings."""
    settings = settings or get_settings()
    logs.configure(settings.log_level)
    app = FastAPI(
        title="CPS account service",
        version="1.1.0",
        description="What the assistant asks of the system that keeps accounts, applications, products, points, tiers "
        "and memberships. How to put another system in its place: docs/backend.md.",
        docs_url=None,
        redoc_url=None,
        lifespan=_run,
    )
    app.state.settings = settings
    app.state.database = Database(settings.backend_database_url)
    app.state.post = make_post(settings)
    app.state.events = Events(settings, app.state.database)
    for router in (access.router, account_api.router, demo.router, around):
        app.include_router(router)
    if settings.demo:
        app.include_router(portal.router)
    answer_problems(app, MAX_BODY, log_requests=True)
    return app
