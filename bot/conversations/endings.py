"""How an agent ends a conversation: for some seconds it can be undone, and the customer hears of it afterwards.

What the customer has been told cannot be taken back, so nothing changes hands before the time is over. Whoever writes
in the meantime calls it off: no message may fall between a person and the assistant.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.conversations import handoff
from bot.conversations.models import Conversation
from bot.conversations.transitions import Outcome
from bot.database import now


def close(session: Session, conversation: Conversation, after: int, outcome: Outcome, line: str = "") -> None:
    """Close a conversation of an agent after so many seconds."""
    _begin(session, conversation, after, {"cause": "done", "outcome": outcome, "line": line})


def return_to_bot(session: Session, conversation: Conversation, after: int) -> None:
    """Give a conversation of an agent back to the assistant after so many seconds."""
    _begin(session, conversation, after, {"cause": "returned_to_bot"})


def call_off(conversation: Conversation) -> None:
    """Leave a conversation with its agent."""
    conversation.ending = conversation.ending_at = None


def due(moment: datetime) -> Select[str]:
    """Select the conversations whose end can no longer be undone."""
    return select(Conversation.id).where(Conversation.ending_at <= moment)


def finish(session: Session, conversation: Conversation) -> None:
    """End a conversation as its agent wished."""
    ending = conversation.ending or {}
    if ending.get("cause") == "done":
        handoff.close(session, conversation, ending["outcome"], ending["line"])
    elif ending:
        handoff.return_to_bot(session, conversation)


def _begin(session: Session, conversation: Conversation, after: int, ending: dict[str, Any]) -> None:
    conversation.ending, conversation.ending_at = ending, now() + timedelta(seconds=after)
    if not after:
        finish(session, conversation)
