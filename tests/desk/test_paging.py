"""Long lists in the queue come page by page."""

import json
import re
from collections.abc import Iterator

import pytest

from bot.conversations import lifecycle, queue
from bot.conversations.models import Ticket
from bot.conversations.support_hours import SupportHours
from bot.database import now
from bot.desk.queue import PAGE
from bot.settings import Settings
from tests.conftest import stop_process
from tests.desk.conftest import Desk, start_desk

SOME = 5  # entries on the last page


@pytest.fixture(scope="module")
def full_desk(tmp_path_factory) -> Iterator[Desk]:
    """A desk of its own at which many customers wait, and at which as many messages were left."""
    desk = start_desk(tmp_path_factory.mktemp("full"))
    open_always = SupportHours(Settings(opening_hours="24/7"))
    with desk.database.write() as session:
        for number in range(2 * PAGE + SOME):
            conversation = lifecycle.open_conversation(session, "lv" if number < PAGE + SOME else "en")[1]
            queue.ask(session, conversation, "asked", open_always)
            ticket = {"client_id": "c", "email": "anna@example.com", "text": f"message {number}.", "created_at": now()}
            session.add(Ticket(conversation_id=conversation.id, **ticket))
    yield desk
    stop_process(desk.process)


def shown(page: str) -> tuple[int, list[int]]:
    """Return how many customers a page of the queue lists, and the numbers of the messages."""
    return page.count('/take"'), [int(number) for number in re.findall(r"message (\d+)\.", page)]


def test_each_page_shows_so_many_of_every_list_and_leads_to_the_others(full_desk):
    browser, page, seen = full_desk.signed_in(), "/desk", []
    for count in (PAGE, PAGE, SOME):
        html = browser.get(page).text
        customers, numbers = shown(html)
        assert (customers, len(numbers)) == (count, count)
        assert html.count(f'<span class="count">{2 * PAGE + SOME}</span>') == 2
        seen += numbers
        following = re.search(r'rel="next" href="([^"]+)"', html)
        page = following[1].replace("&amp;", "&") if following else ""
    assert not page
    assert seen == list(range(2 * PAGE + SOME))
    assert "3. lapa no 3" in html
    assert 'rel="prev"' in html


def test_a_page_beyond_the_last_is_the_last(full_desk):
    browser = full_desk.signed_in()
    assert shown(browser.get("/desk?number=99").text)[0] == SOME
    for number in ("0", "-1", "x", "1" * 30):
        assert browser.get(f"/desk?number={number}").status_code == 422


def test_pages_keep_the_filter(full_desk):
    html = full_desk.signed_in().get("/desk?customer=lv").text
    assert "customer=lv" in re.search(r'rel="next" href="([^"]+)"', html)[1]
    assert shown(full_desk.signed_in().get("/desk?customer=lv&number=2").text)[0] == SOME


def test_the_stream_shows_the_page_that_is_open(full_desk):
    browser = full_desk.signed_in()
    address = f"{full_desk.address}/desk/events?number=3"
    with browser.session.get(address, stream=True, timeout=30) as stream:
        lists = next(line for line in stream.iter_lines(decode_unicode=True) if line.startswith("data: "))
    assert shown(json.loads(lists.removeprefix("data: "))["html"])[0] == SOME
