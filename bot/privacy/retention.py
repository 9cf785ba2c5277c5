"""Remove what has been kept for its term: a periodic job, in small steps so that nobody waits for it."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from bot.backend.models import Access, Record, Verification
from bot.backend.verification import KEEP_VERIFICATIONS
from bot.conversations import trials
from bot.conversations.files import names_of
from bot.conversations.models import Conversation, Message, Ticket, Transition, WebsiteToken
from bot.conversations.notification_models import Notification
from bot.conversations.transitions import WITH_PEOPLE
from bot.database import Database, now
from bot.desk.models import AuditEntry, Call, Reading, Removal, TeamChange
from bot.privacy import trackers
from bot.privacy.stores import Stores
from bot.settings import Settings

STEP = 50  # conversations or entries of one kind that a step removes
SOON, LATER = timedelta(minutes=1), timedelta(hours=1)  # until the next step: where more is left, and where nothing is
TURN = timedelta(hours=1)  # by then, Rasa has ended any turn of a conversation that is gone
MOVED = timedelta(days=1)  # by which the clock may be put right while this process runs
# Seconds since the machine started, those while it slept included, whatever the clock says.
UPTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
KINDS = ("conversations", "unattended", "rasa", "calls", "notifications", "audit")  # as in the settings


class ClockMoved(Exception):
    """The clock was put to another day while this process ran: what seems to be past its term may not be."""


class Retention:
    """Ends the terms that the settings give to each kind of data."""

    def __init__(self, settings: Settings, stores: Stores) -> None:
        """Take the terms from the settings."""
        self.days = {kind: int(getattr(settings, f"keep_{kind}_days")) for kind in KINDS}
        self.next_at = self._began = now()
        self._began_uptime = time.clock_gettime(UPTIME)
        self._stores = stores
        self._steps: dict[str, Callable[[datetime], Sequence[Any]]] = {
            "conversations": self._attended,
            "unattended": self._unattended,
            "rasa": self._trackers,
            "calls": self._calls,
            "notifications": self._notifications,
            "audit": self._audit,
        }

    def run(self) -> list[str]:
        """Take a step if it is time for one; return the conversations that are gone, or raise ClockMoved."""
        moment = now()
        ran = timedelta(seconds=time.clock_gettime(UPTIME) - self._began_uptime)
        if abs(moment - self._began - ran) > MOVED:
            raise ClockMoved
        if moment < self.next_at:
            return []
        self.next_at = moment + LATER  # also after a failure
        removed = {kind: step(moment - timedelta(days=self.days[kind])) for kind, step in self._steps.items()}
        self._codes(moment)
        with self._stores.chat.write() as session:
            for kind, gone in removed.items():
                if gone:
                    session.add(Removal(at=moment, kind=kind, count=len(gone)))
        if any(len(gone) >= STEP for gone in removed.values()):
            self.next_at = moment + SOON
        return [*removed["conversations"], *removed["unattended"]]

    def _attended(self, before: datetime) -> list[str]:
        return self._conversations(before, attended=True)

    def _unattended(self, before: datetime) -> list[str]:
        return self._conversations(before, attended=False)

    def _conversations(self, before: datetime, attended: bool) -> list[str]:
        mine = Conversation.id
        with_person = or_(
            select(Transition.id).where(Transition.conversation_id == mine, Transition.after == "waiting").exists(),
            select(Ticket.id).where(Ticket.conversation_id == mine).exists(),
        )
        past = select(Conversation).where(
            Conversation.created_at < before,
            Conversation.owner.not_in(WITH_PEOPLE),
            with_person if attended else ~with_person,
            ~select(Message.id).where(Message.conversation_id == mine, Message.created_at >= before).exists(),
        )
        with self._stores.chat.write() as session:
            found = session.scalars(past.limit(STEP).with_for_update(skip_locked=True, of=Conversation)).all()
            gone = [conversation.id for conversation in found]
            sent = names_of(session, gone)
            remove_conversations(session, gone)
        self._stores.files.remove(sent)
        if gone and self._stores.has_trackers:
            with self._stores.trackers.write() as session:
                trackers.forget(session, gone)
        return gone

    def _trackers(self, before: datetime) -> list[str]:
        """Forget what Rasa keeps of conversations that are idle, or gone."""
        if not self._stores.has_trackers:
            return []
        with self._stores.trackers.read() as session:
            idle = trackers.idle_since(session, now() - TURN)
        gone: list[str] = []
        while idle and len(gone) < STEP:
            some, idle = idle[:STEP], idle[STEP:]
            with self._stores.chat.read() as session:
                kept = set(session.scalars(select(Conversation.id).where(Conversation.id.in_(some))))
                heard = select(Message.conversation_id).where(Message.conversation_id.in_(some))
                busy = set(session.scalars(heard.where(Message.created_at >= before)))
            past = set(some) - busy
            with self._stores.trackers.write() as session:
                trackers.forget(session, past & kept, keep_skeleton=True)
                trackers.forget(session, past - kept)
            gone += past
        return gone

    def _calls(self, before: datetime) -> list[int]:
        return _remove(self._stores.chat, Call, Call.ended_at, before)

    def _notifications(self, before: datetime) -> list[int]:
        return _remove(self._stores.chat, Notification, Notification.created_at, before)

    def _audit(self, before: datetime) -> list[int]:
        gone = _remove(self._stores.chat, Removal, Removal.at, before)
        gone += _remove(self._stores.chat, AuditEntry, AuditEntry.at, before)
        gone += _remove(self._stores.chat, Reading, Reading.at, before)
        gone += _remove(self._stores.chat, TeamChange, TeamChange.at, before)
        with self._stores.chat.write() as session:
            gone += trials.drop_old(session, before)
        if self._stores.accounts and self._stores.has_accounts:
            gone += _remove(self._stores.accounts, Record, Record.at, before)
        return gone

    def _codes(self, moment: datetime) -> None:
        """Delete the codes and tokens of the reference backend that are of no use any more."""
        if self._stores.accounts and self._stores.has_accounts:
            with self._stores.accounts.write() as session:
                session.execute(delete(Verification).where(Verification.created_at < moment - KEEP_VERIFICATIONS))
                session.execute(delete(Access).where(Access.expires_at < moment))


def remove_conversations(session: Session, conversation_ids: Sequence[str]) -> None:
    """Delete conversations with all that belongs to them in their database."""
    session.execute(delete(WebsiteToken).where(WebsiteToken.conversation_id.in_(conversation_ids)))
    session.execute(delete(Conversation).where(Conversation.id.in_(conversation_ids)))


def _remove(database: Database, kind: Any, ended_at: Any, before: datetime) -> list[int]:
    with database.write() as session:
        gone = list(session.scalars(select(kind.id).where(ended_at < before).limit(STEP)))
        session.execute(delete(kind).where(kind.id.in_(gone)))
    return gone
