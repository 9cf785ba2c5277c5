"""A website's token that is refused leaves one line in the log that says why, and not who."""

import pytest

from tests.conftest import wait_for
from tests.customer import Customer
from tests.test_website import KEY, public, signed


@pytest.fixture(scope="module")
def web(start_web):
    """The chat of a website that signs its tokens."""
    return start_web(website_key=public(KEY).replace("\n", "\\n"), demo="false")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iat": 1, "exp": "x"}, "DecodeError"),
        ({"ends": 3600}, "exp is not within 15 minutes of iat"),
        ({"issued": -600, "ends": -300}, "ExpiredSignatureError"),
        ({"aud": "another"}, "InvalidAudienceError"),
        ({"jti": "short"}, "jti has not 8 to 200 characters"),
    ],
    ids=str,
)
def test_a_refused_token_is_logged_with_its_reason(web, changed, reason):
    customer = Customer(web.web, is_greeted=False)
    token = signed(**changed)
    answer = customer.call("POST", "conversation/identity/token", {"token": token})
    assert answer.status_code == 403
    log = web.folder / "log"
    wait_for(lambda: f'"reason": "{reason}"' in log.read_text(), 10)
    assert "Anna" not in log.read_text()
    assert token not in log.read_text()
