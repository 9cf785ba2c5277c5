"""Whatever is sent, the backend answers as its contract says."""

from tests.made_up_requests import send_made_up_requests


def test_made_up_requests_are_answered_as_agreed(backend):
    token = backend.log_in("anna.berzina@example.com")
    headers = {"x-api-key": "key-of-the-tests", "authorization": f"Bearer {token}"}
    # Ending the access would leave the other requests without one.
    send_made_up_requests(backend.address, headers, "--exclude-method", "DELETE")


def test_made_up_requests_without_a_key_are_refused_as_agreed(backend):
    send_made_up_requests(backend.address, {})
