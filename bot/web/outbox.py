"""Report every change of hands to a helpdesk and e-mail the messages left by customers, with retries."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from bot import mail
from bot.conversations.models import Conversation, Ticket, Transition, WaitAlert
from bot.conversations.summary import summary_of
from bot.conversations.words import WORDS
from bot.database import Database, now
from bot.http import Service, ServiceError
from bot.mail import Letter
from bot.metrics import DELIVERIES
from bot.settings import Settings
from bot.web.mail_status import MailStatus
from bot.webhooks import signed

log = structlog.get_logger()
PAUSES = [timedelta(seconds=one) for one in (10, 60, 300, 1800, 7200, 7200, 7200)]  # after each failed attempt
LEASE = timedelta(minutes=10)  # for a process to send what it claimed, before another process may
OLDEST = timedelta(days=1)  # older items are not sent any more
AT_ONCE = 5  # items a round: they fit into the lease, however slow the other side is
KINDS: dict[str, tuple[Any, Any]] = {  # what is sent, and the column that says when it was made
    "letter": (Ticket, Ticket.created_at),
    "webhook": (Transition, Transition.at),
    "alarm": (WaitAlert, WaitAlert.at),
}
MOST = 50  # of each kind that are listed


@dataclass(frozen=True)
class Unsent:
    """What could not be sent so far; next_at is None once it is given up."""

    kind: str
    id: int
    made_at: datetime
    attempts: int
    next_at: datetime | None
    conversation_id: str | None


def unsent(session: Session) -> list[Unsent]:
    """Return what has failed at least once and has not arrived, the newest first."""
    found = []
    for kind, (table, made_at) in KINDS.items():
        failed = select(table, made_at).where(table.due_at.is_not(None), table.attempts > 0)
        for one, at in session.execute(failed.order_by(table.id.desc()).limit(MOST)):
            next_at = one.due_at if at + OLDEST > max(one.due_at, now()) else None
            found.append(Unsent(kind, one.id, at, one.attempts, next_at, getattr(one, "conversation_id", None)))
    return sorted(found, key=lambda one: one.made_at, reverse=True)


class Outbox:
    """Sends changes of hands and messages; each stays in the database until it has arrived or all attempts failed."""

    def __init__(self, settings: Settings, database: Database, mail_status: MailStatus | None = None) -> None:
        """Take the addresses from the settings; without an address, nothing is sent."""
        self._settings, self._database, self._mail_status = settings, database, mail_status or MailStatus()
        self._helpdesk = Service(settings.webhook_url)
        self._leases: dict[tuple[Any, int], datetime] = {}  # until when this process may be sending something

    def send(self) -> list[str]:
        """Send what is due; return the changed conversations, as a job does: none."""
        for kind in ("webhook", "alarm", "letter"):
            for one in self._claim(*KINDS[kind]) if self._has_address(kind) else ():
                with suppress(NoResultFound):  # erased in the meantime
                    self._finish(one, self._send(one))
        return []

    def send_again(self, kind: str, number: int) -> bool:
        """Send what failed at once, however old it is; return whether it has arrived."""
        if not self._has_address(kind):
            return False
        with self._database.write() as session:
            one = session.get(KINDS[kind][0], number, with_for_update=True)
            if not one or one.due_at is None:
                return one is not None  # it has arrived in the meantime
            if self._leases.get((type(one), number), now()) > now():
                return False
            due_at, one.due_at = one.due_at, now() + LEASE  # nobody else sends it meanwhile
            self._leases[type(one), number] = one.due_at
        with suppress(NoResultFound):
            if self._send(one):
                self._finish(one, arrived=True)
                return True
            with self._database.write() as session:
                session.get_one(KINDS[kind][0], number).due_at = due_at
                self._leases.pop((type(one), number), None)
        return False

    def _has_address(self, kind: str) -> bool:
        if kind == "letter":
            return bool(self._settings.smtp_host and self._settings.support_email)
        return bool(self._settings.webhook_url)

    def _send(self, one: Transition | Ticket | WaitAlert) -> bool:
        if isinstance(one, Transition):
            return self._tell(one)
        if isinstance(one, WaitAlert):
            return self._post(f"wait-{one.id}", alarm(one, self._settings.long_wait))
        sent = mail.send(self._settings, self._letter(one))
        self._mail_status.note(works=sent)
        return sent

    def _claim(self, kind: Any, made_at: Any) -> list[Any]:
        # The process that claims an item has the lease to send it; no other process sends it meanwhile.
        moment = now()
        due = select(kind).where(kind.due_at <= moment, made_at > moment - OLDEST).order_by(kind.id)
        with self._database.read() as session:
            if not session.scalar(due.limit(1)):
                return []
        with self._database.write() as session:
            found: list[Any] = list(session.scalars(due.limit(AT_ONCE).with_for_update(skip_locked=True)))
            for one in found:
                one.due_at = self._leases[kind, one.id] = moment + LEASE
                one.attempts += 1
            return found

    def _finish(self, sent: Transition | Ticket | WaitAlert, arrived: bool) -> None:
        due_at, result = None, "sent" if arrived else "failed"
        if not arrived and sent.attempts <= len(PAUSES):
            due_at = now() + PAUSES[sent.attempts - 1]
        elif not arrived:
            result = "given_up"
            conversation = getattr(sent, "conversation_id", None)
            log.error("given_up", kind=sent.__tablename__, id=sent.id, conversation=conversation)
            # The desk lists what never arrived. When it is due again, it is too old to be sent.
            due_at = (sent.created_at if isinstance(sent, Ticket) else sent.at) + OLDEST
        DELIVERIES.labels("letter" if isinstance(sent, Ticket) else "webhook", result).inc()
        kind: Any = type(sent)
        with self._database.write() as session:
            self._leases.pop((kind, sent.id), None)
            session.get_one(kind, sent.id).due_at = due_at

    def _tell(self, transition: Transition) -> bool:
        with self._database.read() as session:
            told = news(session, transition, self._settings.webhook_words)
        return self._post(f"transition-{transition.id}", told)

    def _post(self, webhook_id: str, told: dict[str, Any]) -> bool:
        content = json.dumps(told, ensure_ascii=False).encode()
        secret = self._settings.webhook_secret.get_secret_value()
        headers = {"content-type": "application/json"}
        headers |= signed(webhook_id, content, secret, int(time.time()))
        try:
            self._helpdesk.deliver(content, headers)
        except ServiceError as error:
            log.warning("helpdesk_not_told", webhook=webhook_id, reason=str(error))
            return False
        return True

    def _letter(self, ticket: Ticket) -> Letter:
        with self._database.read() as session:
            language = session.get_one(Conversation, ticket.conversation_id).language
        words = WORDS["ticket"]
        text = words["text"][language].format(email=ticket.email, text=ticket.text, conversation=ticket.conversation_id)
        subject = words["subject"][language].format(id=ticket.id)
        return Letter(
            to=self._settings.support_email,
            subject=subject,
            text=text,
            language=language,
            sent_at=now(),
            reply_to=ticket.email,
            id=f"ticket-{ticket.id}-{ticket.client_id}",
        )


def news(session: Session, transition: Transition, with_words: bool) -> dict[str, Any]:
    """Return the content of the webhook, as docs/webhook.md describes it."""
    conversation = session.get_one(Conversation, transition.conversation_id)
    summary = summary_of(session, conversation).model_dump(mode="json")
    if not with_words:
        summary |= {"details": {}, "look_ups": [], "last_message": None}
    return {
        "id": transition.id,
        "type": "conversation.changed_hands",
        "at": transition.at.isoformat(),
        "conversation": conversation.id,
        "before": transition.before,
        "after": transition.after,
        "cause": transition.cause,
        "agent": transition.agent_name,
        "outcome": transition.outcome,
        "line": transition.line if with_words else None,
        "summary": summary,
    }


def alarm(alert: WaitAlert, limit: int) -> dict[str, Any]:
    """Return the content of the webhook that tells of a wait that is too long."""
    return {
        "id": alert.id,
        "type": "queue.wait_too_long",
        "at": alert.at.isoformat(),
        "waiting": alert.waiting,
        "longest_wait": alert.seconds,
        "limit": limit,
    }
