"""One conversation, and what its customer, its agents and Rasa do in it."""

import itertools

from sqlalchemy import select

from bot.conversations import handoff, lifecycle, messages, rasa_answers
from bot.conversations.models import Agent, Conversation, Message, Transition
from bot.conversations.rasa_answers import RasaAnswer
from bot.conversations.support_hours import SupportHours
from bot.database import Database, now
from bot.settings import Settings

LIGA, JANIS = Agent(id=1, name="Līga"), Agent(id=2, name="Jānis")  # as in conftest.py
OPEN = SupportHours(Settings())
CLOSED = SupportHours(Settings(opening_hours="Mo-Su 03:00-03:01 open; PH off"))


class Talk:
    """One conversation in a database: `talk.do(handoff.take, LIGA)`."""

    def __init__(self, database: Database, conversation: str) -> None:
        self.database, self.id, self.numbers = database, conversation, itertools.count()

    def do(self, what, *arguments, **more):
        with self.database.write() as session:
            return what(session, lifecycle.lock(session, self.id), *arguments, **more)

    def writes(self, text: str = "?") -> int:
        return self.do(handoff.customer_says, f"customer-{next(self.numbers)}", text, text)[0].id

    def agent_writes(self, agent=LIGA) -> int:
        return self.do(handoff.agent_says, agent.id, "!", f"agent-{next(self.numbers)}")[0].id

    def rasa_answers(self, text: str = "answer", meanwhile: bool = False, **more) -> None:
        """Answer the oldest message that waits for Rasa, as the dispatcher does."""
        self._store([RasaAnswer(text=text, **more)], meanwhile)

    def rasa_is_silent(self) -> None:
        """Give no answer to the oldest message that waits for Rasa, which asks nothing during the wait."""
        self._store([], meanwhile=True)

    def _store(self, found: list[RasaAnswer], meanwhile: bool) -> None:
        with self.database.read() as session:
            message = messages.next_for_rasa(session, self.id)
        if message:
            with self.database.write() as session:
                rasa_answers.store_answers(session, message.id, found, now(), meanwhile)

    @property
    def owner(self) -> str:
        with self.database.read() as session:
            return session.get_one(Conversation, self.id).owner

    def said(self, *authors: str) -> list[str]:
        with self.database.read() as session:
            found = select(Message.text).where(Message.conversation_id == self.id, Message.author.in_(authors))
            return list(session.scalars(found.order_by(Message.id)))

    def changes(self) -> list[tuple[str, str, str]]:
        with self.database.read() as session:
            found = select(Transition).where(Transition.conversation_id == self.id).order_by(Transition.id)
            return [(one.before, one.after, one.cause) for one in session.scalars(found)]

    @property
    def has_open(self) -> bool:
        with self.database.read() as session:
            return messages.next_for_rasa(session, self.id) is not None
