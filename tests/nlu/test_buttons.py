"""The title of a button is understood when a customer types it instead."""

import pytest

from bot.dialogue.answers import LANGUAGES, read_answers, read_responses
from bot.dialogue.ranking import GENERAL, Talk, part_of, rank, topic_of
from bot.nlu import understanding
from bot.text import fold
from tests.measure import data

MIN_SHARE = 0.95  # of the buttons that name a topic
FOUND = 3  # the correct answer is among so many

# Titles below an answer or a look-up, which mean nothing without it.
MORE = {
    *("Pastāstīt vairāk", "Apskatīt manu kontu", "Pārbaudīt vēlreiz"),
    *("Tell me more", "Look up my account", "Check again"),
}


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    trained = data.trained_model()
    if not trained:
        pytest.skip("no model is trained of today's data; `make test` trains it first")
    return understanding.load(data.unpack_classifier(trained, tmp_path_factory.mktemp("model")))


def buttons() -> set[tuple[str, str]]:
    """Return the titles of the buttons that ask for a topic, and the topic."""
    return {
        (button["title"], button["payload"].removeprefix("/"))
        for variants in read_responses().values()
        for variant in variants
        for button in variant.get("buttons", [])
        if button["payload"].startswith("/ask_") and button["title"] not in MORE
    }


@pytest.mark.parametrize("typed", [str, fold], ids=["as printed", "without diacritics"])
def test_what_stands_on_a_button_leads_where_the_button_leads(reading, typed):
    lost = []
    for title, intent in sorted(buttons()):
        ranking, parts = reading.read(typed(title))
        addresses = [one.address for one in rank(part_of(parts[0]), Talk(), {})[:FOUND]]
        own = {read_answers()[address].own for address in addresses if address in read_answers()}
        topics = {topic_of(address) for address in addresses}
        if not {intent, GENERAL.get(intent, intent)} & {*topics, *own, ranking[0][0]}:
            lost.append((title, intent, ranking[0], addresses))
    assert len(lost) <= (1 - MIN_SHARE) * len(buttons()), lost
    assert len(buttons()) > 10 * len(LANGUAGES)
