"""Limit wrong passwords, sign-ins from one address and look-ups of accounts; nothing locks an account."""

import hmac
import secrets

from bot.conversations.models import Agent
from bot.database import Database
from bot.web.shared_limits import Limit, SharedLimits

HOUR = 3600  # seconds
ATTEMPTS = Limit("sign-ins of an address", "", 60, 900)  # a whole office shares one address
LETTERS = (Limit("letters to an agent", "", 3, HOUR), Limit("letters from an address", "", 20, HOUR))
# Wrong passwords, and the seconds within which they count: the pause grows.
WRONG_PASSWORDS = ((5, 300), (10, 3600), (20, 86_400))


class SignInLimits:
    """Count attempts where all processes see them; each count returns the seconds to wait, or 0."""

    def __init__(self, database: Database) -> None:
        """Take the database of the conversations."""
        self._shared = SharedLimits(database)

    def count_attempt(self, address: str) -> int:
        """Count one sign-in at the issuer."""
        return self._shared.hit(ATTEMPTS._replace(who=address))

    def count_letter(self, email: str, address: str) -> int:
        """Count a letter with a code for a new password."""
        return self._shared.hit(
            *(limit._replace(who=who) for limit, who in zip(LETTERS, (email, address), strict=True))
        )

    def count_password(self, email: str, address: str, device: str = "") -> int:
        """Count a password as a wrong one; a device that signed in before has its own count, whatever its address."""
        return self._shared.hit(*_limits(email, address, device))

    def take_back_password(self, email: str, address: str, device: str = "") -> None:
        """Take back a count, because the password was not looked at."""
        self._shared.release(*_limits(email, address, device))

    def forgive_password(self, email: str, address: str, device: str = "") -> None:
        """Forget the wrong passwords before a right one."""
        limits = _limits(email, address, device)
        self._shared.clear(*limits[: len(WRONG_PASSWORDS)])
        self._shared.release(*limits[len(WRONG_PASSWORDS) :])


class LookUpLimits:
    """Count the addresses that agents enter, where all processes see them."""

    def __init__(self, database: Database, an_hour: int) -> None:
        """Take the database of the conversations."""
        self._shared, self._an_hour = SharedLimits(database), an_hour

    def count(self, agent_id: int) -> int:
        """Count one address; return the seconds to wait, or 0."""
        return self._shared.hit(Limit("look-ups", str(agent_id), self._an_hour, HOUR))


def device_cookie(agent: Agent, old: str = "") -> str:
    """Return the value of a cookie by which a device that has signed in is known again until the password changes."""
    return old if device_of(agent, old) else _signed(agent, secrets.token_urlsafe(16))


def device_of(agent: Agent | None, cookie: str) -> str:
    """Return the device that a cookie names, or an empty string if the cookie is not this agent's."""
    device = cookie.partition(".")[0]
    known = agent and agent.password_hash and hmac.compare_digest(cookie.encode(), _signed(agent, device).encode())
    return device if known else ""


def _signed(agent: Agent, device: str) -> str:
    key = (agent.password_hash or "").encode()
    return f"{device}.{hmac.digest(key, f'{agent.id} {device}'.encode(), 'sha256').hex()}"


def _limits(email: str, address: str, device: str) -> tuple[Limit, ...]:
    who = f"{device or address} {email}"
    wrong = [Limit(f"wrong passwords in {seconds} s", who, amount, seconds) for amount, seconds in WRONG_PASSWORDS]
    return (*wrong,) if device else (*wrong, ATTEMPTS._replace(who=address))
