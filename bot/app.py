"""The website side, put together: the chat, the desk, and what runs behind both. The only process on the internet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import text
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import logs
from bot.chat import (
    account_events,
    api,
    files_api,
    home,
    identity_api,
    notification_pages,
    person_api,
    streams,
    website_api,
    widget,
)
from bot.chat.streams import Streams
from bot.conversations import blocking, identity, lifecycle
from bot.conversations.contacts import Contacts
from bot.conversations.files import MAX_SIZE
from bot.conversations.masking import Masking
from bot.conversations.privacy import Privacy
from bot.conversations.subscriptions import Subscriptions
from bot.conversations.support_hours import SupportHours
from bot.conversations.timeouts import Timeouts
from bot.database import Database
from bot.desk import calls
from bot.desk import layout as desk_layout
from bot.desk import routes as desk
from bot.http import Service
from bot.privacy import pages
from bot.privacy.retention import Retention
from bot.privacy.stores import open_stores
from bot.problems import answer_problems, problem
from bot.settings import Settings, get_settings
from bot.trial.runner import Runner
from bot.web.account_access import CustomerAccounts
from bot.web.answer_mail import AnswerMail
from bot.web.claims import Claims
from bot.web.dependencies import AppState, AppStateDep
from bot.web.dispatcher import RasaDispatcher
from bot.web.events import EventBus
from bot.web.fair_limiter import FairLimiter
from bot.web.jobs import PeriodicJobs
from bot.web.limits import Limits
from bot.web.mail_status import MailStatus
from bot.web.metrics import Current, served
from bot.web.notifier import Notifier
from bot.web.outbox import Outbox
from bot.web.proxy_check import ProxyCheck
from bot.web.rasas import Rasas
from bot.web.readiness import DOWN, OFF, OK, Readiness
from bot.web.slow_clients import BodyTime
from bot.web.streams import BrokenStreams
from bot.web.typing_indicators import TypingIndicators
from bot.website import Website

MAX_BODY = 64_000  # bytes: the longest message, and room to tell a longer one's length
OF_FILES = (files_api.router.prefix, MAX_SIZE)  # the path to which files are sent, and their limit in bytes
PAUSE, TIDY_PAUSE = 2.0, 60.0  # seconds between two runs of a periodic job
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders:
    """Put the headers on every answer that do not depend on the page."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                if scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        await self.app(scope, receive, send_with_headers)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the website side from the settings."""
    settings = settings or get_settings()
    logs.configure(settings.log_level)
    database = Database(settings.chat_database_url)
    bus, claims = EventBus(database.engine), Claims(database)
    accounts = CustomerAccounts(settings)
    rasa_key = {"x-rasa-key": settings.rasa_key.get_secret_value()}
    rasas = [Service(one, rasa_key, timeout=(2, settings.answer_timeout)) for one in settings.rasa_addresses]
    support_hours, contacts = SupportHours(settings), Contacts(settings)
    subscribed = Subscriptions(settings, contacts)
    dispatcher = RasaDispatcher(
        database,
        Rasas(rasas),
        bus,
        support_hours,
        settings.access_idle,
        accounts.end_quietly,
        Privacy(settings),
        bool(settings.reader_url),
        claims,
        subscribed,
    )
    mail_status = MailStatus(bus)
    notifier = Notifier(settings, database, subscribed, contacts, mail_status)
    timeouts, outbox = Timeouts(settings, database), Outbox(settings, database, mail_status)
    limits = Limits(settings, database)
    stores = open_stores(settings, database)
    readiness = Readiness(settings, database, stores.trackers)
    retention, trials = Retention(settings, stores), Runner(settings, database)

    def drop_ended() -> list[str]:
        with database.write() as session:
            calls.drop_forgotten(session)
            blocking.drop_ended(session)
        return []

    def drop_orphaned_files() -> list[str]:
        with database.read() as session:
            stores.files.remove_orphans(session)
        return []

    jobs = (
        ("endings", timeouts.finish_endings, PAUSE),
        ("overdue", timeouts.return_overdue, PAUSE),
        ("queue", timeouts.watch_queue, PAUSE),
        ("outbox", outbox.send, PAUSE),
        ("notifications", notifier.send, PAUSE),
        ("unconfirmed", notifier.drop_unconfirmed, TIDY_PAUSE),
        ("answers", AnswerMail(settings, database, mail_status).send, TIDY_PAUSE),
        ("confirmations", timeouts.forget_expired, TIDY_PAUSE),
        ("sessions", timeouts.end_forgotten, TIDY_PAUSE),
        ("files", drop_orphaned_files, TIDY_PAUSE),
        ("unanswered", timeouts.offer_unanswered, TIDY_PAUSE / 4),
        ("idle", timeouts.close_idle, TIDY_PAUSE),
        ("ended", drop_ended, TIDY_PAUSE),
        ("limits", limits.drop_expired, TIDY_PAUSE),
        ("claims", claims.drop_expired, TIDY_PAUSE),
        ("retention", retention.run, TIDY_PAUSE),
        ("trials", trials.run, PAUSE),
    )
    periodic_jobs = PeriodicJobs(jobs, bus, dispatcher, claims)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with database.write() as session:
            identity.forget_unreadable(session, accounts.decrypt)
        bus.start()
        dispatcher.start()
        await dispatcher.resume()
        periodic_jobs.start()
        with served(settings, Current(settings, database, readiness.states, lambda: app.state.streams.count)):
            yield
        await periodic_jobs.stop()
        trials.stop()
        await dispatcher.stop()
        await bus.stop()
        readiness.close()
        stores.close()

    app = FastAPI(
        title="CPS assistant chat",
        version="1.0.0",
        description="What the chat widget says to the website side, and hears from it.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    website = Website(settings)
    typing_indicators, masking = TypingIndicators(bus), Masking(settings)
    app.state.shared = AppState(
        settings,
        database,
        accounts,
        bus,
        dispatcher,
        limits,
        website,
        support_hours,
        typing_indicators,
        masking,
        ProxyCheck(settings),
        contacts,
        mail_status,
        stores.files,
        subscribed,
    )

    @app.get("/health")
    def health(shared: AppStateDep) -> dict[str, str]:
        """Tell that the website side and its database answer, and whether Rasa does: without it, messages are kept."""
        with shared.database.read() as session:
            session.execute(text("SELECT 1"))
        return {"status": "ok", "rasa": OK if readiness.rasa.state() == OK else DOWN}

    @app.get("/alive", include_in_schema=False)
    async def alive() -> None:
        """Tell the supervisor that this process does not hang, whatever its database does."""

    @app.get("/ready", include_in_schema=False)
    def ready(response: Response) -> dict[str, str]:
        """Tell the state of each part; 503 unless all of them answer. Without one, web still keeps messages."""
        states = readiness.states()
        response.status_code = 200 if set(states.values()) <= {OK, OFF} else 503
        return states

    @app.exception_handler(lifecycle.Closed)
    def closed(_: Request, __: Exception) -> Response:
        """Answer like for any token that opens nothing."""
        gone = problem(401, "no-session", "The conversation has ended")
        return JSONResponse(gone.marshal(), 401, media_type="application/problem+json")

    app.state.readiness, app.state.periodic_jobs, app.state.outbox = readiness, periodic_jobs, outbox
    app.state.streams = Streams(app.state.shared)
    app.state.uploads = FairLimiter(files_api.AT_ONCE, files_api.OF_AN_ADDRESS)
    app.state.most_asked = home.MostAsked(database)
    for part in (api, home, files_api, streams, identity_api, website_api, person_api, account_events, widget):
        app.include_router(part.router)
    app.include_router(notification_pages.router)
    app.include_router(identity_api.internal)
    desk.mount(app)
    pages.mount(app, stores, retention)
    answer_problems(app, MAX_BODY, desk_layout.show_problem, of_files=OF_FILES)
    app.add_middleware(BodyTime, of_files=OF_FILES[0])
    app.add_middleware(BrokenStreams)
    app.add_middleware(SecurityHeaders)  # the last one added stands outermost
    return app
