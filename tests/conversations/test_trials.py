"""Trials run one at a time, and the choices of a model are kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.conversations import trials
from bot.conversations.learning_models import ModelChoice, Trial
from bot.database import now


def test_a_second_trial_is_refused_until_the_first_has_ended(database):
    with database.write() as session:
        assert trials.start(session, "Marta Liela")
        assert not trials.start(session, "Jana Divi")
    with database.write() as session:
        trials.end(trials.under_way(session, for_update=True), "cancelled")
        assert trials.start(session, "Jana Divi")
        trials.end(trials.under_way(session), "failed", "x" * 400)
    with database.read() as session:
        assert trials.under_way(session) is None
        assert [(one.who, one.state) for one in trials.newest(session)] == [
            ("Jana Divi", "failed"),
            ("Marta Liela", "cancelled"),
        ]


@pytest.mark.parametrize(("state", "seconds", "ends"), [
    ("training", 121, True), ("asking", 121, True), ("asking", 10, False), ("waiting", 500, False),
])  # fmt: skip
def test_a_trial_whose_process_is_gone_ends(state, seconds, ends):
    trial = Trial(at=now(), state=state, is_open=True, seen_at=now() - timedelta(seconds=seconds))
    trials.end_silent(trial)
    assert (trial.state, trial.error) == (("failed", "interrupted") if ends else (state, None))


def chosen(*models: str | None) -> list[ModelChoice]:
    """Return choices, the newest first; one in capitals could not be used."""
    return [
        ModelChoice(model=one and one.lower(), problem="missing" if one and one.isupper() else None) for one in models
    ]


@pytest.mark.parametrize(("choices", "former"), [
    ((), "none"),
    (("a",), None),
    ((None, "a"), "a"),
    (("b", "a"), "a"),
    (("a", None, "a"), None),
    (("b", "A"), None),
    (("A",), "none"),
    (("B", "a"), "a"),
    (("b", "b", "a"), "a"),
])  # fmt: skip
def test_back_leads_to_what_was_in_use_before(choices, former):
    found = trials.former(chosen(*choices))
    assert (found.model if found else "none") == former


def test_the_newest_choice_holds_unless_it_cannot_be_used(database):
    with database.write() as session:
        assert trials.in_use(session) is None
        trials.use(session, "Marta Liela", "a" * 16, "f" * 16)
        assert trials.in_use(session) == "a" * 16
        trials.choice(session).problem = "data_changed"
        session.flush()
        assert trials.in_use(session) is None


def test_old_trials_and_choices_are_deleted_but_for_those_that_can_be_gone_back_to(database):
    moment = now()
    with database.write() as session:
        for number in range(trials.LISTED + 2):
            trials.use(session, "Marta Liela", f"{number}", "f")
        session.add(Trial(at=moment, who="x", state="done", ended_at=moment - timedelta(days=2)))
        session.add(Trial(at=moment, who="x", state="done", ended_at=moment))
        session.flush()
        assert len(trials.drop_old(session, moment - timedelta(days=1))) == 1
        assert len(trials.drop_old(session, now() + timedelta(days=1))) == 3
        assert len(session.scalars(select(ModelChoice)).all()) == trials.LISTED
        assert trials.choice(session).model == f"{trials.LISTED + 1}"
