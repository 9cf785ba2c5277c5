"""The chat's HTTP interface for a website's log-out: tokens signed before it are good for nothing afterwards."""

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import IntegrityError

from bot.chat.dependencies import TOO_MANY, UNREACHABLE, refuse
from bot.chat.schemas import TokensIn
from bot.conversations import identity
from bot.problems import documented
from bot.web.dependencies import AppState, AppStateDep, address_of
from bot.website import IdentityAssertion, NoKeys, WrongToken

router = APIRouter(prefix="/api")


@router.post(
    "/website-tokens/spent", status_code=204, responses=documented((413, "Too much at once"), TOO_MANY, UNREACHABLE)
)
def spend_tokens(body: TokensIn, app: AppStateDep, request: Request) -> Response:
    """Spend tokens that no conversation has used. Who has a token may do so; the answer tells nothing about it."""
    if wait := app.limits.count_log_out(address_of(request)):
        raise refuse(429, "too_many", body.language, again=wait)
    for token in body.tokens:
        try:
            assertion = app.website.check(token)
        except WrongToken:
            continue
        except NoKeys:
            raise refuse(503, "unreachable", body.language) from None
        _spend(app, assertion)
    return Response(status_code=204)


def _spend(app: AppState, assertion: IdentityAssertion) -> None:
    try:
        with app.database.write() as session:
            identity.spend(session, assertion)
    except IntegrityError:  # used in a conversation at the same moment, and bound to it
        return
