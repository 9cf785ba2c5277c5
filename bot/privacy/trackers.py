"""What Rasa keeps of conversations: the table of its tracker store, which Rasa itself creates."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, column, delete, func, or_, select, table
from sqlalchemy.orm import Session

EVENTS = table("events", *map(column, ("id", "sender_id", "type_name", "timestamp", "action_name", "data")))
# Rasa needs the last of each to go on with a conversation in its language. None holds what was said.
SKELETON = or_(
    EVENTS.c.type_name == "session_started",
    and_(EVENTS.c.type_name == "action", EVENTS.c.action_name == "action_listen"),
    and_(EVENTS.c.type_name == "slot", EVENTS.c.action_name == "language"),
)
BONES = 3  # events of a skeleton


def idle_since(session: Session, moment: datetime) -> list[str]:
    """Return the conversations without an event since a moment that hold more than a skeleton."""
    last, count = func.max(EVENTS.c.timestamp), func.count()
    idle = select(EVENTS.c.sender_id).group_by(EVENTS.c.sender_id)
    return list(session.scalars(idle.having(last < moment.timestamp(), count > BONES)))


def forget(session: Session, conversation_ids: Collection[str], keep_skeleton: bool = False) -> None:
    """Delete the events of conversations; a skeleton lets Rasa go on with them."""
    mine = EVENTS.c.sender_id.in_(conversation_ids)
    gone = delete(EVENTS).where(mine)
    if keep_skeleton:
        bones = select(func.max(EVENTS.c.id)).where(mine, SKELETON).group_by(EVENTS.c.sender_id, EVENTS.c.type_name)
        gone = gone.where(EVENTS.c.id.not_in(bones.scalar_subquery()))
    session.execute(gone)


def events_of(session: Session, conversation_ids: Collection[str]) -> list[dict[str, Any]]:
    """Return the events of conversations, in order, as Rasa wrote them."""
    mine = select(EVENTS.c.sender_id, EVENTS.c.data).where(EVENTS.c.sender_id.in_(conversation_ids))
    rows = session.execute(mine.order_by(EVENTS.c.id))
    return [{"conversation": sender_id, **json.loads(data)} for sender_id, data in rows]
