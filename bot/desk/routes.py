"""All addresses of the desk, as bot/app.py mounts them."""

from fastapi import APIRouter, FastAPI

from bot.desk import (
    conversation,
    conversation_actions,
    forgotten,
    judging,
    layout,
    measures,
    past,
    preferences,
    quality,
    queue,
    reply_pages,
    script_pages,
    sign_in,
    sign_in_code,
    status,
    team,
    trials,
    watch,
)
from bot.desk.account_lookup import AgentAccounts
from bot.desk.board import Boards
from bot.desk.limits import LookUpLimits, SignInLimits
from bot.desk.oidc import Issuer
from bot.desk.session import Checked
from bot.keys import Cipher, new_key

# Every address below requires a sign-in, and every change is checked, so that no page can forget it.
desk = APIRouter(include_in_schema=False, dependencies=[Checked])
PAGES = (
    queue,
    conversation,
    conversation_actions,
    past,
    preferences,
    team,
    script_pages,
    reply_pages,
    judging,
    trials,
    quality,
    measures,
    watch,
    status,
)
for part in PAGES:
    desk.include_router(part.router)


def mount(app: FastAPI) -> None:
    """Add the desk to the website side."""
    settings, database = app.state.shared.settings, app.state.shared.database
    issuer = Issuer(settings) if settings.oidc_issuer else None
    key = settings.access_key.get_secret_value() or new_key()
    may_forget = bool(settings.smtp_host and not issuer)
    app.state.sign_in_state = sign_in.SignInState(SignInLimits(database), issuer, Cipher(key), key, may_forget)
    app.state.boards = Boards(database, app.state.shared.bus, settings.access_idle)
    app.state.desk_accounts = AgentAccounts(settings)
    app.state.look_up_limits = LookUpLimits(database, settings.lookups_an_hour)
    for router in (
        layout.router,
        sign_in.router,
        sign_in_code.router,
        forgotten.router,
        desk,
    ):  # all but the last need no sign-in
        app.include_router(router)
