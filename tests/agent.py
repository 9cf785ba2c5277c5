"""An agent of CPS priority support who works directly on the conversations' database."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations import handoff, lifecycle, models, queue
from bot.conversations.models import Conversation
from bot.database import Database, now
from bot.desk import agents

EMAIL = "liga@example.com"


class Agent:
    """Līga, who does things with the conversations of customers: `liga.takes(customer.token)`."""

    def __init__(self, folder: Path) -> None:
        """Open the database in a folder."""
        self.database = Database(f"sqlite:///{folder / 'chat.db'}")

    def me(self, session: Session) -> models.Agent:
        """Return the agent as the database has them, added when they are needed first."""
        return agents.by_email(session, EMAIL) or agents.add(session, EMAIL, "Līga", "agent")

    def do(self, token: str, what: Any, *arguments: Any, **more: Any) -> Any:
        """Do something with the conversation that a session token opens."""
        with self.database.write() as session:
            conversation = lifecycle.find_conversation(session, token)
            return what(session, lifecycle.lock(session, conversation.id), *arguments, **more)

    def sits_down(self) -> None:
        """Stay at the desk for the rest of the day."""
        with self.database.write() as session:
            agent = self.me(session)
            agent.presence, agent.seen_at = "available", now() + timedelta(days=1)

    def lets_all_go(self) -> None:
        """Return all conversations in the queue or with an agent to the assistant."""
        held = select(Conversation.id).where(Conversation.owner.in_(("waiting", "agent")))
        with self.database.write() as session:
            for conversation_id in session.scalars(held).all():
                conversation = lifecycle.lock(session, conversation_id)
                (queue.cancel if conversation.owner == "waiting" else handoff.return_to_bot)(session, conversation)

    def takes(self, token: str) -> None:
        self.do(token, lambda session, conversation: handoff.take(session, conversation, self.me(session)))

    def says(self, token: str, text: str) -> int:
        with self.database.write() as session:
            who = self.me(session).id
        return self.do(token, handoff.agent_says, who, text, str(uuid.uuid4()))[0].id

    def closes(self, token: str) -> None:
        self.do(token, handoff.close, "solved")

    def gives_back(self, token: str) -> None:
        self.do(token, handoff.return_to_bot)
