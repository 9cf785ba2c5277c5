"""Rate limits for a conversation and for an IP address."""

from collections import Counter
from threading import Lock

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.settings import Settings

WRONG_CODES, PAUSE = 5, 15  # after so many wrong codes, no new code for so many minutes
WRONG, WRONG_ADDRESS = "wrong codes", "wrong codes of an address"
SIGNALS = 120  # typing and read signals a minute from one conversation


class Limits:
    """Count messages, new conversations and codes; the counts live in this process."""

    def __init__(self, settings: Settings) -> None:
        """Take the limits from the settings."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._messages = RateLimitItemPerMinute(settings.messages_a_minute)
        self._address = RateLimitItemPerMinute(settings.messages_a_minute_address)
        self._signals = RateLimitItemPerMinute(SIGNALS)
        self._codes = RateLimitItemPerHour(settings.codes_an_hour_address)
        self._wrong_codes = RateLimitItemPerMinute(WRONG_CODES, PAUSE)
        self._wrong_codes_address = RateLimitItemPerMinute(settings.wrong_codes_address, PAUSE)
        self._tries: Counter[str] = Counter()  # codes being checked at this moment, by address
        self._lock = Lock()
        self._conversations = RateLimitItemPerHour(settings.conversations_an_hour_address)

    def allow_message(self, conversation_id: str, address: str) -> bool:
        """Count one message; tell whether it is still within the limits."""
        return self._hit(self._messages, "messages", conversation_id) and self._hit(self._address, "address", address)

    def allow_conversation(self, address: str) -> bool:
        """Count one new conversation; tell whether it is still within the limits."""
        return self._hit(self._conversations, "conversations", address)

    def allow_signal(self, conversation_id: str) -> bool:
        """Count one typing or read signal; tell whether it is still within the limits."""
        return self._hit(self._signals, "signals", conversation_id)

    def must_pause(self, conversation_id: str, address: str) -> bool:
        """Tell whether too many wrong codes came from a conversation or an address for it to get a new one."""
        return not (
            self._limiter.test(self._wrong_codes, WRONG, conversation_id)
            and self._limiter.test(self._wrong_codes_address, WRONG_ADDRESS, address)
        )

    def allow_code(self, address: str) -> bool:
        """Count one request for a code; tell whether it is still within the limit."""
        return self._hit(self._codes, "codes", address)

    def begin_try(self, address: str) -> bool:
        """Tell whether an address may try a code now."""
        with self._lock:
            # An unfinished attempt counts as wrong, so that parallel attempts gain nothing.
            left = self._limiter.get_window_stats(self._wrong_codes_address, WRONG_ADDRESS, address).remaining
            if self._tries[address] >= left:
                return False
            self._tries[address] += 1
            return True

    def end_try(self, conversation_id: str, address: str, wrong: bool) -> None:
        """End an attempt, and count it if the code was wrong."""
        with self._lock:
            self._tries -= Counter([address])
            if wrong:
                self._hit(self._wrong_codes, WRONG, conversation_id)
                self._hit(self._wrong_codes_address, WRONG_ADDRESS, address)

    def _hit(self, limit: RateLimitItem, kind: str, key: str) -> bool:
        return self._limiter.hit(limit, kind, key)
