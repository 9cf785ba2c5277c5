"""Post what happens to accounts to the website side, signed and with retries, while the service runs."""

import json
import threading
import time
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from bot import database
from bot.backend import services
from bot.backend.models import Account, Event
from bot.database import Database
from bot.http import Service, ServiceError
from bot.settings import Settings
from bot.webhooks import signed

log = structlog.get_logger()
PAUSE = 2.0  # seconds between two looks at the accounts
AGAIN = [timedelta(seconds=one) for one in (5, 30, 300, 1800, 7200, 7200)]  # after each failed attempt
AT_ONCE = 20  # events of a round


class Events:
    """Looks at the accounts again and again: whatever changed them, a person, the portal or the clock."""

    def __init__(self, settings: Settings, accounts: Database) -> None:
        """Take the key and the address of the website side from the settings; nothing is posted yet."""
        self._key, self._database = settings.events_key.get_secret_value(), accounts
        self._web = Service(f"{settings.web_address}/api/account-events")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True)

    def start(self) -> None:
        """Begin to post, if there is a key to sign with."""
        if self._key:
            self._thread.start()

    def stop(self) -> None:
        """Stop after the present event."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def post_due(self) -> None:
        """Note what is new, and post what is due."""
        with self._database.write() as session:
            moment = services.now(session)
            services.note_events(session, moment)
        for event_id in self._due(moment):
            if self._stopped.is_set():
                return
            self._post(event_id)

    def _repeat(self) -> None:
        while not self._stopped.wait(PAUSE):
            try:
                self.post_due()
            except Exception as error:  # such as a database that is down: the next look may work
                log.error("events_not_posted", reason=type(error).__name__)

    def _due(self, moment: datetime) -> list[str]:
        # What an event says keeps the demo's time; the retries keep the real one.
        waits = select(Event.id).where(Event.done_at.is_(None), Event.at <= moment)
        due = waits.where((Event.again_at.is_(None)) | (Event.again_at <= database.now()))
        with self._database.read() as session:
            return list(session.scalars(due.order_by(Event.at).limit(AT_ONCE)))

    def _post(self, event_id: str) -> None:
        with self._database.read() as session:
            event = session.get(Event, event_id)
            if not event:
                return
            told = {"type": event.kind, "email": session.get_one(Account, event.account_id).email, **event.facts}
        content = json.dumps(told, ensure_ascii=False).encode()
        headers = {"content-type": "application/json"}
        headers |= signed(f"event-{event_id}", content, self._key, int(time.time()))
        arrived = True
        try:
            self._web.deliver(content, headers)
        except ServiceError as error:
            log.warning("event_not_posted", id=event_id, reason=str(error))
            arrived = False
        with self._database.write() as session:
            event = session.get(Event, event_id)
            if not event:  # it is not true any more
                return
            event.attempts += 1
            if arrived or event.attempts > len(AGAIN):
                event.done_at = database.now()
            else:
                event.again_at = database.now() + AGAIN[event.attempts - 1]
