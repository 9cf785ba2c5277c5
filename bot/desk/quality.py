"""The page Quality, for supervisors: what the assistant did not understand, and what is to become of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Path, Request, Response
from fastapi.responses import RedirectResponse

from bot.conversations import learning
from bot.conversations.learning import Case, Decision
from bot.conversations.models import Agent
from bot.database import HIGHEST_ID
from bot.desk import patches
from bot.desk.layout import page
from bot.desk.presentation import topic
from bot.desk.session import PATH, Supervisor
from bot.dialogue import search
from bot.dialogue.answers import ASPECTS, LANGUAGES, read_answers, read_responses
from bot.dialogue.phrasing import by_response
from bot.web.dependencies import AppState, AppStateDep, clean
from bot.wording import tidy

HERE = f"{PATH}/quality"
SHOWN = 50  # groups, messages of a group, and decisions
SAID = 160  # characters of an answer that are shown
CANDIDATES = 6  # answers that are offered for a message
MAX_QUERY, MAX_DRAFT = 200, 1000  # characters
MessageId = Annotated[int, Path(ge=1, le=HIGHEST_ID)]
router = APIRouter(prefix=HERE)


@router.get("")
def show(
    request: Request, app: AppStateDep, agent: Supervisor, kind: str = learning.KINDS[0], customer: str = ""
) -> Response:
    """List what was not understood, likes together."""
    listed: learning.Kind = next((one for one in learning.KINDS if one == kind), learning.KINDS[0])
    customer = customer if customer in LANGUAGES else ""
    with app.database.read() as session:
        counts = learning.counts(session)
        found = learning.cases(session, listed, customer)
        filings = learning.filings(session)
    groups = learning.grouped(found)
    return page(
        request,
        agent,
        "quality.html",
        here=HERE,
        kind=listed,
        customer=customer,
        counts=counts,
        groups=groups[:SHOWN],
        group_count=len(groups),
        filings=filings[:SHOWN],
        filing_count=len(filings),
        **_helpers(agent),
    )


@router.get("/patch")
def export(app: AppStateDep, agent: Supervisor) -> Response:
    """Send what was decided as a patch for the files of the writers."""
    with app.database.read() as session:
        filings = learning.filings(session)
    headers = {"content-disposition": 'attachment; filename="answers.patch"'}
    return Response(patches.patch_of(filings), media_type="text/x-diff; charset=utf-8", headers=headers)


@router.get("/{message_id}")
def show_group(request: Request, app: AppStateDep, agent: Supervisor, message_id: MessageId, q: str = "") -> Response:
    """Show a message and those like it, with the answers that it may be an example of."""
    return _group(request, app, agent, message_id, clean(q)[:MAX_QUERY])


@router.post("/{message_id}")
def decide(
    request: Request,
    app: AppStateDep,
    agent: Supervisor,
    message_id: MessageId,
    chosen: Annotated[list[int], Form(max_length=SHOWN)],
    decision: Annotated[Decision, Form()] = "example",
    answer: Annotated[str, Form(max_length=120)] = "",
    thing: Annotated[str, Form(max_length=40)] = "",
    aspect: Annotated[str, Form(max_length=40)] = "",
    draft_lv: Annotated[str, Form()] = "",
    draft_en: Annotated[str, Form()] = "",
) -> Response:
    """Keep what the supervisor decides about the chosen messages."""
    draft = None
    if decision == "new":
        draft = {"lv": _drafted(app, draft_lv), "en": _drafted(app, draft_en)}
        if not all(draft.values()) or thing not in _things() or aspect not in ASPECTS:
            return _group(request, app, agent, message_id, "", draft, thing, aspect, wrong=True)
        answer = f"{thing}/{aspect}-new{message_id}"
    elif decision == "example" and answer not in read_answers() and answer not in _pages():
        raise HTTPException(422)
    ids = [one for one in chosen if 0 < one <= HIGHEST_ID]
    with app.database.write() as session:
        learning.decide(session, ids, decision, agent.name[:80], answer or None, draft)
    return RedirectResponse(f"{HERE}?done=filed", 303)


@router.post("/decisions/{filing_id}/take-back")
def take_back(app: AppStateDep, agent: Supervisor, filing_id: MessageId) -> Response:
    """Forget a decision."""
    with app.database.write() as session:
        if not learning.take_back(session, filing_id):
            raise HTTPException(404)
    return RedirectResponse(f"{HERE}?done=saved", 303)


def _group(
    request: Request,
    app: AppState,
    agent: Agent,
    message_id: int,
    query: str,
    draft: dict[str, str] | None = None,
    thing: str = "",
    aspect: str = "",
    wrong: bool = False,
) -> Response:
    with app.database.read() as session:
        one = learning.case(session, message_id)
        if not one:
            raise HTTPException(404)
        others = learning.cases(session, learning.kind_of(one.turn), one.turn.language)
    candidates = [entry for entry in search.find(query or one.text, 4 * CANDIDATES) if address_of(entry)]
    return page(
        request,
        agent,
        "quality_group.html",
        422 if wrong else 200,
        here=f"{HERE}/{message_id}",
        message_id=message_id,
        group=learning.like(one, others)[:SHOWN],
        candidates=candidates[:CANDIDATES],
        address_of=address_of,
        query=query,
        aspects=ASPECTS,
        things=_things(),
        draft=draft or dict.fromkeys(LANGUAGES, ""),
        thing=thing,
        aspect=aspect,
        longest=MAX_DRAFT,
        wrong=wrong,
        **_helpers(agent),
    )


def address_of(entry: search.Entry) -> str | None:
    """Return the address of a found answer, or the intent of a page; None for what only an account tells."""
    answer = by_response().get(entry.name)
    if answer:
        return answer.address
    return f"ask_{entry.name.removeprefix('utter_')}" if entry.is_page else None


def _pages() -> set[str]:
    return {answer.topic for answer in read_answers().values()}


def _things() -> list[str]:
    return sorted({answer.thing for answer in read_answers().values()})


def _drafted(app: AppState, typed: str) -> str:
    """Return a drafted text, masked; braces would be filled in by Rasa."""
    return app.masking.hide(clean(typed).replace("{", "").replace("}", ""))[:MAX_DRAFT].strip()


def _helpers(agent: Agent) -> dict[str, Any]:
    """Return what both templates need to show a message, in the supervisor's language."""

    def understood(one: Case) -> list[tuple[str, int]]:
        likeliest = one.turn.ranking or [[one.turn.intent, one.turn.confidence or 0]]
        return [(topic(name, agent.language), round(100 * sure)) for name, sure in likeliest]

    return {"understood": understood, "said": said, "topic": lambda intent: topic(intent, agent.language)}


def said(case: Case) -> list[str]:
    """Return what was said to a message, from the names of the responses: an account's figures are not shown."""
    texts = (read_responses().get(name) for name in case.turn.responses)
    variants = (one[LANGUAGES.index(case.turn.language)]["text"] for one in texts if one)
    return [tidy(search.plain(text), SAID) for text in variants]
