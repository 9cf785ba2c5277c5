"""Whatever it is sent, the chat answers as its contract says."""

from tests.customer import Customer
from tests.made_up_requests import send_made_up_requests

ENDLESS = ("--exclude-path", "/api/conversation/events")  # test_chat_api.py covers it


def test_made_up_requests_are_answered_as_agreed(stack):
    headers = {"authorization": f"Bearer {Customer(stack.web).token}"}
    # A restart or a log-out would leave the other requests without a conversation.
    over = ("--exclude-path", "/api/conversation/restart", "--exclude-name", "DELETE /api/conversation")
    send_made_up_requests(stack.web, headers, *ENDLESS, *over)


def test_made_up_requests_without_a_token_are_refused_as_agreed(stack):
    send_made_up_requests(stack.web, {}, *ENDLESS)
