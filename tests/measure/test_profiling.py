"""Each look of py-spy at a turn counts for the innermost module of ours or of Rasa's."""

from tests.measure.profiling import by_module, table

TURN = "main (rasa/__main__.py:117);in_order (bot/nlu/channel.py:154)"
STACKS = [
    f"{TURN};parse_message (rasa/core/processor.py:12);vectors (bot/nlu/embeddings.py:88);dot (numpy/core.py:3) 30",
    f"{TURN};save (/there/site-packages/rasa/core/tracker_store.py:7);execute (sqlalchemy/orm/session.py:9) 9",
    f"{TURN} 1",
    "main (rasa/__main__.py:117);load_agent (rasa/core/agent.py:50);read (bot/nlu/ngrams.py:4) 500",
]


def test_what_is_no_turn_does_not_count():
    counted = {"bot/nlu/embeddings.py": 30, "rasa/core/tracker_store.py": 9, "bot/nlu/channel.py": 1}
    assert by_module(STACKS) == counted


def test_the_table_has_the_largest_share_first():
    lines = table(by_module(STACKS)).splitlines()
    assert lines[0].split() == ["75.0", "%", "bot/nlu/embeddings.py"]
    assert lines[-1].split() == ["0.0", "%", "all", "others"]
