"""Limit how often one IP address may try to sign in, and how many accounts an agent may look up by address.

The database counts the attempts on one account.
"""

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

ATTEMPTS, MINUTES = 60, 15  # a whole office shares one address


class SignInLimits:
    """Count the attempts; the counts live in this process."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._attempts = RateLimitItemPerMinute(ATTEMPTS, MINUTES)

    def allow_attempt(self, address: str) -> bool:
        """Count one attempt to sign in; tell whether it is still within the limit."""
        return self._limiter.hit(self._attempts, "sign in", address)


class LookUpLimits:
    """Count the addresses that agents enter; the counts live in this process."""

    def __init__(self, an_hour: int) -> None:
        """Begin with nothing counted."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._an_hour = RateLimitItemPerHour(an_hour)

    def allow(self, agent_id: int) -> bool:
        """Count one address; tell whether it is still within the agent's limit."""
        return self._limiter.hit(self._an_hour, "look up", str(agent_id))
