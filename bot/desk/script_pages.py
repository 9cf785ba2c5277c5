"""The pages of the guided script, its panel in the page of a conversation, and the telephone calls."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import update

from bot.account import Account
from bot.conversations import handoff, identity, pictures
from bot.conversations.models import Agent
from bot.database import now
from bot.desk import agents, calls, card, checks, layout, script
from bot.desk.account_lookup import AgentAccounts, Purpose, UnknownCustomer
from bot.desk.layout import page
from bot.desk.limits import LookUpLimits
from bot.desk.models import Call
from bot.desk.session import SignedIn, Supervisor, own_path
from bot.dialogue import search
from bot.dialogue.guide import Node, Position
from bot.http import ServiceError
from bot.problems import problem
from bot.web import drawings
from bot.web.dependencies import AppState, AppStateDep, clean

router = APIRouter(prefix="/desk/script")
log = structlog.get_logger()

HOME = "/desk/script"
LANGUAGES = ("lv", "en")
CONVERSATION = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_QUERY_LENGTH = 100  # characters
PERIODS = (7, 30, 365)  # days of the statistics


@dataclass(frozen=True)
class View:
    """What an address of the script holds: the place, and how it is shown."""

    position: Position
    language: str  # of the customer
    both: bool = False  # whether the other language is shown as well
    conversation: str = ""  # the one beside the script; empty for a call
    query: str = ""

    def shown(self, language: str, both: bool) -> "View":
        """Return the same place in another language, or in both."""
        return replace(self, language=language, both=both)

    def asking(self, query: str) -> "View":
        """Return the same place with another search."""
        return replace(self, query=query)

    def address(self) -> str:
        """Return the address that shows this view."""
        kept = {"path": script.write_path(self.position), "language": self.language}
        kept |= {"both": "1"} if self.both else {}
        kept |= {"conversation": self.conversation} if self.conversation else {}
        kept |= {"q": self.query} if self.query else {}
        return f"{HOME}?{urlencode(kept)}"


@dataclass(frozen=True)
class AccountLookup:
    """The result of looking a customer's account up."""

    account: Account | None
    problem: Literal["", "unknown", "failed"] = ""


@router.get("")
def show_script(
    request: Request, app: AppStateDep, agent: SignedIn, path: str = "", end: str = "", wrong: str = ""
) -> Response:
    """Show a place and the call that it belongs to; without a place, go on where the call stands."""
    with app.database.read() as session:
        call = calls.running(session, agent.id)
    view, lost = _view(request, agent, call)
    if view.conversation:
        call = None
    elif call and not path:
        resumed = script.read_path(script.walkthrough(), call.path) or view.position
        return RedirectResponse(View(resumed, call.language).address(), 303)
    if call:
        _keep_place(app, call, view)
    email = call.email if call else None
    lookup = look_up(request, email, agent, "script") if email else _look_up_beside(request, app, agent, view)
    return page(
        request,
        agent,
        "script.html",
        **panel_values(view, agent, lookup),
        call=call,
        email=email,
        end=end if end in calls.OUTCOMES else "",
        lost=lost,
        outcomes=calls.OUTCOMES,
        wrong=bool(wrong),
    )


@router.get("/panel")
def show_panel(request: Request, app: AppStateDep, agent: SignedIn) -> Response:
    """Show a place alone, for the page of a conversation."""
    view, _ = _view(request, agent, None)
    values = panel_values(view, agent, _look_up_beside(request, app, agent, view))
    return HTMLResponse(layout.fragment(request, agent, "script_panel.html", **values))


@router.post("/call")
def start_call(
    app: AppStateDep, agent: SignedIn, path: Annotated[str, Form()] = "", language: Annotated[str, Form()] = ""
) -> Response:
    """Begin a call where the agent stands."""
    guide = script.walkthrough()
    position = script.read_path(guide, path) or Position((guide.first,))
    view = View(position, language if language in LANGUAGES else agent.language)
    with app.database.write() as session:
        calls.start(session, agent.id, view.language, script.write_path(position))
    return RedirectResponse(view.address(), 303)


@router.post("/customer")
def set_customer(
    request: Request,
    app: AppStateDep,
    agent: SignedIn,
    email: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = HOME,
) -> Response:
    """Keep the customer's e-mail address while the call runs; an empty one removes it."""
    limits: LookUpLimits = request.app.state.look_up_limits
    email, then = clean(email).lower(), own_path(then)
    if email and not agents.is_email(email):
        return RedirectResponse(f"{then}{'&' if '?' in then else '?'}wrong=1", 303)
    with app.database.read() as session:
        call = calls.running(session, agent.id)
    if call and email and email != call.email and (wait := limits.count(agent.id)):
        raise problem(429, "too-many-lookups", "Too many accounts looked up", {"retry-after": str(wait)})
    with app.database.write() as session:
        if call := calls.running(session, agent.id):
            call.email = email or None
            call.email_hash = app.contacts.hash(email) if email else None
    return RedirectResponse(then, 303)


@router.post("/end")
def end_call(
    app: AppStateDep,
    agent: SignedIn,
    outcome: Annotated[calls.Outcome, Form()],
    note: Annotated[str, Form()] = "",
) -> Response:
    """End the call, and keep its outcome."""
    said = app.masking.hide(clean(note)[: app.settings.message_length])
    with app.database.write() as session:
        ended = calls.end(session, agent.id, outcome, said)
    return RedirectResponse(f"{HOME}?done=call_ended" if ended else HOME, 303)


@router.post("/discard")
def discard_call(app: AppStateDep, agent: SignedIn) -> Response:
    """End the call, and keep nothing of it."""
    with app.database.write() as session:
        calls.discard(session, agent.id)
    return RedirectResponse(f"{HOME}?done=call_discarded", 303)


@router.get("/calls")
def show_statistics(request: Request, app: AppStateDep, agent: Supervisor, days: int = PERIODS[1]) -> Response:
    """Count the calls of a period."""
    days = days if days in PERIODS else PERIODS[1]
    with app.database.write() as session:
        found = calls.ended_since(session, now() - timedelta(days=days))
    guide = script.walkthrough()
    ends = Counter(guide.nodes[name].step for name in calls.ended_at(found) if name in guide.nodes)
    return page(
        request,
        agent,
        "calls.html",
        count=len(found),
        days=days,
        ends=[(step, script.title(guide, step, agent.language), ends[step]) for step in sorted(ends)],
        length=lambda seconds: f"{seconds // 60}:{seconds % 60:02}",
        periods=PERIODS,
        tallies=calls.tallies(found),
    )


def panel_values(view: View, agent: Agent, lookup: AccountLookup | None = None) -> dict[str, Any]:
    """Return the values that script_panel.html shows; `lookup` is the account, if it was looked up."""
    guide = script.walkthrough()
    place, before = script.here(guide, view.position), script.back(view.position)
    return {
        "answers": search.find(view.query) if view.query else None,
        "card": card.card_of(lookup.account, agent.language) if lookup and lookup.account else None,
        "back": replace(view, position=before, query="") if before else None,
        "check": _check(place, agent, lookup) if lookup else None,
        "dead_end": script.is_dead_end(place),
        "go": lambda name: replace(view, position=script.go(view.position, name), query=""),
        "in_parts": script.in_parts,
        "lookup": lookup,
        "languages": [view.language, *(one for one in LANGUAGES if view.both and one != view.language)],
        "more": search.named(place.details),
        "picture": pictures.find(script.pictures().get(place.name), view.language),
        "picture_address": drawings.address,
        "picture_alt": pictures.alt,
        "path": script.write_path(view.position),
        "place": place,
        "status_said": lambda name: card.say(agent.language, f"statuses.{name}"),
        "step_count": len(guide.opens),
        "step_title": lambda number: script.title(guide, number, agent.language),
        "steps": script.steps(guide, view.position),
        "view": view,
        "voice": script.words()[place.name],
        "ways": script.ways(place),
    }


def look_up(request: Request, email: str, agent: Agent, purpose: Purpose) -> AccountLookup:
    """Look a customer's account up; log a failure."""
    accounts: AgentAccounts = request.app.state.desk_accounts
    try:
        return AccountLookup(accounts.read(email, agent, purpose))
    except UnknownCustomer:
        return AccountLookup(None, "unknown")
    except ServiceError as error:
        log.warning("account_not_read", agent=agent.id, reason=str(error))
        return AccountLookup(None, "failed")


def _view(request: Request, agent: Agent, call: Call | None) -> tuple[View, bool]:
    """Read the address; return also whether its path is invalid, in which case the view is at the beginning."""
    asked, guide = request.query_params, script.walkthrough()
    position = script.read_path(guide, asked.get("path", ""))
    language, conversation = asked.get("language", ""), asked.get("conversation", "")
    view = View(
        position or Position((guide.first,)),
        language if language in LANGUAGES else call.language if call else agent.language,
        both=asked.get("both") == "1",
        conversation=conversation if CONVERSATION.fullmatch(conversation) else "",
        query=clean(asked.get("q", ""))[:MAX_QUERY_LENGTH],
    )
    return view, position is None


def _keep_place(app: AppState, call: Call, view: View) -> None:
    path = script.write_path(view.position)
    if (call.path, call.language) != (path, view.language):
        with app.database.write() as session:
            session.execute(update(Call).where(Call.id == call.id).values(path=path, language=view.language))


def _look_up_beside(request: Request, app: AppState, agent: Agent, view: View) -> AccountLookup | None:
    """Look the account of a conversation's confirmed customer up, but only for the agent who holds the conversation."""
    with app.database.read() as session:
        found = handoff.at_desk(session, view.conversation)
    email = identity.confirmed_email(found, app.settings.access_idle) if found else None
    if not found or not email or (found.owner, found.agent_id) != ("agent", agent.id):
        return None
    return look_up(request, email, agent, "conversation")


def _check(place: Node, agent: Agent, lookup: AccountLookup) -> checks.Check:
    if lookup.problem == "failed":
        return checks.Check("unknown", layout.say(agent.language, "customer.failed"))
    return checks.check(script.walkthrough(), place, lookup.account, agent.language)
