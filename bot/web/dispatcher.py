"""Carry messages to Rasa, one at a time in each conversation, and store its answers."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from anyio import CapacityLimiter, to_thread
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from bot import logs
from bot.conversations import identity, lifecycle, messages, notices, queue
from bot.conversations.models import Conversation, Message
from bot.conversations.privacy import Privacy
from bot.conversations.rasa_answers import RasaAnswer, store_answers
from bot.conversations.subscriptions import Subscriptions
from bot.conversations.summary import LOOKED_UP
from bot.conversations.support_hours import SupportHours
from bot.database import Database, now
from bot.http import ServiceError
from bot.metrics import ANSWER_SECONDS, LOOKUPS, MISSES
from bot.web.claims import LEADER, Claims
from bot.web.events import EventBus
from bot.web.fair_limiter import FairLimiter
from bot.web.rasas import Rasas, is_down

log = structlog.get_logger()
LOOKUP_FAILED = "utter_backend_failed"
ANSWERS = TypeAdapter(list[RasaAnswer])
# What processes tell each other: whether Rasa is at work on a conversation, and that a claimed one has a new message.
STATE, OPEN = "assistant", "open"
FIRST_PAUSE, MAX_PAUSE = 0.5, 8.0  # seconds between two attempts to reach Rasa
MAX_FAILURES = 6  # of Rasa over one message: half a minute, in which the action server may come back
ROUND = 1.0  # seconds between two looks at what other processes have left
AT_ONCE, OF_AN_ADDRESS = 40, 8  # conversations in which Rasa is asked at the same time, and those of one address


class RasaDispatcher:
    """Let Rasa answer each open message, in order, however long Rasa is away."""

    def __init__(
        self,
        database: Database,
        rasas: Rasas,
        bus: EventBus,
        support_hours: SupportHours,
        idle: int,
        end_access: Callable[[str | None], None],
        privacy: Privacy | None = None,
        has_second_reader: bool = False,
        claims: Claims | None = None,
        subscribed: Subscriptions | None = None,
    ) -> None:
        """Take what the dispatcher works with; `idle` is how long a confirmation lasts, `end_access` revokes it."""
        self.has_second_reader = has_second_reader
        self.database, self.rasas, self.bus, self.support_hours = database, rasas, bus, support_hours
        self.idle, self.end_access, self.privacy = idle, end_access, privacy
        self.claims, self.subscribed = claims or Claims(database), subscribed
        self.typing: set[str] = set()
        self.waiting: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._watch_task: asyncio.Task[None] | None = None
        self._queued: set[str] = set()
        self._mine: set[str] = set()  # conversations that this process has claimed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failures: dict[str, int] = {}
        self._limit = CapacityLimiter(AT_ONCE)  # threads of their own: others must not wait for Rasa
        self._turns = FairLimiter(AT_ONCE, OF_AN_ADDRESS)  # with one message per conversation
        bus.on(STATE, self._hear)
        bus.on(OPEN, self._look_again)

    def enqueue(self, conversation_id: str) -> None:
        """Have the conversation's open messages carried to Rasa; may be called from any thread."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._begin, conversation_id)

    def start(self) -> None:
        """Begin to work in the running event loop."""
        self._loop = asyncio.get_running_loop()
        if self.claims.is_shared:
            self._watch_task = asyncio.create_task(self._watch())

    def _begin(self, conversation_id: str) -> None:
        self._queued.add(conversation_id)
        if conversation_id not in self._tasks:
            self._tasks[conversation_id] = asyncio.create_task(self._carry(conversation_id))

    async def resume(self) -> None:
        """Take up the messages that were open when a process ended."""
        for conversation_id in await to_thread.run_sync(self._left_open):
            self.enqueue(conversation_id)

    async def _watch(self) -> None:
        while True:
            try:
                await to_thread.run_sync(self.claims.keep, [LEADER, *self._mine])
                await self.resume()
            except SQLAlchemyError as error:  # the next round may work
                log.warning("claims_not_kept", reason=type(error).__name__)
            await asyncio.sleep(ROUND)

    async def stop(self) -> None:
        """Stop; open messages stay in the database, for another process or the next start."""
        tasks = [*self._tasks.values(), *filter(None, [self._watch_task])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(SQLAlchemyError):
            await to_thread.run_sync(self.claims.release_all)

    async def _carry(self, conversation_id: str) -> None:
        pause = FIRST_PAUSE
        try:
            while conversation_id in self._queued:
                self._queued.discard(conversation_id)
                while not await self._carry_one(conversation_id):
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, MAX_PAUSE)
                pause = FIRST_PAUSE
                if conversation_id in self._mine:
                    with suppress(SQLAlchemyError):  # otherwise the claim ends by itself
                        await to_thread.run_sync(self.claims.release, conversation_id)
        finally:
            if conversation_id in self._mine:
                self._mine.discard(conversation_id)
                self._show(conversation_id, typing=False, waiting=False)
            del self._tasks[conversation_id]

    async def _carry_one(self, conversation_id: str) -> bool:
        """Carry a conversation's open messages to Rasa; return whether none is left."""
        try:
            while message := await to_thread.run_sync(self._next, conversation_id):
                message[2]["request"] = logs.name_request(message[0].client_id)
                meanwhile = message[2]["with_person"]
                self._show(conversation_id, typing=not meanwhile and conversation_id not in self.waiting)
                answers = await self._ask_rasa(*message)
                await to_thread.run_sync(self._store, message[0].id, answers, meanwhile)
                _count(message[0], answers)
                self._failures.pop(conversation_id, None)
                self._show(conversation_id, typing=False, waiting=False)
        except lifecycle.Closed:
            return True
        except (ServiceError, SQLAlchemyError) as error:
            log.warning("rasa_does_not_answer", conversation=conversation_id, reason=str(error)[:80])
            if conversation_id not in self.waiting:
                await self._tell_waiting(conversation_id)
            self._show(conversation_id, typing=False, waiting=True)
            return False
        return True

    async def _ask_rasa(self, message: Message, address: str, metadata: dict[str, Any]) -> list[RasaAnswer]:
        body = {"sender": message.conversation_id, "message": message.for_rasa, "metadata": metadata}
        try:
            async with self._turns.turn(address):
                said = await to_thread.run_sync(self.rasas.take_turn, body, limiter=self._limit)
            return ANSWERS.validate_python(said)
        except (ServiceError, ValidationError) as error:
            if isinstance(error, ServiceError) and is_down(error):
                raise  # Rasa is down: try again, however long that takes
            if metadata["with_person"]:
                return []  # a person will answer
            # Rasa is up, but fails over this message or takes too long: try a few times, then apologise.
            failures = self._failures[message.conversation_id] = self._failures.get(message.conversation_id, 0) + 1
            if failures < MAX_FAILURES:
                raise ServiceError(500, "rasa-failed") from None
            log.error("rasa_cannot_answer", conversation=message.conversation_id)
            return []

    async def _tell_waiting(self, conversation_id: str) -> None:
        try:
            await to_thread.run_sync(self._add_waiting, conversation_id)
        except (SQLAlchemyError, lifecycle.Closed) as error:  # the state in the event stream still tells the customer
            log.error("notice_not_stored", conversation=conversation_id, reason=type(error).__name__)

    def _show(self, conversation_id: str, typing: bool, waiting: bool | None = None) -> None:
        for flag, value in ((self.typing, typing), (self.waiting, waiting)):
            if value is not None:
                (flag.add if value else flag.discard)(conversation_id)
        self.bus.publish(conversation_id)
        state = "waiting" if conversation_id in self.waiting else "typing" if typing else ""
        self.bus.tell(STATE, conversation_id, state)

    def _hear(self, conversation_id: str, state: str) -> None:
        if conversation_id not in self._mine:
            for flag, name in ((self.typing, "typing"), (self.waiting, "waiting")):
                (flag.add if state == name else flag.discard)(conversation_id)

    def _left_open(self) -> list[str]:
        with self.database.read() as session:
            return messages.waiting_for_rasa(session)

    def _look_again(self, conversation_id: str, _: str) -> None:
        if conversation_id in self._mine:  # others would be refused, and say so, without end
            self.enqueue(conversation_id)

    def _next(self, conversation_id: str) -> tuple[Message, str, dict[str, Any]] | None:
        if not self.claims.take(conversation_id):
            self._mine.discard(conversation_id)
            self.bus.tell(OPEN, conversation_id)  # to the process that has it, and may have looked already
            return None
        self._mine.add(conversation_id)
        with self.database.read() as session:
            message = messages.next_for_rasa(session, conversation_id)
            if not message:
                return None
            conversation = session.get_one(Conversation, conversation_id)
            # `confirmed` only says that the customer is confirmed; the actions ask for the access each time. `person`
            # changes when somebody else continues the conversation, so that Rasa forgets what the earlier customer
            # told. `with_person` makes Rasa answer questions only. `message` makes Rasa do each turn once.
            # Behind an address that may be a proxy's are many customers, so each counts as an address of its own.
            return (
                message,
                conversation.network_hash or conversation_id,
                {
                    "confirmed": bool(identity.access_of(conversation, self.idle)),
                    "person": conversation.person,
                    "with_person": conversation.owner == "waiting" and message.author == "customer",
                    "second_reader": self.has_second_reader,
                    "message": message.id,
                },
            )

    def _store(self, message_id: int, answers: list[RasaAnswer], meanwhile: bool) -> None:
        with self.database.write() as session:
            ended, handoff = store_answers(
                session, message_id, answers, now(), meanwhile, self.privacy, self.subscribed
            )
            if handoff:
                message = session.get_one(Message, message_id)
                conversation = lifecycle.lock(session, message.conversation_id)
                if not queue.stopped_waiting_since(session, conversation, message):
                    queue.ask(session, conversation, handoff.cause, self.support_hours)
        self.end_access(ended)

    def _add_waiting(self, conversation_id: str) -> None:
        with self.database.write() as session:
            conversation = lifecycle.lock(session, conversation_id)
            if conversation.owner == "assistant":  # a customer who talks with a person does not need the assistant
                notices.add_notice_once(session, conversation, "waiting", "ask_person")


def _count(message: Message, answers: list[RasaAnswer]) -> None:
    seconds = (now() - message.created_at).total_seconds()
    log.info("message_answered", conversation=message.conversation_id, message=message.id, seconds=round(seconds, 3))
    ANSWER_SECONDS.observe(seconds)
    if any(answer.understood and not answer.understood.sure for answer in answers):
        MISSES.inc()
    for response in (answer.response or "" for answer in answers):
        if response.startswith(LOOKED_UP):
            LOOKUPS.labels("failed" if response == LOOKUP_FAILED else "answered").inc()
