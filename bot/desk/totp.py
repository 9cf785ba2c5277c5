"""Codes of an authenticator app, as RFC 6238 describes them: six digits that change every thirty seconds."""

import base64
import hmac
import re
import secrets
import time
from urllib.parse import quote, urlencode

from bot.conversations.models import Agent
from bot.settings import Settings

STEP = 30  # seconds
NEAR = 1  # steps by which a telephone's clock may be wrong
ISSUER = "CPS"


def is_wanted(settings: Settings, agent: Agent) -> bool:
    """Tell whether an agent needs a code besides the password: who has set an app up always does."""
    required = {"all": True, "supervisors": agent.is_supervisor, "none": False}
    return required[settings.desk_second_factor] or agent.totp_used > 0


def new_secret() -> str:
    """Make the secret that an app and the desk share."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def link(secret: str, email: str) -> str:
    """Return the address that adds an account to an app."""
    return f"otpauth://totp/{ISSUER}:{quote(email)}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


def code_at(secret: str, step: int) -> str:
    """Return the code of a step."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def step_of(secret: str, typed: str, used: int) -> int | None:
    """Return the step whose code was typed, if it is a present one after the last that was used."""
    code, present = re.sub(r"\s", "", typed), int(time.time()) // STEP
    for step in range(present - NEAR, present + NEAR + 1):
        if step > used and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None
