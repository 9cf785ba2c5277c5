"""What the window offers before the first message: the questions asked most, and others that fit what is typed."""

import time
from datetime import timedelta
from functools import cache
from pathlib import Path

import structlog
import yaml
from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.chat.dependencies import NO_SESSION, TOO_MANY, CurrentConversation, PollLimited
from bot.chat.schemas import DraftIn, QuestionsOut, StepOut
from bot.conversations.learning_models import Turn
from bot.database import Database, now
from bot.dialogue.answers import LANGUAGES, read_answers
from bot.dialogue.guide import Guide, read_guide
from bot.dialogue.question_search import suggest
from bot.problems import documented
from bot.web.dependencies import clean

log = structlog.get_logger()
USUAL: list[str] = yaml.safe_load((Path(__file__).parent / "home.yml").read_text(encoding="utf-8"))
SHOWN = 6
WITHIN = timedelta(days=30)  # in which questions are counted
LOOKED_AT = 500  # addresses
FRESH = 600.0  # seconds for which a count is good
log = structlog.get_logger()
router = APIRouter(prefix="/api")


class MostAsked:
    """The questions asked most, counted again from time to time."""

    def __init__(self, database: Database) -> None:
        """Take where the turns are; nothing is counted yet."""
        self._database = database
        self._counted_at: float | None = None
        self._addresses = USUAL

    def questions(self) -> dict[str, list[str]]:
        """Return the questions, by language."""
        if self._counted_at is None or time.monotonic() > self._counted_at + FRESH:
            self._counted_at = time.monotonic()
            try:
                with self._database.read() as session:
                    self._addresses = most_asked(session)
            except SQLAlchemyError as error:  # the page can do without
                log.warning("questions_not_counted", reason=type(error).__name__)
        answers = read_answers()
        return {language: [answers[one].question[language] for one in self._addresses] for language in LANGUAGES}


def most_asked(session: Session) -> list[str]:
    """Return the addresses of the answers in most conversations, one about each thing; the usual ones fill up."""
    conversations = func.count(func.distinct(Turn.conversation_id))
    asked = select(Turn.about).where(Turn.at > now() - WITHIN, Turn.kind != "miss", Turn.about.is_not(None))
    counted = session.scalars(asked.group_by(Turn.about).order_by(conversations.desc(), Turn.about).limit(LOOKED_AT))
    found: dict[str, str] = {}  # by thing
    for address in [*counted, *USUAL]:
        answer = read_answers().get(address or "")
        if answer and answer.is_known:
            found.setdefault(answer.thing, answer.address)
    return list(found.values())[:SHOWN]


def step_at(place: str | None) -> StepOut | None:
    """Return the step of the walkthrough to which a place belongs."""
    guide = _guide()
    node = guide.nodes.get(place or "")
    return StepOut(number=node.step, count=len(guide.opens)) if node else None


@cache
def _guide() -> Guide:
    return read_guide()


@router.post("/conversation/questions", dependencies=PollLimited, responses=documented(NO_SESSION, TOO_MANY))
def find_questions(_: CurrentConversation, body: DraftIn) -> QuestionsOut:
    """Return questions that the assistant can answer and that fit what is being typed, the best first.

    What is typed is in the body, so that no proxy logs it.
    """
    return QuestionsOut(questions=suggest(clean(body.text), body.language))
