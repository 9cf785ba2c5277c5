"""Time-outs: return overdue conversations, and end expired confirmations and forgotten conversations."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.conversations import endings, handoff, identity, lifecycle, queue, silence
from bot.conversations.models import Conversation
from bot.database import Database, now
from bot.settings import Settings


class Timeouts:
    """How long agents may be silent, customers wait, and confirmations and conversations last."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Take the times from the settings."""
        self._agent = timedelta(seconds=settings.agent_timeout)
        self._queue = timedelta(seconds=settings.queue_timeout)
        self._idle, self._database = settings.access_idle, database
        self._answer_within = timedelta(seconds=settings.answer_within)
        self._talk_idle = timedelta(seconds=settings.talk_idle)
        self._forgotten = timedelta(seconds=settings.conversation_idle)
        self._long_wait = settings.long_wait
        self._began = now()

    def return_overdue(self) -> list[str]:
        """Give overdue conversations back to the queue or to the assistant; return their ids."""
        with self._database.read() as session:
            overdue = queue.overdue(session, *self._limits())
        return [conversation_id for conversation_id in overdue if self._return(conversation_id)]

    def watch_queue(self) -> list[str]:
        """Note that somebody waits for too long; return the changed conversations, as a job does: none."""
        with self._database.read() as session:
            is_due = queue.has_alert_to_change(session, self._long_wait)
        if is_due:
            with suppress(IntegrityError), self._database.write() as session:  # another process has noted it
                queue.change_alert(session, self._long_wait)
        return []

    def finish_endings(self) -> list[str]:
        """End the conversations whose end can no longer be undone; return their ids."""
        return self._each(lambda _: endings.due(now()), endings.finish)

    def offer_unanswered(self) -> list[str]:
        """Offer to others the conversations whose agent does not answer; return their ids."""
        if not self._answer_within:
            return []
        return self._each(
            lambda session: silence.unanswered(session, now() - self._answer_within), silence.offer_to_others
        )

    def close_idle(self) -> list[str]:
        """Close the conversations whose customer does not answer an agent; return their ids."""
        if not self._talk_idle:
            return []
        return self._each(lambda _: silence.abandoned(now() - self._talk_idle), silence.close)

    def forget_expired(self) -> list[str]:
        """End the confirmations that have expired; return the ids of their conversations."""
        with self._database.read() as session:
            ended = identity.run_out(session, self._idle)
        return [conversation_id for conversation_id in ended if self._forget(conversation_id)]

    def end_forgotten(self) -> list[str]:
        """End some of the conversations in which nothing was said for too long; return their ids."""
        with self._database.read() as session:
            silent = lifecycle.silent_since(session, now() - self._forgotten)
        return [conversation_id for conversation_id in silent if self._end(conversation_id)]

    def _limits(self) -> tuple[datetime | None, datetime]:
        moment = now()
        # While this process was down, no page could give a sign of life.
        seen = moment - self._agent
        return seen if seen >= self._began else None, moment - self._queue

    def _return(self, conversation_id: str) -> bool:
        agent_seen, waiting_since = self._limits()
        try:
            with self._database.write() as session:
                conversation = lifecycle.lock(session, conversation_id)
                # Since the conversation was found, it may have been taken, or its agent may have come back.
                if conversation_id not in queue.overdue(session, agent_seen, waiting_since):
                    return False
                if conversation.ending:  # the agent has left after that
                    endings.finish(session, conversation)
                elif conversation.owner == "agent":
                    handoff.requeue(session, conversation, "agent_gone")
                else:
                    queue.time_out(session, conversation)
        except lifecycle.Closed:
            return False
        return True

    def _each(self, find: Callable[[Session], Select[str]], act: Callable[[Session, Conversation], None]) -> list[str]:
        """Do something with each conversation that is found, and still is once it is locked; return their ids."""
        with self._database.read() as session:
            found, done = list(session.scalars(find(session))), []
        for conversation_id in found:
            with suppress(lifecycle.Closed), self._database.write() as session:
                conversation = lifecycle.lock(session, conversation_id)
                if session.scalar(find(session).where(Conversation.id == conversation_id)):
                    act(session, conversation)
                    done.append(conversation_id)
        return done

    def _forget(self, conversation_id: str) -> bool:
        with suppress(lifecycle.Closed), self._database.write() as session:
            conversation = lifecycle.lock(session, conversation_id)
            if conversation_id in identity.run_out(session, self._idle):  # the customer may have confirmed again
                identity.forget_identity(conversation)
                return True
        return False

    def _end(self, conversation_id: str) -> bool:
        with suppress(lifecycle.Closed), self._database.write() as session:
            conversation = lifecycle.lock(session, conversation_id)
            if conversation_id in lifecycle.silent_since(session, now() - self._forgotten):  # the customer may be back
                lifecycle.close_conversation(session, conversation)
                return True
        return False
