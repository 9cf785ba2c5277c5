"""HEAD is answered like GET, without a body."""

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
