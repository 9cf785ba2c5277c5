"""Rate limits for a conversation and for an IP address; each count returns the seconds to wait, or 0.

A conversation's limit is reached long before its address's, because many customers may share one address.
"""

import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.database import Database
from bot.settings import Settings
from bot.web.shared_limits import Limit, SharedLimits

MINUTE, HOUR, DAY = 60, 3600, 86_400
CODES = 5  # codes an hour for one conversation
WRONG_CODES, PAUSE = 5, 900  # after so many wrong codes in a conversation, no new code for so many seconds
TICKETS, TICKETS_ADDRESS = 5, 60  # messages an hour that one conversation leaves for support, and one address
SIGNALS = 120  # typing and read signals a minute from one conversation
POLLS = 30  # a minute, from a window whose event stream is held back
WINDOWS = 5  # of one conversation at the same time


class Limits:
    """Count what customers do, where all processes see it; what costs a process alone is counted by each of them."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Take the limits from the settings."""
        self._settings, self._shared = settings, SharedLimits(database)
        self._has_others = database.engine.dialect.name == "postgresql"  # on SQLite, this is the only process
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._signals = RateLimitItemPerMinute(SIGNALS)
        self._replays = RateLimitItemPerMinute(settings.replays_a_minute)
        self._replays_address = RateLimitItemPerMinute(10 * settings.replays_a_minute)
        self._polls = RateLimitItemPerMinute(POLLS * WINDOWS)
        self._polls_address = RateLimitItemPerMinute(POLLS * settings.streams_address)

    def count_message(self, conversation_id: str, address: str) -> int:
        """Count one message."""
        amount, of_address = self._settings.messages_a_minute, self._settings.messages_a_minute_address
        return self._count(
            Limit("messages", conversation_id, amount, MINUTE),
            Limit("messages of an address", address, of_address, MINUTE),
        )

    def count_conversation(self, address: str) -> int:
        """Count one new conversation."""
        return self._count(Limit("conversations", address, self._settings.conversations_an_hour_address, HOUR))

    def count_signal(self, conversation_id: str) -> int:
        """Count one typing or read signal."""
        return self._hit(self._signals, "signals", conversation_id)

    def count_log_out(self, address: str) -> int:
        """Count one log-out on the website."""
        return self._count(Limit("log-outs", address, self._settings.messages_a_minute_address, MINUTE))

    def count_replay(self, conversation_id: str, address: str) -> int:
        """Count one event stream that begins, or one transcript."""
        return self._hit(self._replays, "replays", conversation_id) or self._hit(
            self._replays_address, "replays of an address", address
        )

    def count_poll(self, conversation_id: str, address: str) -> int:
        """Count one request for what is new."""
        return self._hit(self._polls, "polls", conversation_id) or self._hit(
            self._polls_address, "polls of an address", address
        )

    def count_code(self, conversation_id: str, address: str) -> int:
        """Count one request for a code."""
        return self._shared.hit(
            Limit("codes", conversation_id, CODES, HOUR),
            Limit("codes of an address", address, self._settings.codes_an_hour_address, HOUR),
        )

    def count_ticket(self, conversation_id: str, address: str) -> int:
        """Count one message that is left for support."""
        return self._shared.hit(
            Limit("tickets", conversation_id, TICKETS, HOUR),
            Limit("tickets of an address", address, TICKETS_ADDRESS, HOUR),
        )

    def pause(self, conversation_id: str, address: str) -> int:
        """Return the seconds until a conversation may get a new code, after wrong ones from it or its address."""
        return self._shared.wait(*self._wrong_codes(conversation_id, address))

    def begin_try(self, conversation_id: str, address: str, email: str) -> int:
        """Count a try at a code for an e-mail address as a wrong one, so that parallel tries gain nothing."""
        return self._shared.hit(*self._guesses(conversation_id, address, email))

    def take_back_try(self, conversation_id: str, address: str, email: str) -> None:
        """Take back a try that was not wrong."""
        self._shared.release(*self._guesses(conversation_id, address, email))

    def drop_expired(self) -> list[str]:
        """Delete what no longer counts; a periodic job."""
        return self._shared.drop_expired()

    def _wrong_codes(self, conversation_id: str, address: str) -> tuple[Limit, ...]:
        return (
            Limit("wrong codes", conversation_id, WRONG_CODES, PAUSE),
            Limit("wrong codes of an address", address, self._settings.wrong_codes_address, PAUSE),
        )

    def _guesses(self, conversation_id: str, address: str, email: str) -> tuple[Limit, ...]:
        # One address alone cannot use up the tries of a day for somebody else's account.
        a_day, email = self._settings.wrong_codes_a_day, email.casefold()
        return (
            *self._wrong_codes(conversation_id, address),
            Limit("wrong codes for an account from an address", f"{address} {email}", a_day // 3, DAY),
            Limit("wrong codes for an account", email, a_day, DAY),
        )

    def _count(self, *limits: Limit) -> int:
        if self._has_others:
            return self._shared.hit(*limits)
        waits = (self._hit(RateLimitItemPerSecond(one.amount, one.seconds), one.kind, one.who) for one in limits)
        return next(filter(None, waits), 0)

    def _hit(self, limit: RateLimitItem, kind: str, who: str) -> int:
        if self._limiter.hit(limit, kind, who):
            return 0
        reset = self._limiter.get_window_stats(limit, kind, who).reset_time
        return max(math.ceil(reset - time.time()), 1)
