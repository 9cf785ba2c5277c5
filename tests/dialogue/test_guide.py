"""The walkthrough leads every customer through all steps, and out of it."""

import re

import pytest
import yaml

from bot.dialogue.answers import read_responses
from bot.dialogue.guide import Position, read_guide
from bot.dialogue.moves import move
from bot.settings import ROOT

GUIDE = read_guide()
WORDS = read_responses()


def walk(*said: str | tuple[str, str], position: Position | None = None) -> list[str]:
    """Send intents, or pairs of intent and text, one after the other; return the reply to the last."""
    position, last = position or Position(), None
    for one in said:
        intent, text = (one, "") if isinstance(one, str) else one
        turn = move(GUIDE, position, intent, text, said_before=last)
        if turn:
            position, last = turn.position, turn.say[-1]
    return list(turn.say) if turn else []


def at(*path: str, paused: bool = False) -> Position:
    return Position(path, paused)


def leads_to(name: str) -> list[str]:
    node = GUIDE.nodes[name]
    return [there for there in (node.next, node.on_stuck, *node.answers.values()) if there]


def test_it_has_two_phases_of_five_and_four_steps():
    steps = yaml.safe_load((ROOT / "data/guide.yml").read_text(encoding="utf-8"))["steps"]
    assert [step["phase"] for step in steps] == ["account"] * 5 + ["membership"] * 4
    slots = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["slots"]
    assert slots["guide_steps"]["initial_value"] == len(steps)


def test_every_place_is_reached_from_the_first():
    reached, new = set(), {GUIDE.first}
    while new:
        reached |= new
        new = {there for name in new for there in leads_to(name)} - reached
    assert reached == set(GUIDE.nodes)


@pytest.mark.parametrize("name", GUIDE.nodes)
def test_every_place_has_words_in_both_languages(name):
    variants = WORDS[f"utter_guide_{name}"]
    assert sorted(variant["condition"][0]["value"] for variant in variants) == ["en", "lv"]
    for variant in variants:
        progress = "{guide_step}" in variant["text"] and "{guide_steps}" in variant["text"]
        assert progress or GUIDE.nodes[name].ends


@pytest.mark.parametrize("name", [name for name, node in GUIDE.nodes.items() if not node.ends])
def test_every_place_has_a_way_out_and_says_what_to_do_when_stuck(name):
    node = GUIDE.nodes[name]
    seen, here = set(), name
    while here and here not in seen and not GUIDE.nodes[here].ends:
        seen.add(here)
        here = GUIDE.nodes[here].next
    assert GUIDE.nodes[str(here)].ends, "next leads to the end"
    said = walk("not_done", position=at(name))
    assert said, "a customer who cannot finish is told what to do"
    if node.on_stuck is None and "no" not in node.answers:
        assert said == ["action_person"]


@pytest.mark.parametrize("name", [name for name, node in GUIDE.nodes.items() if node.answers])
def test_the_buttons_of_a_question_are_its_answers(name):
    for variant in WORDS[f"utter_guide_{name}"]:
        payloads = " ".join(button["payload"] for button in variant["buttons"])
        assert re.findall(r'/guide_answer\{\{"answer": "(\w+)"\}\}', payloads) == list(GUIDE.nodes[name].answers)


@pytest.mark.parametrize("name", [name for name, node in GUIDE.nodes.items() if not node.ends])
def test_every_place_can_be_asked_about_in_few_words_after_an_answer(name):
    for variant in WORDS[f"utter_guide_ask_{name}"]:
        whole = next(one for one in WORDS[f"utter_guide_{name}"] if one["condition"] == variant["condition"])
        assert len(variant["text"]) < len(whole["text"])
        assert variant["buttons"]


def test_a_new_step_comes_after_the_one_before():
    for name, node in GUIDE.nodes.items():
        for there in (node.next, *node.answers.values()):
            assert there is None or 0 <= GUIDE.nodes[there].step - node.step <= 1, f"{name} -> {there}"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (["guide_start"], "apply"),
        (["guide_start", "next"], "documents"),
        (["guide_start", "next", "affirm"], "documents_vat"),
        (["guide_start", "next", "deny"], "documents_other"),
        (["guide_start", "next", "affirm", "next"], "old_email"),
        (["guide_start", "affirm"], "documents"),
        (["guide_start", "not_done"], "apply_stuck"),
        (["guide_start", "next", "guide_back"], "apply"),
        (["guide_start", "guide_back"], "apply"),
        (["guide_start", "next", "guide_repeat"], "documents"),
    ],
)
def test_a_word_is_understood_by_where_the_customer_is(said, answer):
    assert walk(*said) == [f"utter_guide_{answer}"]


@pytest.mark.parametrize(
    ("node", "text", "answer"),
    [
        ("documents", "esam pvn maksātājs", "documents_vat"),
        ("documents", "neesam PVN maksātāji", "documents_other"),
        ("documents", "bez pvn", "documents_other"),
        ("documents", "we are a VAT payer", "documents_vat"),
        ("documents", "we are not VAT registered", "documents_other"),
        ("documents", "we dont pay vat", "documents_other"),
        ("old_email", "man jau bija konts", "old_email_yes"),
        ("old_email", "nebija tada konta", "old_email_no"),
        ("old_email", "I had an account", "old_email_yes"),
        ("old_email", "never had a CPS account", "old_email_no"),
        ("waiting", "e-pasts ir atnācis", "password"),
        ("waiting", "vel neesmu sanemis epastu", "waiting_longer"),
        ("waiting", "the e-mail came", "password"),
        ("waiting", "no e-mail yet", "waiting_longer"),
        ("products", "redzu zilo pogu", "products_migrate"),
        ("products", "pogas nav", "products_register"),
        ("products", "I can see the button", "products_migrate"),
        ("products", "there's no button", "products_register"),
        ("products", "I need the button", "products_migrate"),
        ("ticks", "visiem ir ķeksītis", "tiers"),
        ("ticks", "vienam nav keksisa", "ticks_missing"),
        ("ticks", "two have no tick", "ticks_missing"),
        ("tiers", "uzaicinājums ir", "tiers_more"),
        ("tiers", "uzaicinajums nav atnacis", "tiers_few"),
        ("tiers_more", "jā, vairāk", "tiers_corporate"),
        ("tiers_more", "mazāk", "tiers_choose"),
        ("payment", "ar karti", "payment_card"),
        ("payment", "parskaitijums", "payment_transfer"),
        ("payment", "by card", "payment_card"),
        ("payment", "bank transfer", "payment_transfer"),
    ],
)
def test_a_short_statement_answers_the_question_of_the_place(node, text, answer):
    assert walk(("nlu_fallback", text), position=at(node)) == [f"utter_guide_{answer}"]


@pytest.mark.parametrize(
    ("node", "text"),
    [
        ("products", "kur ir zilā poga?"),
        ("products", "kapec nav pogas"),
        ("products", "where is the button"),
        ("documents", "vai man jabut pvn maksatajam"),
        ("payment", "vai ar karti nauda tiek nonemta uzreiz"),
        ("payment", "karte vai pārskaitījums, man vienalga"),
        ("payment", "not by card"),
        ("waiting", "vakar sūtīju e-pastu grāmatvedei, bet viņa ir atvaļinājumā un neko nezina"),
    ],
)
def test_a_question_or_a_story_is_no_answer(node, text):
    assert walk(("ask_tiers", text), position=at(node)) == []


@pytest.mark.parametrize(
    ("text", "node", "answer"),
    [
        ("man ir 499 punkti", "tiers", "tiers_few"),
        ("tagad ir 500", "tiers", "tiers_more"),
        ("I have 480", "tiers", "tiers_few"),
        ("2500 punkti", "tiers_more", "tiers_choose"),
        ("2 501 points", "tiers_more", "tiers_corporate"),
        ("we have not got 500", "tiers", None),
    ],
)
def test_an_amount_of_points_is_an_answer(text, node, answer):
    said = walk(("ask_my_points", text), position=at(node))
    assert said == ([f"utter_guide_{answer}"] if answer else [])


@pytest.mark.parametrize(
    ("step", "node"), [("documents", "documents"), ("6", "products"), (9, "payment"), ("payment", "payment")]
)
def test_a_customer_jumps_to_a_step(step, node):
    turn = move(GUIDE, Position(), "guide_jump", entities={"step": step})
    assert turn.say == (f"utter_guide_{node}",)


@pytest.mark.parametrize("step", ["0", "10", "moon", ""])
def test_a_jump_to_no_step_asks_which(step):
    assert move(GUIDE, Position(), "guide_jump", entities={"step": step}).say == ("utter_guide_which_step",)


def test_after_an_offer_yes_goes_on_and_no_rests():
    here = at("apply", "documents")
    for yes in ("affirm", "next"):
        assert move(GUIDE, here, yes, said_before="utter_guide_offer").say == ("utter_guide_documents",)
    done = move(GUIDE, here, "next", "gatavs", said_before="utter_guide_offer")
    assert done.say == ("utter_guide_old_email",)
    rests = move(GUIDE, here, "deny", said_before="utter_guide_offer")
    assert rests.say == ("utter_guide_stopped",)
    assert rests.position.paused


def test_while_it_rests_yes_only_asks_whether_to_go_on():
    assert walk("guide_start", "next", "guide_stop", "affirm") == ["utter_guide_paused"]
    assert walk("guide_start", "next", "guide_stop", "affirm", "affirm") == ["utter_guide_documents"]
    assert walk("guide_start", "next", "guide_stop", "guide_resume") == ["utter_guide_where", "utter_guide_documents"]


def test_outside_the_walkthrough_yes_starts_nothing():
    for intent in ("affirm", "deny", "next", "not_done", "guide_back", "guide_where", "guide_stop"):
        assert move(GUIDE, Position(), intent) is None


def test_after_the_end_it_starts_anew():
    end = at("payment", "payment_card", "finish")
    assert move(GUIDE, end, "affirm") is None
    assert move(GUIDE, end, "guide_start").position.path == ("apply",)


def test_a_place_that_is_no_longer_there_is_forgotten():
    assert move(GUIDE, at("demolished"), "next") is None


def test_a_change_of_language_says_the_step_again():
    assert walk("set_language", position=at("waiting")) == ["utter_language_set", "utter_guide_waiting"]


def test_a_place_that_leads_nowhere_stops_the_start(tmp_path):
    file = tmp_path / "guide.yml"
    file.write_text("steps: [{id: a, phase: account, details: utter_a, nodes: {a: {next: b}}}]")
    with pytest.raises(KeyError, match="b"):
        read_guide(file)


def test_who_tells_that_a_step_is_done_goes_on_after_it_and_never_back():
    for path, step, node in [
        (("apply",), "apply", "documents"),
        (("apply",), "password", "products"),
        (("products",), "password", None),
        (("payment",), "payment", "finish"),
    ]:
        turn = move(GUIDE, at(*path), "progress", "izdarīts", entities={"step": step})
        assert turn.say == ((f"utter_guide_{node}",) if node else (f"utter_guide_ask_{path[-1]}",))


@pytest.mark.parametrize(
    ("node", "text", "step"),
    [
        ("apply", "ok form is open now", 1),
        ("apply", "nu labi meita palīdzēs, atveru veidlapu", 1),
        ("apply", "ir atvērta", 1),
        ("documents", "uploaded the invoice", 2),
        ("documents", "submitted the whole thing", 3),
        ("old_email", "iesniedzu pieteikumu", 3),
        ("waiting", "got the mail, made a password, logged in", 5),
        ("waiting", "e-pasts atnāca, paroli uzliku", 5),
        ("waiting", "ok its tuesday, got the mail, made a password, logged in", 5),
        ("waiting", "products are in, 3 of them, 2 with tick", 6),
        ("waiting", "ir otrdiena, e-pasts atnāca, paroli nomainīju un esmu iekšā", 5),
        ("waiting", "the form is open, the mail has not come", None),
        ("waiting", "nosūtīju", None),
        ("password", "jā, esmu ielogojies", 5),
        ("password", "they are all in", 6),
        ("products", "produkti ir reģistrēti", 6),
        ("ticks", "visiem ir zaļais ķeksis", 7),
        ("ticks", "all green", 7),
        ("apply", "the form is not open", None),
        ("waiting", "the mail has not come", None),
        ("password", "paroli neuzliku", None),
        ("apply", "kur atvērt veidlapu?", None),
        ("products", "how do I add products", None),
    ],
)
def test_a_statement_reports_which_steps_are_done(node, text, step):
    assert GUIDE.reported(text, GUIDE.nodes[node]) == step


def test_what_the_customer_has_told_is_not_asked_again():
    known = {"vat_payer": "no", "had_cps": "yes", "points": "620"}
    assert move(GUIDE, at("apply"), "next", details=known).say == ("utter_guide_documents_other",)
    assert move(GUIDE, at("documents_other"), "next", details=known).say == ("utter_guide_old_email_yes",)
    assert move(GUIDE, at("ticks"), "affirm", details=known).say == ("utter_guide_tiers_more",)
    assert move(GUIDE, at("ticks"), "affirm").say == ("utter_guide_tiers",)


def test_nobody_is_led_back_to_an_earlier_step_unasked():
    assert move(GUIDE, at("payment"), "guide_jump", "parole jau ir", entities={"step": "password"}) is None
    assert move(GUIDE, at("payment"), "guide_jump", "atpakaļ pie paroles", entities={"step": "password"}).say == (
        "utter_guide_password",
    )


@pytest.mark.parametrize("text", ["parole nomainīta, gatavs", "the password is done"])
def test_who_says_that_it_is_done_goes_on_whatever_else_the_words_tell(text):
    assert walk(("ask_password", text), position=at("password")) == ["utter_guide_products"]


def test_what_is_not_understood_is_taken_to_be_about_the_step_once():
    asked = move(GUIDE, at("ticks"), "nlu_fallback", "kādi dati tur var trūkt?")
    assert asked.say == ("utter_guide_unsure", "utter_green_tick", "utter_guide_offer")
    assert move(GUIDE, at("ticks"), "nlu_fallback", "bļurkš?", said_before="utter_guide_offer") is None


def test_what_was_told_before_the_denial_counts_first():
    said = "esam PVN maksātāji, bet apliecības nav"
    turn = move(GUIDE, at("documents"), "ask_documents", said, told={"vat_payer": "yes"})
    assert turn.position.path[-1] == "documents_vat"


@pytest.mark.parametrize(
    ("branch", "told", "there"),
    [
        ("payment_transfer", {"payment": "card"}, "payment_card"),
        ("payment_card", {"payment": "transfer"}, "payment_transfer"),
        ("documents_vat", {"vat_payer": "no"}, "documents_other"),
        ("old_email_no", {"had_cps": "yes"}, "old_email_yes"),
    ],
)
def test_who_corrects_an_answer_takes_the_other_branch(branch, told, there):
    question = branch.rpartition("_")[0]
    turn = move(GUIDE, at(question, branch), "deny", "nē, otrādi", told=told)
    assert turn.position.path[-1] == there


def test_who_tells_what_only_a_later_step_shows_is_led_there():
    for told, there in (("yes", "products_migrate"), ("no", "products_register")):
        turn = move(GUIDE, at("password"), "ask_migrate_button", "poga", told={"sees_button": told})
        assert turn.position.path[-1] == there


@pytest.mark.parametrize("text", ["ko tagad", "un ko man darīt tālāk", "what now", "where next"])
def test_who_asks_what_now_has_not_answered_an_open_question(text):
    assert walk(("next", text), position=at("waiting")) == ["utter_guide_ask_waiting"]
    assert walk(("next", text), position=at("password")) == ["utter_guide_products"]


@pytest.mark.parametrize(
    ("node", "intent", "text", "there"),
    [
        ("documents_other", "ask_documents", "ok pieliku rēķinu", "old_email"),
        ("documents_vat", "nlu_fallback", "uploaded it", "old_email"),
        ("password", "ask_password", "password set", "products"),
        ("ticks_missing", "ask_green_tick", "added distributor, green now", "tiers"),
        ("documents_vat", "ask_old_email", "vecais e-pasts ierakstīts", "waiting"),
        ("ticks_missing", "ask_old_email", "vecais e-pasts ierakstīts", None),
        ("documents", "ask_documents", "nesaprotu, kas ir PVN apliecība", None),
    ],
)
def test_a_statement_that_something_is_done_leads_on_from_its_own_step(node, intent, text, there):
    turn = move(GUIDE, at(node), intent, text)
    assert (turn.position.path[-1] if turn else node) == (there or node)
