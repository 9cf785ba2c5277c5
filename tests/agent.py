"""An agent of CPS priority support who works directly on the conversations' database."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.conversations import handoff, lifecycle, queue
from bot.conversations.models import Conversation
from bot.database import Database, now
from bot.desk import agents


class Agent:
    """An agent whom customers know by first name: `liga.takes(customer.token)`."""

    def __init__(self, folder: Path, name: str = "Līga") -> None:
        """Open the database in a folder."""
        self.database, self.who = Database(f"sqlite:///{folder / 'chat.db'}"), (name.lower(), name)

    def do(self, token: str, what: Any, *arguments: Any, **more: Any) -> Any:
        """Do something with the conversation that a session token opens."""
        with self.database.write() as session:
            conversation = lifecycle.find_conversation(session, token)
            return what(session, lifecycle.lock(session, conversation.id), *arguments, **more)

    def sits_down(self) -> None:
        """Stay at the desk for the rest of the day."""
        with self.database.write() as session:
            agent = agents.add(session, "liga@example.com", self.who[1], "agent")
            agent.presence, agent.seen_at = "available", now() + timedelta(days=1)

    def lets_all_go(self) -> None:
        """Return all conversations in the queue or with an agent to the assistant."""
        held = select(Conversation.id).where(Conversation.owner.in_(("waiting", "agent")))
        with self.database.write() as session:
            for conversation_id in session.scalars(held).all():
                conversation = lifecycle.lock(session, conversation_id)
                (queue.cancel if conversation.owner == "waiting" else handoff.return_to_bot)(session, conversation)

    def takes(self, token: str) -> None:
        self.do(token, handoff.take, self.who)

    def says(self, token: str, text: str) -> int:
        return self.do(token, handoff.agent_says, self.who[0], text, str(uuid.uuid4()))[0].id

    def closes(self, token: str) -> None:
        self.do(token, handoff.close, "solved")

    def gives_back(self, token: str) -> None:
        self.do(token, handoff.return_to_bot)
