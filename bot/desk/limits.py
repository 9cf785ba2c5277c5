"""Limit how often one IP address may try to sign in; the database counts the attempts on one account."""

from limits import RateLimitItemPerMinute
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
