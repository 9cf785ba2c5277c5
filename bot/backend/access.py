"""Open a customer's account by a code that was sent to them, or on behalf of the website they are logged in to."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Path, Request, Response

from bot.backend import services, verification
from bot.backend.deps import KEYED, WRONG_KEY, Config, Data, Purpose, Token
from bot.backend.mail import Mailbox, Smtp, code_letter
from bot.backend.schemas import AccessIn, AccessOut, CodeIn, VerificationIn, VerificationOut
from bot.problems import documented, problem

router = APIRouter(prefix="/v1", tags=["access"])


@router.post(
    "/verifications",
    status_code=202,
    dependencies=KEYED,
    responses=documented(WRONG_KEY, (429, "Too many codes for this e-mail address", "too-many-codes")),
)
def open_verification(
    body: VerificationIn,
    config: Config,
    database: Data,
    purpose: Purpose,
    request: Request,
    background: BackgroundTasks,
) -> VerificationOut:
    """Send a six-digit code to an e-mail address; the answer is the same whether or not it is known.

    Earlier codes stay good. An address that has got too many e-mails gets no more, and its newest code is good longer.
    """
    try:
        with database.write() as session:
            opened = verification.open_verification(session, body.email, config.code_lifetime, config.codes_an_hour)
            account_id = opened.account.id if opened.account else None
            services.record(session, "customer", "open verification", purpose, account_id)
    except verification.TooManyCodes:
        raise problem(429, "too-many-codes", "Too many codes for this e-mail address; try again later") from None
    post: Mailbox | Smtp = request.app.state.post
    works = post.works()  # asked whether or not the address is known, so that neither words nor time tell
    if opened.account and opened.code:
        letter = code_letter(
            opened.account.email, opened.account.name, opened.code, body.language, config.code_lifetime // 60
        )
        # Sent after the answer, so that its timing does not reveal whether the address is known.
        background.add_task(post.send, letter, opened.expires_at)
    return VerificationOut(id=opened.id, expires_at=opened.expires_at, delayed=not works)


@router.post(
    "/verifications/{verification_id}/confirm",
    dependencies=KEYED,
    responses=documented(
        WRONG_KEY,
        (410, "The verification is unknown, spent or too old: open a new one", "code-spent"),
        (422, "The code is wrong, or the request malformed", "wrong-code"),
    ),
)
def confirm_verification(
    verification_id: Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")],
    body: CodeIn,
    config: Config,
    database: Data,
    purpose: Purpose,
) -> AccessOut:
    """Trade the right code, or an older fresh one to the same address, for a token, once; there are five tries."""
    spent = problem(410, "code-spent", "This code is no longer good; ask for a new one")
    with database.write() as session:
        tried = verification.count_try(session, verification_id)
        if tried:
            services.record(session, "customer", "try code", purpose, tried.account_id)
            fresh = verification.fresh_codes(session, tried)
    if not tried:
        raise spent
    letter = verification.with_code(fresh, body.code)
    if not letter:
        left = verification.MAX_TRIES - tried.tries
        raise problem(422, "wrong-code", "The code is wrong", tries_left=left)
    with database.write() as session:
        granted = verification.grant_access(session, tried, letter, config.access_lifetime)
        if granted:
            services.record(session, "customer", "confirm verification", purpose, tried.account_id)
    if not granted:
        raise spent
    token, access, account = granted
    return AccessOut(token=token, expires_at=access.expires_at, name=account.name)


@router.post(
    "/access",
    status_code=201,
    dependencies=KEYED,
    responses=documented(WRONG_KEY, (404, "No account has this e-mail address", "unknown-email")),
)
def grant_access(body: AccessIn, config: Config, database: Data, purpose: Purpose) -> AccessOut:
    """Open the account of a customer who is logged in to the website that asks; for servers alone."""
    with database.write() as session:
        account = verification.find_by_email(session, body.email)
        services.record(session, "website", "grant access", purpose, account.id if account else None)
        if account:
            token, access = verification.new_access(session, account, config.access_lifetime)
    if not account:
        raise problem(404, "unknown-email", "No account has this e-mail address")
    return AccessOut(token=token, expires_at=access.expires_at, name=account.name)


@router.delete("/access", status_code=204, responses=documented((401, "The token is missing", "no-access")))
def end_access(token: Token, database: Data, purpose: Purpose) -> Response:
    """Make the token worthless."""
    with database.write() as session:
        account_id = verification.end_access(session, token)
        if account_id:
            services.record(session, "customer", "end access", purpose, account_id)
    return Response(status_code=204)
