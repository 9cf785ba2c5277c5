"""What breaks in the middle of an answer is logged in one line, and what breaks before it is answered."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.web.streams import BrokenStreams


def run(begins: bool, error: Exception) -> list[dict]:
    """Return what an app sends that fails before or after the beginning of its answer."""
    sent = []

    async def app(_scope, _receive, send) -> None:
        if begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    async def send(message) -> None:
        sent.append(message)

    asyncio.run(BrokenStreams(app)({"type": "http"}, None, send))
    return sent


def test_a_stream_that_breaks_is_logged_without_what_was_in_it():
    with capture_logs() as logged:
        assert len(run(begins=True, error=RuntimeError("anna@example.com"))) == 1
    assert logged == [{"event": "stream_broken", "path": "", "reason": "RuntimeError", "log_level": "error"}]


def test_a_request_that_fails_before_its_answer_is_left_to_who_answers_it():
    with pytest.raises(RuntimeError):
        run(begins=False, error=RuntimeError("x"))
