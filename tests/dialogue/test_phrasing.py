"""An answer is worded for the question, for the customer, and never twice in the same words."""

from dataclasses import replace

import pytest

from bot.dialogue.answers import AGAIN, STATED, read_answers, read_responses
from bot.dialogue.phrasing import ASKED_AGAIN, MAX_SAID, remember, unsaid
from bot.dialogue.ranking import Talk, rank
from tests.dialogue.messages import asks, heard, part, response, turn


def test_the_same_is_never_said_twice_in_the_same_words():
    first = response("invoice/when")
    talk, said = Talk(), []
    for _ in range(3):
        found = turn(asks("invoice/when"), talk)
        talk, said = found.talk, [*said, *found.say]
    assert said == [first, first + AGAIN, ASKED_AGAIN]
    assert talk.offer == "person"


def test_only_short_answers_have_other_words():
    assert unsaid("utter_payment", Talk(said=("utter_payment",))) == ASKED_AGAIN


def test_what_was_said_is_remembered_once_the_latest_last_and_not_for_ever():
    talk = Talk(said=("utter_a", "utter_b"))
    assert remember(talk, ["utter_a", None, "action_x"]) == ("utter_b", "utter_a")
    long = Talk(said=tuple(f"utter_{n}" for n in range(MAX_SAID)))
    assert remember(long, ["utter_new"])[-2:] == (f"utter_{MAX_SAID - 1}", "utter_new")
    assert len(remember(long, ["utter_new"])) == MAX_SAID


@pytest.mark.parametrize("vat", ["yes", "no"])
def test_the_answer_is_the_one_for_this_customer(vat):
    variants = {one.when.get("vat_payer"): one.response for one in read_answers()["documents/which"].variants}
    assert turn(asks("documents/which", told={"vat_payer": vat})).say == (variants[vat],)
    assert turn(asks("documents/which"), Talk(details={"vat_payer": vat})).say == (variants[vat],)


@pytest.mark.parametrize("address", [address for address in read_answers() if not read_answers()[address].only])
def test_every_answer_can_be_said_and_said_again(address):
    first = turn(asks(address))
    again = turn(asks(address), replace(first.talk, about=address))
    assert set(first.say) | set(again.say) <= set(read_responses())
    assert first.say != again.say


@pytest.mark.parametrize(("aspect", "is_sorry"), [("problem", True), ("what", False)])
def test_sympathy_is_for_those_who_tell_of_a_problem(aspect, is_sorry):
    found = turn(heard(part("ask_payment", "card/problem-declined", aspect=aspect, text="par karti")))
    assert found.say == (response("card/problem-declined") + ("" if is_sorry else "_stated"),)


def test_nobody_is_told_the_opposite_of_what_they_said():
    addresses = "migrate_button/problem-gave_email", "migrate_button/if_not-no_email"
    denies = part("ask_migrate_button", *addresses, aspect="if_not", text="no i did not put the old email in")
    for told, said in (("yes", addresses[0]), ("no", addresses[1])):
        assert rank(denies, Talk(about="migrate_button/if_not"), {"gave_old_email": told})[0].address == said


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("can I pay by card?", "Yes"),
        ("does it mean I can't pay by card?", "You"),
        ("vai var maksāt ar karti?", "Jā"),
        ("tas nozīmē, ka nevar maksāt ar karti?", "Var"),
        ("man nav PVN, vai var maksāt ar karti?", "Jā"),
        ("I don't pay VAT, can I pay by card?", "Yes"),
    ],
)
def test_a_question_with_a_not_of_its_own_is_answered_without_a_yes_that_could_mean_either(text, word):
    asked = part("ask_payment", "payment/may-card", aspect="may", text=text)
    name = turn(heard(asked, text=text)).say[0]
    assert word in {variant["text"].split()[0].strip(",") for variant in read_responses()[name]}


@pytest.mark.parametrize(
    ("text", "is_sorry"),
    [
        ("the link has expired", True),
        ("why has the link expired?", True),
        ("what if the link has expired?", False),
        ("will the link expire?", False),
        ("could not open the link. why?", True),
        ("can you help me? the link gives an error", True),
        ("is it broken? the link does not open", True),
        ("saite vairs neder", True),
        ("jā, saite vairs neder", True),
        ("ko darīt, ja saite vairs neder?", False),
        ("ja saite neder, ko darīt?", False),
        ("saite vairs neder, jā", True),
        ("vai saitei beigsies termiņš?", False),
    ],
)
def test_nobody_is_pitied_for_a_problem_that_is_only_supposed(text, is_sorry):
    name = "password_mail/problem-link_expired"
    asked = part("ask_password", name, aspect="problem", text=text)
    said = turn(heard(asked, text=text)).say[0]
    assert said == response(name) + ("" if is_sorry else STATED)
    words = {variant["text"].split()[0].strip(",") for variant in read_responses()[said]}
    assert words.isdisjoint({"Žēl", "I"}) != is_sorry


@pytest.mark.parametrize("text", ["un kad man jāmaksā?", "ok, and when do i pay?", "cik ilgi, vai var uzreiz?"])
def test_a_question_that_asks_when_is_not_answered_with_yes_or_no(text):
    asked = part("ask_payment", "payment/must-now", aspect="must", text=text)
    name = response("payment/must-now")
    is_open = "vai" not in text
    assert turn(heard(asked, text=text)).say == (name + STATED if is_open else name,)


def test_two_answers_that_say_much_the_same_are_said_once():
    whole = part(
        "ask_green_tick", "distributor/counts-approximate", text="is it a problem? can i write about?", sure=0.5
    )
    first = part("ask_green_tick", "details/counts-approximate", aspect="counts", text="is it a problem?")
    second = part("ask_green_tick", "purchase_date/counts-approximate", aspect="counts", text="can i write about?")
    found = turn(heard(whole, first, second))
    assert found.say == (response("details/counts-approximate"),)
