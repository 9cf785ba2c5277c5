"""Count how the assistant and the agents do in a span of time; docs/measures.md defines every figure."""

import json
import math
import statistics
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, Select, String, Text, and_, case, cast, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.calendar import RIGA
from bot.conversations import judging
from bot.conversations.learning_models import Judgement, Turn
from bot.conversations.models import Conversation, Message, Ticket, Transition
from bot.conversations.turns import COMPLAINT
from bot.database import now

GOING_ON = timedelta(minutes=30)  # after the customer's last message, within which a conversation is not over
COMMENTS = 20  # newest ones that are shown
MOST = 10  # topics and repeated answers that are shown
KINDS = ("answer", "guess", "repeat", "miss")
HOW = ("solved", "person", "unsolved", "going_on")  # how conversations went


@dataclass(frozen=True)
class Span:
    """A time from which and until which is counted, and the language of the conversations, or none for all."""

    since: datetime
    until: datetime
    language: str = ""

    @property
    def spoken(self) -> ColumnElement[bool]:
        """Whether a conversation is in the language."""
        return Conversation.language == self.language if self.language else true()

    def of(self, moment: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
        """Tell whether a moment is in the span, in a conversation of the language."""
        return and_(moment >= self.since, moment < self.until, self.spoken)

    @property
    def turns(self) -> ColumnElement[bool]:
        """Whether a turn is in the span, in the language."""
        spoken = Turn.language == self.language if self.language else true()
        return and_(Turn.at >= self.since, Turn.at < self.until, spoken)


@dataclass(frozen=True)
class Comment:
    """What a customer wrote with a rating."""

    at: datetime
    score: int
    text: str
    conversation_id: str


@dataclass
class Measures:
    """All figures of a span."""

    how: dict[str, int] = field(default_factory=dict)  # conversations by how they went
    turns: dict[str, int] = field(default_factory=dict)  # answers by kind
    contradicted: int = 0
    unhelpful: int = 0
    marks: dict[str, int] = field(default_factory=dict)  # that supervisors gave the answers
    pairs: tuple[int, int] = (0, 0)  # of marks of the same answer: all, and those alike
    causes: dict[str, int] = field(default_factory=dict)  # hand-offs by cause
    left: dict[str, int] = field(default_factory=dict)  # hand-offs that no agent took, by what happened
    waits: list[float] = field(default_factory=list)  # seconds until an agent took it
    first_replies: list[float] = field(default_factory=list)  # seconds until an agent wrote
    handling: list[float] = field(default_factory=list)  # seconds with agents
    outcomes: dict[str, int] = field(default_factory=dict)
    scores: dict[int, int] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    steps: dict[int, tuple[int, int]] = field(default_factory=dict)  # conversations: came to it, went no further
    topics: dict[str, int] = field(default_factory=dict)  # conversations by what was asked
    repeated: dict[str, int] = field(default_factory=dict)  # times that an answer was repeated
    hours: dict[int, int] = field(default_factory=dict)  # customers' messages by hour of the day in Latvia

    @property
    def conversations(self) -> int:
        """The number of conversations."""
        return sum(self.how.values())

    @property
    def mean_score(self) -> float | None:
        """The mean of the ratings."""
        rated = sum(self.scores.values())
        return sum(score * count for score, count in self.scores.items()) / rated if rated else None


def median(seconds: Sequence[float]) -> float | None:
    """Return the median, or None of nothing."""
    return statistics.median(seconds) if seconds else None


def p95(seconds: Sequence[float]) -> float | None:
    """Return the value that 95 of 100 do not exceed, by the nearest rank, or None of nothing."""
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1] if seconds else None


def measure(session: Session, span: Span, step_of: Mapping[str, int]) -> Measures:
    """Return all figures of a span; `step_of` says which step of the walkthrough a place belongs to."""
    found = Measures()
    went = _counts(session, _how(span))
    found.how = {name: went.get(name, 0) for name in HOW}
    marked = (Turn.kind, Turn.contradicted, Turn.unhelpful)
    kinds = session.execute(select(*marked, func.count()).where(span.turns).group_by(*marked)).all()
    found.turns = {name: sum(count for kind, *_, count in kinds if kind == name) for name in KINDS}
    found.contradicted = sum(count for _, contradicted, _, count in kinds if contradicted)
    found.unhelpful = sum(count for *_, unhelpful, count in kinds if unhelpful)
    judged = select(Judgement.verdict, func.count()).join(Turn, Turn.message_id == Judgement.message_id)
    given = _counts(session, judged.where(span.turns).group_by(Judgement.verdict))
    found.marks = {verdict: given.get(verdict, 0) for verdict in judging.VERDICTS}
    found.pairs = judging.agreement(session, span.since, span.until, span.language)
    _hand_offs(session, span, found)
    _closings(session, span, found)
    found.steps = _steps(session, span, step_of)
    topics = select(Turn.intent, func.count(func.distinct(Turn.conversation_id)))
    topics = topics.where(span.turns, Turn.intent.like("ask_%"), Turn.kind != "miss").group_by(Turn.intent)
    found.topics = dict(Counter(_counts(session, topics)).most_common(MOST))
    said = cast(Turn.responses, Text)  # PostgreSQL groups no JSON
    repeats: Counter[str] = Counter()
    repeated = select(said, func.count()).where(span.turns, Turn.kind == "repeat").group_by(said)
    for names, count in session.execute(repeated):
        repeats.update(dict.fromkeys(json.loads(names)[:1], count))
    found.repeated = dict(repeats.most_common(MOST))
    found.hours = _hours(session, span)
    return found


def _how(span: Span) -> Select[tuple[str, int]]:
    """Count the conversations that began in the span and in which the customer wrote, by how they went."""
    mine = Conversation.id
    said = select(Message.conversation_id, func.max(Message.id).label("id")).where(
        Message.author == "customer", Message.for_rasa.is_not(None)
    )
    last = said.group_by(Message.conversation_id).subquery()
    person = or_(
        select(Transition.id).where(Transition.conversation_id == mine, Transition.after == "waiting").exists(),
        select(Ticket.id).where(Ticket.conversation_id == mine).exists(),
    )
    answered = (Turn.kind != "miss") & (func.coalesce(Turn.intent, "") != COMPLAINT)
    how = case(
        (person, "person"),
        (Message.created_at > now() - GOING_ON, "going_on"),
        (answered, "solved"),
        else_="unsolved",
    ).label("how")
    found = select(how, func.count()).select_from(Conversation).join(last, last.c.conversation_id == mine)
    found = found.join(Message, Message.id == last.c.id).outerjoin(Turn, Turn.message_id == last.c.id)
    return found.where(span.of(Conversation.created_at)).group_by(how)


def _hand_offs(session: Session, span: Span, found: Measures) -> None:
    """Follow each request for a person until the conversation is with the assistant again, or closed."""
    columns = (Transition.conversation_id, Transition.at, Transition.before, Transition.after, Transition.cause)
    order = (Transition.conversation_id, Transition.id)
    changed = select(*columns).join(Conversation).where(Transition.at >= span.since, span.spoken)
    rows = session.execute(changed.order_by(*order)).all()
    wrote = select(Message.conversation_id, Message.created_at).where(
        Message.author == "agent", Message.created_at >= span.since
    )
    replies: dict[str, list[datetime]] = defaultdict(list)
    for conversation_id, at in session.execute(wrote.order_by(Message.id)):
        replies[conversation_id].append(at)
    causes: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for conversation_id, changes in groupby(rows, key=lambda row: row[0]):
        for asked, cause, taken, end, seconds in _episodes(changes):
            if not span.since <= asked < span.until:
                continue
            causes[cause] += 1
            if taken:
                found.waits.append((taken - asked).total_seconds())
                wrote_at = replies[conversation_id]
                first = bisect_left(wrote_at, taken)
                if first < len(wrote_at) and not (end and wrote_at[first] > end[0]):
                    found.first_replies.append((wrote_at[first] - asked).total_seconds())
                if end:
                    found.handling.append(seconds)
            elif end:
                left[end[1]] += 1
    found.causes, found.left = dict(causes.most_common()), dict(left.most_common())


Episode = tuple[datetime, str, datetime | None, tuple[datetime, str] | None, float]


def _episodes(changes: Iterator) -> Iterator[Episode]:
    """Yield each request: when, the cause, when an agent first took it, when and how it ended, seconds with agents."""
    asked: tuple[datetime, str] | None = None
    taken = held = None
    seconds = 0.0
    for _, at, before, after, cause in changes:
        if before in ("assistant", "closed") and after == "waiting":
            asked, taken, seconds = (at, cause), None, 0.0
        if before != "agent" and after == "agent":
            taken, held = taken or at, at
        if before == "agent" and after != "agent" and held:
            seconds += (at - held).total_seconds()
        if asked and before in ("waiting", "agent") and after in ("assistant", "closed"):
            yield *asked, taken, (at, cause), seconds
            asked = None
    if asked:
        yield *asked, taken, None, seconds


def _closings(session: Session, span: Span, found: Measures) -> None:
    """Count outcomes and ratings of the conversations that agents closed in the span."""
    done = select(Transition).join(Conversation).where(span.of(Transition.at), Transition.cause == "done")
    closings = session.scalars(done.order_by(Transition.id.desc())).all()
    found.outcomes = dict(Counter(one.outcome for one in closings if one.outcome).most_common())
    found.scores = dict(sorted(Counter(one.score for one in closings if one.score).items()))
    written = [one for one in closings if one.score and one.comment][:COMMENTS]
    found.comments = [Comment(one.at, one.score or 0, one.comment or "", one.conversation_id) for one in written]


def _steps(session: Session, span: Span, step_of: Mapping[str, int]) -> dict[int, tuple[int, int]]:
    """Return by step how many conversations came to it, and for how many it was the last one."""
    columns = (Turn.conversation_id, Turn.place, func.max(Turn.message_id))
    places = select(*columns).where(span.turns, Turn.place.is_not(None))
    came: Counter[int] = Counter()
    last: dict[str, tuple[int, int]] = {}  # by conversation
    seen: set[tuple[str, int]] = set()
    for conversation_id, place, message_id in session.execute(places.group_by(Turn.conversation_id, Turn.place)):
        step = step_of.get(place or "")
        if step is None:
            continue
        if (conversation_id, step) not in seen:
            seen.add((conversation_id, step))
            came[step] += 1
        last[conversation_id] = max(last.get(conversation_id, (0, 0)), (message_id, step))
    stopped = Counter(step for _, step in last.values())
    return {step: (came[step], stopped[step]) for step in sorted(came)}


def _hours(session: Session, span: Span) -> dict[int, int]:
    """Count the customers' messages by hour of the day in Latvia; the database counts by hour in UTC."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"  # which stores moments as text
    hour = (
        func.substr(Message.created_at, 1, 13, type_=String)
        if is_sqlite
        else func.to_char(func.timezone("UTC", Message.created_at), "YYYY-MM-DD HH24")
    ).label("hour")
    within = (Message.author == "customer", Message.created_at >= span.since, Message.created_at < span.until)
    written = select(hour, func.count()).where(*within).group_by(hour)
    if span.language:
        written = written.join(Conversation).where(span.spoken)
    found: Counter[int] = Counter()
    for named, count in session.execute(written):
        found[datetime.fromisoformat(f"{named}:00").replace(tzinfo=UTC).astimezone(RIGA).hour] += count
    return {hour: found[hour] for hour in range(24)}


def _counts(session: Session, counted: Select) -> dict[str, int]:
    return {name: count for name, count in session.execute(counted).all()}  # noqa: C416
