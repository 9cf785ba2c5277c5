"""What customers hear: event streams, limited in number and fed by one query for each change, or answers to polls."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, NamedTuple

import structlog
from anyio import move_on_after, to_thread
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.exc import SQLAlchemyError

from bot.chat.api import shown, state_of
from bot.chat.dependencies import NO_SESSION, TOO_MANY, CurrentConversation, PollLimited, ReplayLimited
from bot.chat.schemas import MessageOut, NewsOut, StateOut, UnreadOut
from bot.conversations import lifecycle, messages, presence
from bot.conversations.models import Choice, Conversation, Message
from bot.database import HIGHEST_ID
from bot.problems import documented
from bot.web.dependencies import AppState, AppStateDep, address_of

log = structlog.get_logger()
router = APIRouter(prefix="/api")
LOOK_AGAIN = 20.0  # seconds after which a conversation is read unasked
LOOK_AT_QUEUE = 5.0  # the same for a waiting customer: the queue moves when others leave it
MAX_STREAMS = 5  # of one conversation at the same time


class News(NamedTuple):
    """The state of a conversation, or None if it is closed, and the messages after an id."""

    state: StateOut | None
    messages: list[tuple[Message, list[Choice]]]


class Stream:
    """One open event stream, and what waits to be sent over it."""

    def __init__(self, conversation_id: str, address: str) -> None:
        """Begin with nothing to send."""
        self.conversation_id, self.address = conversation_id, address
        self.is_replaced = False
        self._waiting: asyncio.Queue[News | None] = asyncio.Queue()

    def send(self, news: News | None) -> None:
        """Have news sent; None ends the stream."""
        self._waiting.put_nowait(news)

    async def news(self, first: News) -> AsyncIterator[News]:
        """Yield what a browser missed, and then what is sent until the stream ends."""
        one: News | None = first
        while one and not self.is_replaced:
            yield one
            one = await self._waiting.get()


class Feed:
    """Reads a conversation once for each change, and passes on what is new to all its streams."""

    def __init__(self, app: AppState, conversation_id: str) -> None:
        """Begin to watch the conversation."""
        self.streams: list[Stream] = []  # the oldest first
        self.delivered = 0  # last message of an agent that was noted as delivered
        self.ready = asyncio.Event()
        self._app, self._id = app, conversation_id
        self._task = asyncio.create_task(self._run())

    @property
    def is_over(self) -> bool:
        """Whether nothing is passed on any more."""
        return self._task.done()

    def stop(self) -> None:
        """Stop watching, because nobody listens any more."""
        self._task.cancel()

    async def _run(self) -> None:
        try:
            with self._app.bus.subscribe(self._id) as changed:
                last, pause = await to_thread.run_sync(_newest, self._app, self._id), LOOK_AT_QUEUE
                self.ready.set()
                while True:
                    with move_on_after(pause):
                        await changed.wait()
                    changed.clear()
                    news = await to_thread.run_sync(_news, self._app, self._id, last)
                    for stream in self.streams:
                        stream.send(news)
                    if not news.state:
                        return
                    last = news.messages[-1][0].id if news.messages else last
                    pause = LOOK_AT_QUEUE if news.state.queue else LOOK_AGAIN
        except SQLAlchemyError as error:
            log.error("event_streams_broken", conversation=self._id, reason=type(error).__name__)
        finally:
            self.ready.set()
            for stream in self.streams:
                stream.send(None)


class Streams:
    """All open event streams of this process."""

    def __init__(self, app: AppState) -> None:
        """Start with none."""
        self._app = app
        self._feeds: dict[str, Feed] = {}

    @property
    def count(self) -> int:
        """The number of open streams; read from any thread."""
        return sum(len(feed.streams) for feed in list(self._feeds.values()))

    @contextmanager
    def open(self, conversation_id: str, address: str) -> Iterator[tuple[Stream, Feed]]:
        """Open a stream; where there are too many, the oldest one of the conversation, or of the address, ends."""
        stream = Stream(conversation_id, address)
        feed = self._feeds.get(conversation_id)
        if not feed or feed.is_over:
            feed = self._feeds[conversation_id] = Feed(self._app, conversation_id)
        feed.streams.append(stream)
        self._make_room(stream)
        try:
            yield stream, feed
        finally:
            self._remove(stream)

    def _make_room(self, new: Stream) -> None:
        mine = self._feeds[new.conversation_id].streams
        if len(mine) > MAX_STREAMS:
            self._replace(mine[0])
        there = [one for feed in self._feeds.values() for one in feed.streams if one.address == new.address]
        if len(there) > self._app.settings.streams_address:
            # Many customers may share an address: the conversation with the most streams there gives one up.
            (most, _), *_ = Counter(one.conversation_id for one in there).most_common(1)
            self._replace(next(one for one in there if one.conversation_id == most))

    def _replace(self, stream: Stream) -> None:
        stream.is_replaced = True
        stream.send(None)
        self._remove(stream)

    def _remove(self, stream: Stream) -> None:
        feed = self._feeds.get(stream.conversation_id)
        if not feed or stream not in feed.streams:  # replaced before
            return
        feed.streams.remove(stream)
        if not feed.streams:
            feed.stop()
            del self._feeds[stream.conversation_id]


def _streams(request: Request) -> Streams:
    streams: Streams = request.app.state.streams
    return streams


@router.get(
    "/conversation/events",
    response_class=EventSourceResponse,
    dependencies=ReplayLimited,
    responses=documented(NO_SESSION, TOO_MANY)
    | {200: {"model": MessageOut | StateOut, "description": "The data of each `message` and `state` event, as JSON"}},
)
async def stream_events(
    mine: CurrentConversation,
    app: AppStateDep,
    request: Request,
    streams: Annotated[Streams, Depends(_streams)],
    last_event_id: Annotated[str, Header(description="Id of the last message seen", max_length=20)] = "",
) -> AsyncIterator[ServerSentEvent]:
    """Stream `message` events, each with its id, from after the last one seen, and `state` events between them.

    A conversation has five streams at most. When another one begins, the oldest one ends with the event `replaced`.
    """
    last = messages.last_seen(last_event_id)
    known: StateOut | None = None

    with streams.open(mine.id, address_of(request)) as (stream, feed):
        await feed.ready.wait()  # from here on, it passes on everything new; what is older is read now
        async for news in stream.news(await to_thread.run_sync(_news, app, mine.id, last)):
            new = [(message, choices) for message, choices in news.messages if message.id > last]
            for message, choices in new:
                last = message.id
                yield ServerSentEvent(event="message", id=str(last), data=shown(message, choices))
            if not news.state:
                return
            if any(message.author == "agent" for message, _ in new) and feed.delivered < last:
                feed.delivered = last
                await to_thread.run_sync(_note_delivered, app, mine.id, last)
                app.bus.publish(mine.id)
            if news.state != known:
                known = news.state
                yield ServerSentEvent(event="state", data=known)
        if stream.is_replaced:
            yield ServerSentEvent(event="replaced", data="")


@router.get("/conversation/news", dependencies=PollLimited, responses=documented(NO_SESSION, TOO_MANY))
def read_news(
    mine: CurrentConversation,
    app: AppStateDep,
    after: Annotated[int, Query(ge=0, le=HIGHEST_ID, description="Id of the last message seen")] = 0,
) -> NewsOut:
    """Return what the event stream sends, at once: for who sits behind a proxy that holds streams back."""
    news = _news(app, mine.id, after)
    if not news.state:
        raise lifecycle.Closed
    of_agent = [message.id for message, _ in news.messages if message.author == "agent"]
    if of_agent and of_agent[-1] > mine.delivered_id:
        _note_delivered(app, mine.id, of_agent[-1])
        app.bus.publish(mine.id)
    return NewsOut(messages=[shown(message, choices) for message, choices in news.messages], state=news.state)


@router.get("/conversation/unread", dependencies=PollLimited, responses=documented(NO_SESSION, TOO_MANY))
def read_unread(mine: CurrentConversation, app: AppStateDep) -> UnreadOut:
    """Count what the customer has not seen, for the launcher of a page on which the chat is not open."""
    with app.database.read() as session:
        return UnreadOut(count=messages.count_unread(session, mine))


def _newest(app: AppState, conversation_id: str) -> int:
    with app.database.read() as session:
        return messages.newest(session, conversation_id)


def _news(app: AppState, conversation_id: str, last_id: int) -> News:
    with app.database.read() as session:
        conversation = session.get(Conversation, conversation_id)
        is_open = conversation and not conversation.closed_at
        state = state_of(app, session, conversation) if conversation and is_open else None
        news = News(state, messages.shown_after(session, conversation_id, last_id))
    if conversation and presence.is_sign_due(conversation):
        with app.database.write() as session:
            presence.note_online(session, conversation_id)
    return news


def _note_delivered(app: AppState, conversation_id: str, last_id: int) -> None:
    with suppress(lifecycle.Closed), app.database.write() as session:
        conversation = lifecycle.lock(session, conversation_id)
        conversation.delivered_id = max(conversation.delivered_id, last_id)
