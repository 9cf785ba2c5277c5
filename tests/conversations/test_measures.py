"""The measures of a small database, counted by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.conversations import measures
from bot.conversations.learning_models import Turn
from bot.conversations.measures import Span, measure, median, p95
from bot.conversations.models import Conversation, Message, Ticket, Transition

# A day in winter: 10:00 in UTC is 12:00 in Latvia.
DAY = datetime(2026, 1, 15, tzinfo=UTC)
SPAN = Span(DAY, DAY + timedelta(days=1))
STEPS = {"register": 1, "register_stuck": 1, "vat": 2, "pay": 9}


def at(hour: float, minutes: float = 0) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minutes)


class Begun:
    """A conversation that is written row by row, at times that the test gives."""

    def __init__(self, database, name: str, begins: datetime | None = None, language: str = "lv") -> None:
        self.database, self.id, self.language = database, name, language
        self.add(Conversation(id=name, token_hash=name, language=language, created_at=begins or at(10)))

    def add(self, *rows) -> "Begun":
        with self.database.write() as session:
            session.add_all(rows)
        return self

    def asks(self, when: datetime, kind: str | None = "answer", intent: str = "ask_payment", **more) -> "Begun":
        """Write a message that is answered, or not (None)."""
        said = Message(conversation_id=self.id, author="customer", text="?", for_rasa="?", created_at=when)
        self.add(said)
        if kind:
            given = {"language": self.language, "intent": intent, "ranking": [], "responses": [], "contradicted": False}
            self.add(Turn(message_id=said.id, conversation_id=self.id, at=when, kind=kind, **given | more))
        return self

    def agent_writes(self, when: datetime) -> "Begun":
        return self.add(Message(conversation_id=self.id, author="agent", text="!", created_at=when))

    def goes(self, when: datetime, before: str, after: str, cause: str, **more) -> "Begun":
        change = {"before": before, "after": after, "cause": cause, "attempts": 0}
        return self.add(Transition(conversation_id=self.id, at=when, **change, **more))


@pytest.fixture
def begin(database) -> Callable[..., Begun]:
    return lambda *words, **more: Begun(database, *words, **more)


def counted(database, span: Span = SPAN) -> measures.Measures:
    with database.read() as session:
        return measure(session, span, STEPS)


def test_conversations_by_how_they_went(database, begin):
    begin("answered").asks(at(10), "miss").asks(at(10, 1))
    begin("thanked").asks(at(10), intent="thanks")
    begin("repeated").asks(at(10), "repeat")
    begin("missed at the end").asks(at(10)).asks(at(10, 1), "miss")
    begin("guessed at the end").asks(at(10), "guess")
    begin("complained at the end").asks(at(10)).asks(at(10, 1), intent="complain")
    begin("never answered").asks(at(10), None)
    begin("with a person").asks(at(10)).goes(at(10, 1), "assistant", "waiting", "asked")
    left = {"client_id": "1", "email": "a@example.com", "text": "?", "created_at": at(10), "attempts": 0}
    begin("left a message").asks(at(10)).add(Ticket(conversation_id="left a message", **left))
    begin("said nothing")
    begin("before", at(-0.1)).asks(at(0))
    begin("after", at(24)).asks(at(24))
    begin("english", language="en").asks(at(10))
    found = counted(database)
    assert found.how == {"solved": 5, "person": 2, "unsolved": 3, "going_on": 0}
    assert found.conversations == 10
    assert counted(database, Span(SPAN.since, SPAN.until, "en")).how["solved"] == 1


def test_a_conversation_is_over_after_half_an_hour(database, begin, monkeypatch):
    begin("one").asks(at(10))
    for minutes, how in ((29, "going_on"), (31, "solved")):
        monkeypatch.setattr(measures, "now", lambda minutes=minutes: at(10, minutes))
        assert counted(database).how[how] == 1


def test_answers_by_kind_topics_and_what_was_repeated(database, begin):
    one = begin("one").asks(at(9), "miss").asks(at(10), contradicted=True).asks(at(10, 1)).asks(at(10, 2), "guess")
    one.asks(at(11), "repeat", responses=["utter_invoice_when_again", "utter_guide_ask_vat"])
    begin("two").asks(at(10), intent="ask_tiers", unhelpful=True).asks(
        at(11), "repeat", responses=["utter_invoice_when_again"]
    )
    begin("three").asks(at(10), "miss", intent="ask_membership").asks(at(10), intent="greet")
    found = counted(database)
    assert found.turns == {"answer": 4, "guess": 1, "repeat": 2, "miss": 2}
    assert (found.contradicted, found.unhelpful) == (1, 1)
    assert found.topics == {"ask_payment": 2, "ask_tiers": 1}
    assert found.repeated == {"utter_invoice_when_again": 2}


def test_hand_offs_waits_replies_and_handling(database, begin):
    one = begin("one").goes(at(10), "assistant", "waiting", "asked").goes(at(10, 2), "waiting", "agent", "taken")
    one.agent_writes(at(10, 3)).agent_writes(at(10, 9)).goes(at(10, 12), "agent", "closed", "done")
    two = begin("two").goes(at(11), "assistant", "waiting", "misses").goes(at(11, 4), "waiting", "agent", "taken")
    two.goes(at(11, 5), "agent", "waiting", "agent_gone").goes(at(11, 25), "waiting", "agent", "taken")
    two.agent_writes(at(11, 26)).goes(at(11, 30), "agent", "assistant", "returned_to_bot")
    two.goes(at(12), "assistant", "waiting", "asked").goes(at(12, 6), "waiting", "agent", "taken")
    two.goes(at(12, 7), "agent", "agent", "transferred").goes(at(12, 8), "agent", "closed", "ended")
    begin("gone").goes(at(13), "assistant", "waiting", "anger").goes(at(13, 9), "waiting", "assistant", "timeout")
    begin("waits").goes(at(23), "assistant", "waiting", "asked")
    late = begin("late").goes(at(23, 59), "closed", "waiting", "asked").goes(at(24, 1), "waiting", "agent", "taken")
    late.agent_writes(at(24, 2))
    begin("yesterday").goes(at(-1), "assistant", "waiting", "asked").goes(at(1), "waiting", "agent", "taken")
    begin("tomorrow").goes(at(25), "assistant", "waiting", "asked")
    found = counted(database)
    assert found.causes == {"asked": 4, "misses": 1, "anger": 1}
    assert found.left == {"timeout": 1}
    assert sorted(one / 60 for one in found.waits) == [2, 2, 4, 6]
    assert (median(found.waits), p95(found.waits)) == (180, 360)
    assert sorted(one / 60 for one in found.first_replies) == [3, 3, 26]
    assert sorted(one / 60 for one in found.handling) == [2, 6, 10]


def test_outcomes_and_ratings(database, begin):
    for name, outcome, score, comment in (
        ("a", "solved", 5, "Paldies!"),
        ("b", "solved", 2, None),
        ("c", "passed_on", None, None),
        ("d", "solved", 4, "ok"),
    ):
        begin(name).goes(at(10), "agent", "closed", "done", outcome=outcome, score=score, comment=comment)
    begin("e").goes(at(30), "agent", "closed", "done", outcome="solved", score=1, comment="too late")
    found = counted(database)
    assert found.outcomes == {"solved": 3, "passed_on": 1}
    assert (found.scores, found.mean_score) == ({2: 1, 4: 1, 5: 1}, pytest.approx(11 / 3))
    assert [(one.text, one.score, one.conversation_id) for one in found.comments] == [
        ("ok", 4, "d"),
        ("Paldies!", 5, "a"),
    ]


def test_where_the_walkthrough_was_left(database, begin):
    begin("one").asks(at(10), place="register").asks(at(10, 1), place="register_stuck").asks(at(10, 2), place="vat")
    begin("two").asks(at(10), place="register").asks(at(10, 1), place=None)
    begin("back").asks(at(10), place="vat").asks(at(10, 1), place="register")
    begin("end").asks(at(10), place="pay").asks(at(10, 1), place="no_such_place")
    begin("none").asks(at(10))
    assert counted(database).steps == {1: (3, 2), 2: (2, 1), 9: (1, 1)}


def test_busy_hours_are_those_of_latvia(database, begin):
    begin("one").asks(at(10)).asks(at(10, 59)).asks(at(21, 59), None).agent_writes(at(15))
    begin("night").asks(at(22))
    hours = counted(database).hours
    assert len(hours) == 24
    assert {hour: count for hour, count in hours.items() if count} == {12: 2, 23: 1, 0: 1}
    summer = datetime(2026, 7, 15, tzinfo=UTC)
    begin("summer").asks(summer + timedelta(hours=10))
    assert counted(database, Span(summer, summer + timedelta(days=1))).hours[13] == 1


@pytest.mark.parametrize(("values", "found"), [([], None), ([7], 7), (range(1, 101), 95), (range(1, 21), 19)])
def test_the_95th_percentile_is_by_the_nearest_rank(values, found):
    assert p95(values) == found


def test_an_empty_database_has_empty_measures(database):
    found = counted(database)
    assert (found.conversations, found.mean_score, median(found.waits), found.comments) == (0, None, None, [])
