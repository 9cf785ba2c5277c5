"""Requests of customers for their data or its erasure, which supervisors carry out (bot/privacy)."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, DataRequest
from bot.database import now

RequestKind = Literal["export", "erasure"]


def record_request(session: Session, conversation: Conversation, kind: RequestKind, email: str) -> bool:
    """Store the request of a customer who confirmed this address; return whether it is new. An open one is kept."""
    same = (DataRequest.kind == kind, DataRequest.email == email.lower(), DataRequest.done_at.is_(None))
    if session.scalar(select(DataRequest.id).where(*same).limit(1)):
        return False
    session.add(DataRequest(conversation_id=conversation.id, kind=kind, email=email.lower(), created_at=now()))
    return True


def open_requests(session: Session, most: int) -> Sequence[DataRequest]:
    """Return the requests that nobody has carried out, the oldest first."""
    undone = select(DataRequest).where(DataRequest.done_at.is_(None))
    return session.scalars(undone.order_by(DataRequest.id).limit(most)).all()


def finish_request(session: Session, request_id: int, name: str) -> bool:
    """Note who carried a request out; return whether it was open."""
    request = session.get(DataRequest, request_id, with_for_update=True)
    if not request or request.done_at:
        return False
    request.done_at, request.done_by = now(), name
    return True
