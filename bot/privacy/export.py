"""Put together what is kept of a person: as data, as JSON, and as a page to read."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from babel.dates import format_datetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.calendar import RIGA
from bot.conversations.contacts import Contacts
from bot.conversations.files import Files
from bot.conversations.learning_models import Filing, Judgement, Turn
from bot.conversations.models import Conversation, Message, Ticket, Transition
from bot.conversations.notification_models import Notification, Subscription
from bot.database import now
from bot.desk.layout import pages
from bot.desk.models import Call
from bot.privacy import person
from bot.privacy.stores import Stores
from bot.wording import LOCALES

# The columns that tell something about the person. Of agents, only the names that the customer sees.
ABOUT = (
    "language",
    "created_at",
    "closed_at",
    "customer_name",
    "customer_email",
    "details",
    "problem",
    "page_address",
    "page_title",
    "reply_email",
)
MESSAGE = ("created_at", "author", "speaker", "text", "intent")
FILE = ("created_at", "text", "attachment")
TRANSITION = ("at", "after", "agent_name", "outcome", "line", "score", "comment")
TURN = ("at", "intent", "kind", "about", "unhelpful")
FILING = ("at", "text", "decision", "answer")
JUDGEMENT = ("at", "verdict", "facts")
TICKET = ("created_at", "email", "text", "done_at")
CALL = ("started_at", "ended_at", "language", "outcome", "note")
SUBSCRIPTION = ("asked_at", "confirmed_at", "language", "page_address")
NOTIFICATION = ("created_at", "told_at", "told_by")
CODE = ("created_at", "expires_at", "confirmed_at")
EVENT = ("event", "text", "name", "value")
MAX_FILES = 50_000_000  # bytes, of all files in an export
LEFT_OUT = "too large for this export: open the file in the conversation at the desk"
NAMED = ("author", "after", "outcome", "verdict", "told_by")  # columns whose values have words of their own


def collect(stores: Stores, contacts: Contacts, email: str) -> dict[str, Any]:
    """Return all that is kept of the person with an e-mail address."""
    with stores.chat.read() as session:
        found = person.find(session, contacts, email)
        conversations = [_conversation(session, one) for one in found.conversations]
        calls = [_values(call, CALL) for call in session.scalars(select(Call).where(Call.id.in_(found.calls)))]
        mine = contacts.hash(email)
        subscribed = session.scalars(select(Subscription).where(Subscription.email_hash == mine))
        agreed = [_values(one, SUBSCRIPTION) for one in subscribed]
        told = session.scalars(select(Notification).where(Notification.email_hash == mine).order_by(Notification.id))
        notified = [{"happened": one.kind, "happened_to": one.facts} | _values(one, NOTIFICATION) for one in told]
    heard = person.events_of(stores, found.conversations)
    for one in conversations:
        one["rasa"] = [_event(event) for event in heard if event["conversation"] == one["id"]]
    return {
        "email": found.email,
        "exported_at": now(),
        "conversations": conversations,
        "calls": calls,
        "subscriptions": agreed,
        "notifications": notified,
        "codes": [_values(one, CODE) for one in person.codes_of(stores, email)],
    }


def as_json(collected: dict[str, Any], files: Files) -> str:
    """Return the data as JSON; files in base64, as long as they are not too many to hold at once."""
    room = MAX_FILES
    for file in (file for one in collected["conversations"] for file in one["files"]):
        content = files.read(file.pop("attachment")) or b""
        room -= len(content)
        file["content"] = b64encode(content).decode() if room >= 0 else LEFT_OUT
    return json.dumps(collected, indent=2, ensure_ascii=False, default=_written) + "\n"


def as_html(collected: dict[str, Any], language: str) -> str:
    """Return the data as a page to read, in a language; of files, their names."""
    for one in collected["conversations"]:
        one["files"] = [{name: file[name] for name in ("created_at", "text")} for file in one["files"]]

    def shown(name: str, value: Any) -> str:
        if isinstance(value, datetime):
            return format_datetime(value.astimezone(RIGA), "short", locale=LOCALES[language])
        if isinstance(value, dict):
            return ", ".join(f"{key}: {one}" for key, one in value.items())
        known = pages.words[name].get(value, {}) if name in NAMED else {}
        return "" if value is None else str(known.get(language, value))

    return pages.render("personal_data_export.html", language, **collected, shown=shown)


def _conversation(session: Session, conversation_id: str) -> dict[str, Any]:
    def all_of(kind: Any, names: tuple[str, ...]) -> list[dict[str, Any]]:
        mine = select(kind).where(kind.conversation_id == conversation_id).order_by(kind.id)
        return [_values(one, names) for one in session.scalars(mine)]

    sent = select(Message).where(Message.conversation_id == conversation_id, Message.attachment.is_not(None))
    turns = select(Turn).where(Turn.conversation_id == conversation_id).order_by(Turn.message_id)
    return {
        "id": conversation_id,
        "about": [_values(session.get_one(Conversation, conversation_id), ABOUT)],
        "messages": [one for one in all_of(Message, MESSAGE) if one["author"] != "website"],
        "changes": all_of(Transition, TRANSITION),
        "tickets": all_of(Ticket, TICKET),
        "filings": all_of(Filing, FILING),
        "judgements": all_of(Judgement, JUDGEMENT),
        "files": [_values(one, FILE) for one in session.scalars(sent.order_by(Message.id))],
        "turns": [_values(one, TURN) for one in session.scalars(turns)],
    }


def _values(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _event(event: dict[str, Any]) -> dict[str, Any]:
    at = datetime.fromtimestamp(event.get("timestamp") or 0, UTC)
    return {"at": at, **{name: event.get(name) for name in EVENT}}


def _written(value: Any) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
