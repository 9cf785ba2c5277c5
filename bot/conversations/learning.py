"""What the assistant did not understand, likes together, and what supervisors decide about it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from bot.conversations.learning_models import Filing, Judgement, Turn
from bot.conversations.models import Message, Transition
from bot.conversations.summary import text_for
from bot.database import now
from bot.text import fold
from bot.wording import tidy

Kind = Literal["miss", "unhelpful", "guess", "contradicted", "bad", "repeat"]
Decision = Literal["example", "not_known", "new", "set_aside"]
KINDS, DECISIONS = get_args(Kind), get_args(Decision)
NOT_KNOWN = "ask_not_known"  # the intent of what the assistant is known not to know
MOST = 1000  # newest messages that are looked at
LIKE = 80  # from which two messages are alike, of 100
MAX_LENGTH = 200  # characters of an example
MARKUP = re.compile(r"[\[\]{}\\]")  # what an example of Rasa's marks entities with


@dataclass(frozen=True)
class Case:
    """A customer's message, masked, and how it was understood and answered."""

    turn: Turn
    text: str
    has_person: bool  # whether a person was ever called to the conversation, so that agents may read it


def cases(session: Session, kind: Kind, language: str = "") -> list[Case]:
    """Return the messages of a kind that nobody has decided about, the newest first; of very many, the newest."""
    found = _undecided(select(Turn, Message, _has_person())).where(_is(kind))
    if language:
        found = found.where(Turn.language == language)
    rows = session.execute(found.order_by(Turn.message_id.desc()).limit(MOST))
    return [Case(turn, text_for(message, False), bool(called)) for turn, message, called in rows]


def case(session: Session, message_id: int) -> Case | None:
    """Return a message that nobody has decided about."""
    row = session.execute(_undecided(select(Turn, Message, _has_person())).where(Turn.message_id == message_id)).first()
    return Case(row[0], text_for(row[1], False), bool(row[2])) if row else None


def counts(session: Session) -> dict[str, int]:
    """Return how many messages of each kind nobody has decided about."""
    return {kind: session.scalar(_undecided(select(func.count())).where(_is(kind))) or 0 for kind in KINDS}


def kind_of(turn: Turn) -> Kind:
    """Return the kind under which a turn is listed."""
    marked: Kind = "unhelpful" if turn.unhelpful else "contradicted" if turn.contradicted else "bad"
    return next((kind for kind in KINDS if kind == turn.kind), marked)


def grouped(found: Sequence[Case]) -> list[list[Case]]:
    """Put messages together that are alike, in the same language; the largest groups come first."""
    groups: list[tuple[str, list[Case]]] = []
    for one in found:
        said = _compared(one.text)
        for like, members in groups:
            if members[0].turn.language == one.turn.language and fuzz.token_sort_ratio(like, said) >= LIKE:
                members.append(one)
                break
        else:
            groups.append((said, [one]))
    return sorted((members for _, members in groups), key=len, reverse=True)


def like(one: Case, others: Iterable[Case]) -> list[Case]:
    """Return a message and those like it."""
    said = _compared(one.text)
    alike = (other for other in others if other.turn.message_id != one.turn.message_id)
    return [
        one,
        *(
            other
            for other in alike
            if other.turn.language == one.turn.language and fuzz.token_sort_ratio(said, _compared(other.text)) >= LIKE
        ),
    ]


def as_example(text: str) -> str:
    """Return a message as one line of an example."""
    return tidy(MARKUP.sub(" ", text), MAX_LENGTH).lstrip("- ")


def decide(
    session: Session,
    message_ids: Sequence[int],
    decision: Decision,
    who: str,
    answer: str | None = None,
    draft: dict[str, str] | None = None,
) -> list[Filing]:
    """Keep what was decided about messages; those that somebody has decided about meanwhile are left out."""
    filed = []
    for message_id in sorted(message_ids):
        session.get(Message, message_id, with_for_update=True)  # another supervisor may decide at the same time
        one = case(session, message_id)
        if one and as_example(one.text):
            filed.append(_filing(one, decision, who, answer))
    if filed and draft:
        filed[0].draft_lv, filed[0].draft_en = draft["lv"], draft["en"]
    session.add_all(filed)
    session.flush()
    return filed


def _filing(one: Case, decision: Decision, who: str, answer: str | None) -> Filing:
    return Filing(
        message_id=one.turn.message_id,
        conversation_id=one.turn.conversation_id,
        at=now(),
        who=who,
        language=one.turn.language,
        text=as_example(one.text),
        decision=decision,
        answer=NOT_KNOWN if decision == "not_known" else answer,
    )


def take_back(session: Session, filing_id: int) -> bool:
    """Forget a decision, so that its message is listed again; return whether there was one."""
    filing = session.get(Filing, filing_id)
    if filing:
        session.delete(filing)
        session.flush()
    return filing is not None


def filings(session: Session) -> Sequence[Filing]:
    """Return all decisions, the newest first."""
    return session.scalars(select(Filing).order_by(Filing.id.desc())).all()


def frequent_misses(session: Session, since: datetime, until: datetime, language: str, most: int) -> list[list[Case]]:
    """Return the largest groups of messages that were not understood in a span, decided about or not."""
    found = select(Turn, Message, _has_person()).join(Message, Message.id == Turn.message_id)
    found = found.where(Turn.kind == "miss", Turn.at >= since, Turn.at < until, _is_typed())
    if language:
        found = found.where(Turn.language == language)
    rows = session.execute(found.order_by(Turn.message_id.desc()).limit(MOST))
    return grouped([Case(turn, text_for(message, False), bool(called)) for turn, message, called in rows])[:most]


def _undecided(found: Select) -> Select:
    joined = found.select_from(Turn).join(Message, Message.id == Turn.message_id)
    # What was understood, and was no complaint, stays with the customer.
    is_listed = or_(Turn.kind != "answer", Turn.contradicted, Turn.unhelpful, _is("bad"))
    is_decided = select(Filing.id).where(Filing.message_id == Turn.message_id).exists()
    return joined.where(is_listed, _is_typed(), ~is_decided)


def _is_typed() -> ColumnElement[bool]:
    return Message.for_rasa.not_like("/%")  # a button sends a payload


def _is(kind: Kind) -> ColumnElement[bool]:
    if kind == "bad":
        return select(Judgement.id).where(Judgement.message_id == Turn.message_id, Judgement.verdict == "bad").exists()
    marks = {"contradicted": Turn.contradicted, "unhelpful": Turn.unhelpful}
    return marks[kind].is_(True) if kind in marks else Turn.kind == kind


def _has_person() -> ColumnElement[bool]:
    called = Transition.after == "waiting"
    return select(Transition.id).where(Transition.conversation_id == Turn.conversation_id, called).exists()


def _compared(text: str) -> str:
    return re.sub(r"\W+", " ", fold(text[:MAX_LENGTH])).strip()
