"""Limit how much one conversation and one address may ask."""

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.settings import Settings

WRONG_CODES, PAUSE = 5, 15  # so many wrong codes in a conversation, and no new one for so many minutes


SIGNALS = 120  # signs a minute that somebody types or reads, from one conversation


class Limits:
    """Count messages and new conversations; the counts live in this process."""

    def __init__(self, settings: Settings) -> None:
        """Take the limits from the settings."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._messages = RateLimitItemPerMinute(settings.messages_a_minute)
        self._address = RateLimitItemPerMinute(settings.messages_a_minute_address)
        self._signals = RateLimitItemPerMinute(SIGNALS)
        self._wrong_codes = RateLimitItemPerMinute(WRONG_CODES, PAUSE)
        self._conversations = RateLimitItemPerHour(settings.conversations_an_hour_address)

    def allow_message(self, conversation_id: str, address: str) -> bool:
        """Count one message; tell whether it is still within the limits."""
        return self._hit(self._messages, "messages", conversation_id) and self._hit(self._address, "address", address)

    def allow_conversation(self, address: str) -> bool:
        """Count one new conversation; tell whether it is still within the limits."""
        return self._hit(self._conversations, "conversations", address)

    def allow_signal(self, conversation_id: str) -> bool:
        """Count one sign that the customer types or reads; tell whether it is still within the limits."""
        return self._hit(self._signals, "signals", conversation_id)

    def count_wrong_code(self, conversation_id: str) -> None:
        """Count one wrong code."""
        self._hit(self._wrong_codes, "wrong codes", conversation_id)

    def allow_code(self, conversation_id: str) -> bool:
        """Tell whether a conversation may have a new code, or must pause because it gave too many wrong ones."""
        return self._limiter.test(self._wrong_codes, "wrong codes", conversation_id)

    def _hit(self, limit: RateLimitItem, kind: str, key: str) -> bool:
        return self._limiter.hit(limit, kind, key)
