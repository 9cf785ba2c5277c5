"""Tell customers what happened to their accounts: in an open conversation, or by e-mail, and never at night."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from bot import mail
from bot.conversations import notifications, subscriptions
from bot.conversations.contacts import Contacts
from bot.conversations.notification_models import Notification, Subscription
from bot.conversations.notifications import WORDS
from bot.conversations.subscriptions import CONFIRMED_WITHIN, Subscriptions
from bot.database import Database, now
from bot.mail import Letter
from bot.metrics import DELIVERIES
from bot.settings import Settings
from bot.web.chat_link import link_to_chat
from bot.web.mail_status import MailStatus
from bot.web.outbox import LEASE, PAUSES

log = structlog.get_logger()
LETTERS, MESSAGES = 5, 50  # of a round
PAGE = "/notifications"  # of the website side, followed by the token


class Notifier:
    """Sends what is due; each stays in the database until it has arrived or is too old."""

    def __init__(
        self, settings: Settings, database: Database, subscribed: Subscriptions, contacts: Contacts, status: MailStatus
    ) -> None:
        """Take the settings; without the key of the events, nothing is sent."""
        self._settings, self._database, self._mail_status = settings, database, status
        self._subscribed, self._contacts = subscribed, contacts

    def send(self) -> list[str]:
        """Send what is due; return the conversations in which customers were told something."""
        if not self._subscribed.is_on:
            return []
        for subscription in self._claim(Subscription, Subscription.email_hash):
            self._ask(subscription)
        if notifications.is_quiet(now(), self._settings.notify_from, self._settings.notify_until):
            return []
        told = self._tell_visitors()
        for notification in self._claim(Notification, Notification.id):
            self._tell_by_mail(notification)
        return told

    def drop_unconfirmed(self) -> list[str]:
        """Forget who did not confirm in time; return the changed conversations, as a job does: none."""
        with self._database.write() as session:
            subscriptions.drop_unconfirmed(session)
        return []

    def _tell_visitors(self) -> list[str]:
        idle, told = self._settings.access_idle, []
        with self._database.read() as session:
            waiting = notifications.for_visitors(session, idle, MESSAGES)
        for notification_id in waiting:
            with self._database.write() as session:
                if found := notifications.tell_in_chat(session, self._contacts, notification_id, idle):
                    wait = self._settings.answer_mail_after  # until who does not look at the chat gets an e-mail
                    due_at = now() + timedelta(seconds=wait) if wait else None
                    session.get_one(Notification, notification_id).due_at = due_at
                    told.append(found[0])
        return told

    def _claim(self, kind: Any, order: Any) -> list[Any]:
        # The process that claims an item has the lease to send it; no other process sends it meanwhile.
        moment = now()
        due = select(kind).where(kind.due_at <= moment).order_by(kind.due_at, order)
        with self._database.read() as session:
            if not session.scalar(due.limit(1)):
                return []
        with self._database.write() as session:
            found: list[Any] = list(session.scalars(due.limit(LETTERS).with_for_update(skip_locked=True)))
            for one in found:
                one.due_at = moment + LEASE
                one.attempts += 1
            return found

    def _ask(self, subscription: Subscription) -> None:
        """Send the e-mail with the link by which the customer agrees."""
        opened = self._subscribed.opened(subscription)
        if not opened:
            self._forget(subscription)
            return
        email, token = opened
        words, language = WORDS["opt_in"], subscription.language
        hours = CONFIRMED_WITHIN // timedelta(hours=1)
        page = f"{self._page(token)}?language={language}"
        letter = Letter(
            to=email,
            subject=words["subject"][language],
            text=words["text"][language].format(page=page, hours=hours),
            language=language,
            sent_at=now(),
            id=f"opt-in-{subscription.token_hash[:32]}-{subscription.asked_at:%Y%m%d%H%M%S%f}",
        )
        due_at = None if self._send(letter) else _next_try(subscription.attempts)
        with self._database.write() as session:
            mine = session.get(Subscription, subscription.email_hash)
            if mine and mine.token_hash == subscription.token_hash and not mine.confirmed_at:
                mine.due_at = due_at

    def _tell_by_mail(self, notification: Notification) -> None:
        with self._database.read() as session:
            subscription = session.get(Subscription, notification.email_hash)
            is_over = notifications.is_over(notification)
            if notification.told_at and (is_over or notifications.is_seen(session, notification)):
                self._finish(notification, None)
                return
        opened = self._subscribed.opened(subscription) if subscription and subscription.confirmed_at else None
        if is_over or not subscription or not opened:
            if subscription and not opened:
                self._forget(subscription)
            self._finish(notification, None)
            return
        sent = self._send(self._letter(notification, subscription, *opened))
        due_at = None if sent else _next_try(notification.attempts)
        DELIVERIES.labels("notification", "sent" if sent else "failed" if due_at else "given_up").inc()
        if not sent and not due_at:  # who cannot be reached by e-mail is told at the next visit
            log.error("given_up", kind="notifications", id=notification.id)
        self._finish(notification, due_at, sent)

    def _letter(self, notification: Notification, subscription: Subscription, email: str, token: str) -> Letter:
        words, language, page = WORDS["letter"], subscription.language, self._page(token)
        parts = [words["greeting"][language], notifications.text_of(notification, language)]
        if link := link_to_chat(self._settings, subscription.page_address):
            parts.append(words["chat"][language].format(link=link))
        parts.append(words["page"][language].format(page=f"{page}?language={language}"))
        return Letter(
            to=email,
            subject=notifications.name_of(notification.kind, language),
            text="\n\n".join(parts),
            language=language,
            sent_at=now(),
            reply_to=self._settings.support_email,
            unsubscribe=f"{page}/end",
            id=f"notification-{notification.event_hash[:32]}",
        )

    def _send(self, letter: Letter) -> bool:
        sent = mail.send(self._settings, letter)
        self._mail_status.note(works=sent)
        return sent

    def _finish(self, notification: Notification, due_at: datetime | None, by_mail: bool = False) -> None:
        with self._database.write() as session:
            mine = session.get(Notification, notification.id, with_for_update=True)
            if not mine:  # erased, or ended, in the meantime
                return
            mine.due_at = due_at
            if by_mail:
                mine.told_at, mine.told_by = now(), "email"

    def _forget(self, subscription: Subscription) -> None:
        log.warning("subscription_without_its_key_ended")
        with self._database.write() as session:
            if mine := session.get(Subscription, subscription.email_hash):
                subscriptions.end(session, mine)

    def _page(self, token: str) -> str:
        return f"{self._settings.public_url.rstrip('/')}{PAGE}/{token}"


def _next_try(attempts: int) -> datetime | None:
    return now() + PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
