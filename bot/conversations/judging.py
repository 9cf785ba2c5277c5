"""Answers that supervisors judge, step by step through a conversation, and what an exam makes of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from bot.conversations.learning_models import Judgement, Turn
from bot.conversations.messages import MAX_SHOWN, SHOWN
from bot.conversations.models import Agent, Conversation, Message
from bot.conversations.summary import text_for
from bot.database import now

Verdict = Literal["good", "acceptable", "bad"]
VERDICTS = get_args(Verdict)
LISTED = 50  # newest conversations
EXPORTED = 1000  # newest conversations that an exam is made of
MAX_FACTS = 500  # characters


@dataclass
class Step:
    """What was asked, or nothing before the first question, what was said to it, and the marks that it has."""

    asked: Message | None
    turn: Turn | None = None
    said: list[Message] = field(default_factory=list)
    marks: list[Judgement] = field(default_factory=list)

    def of(self, agent_id: int) -> Judgement | None:
        """Return the mark of an agent."""
        return next((one for one in self.marks if one.agent_id == agent_id), None)

    @property
    def facts(self) -> list[str]:
        """What must be in the answer, as it was last written down."""
        written = [one for one in self.marks if one.facts]
        newest = max(written, key=lambda one: one.at, default=None)
        return (newest.facts or "").splitlines() if newest else []


@dataclass(frozen=True)
class Listed:
    """A conversation that may be judged."""

    id: str
    created_at: datetime
    language: str
    answers: int
    judged: int  # answers that the agent has judged


def listed(session: Session, agent: Agent, language: str, is_done: bool, most: int = LISTED) -> list[Listed]:
    """Return the newest conversations in which the agent has judged something, or nothing yet."""
    mine = select(Judgement.id).where(Judgement.conversation_id == Turn.conversation_id, Judgement.agent_id == agent.id)
    newest = func.max(Turn.message_id)
    found = select(Turn.conversation_id, func.count()).where(mine.exists() if is_done else ~mine.exists())
    if language:
        found = found.where(Turn.language == language)
    rows = session.execute(found.group_by(Turn.conversation_id).order_by(newest.desc()).limit(most)).all()
    ids = [conversation_id for conversation_id, _ in rows]
    judged = select(Judgement.conversation_id, func.count()).where(Judgement.agent_id == agent.id)
    of_mine = judged.where(Judgement.conversation_id.in_(ids)).group_by(Judgement.conversation_id)
    counts = {conversation_id: count for conversation_id, count in session.execute(of_mine)}  # noqa: C416
    return [
        Listed(one.id, one.created_at, one.language, answers, counts.get(one.id, 0))
        for one, answers in ((session.get_one(Conversation, conversation_id), n) for conversation_id, n in rows)
    ]


def steps(session: Session, conversation_id: str) -> list[Step]:
    """Return a conversation as steps: each message of the customer, and what was said until the next one."""
    mine = select(Message).where(Message.conversation_id == conversation_id, Message.author.in_(SHOWN))
    newest = session.scalars(mine.order_by(Message.id.desc()).limit(MAX_SHOWN)).all()
    turns = {
        one.message_id: one for one in session.scalars(select(Turn).where(Turn.conversation_id == conversation_id))
    }
    marks = session.scalars(
        select(Judgement).where(Judgement.conversation_id == conversation_id).order_by(Judgement.id)
    ).all()
    found = [Step(None)]
    for message in reversed(newest):
        if message.author == "customer":
            of_it = [one for one in marks if one.message_id == message.id]
            found.append(Step(message, turns.get(message.id), [], of_it))
        else:
            found[-1].said.append(message)
    return [one for one in found if one.asked or one.said]


def judge(
    session: Session, conversation_id: str, message_id: int, agent: Agent, verdict: Verdict, facts: str
) -> Step | None:
    """Keep an agent's mark of the answer to a message, and what must be in it; return the step."""
    turn = session.get(Turn, message_id, with_for_update=True)
    if not turn or turn.conversation_id != conversation_id:
        return None
    mine = select(Judgement).where(Judgement.message_id == message_id, Judgement.agent_id == agent.id)
    mark = session.scalar(mine)
    if not mark:
        mark = Judgement(message_id=message_id, conversation_id=conversation_id, agent_id=agent.id)
        session.add(mark)
    mark.who, mark.at, mark.verdict, mark.facts = agent.name[:80], now(), verdict, facts or None
    session.flush()
    shown = steps(session, conversation_id)
    return next((one for one in shown if one.turn and one.turn.message_id == message_id), None)


def agreement(session: Session, since: datetime, until: datetime, language: str) -> tuple[int, int]:
    """Return the pairs of marks that two agents gave the same answer of a span, and how many of them are alike."""
    other = aliased(Judgement)
    alike = Judgement.verdict == other.verdict
    pairs = select(alike, func.count()).join(
        other, (other.message_id == Judgement.message_id) & (other.id > Judgement.id)
    )
    pairs = pairs.join(Turn, Turn.message_id == Judgement.message_id).where(Turn.at >= since, Turn.at < until)
    if language:
        pairs = pairs.where(Turn.language == language)
    counts = {
        bool(alike): count for alike, count in session.execute(pairs.group_by(Judgement.verdict == other.verdict))
    }
    return sum(counts.values()), counts.get(True, 0)


def exam(session: Session, language: str) -> list[list[Step]]:
    """Return the newest conversations in a language for which facts are written down, up to the last of these."""
    with_facts = select(Judgement.conversation_id).join(Turn, Turn.message_id == Judgement.message_id)
    with_facts = with_facts.where(Judgement.facts.is_not(None), Turn.language == language)
    newest = func.max(Judgement.message_id)
    found = with_facts.group_by(Judgement.conversation_id).order_by(newest.desc()).limit(EXPORTED)
    asked = (_asked(steps(session, conversation_id)) for conversation_id in session.scalars(found))
    return [one for one in asked if one]


def _asked(found: Sequence[Step]) -> list[Step]:
    last = max((number for number, one in enumerate(found) if one.facts), default=-1)  # facts may be out of sight
    return [one for one in found[: last + 1] if one.asked and one.turn]


def item(asked: Iterable[Step], language: str, escape: Any) -> dict[str, Any]:
    """Return a conversation as an item of an exam, masked; `escape` turns a fact into a pattern."""
    found = list(asked)
    turns = [{"user": _typed(one), "must": [escape(fact) for fact in one.facts], "must_not": []} for one in found]
    first = found[0].turn
    return {"id": f"{language}-{first.message_id if first else 0}", "lang": language, "turns": turns, "note": ""}


def _typed(step: Step) -> str:
    """Return what an exam types: the masked message, or the payload of a button."""
    message = step.asked
    if message is None:
        return ""
    payload = message.for_rasa or ""
    return payload if payload.startswith("/") else text_for(message, False)
