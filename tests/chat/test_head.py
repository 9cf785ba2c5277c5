"""HEAD is answered like GET, without a body; and what every answer says about the connection."""

import pytest
import requests


@pytest.mark.parametrize("path", ["/health", "/widget.js", "/chat", "/", "/desk/sign-in", "/nothing"])
def test_a_page_answers_head_as_it_answers_get(web, path):
    got, asked = (requests.request(method, web.web + path, timeout=30) for method in ("GET", "HEAD"))
    assert asked.status_code == got.status_code
    assert asked.headers["content-type"] == got.headers["content-type"]
    assert asked.headers["content-length"] == got.headers["content-length"]
    assert asked.content == b""


def test_a_stream_has_no_head_and_a_change_is_not_made_by_one(web):
    begun = requests.post(f"{web.web}/api/conversations", json={"language": "lv"}, timeout=30).json()
    key = {"authorization": f"Bearer {begun['token']}"}
    for path in ("/api/conversation/events", "/api/conversations"):
        assert requests.head(web.web + path, headers=key, timeout=30).status_code == 405


def test_browsers_that_came_over_https_come_back_over_https(web):
    over_https = {"x-forwarded-proto": "https"}
    answers = [requests.get(f"{web.web}/chat", headers=headers, timeout=30) for headers in ({}, over_https)]
    assert [one.headers.get("strict-transport-security") for one in answers] == [None, "max-age=31536000"]
