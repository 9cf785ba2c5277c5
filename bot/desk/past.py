"""The page of all conversations, also the past ones, with filters; none of what was said stands there."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from bot.calendar import RIGA
from bot.conversations import archive
from bot.conversations.archive import ALONE, Wanted
from bot.conversations.masking import DOTS, is_email
from bot.conversations.models import Agent, Conversation, Transition
from bot.conversations.summary import Summary, summaries_of
from bot.conversations.transitions import OUTCOMES
from bot.database import HIGHEST_ID, now
from bot.desk import agents
from bot.desk.board import PageNumber
from bot.desk.layout import WORDS, page
from bot.desk.models import AuditEntry
from bot.desk.presentation import helpers, topic
from bot.desk.session import PATH, SignedIn
from bot.web.dependencies import AppState, AppStateDep, clean
from bot.wording import read_data

HERE = f"{PATH}/past"
MAX_LENGTH = 200  # characters of a field
router = APIRouter(prefix=HERE)
Typed = Annotated[str, Form(max_length=MAX_LENGTH)]
Given = Annotated[str, Query(max_length=MAX_LENGTH)]


class Filters(NamedTuple):
    """What the form holds, as it stands in the address of the page: no address of a customer, and masked words."""

    since: str = ""
    until: str = ""
    customer: str = ""
    topic: str = ""
    outcome: str = ""
    agent: str = ""
    score: str = ""
    who: str = ""  # keyed hash of an address
    words: str = ""

    def with_page(self, number: int) -> str:
        """Return the address of a page of what was found."""
        kept = {name: value for name, value in self._asdict().items() if value}
        return f"{HERE}?{urlencode(kept | ({'number': number} if number > 1 else {}))}"


class Row(NamedTuple):
    """A conversation that was found."""

    conversation: Conversation
    summary: Summary
    closing: Transition | None
    confirmed: None = None  # names are for who reads it


def _given(
    since: Given = "",
    until: Given = "",
    customer: Given = "",
    topic: Given = "",
    outcome: Given = "",
    agent: Given = "",
    score: Given = "",
    who: Given = "",
    words: Given = "",
) -> Filters:
    return Filters(since, until, customer, topic, outcome, agent, score, who, words)


@router.get("")
def show(
    request: Request,
    app: AppStateDep,
    agent: SignedIn,
    filters: Annotated[Filters, Depends(_given)],
    number: PageNumber = 1,
    wrong: str = "",
) -> Response:
    """Show a page of conversations."""
    with app.database.read() as session:
        found, has_more = archive.find(session, _wanted(filters), number, agent.is_supervisor)
        summaries = summaries_of(session, found, lambda _: False)
        closings = archive.closings(session, found)
        team = agents.everybody(session)
    return page(
        request,
        agent,
        "past.html",
        here=HERE,
        rows=[Row(one, summaries[one.id], closings.get(one.id)) for one in found],
        has_more=has_more,
        number=number,
        filters=filters,
        topics=_topics(agent),
        outcomes=[*([ALONE] if agent.is_supervisor else []), *OUTCOMES],
        team=team,
        wrong=wrong == "email",
        longest=MAX_LENGTH,
        **helpers(agent.language),
    )


@router.post("")
def search(
    app: AppStateDep,
    agent: SignedIn,
    since: Typed = "",
    until: Typed = "",
    customer: Typed = "",
    topic: Typed = "",
    outcome: Typed = "",
    of_agent: Typed = "",
    score: Typed = "",
    email: Typed = "",
    who: Typed = "",
    words: Typed = "",
) -> Response:
    """Lead to the page of what was looked for, whose address tells nobody whom the agent looked for."""
    # What is masked in the conversations cannot be found in them.
    words, email = " ".join(app.masking.hide(clean(words)).replace(DOTS, " ").split()), clean(email)
    filters = Filters(since, until, customer, topic, outcome, of_agent, score, who, words)
    if email and not is_email(email):
        return RedirectResponse(f"{filters.with_page(1)}&wrong=email", 303)
    if email:
        filters = filters._replace(who=app.contacts.hash(email))
        _note(app, agent, filters)
    return RedirectResponse(filters.with_page(1), 303)


def _note(app: AppState, agent: Agent, filters: Filters) -> None:
    """Record that an agent looked for a person, and how many conversations there were."""
    with app.database.write() as session:
        found, _ = archive.find(session, Wanted(email_hash=filters.who), 1, agent.is_supervisor)
        counts = {"conversations": len(found)}
        session.add(AuditEntry(at=now(), who=agent.email, what="searched", counts=counts))


def _wanted(filters: Filters) -> Wanted:
    """Return what a form asks for; what makes no sense does not matter."""
    since, until = _day(filters.since), _day(filters.until)
    return Wanted(
        since=datetime.combine(since, time.min, RIGA) if since else None,
        until=datetime.combine(until + timedelta(days=1), time.min, RIGA) if until else None,
        language=filters.customer if filters.customer in ("lv", "en") else "",
        topic=clean(filters.topic),
        outcome=filters.outcome if filters.outcome in (ALONE, *OUTCOMES) else "",
        agent_id=_number(filters.agent, HIGHEST_ID),
        score=_number(filters.score, 5),
        email_hash=clean(filters.who),
        words=clean(filters.words),
    )


def _topics(agent: Agent) -> list[tuple[str, str]]:
    """Return the topics that customers ask about, with their titles, in the order of these."""
    names = {name for name in (*read_data("topics.yml"), *WORDS["intents"]) if name.startswith("ask_")}
    return sorted(((name, topic(name, agent.language)) for name in names), key=lambda one: one[1].casefold())


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None


def _number(typed: str, most: int) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 11 and int(typed) <= most else 0


def earlier_rows(app: AppState, agent: Agent, conversation: Conversation) -> list[dict[str, Any]]:
    """Return a customer's other conversations, for the page of one of them."""
    with app.database.read() as session:
        found = archive.earlier(session, conversation, agent.is_supervisor)
        closed = archive.closings(session, found)
        topics = {one: summary.topics for one, summary in summaries_of(session, found, lambda _: False).items()}
    return [{"conversation": one, "closing": closed.get(one.id), "topics": topics[one.id]} for one in found]
