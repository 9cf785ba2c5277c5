"""How the answers of a conversation are judged and counted."""

import pytest

from bot.dialogue.answers import read_answers, read_responses
from bot.trial.told import Answered, Conversation, Turn, compiled, converse, rows_by_kind, seen, told
from tests.measure.conversations import answer_of, asks_yes_or_no, lengths, repeats, says_yes_or_no

SHORT, ANSWER = next((answer.response({}), answer) for answer in read_answers().values() if answer.aspect == "when")
COUNTS = next(answer.response({}) for answer in read_answers().values() if answer.aspect == "counts")


def answered(user: str, *items: dict, act: tuple[str, ...] = (), language: str = "lv", must: str = "") -> Answered:
    wanted = (compiled(must, language),) if must else ()
    turn = Turn(user, language, wanted, (), (), act)
    return Answered(Conversation("kind", language, "", (turn,)), turn, list(items))


def item(name: str, text: str = "Jā.") -> dict:
    return {"response": name, "text": text}


@pytest.mark.parametrize(
    ("pattern", "language", "said", "is_found"),
    [
        ("{begins_yes}", "lv", "Jā, der.", True),
        ("{begins_yes}", "lv", "Nē. Jā.", False),
        ("{unknown}|rēķin", "lv", "To es nezinu.", True),
        ("{date:2026-11-19}", "lv", "ceturtdien, 2026. gada 19. novembrī", True),
        ("{date:2026-11-19}", "lv", "2026. gada 9. novembrī", False),
        ("{date:2026-11-19}", "en", "Thursday, 19 November 2026", True),
        ("{until:2026-11-19}", "en", "by Thursday, 19 November 2026", True),
        ("{until:2026-11-19}", "lv", "līdz 20. novembrim", False),
        (r"\d{2,3}", "en", "500", True),
    ],
)
def test_a_pattern_may_name_others(pattern, language, said, is_found):
    assert bool(compiled(pattern, language).search(said)) == is_found


def test_a_pattern_that_there_is_not_is_an_error():
    with pytest.raises(KeyError):
        compiled("{begins_maybe}", "lv")


def test_silence_and_words_of_the_other_language_are_wrong():
    turn = next(turn for talk in told("lv") for turn in talk.turns if turn.language == "lv")
    right = next(v["text"] for vs in read_responses().values() for v in vs if turn.is_answered_by(v["text"]))
    assert not turn.is_answered_by("")
    assert not turn.is_answered_by(f"{right} Do you have it?")


def test_titles_of_buttons_and_the_wish_for_a_person_are_seen():
    items = [{"text": "Žēl.", "buttons": [{"title": "Pastāstīt vairāk"}]}, {"custom": {"hand_off": {"cause": "asked"}}}]
    assert seen(items, "lv").splitlines()[:2] == ["Žēl.", "Pastāstīt vairāk"]
    assert "person" in seen(items, "en")


def test_a_conversation_is_held_in_its_order():
    talk = next(talk for talk in told() if len(talk.turns) > 2)
    heard: list[str] = []
    held = converse(talk, lambda text: heard.append(text) or [])
    assert heard == [turn.user for turn in talk.turns]
    assert not any(one.is_right for one in held)


def test_what_is_said_twice_is_counted_within_a_conversation_only():
    one, other = answered("kad", item("utter_a"), item("utter_b")), answered("kad", item("utter_a"))
    assert repeats([[one, other]]) == (1, 3)
    assert repeats([[one], [other]]) == (0, 3)


def test_the_length_is_that_of_short_answers():
    said = [answered("kad", item(SHORT, "x" * 70), item("utter_payment", "y" * 900))]
    said += [answered("kad", item(f"{SHORT}_again", "x" * 50), item("utter_enough_any_yes", "x" * 60))]
    assert sorted(lengths(said)) == [50, 60, 70]
    assert answer_of(item(f"{SHORT}_again")) == ANSWER
    assert answer_of({"custom": {}}) is None


@pytest.mark.parametrize(
    ("one", "asks"),
    [
        (answered("Vai der licence?", item(SHORT)), True),
        (answered("un vai visus?", item(SHORT)), True),
        (answered("is it enough", item(SHORT)), True),
        (answered("licence derēs", item(COUNTS)), True),
        (answered("kad atnāks rēķins", item(SHORT)), False),
        (answered("vai varu runāt ar cilvēku", item(SHORT), act=("person",)), False),
        (answered("vai mans rēķins ir samaksāts", {"custom": {"confirm_identity": {}}}), False),
    ],
)
def test_it_is_seen_what_is_to_be_answered_by_yes_or_no(one, asks):
    assert asks_yes_or_no(one) == asks


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Jā, der.", True),
        ("Vēl nē: trūkst 20.", True),
        ("To es nezinu.", True),
        ("**No.** It is new.", True),
        ("Not yet: 20 are missing.", True),
        ("Jāņem licence.", False),
        ("Nepieciešama licence.", False),
        ("Now it depends.", False),
    ],
)
def test_it_is_seen_whether_yes_or_no_is_said(text, says):
    assert says_yes_or_no(answered("vai", item(COUNTS, text))) == says


def test_the_table_has_a_row_for_each_kind_and_for_all():
    rows = rows_by_kind([answered("kad", item(SHORT, "30"), must="30"), answered("kad", item(SHORT, "20"), must="30")])
    assert [row.split() for row in rows[1:]] == [["kind", "1/2", "50.0"], ["all", "1/2", "50.0"]]
