"""The log of changes to the team: who changed what of whose account, and when."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Agent
from bot.database import now
from bot.desk.models import TeamChange

COMMAND = "command"  # in place of a supervisor: on the machine itself
SHOWN = 50  # of the newest changes

Change = Literal["add", "password", "disable", "enable", "rename", "agent", "supervisor", "link", "delete", "code"]


def note(session: Session, who: str, whom: Agent, what: Change) -> None:
    """Record a change of an agent's account, by the e-mail address of whoever made it."""
    session.add(TeamChange(at=now(), who=who, whom=whom.email, what=what))


def newest(session: Session) -> Sequence[TeamChange]:
    """Return the newest changes, the newest first."""
    return session.scalars(select(TeamChange).order_by(TeamChange.id.desc()).limit(SHOWN)).all()
