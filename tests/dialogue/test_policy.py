"""What the dialogue says, depending on what it understood, what the talk is about, and what was said before."""

from dataclasses import replace

import pytest

from bot.dialogue.answers import AGAIN, STATED, read_answers, read_responses
from bot.dialogue.choosing import choose
from bot.dialogue.guide import Position
from bot.dialogue.heard import PERSON, STILL_STUCK, told_now
from bot.dialogue.phrasing import ASKED_AGAIN, MAX_SAID, remember, unsaid, wording
from bot.dialogue.ranking import Part, Talk, leaning, rank, topic_of
from tests.dialogue.messages import UNKNOWN, asks, follows_up, heard, part, pressed, response, signs, turn

# What is asked


def test_a_narrow_question_gets_its_short_answer_and_opens_its_topic():
    found = turn(asks("invoice/when"))
    assert found.say == (response("invoice/when"),)
    assert found.talk.about == "invoice/when"
    assert found.talk.said == (response("invoice/when"),)


def test_an_open_question_gets_the_page():
    assert turn(heard(part("ask_payment"))).say == ("utter_payment",)


def test_several_questions_get_several_answers_in_their_order_and_at_most_three():
    addresses = ("invoice/when", "card/when", "green_tick/where", "check/how_long")
    parts = [part(str(topic_of(a)), a, aspect=read_answers()[a].aspect, text="kad tas ir") for a in addresses]
    found = turn(heard(parts[0], *parts))
    assert found.say == tuple(response(address) for address in addresses[:3])
    assert found.talk.about == addresses[2]


def test_a_greeting_beside_a_question_is_no_question():
    question = part("ask_waiting", "check/how_long", aspect="how_long", text="cik ilgi")
    assert turn(heard(question, part("greet"), question)).say == (response("check/how_long"),)


@pytest.mark.parametrize("intent", ["greet", "thanks", "goodbye", "small_talk"])
def test_what_one_rule_answers_is_left_to_it(intent):
    assert turn(heard(part(intent))).say == ()


def test_an_insult_is_one_whatever_else_it_says():
    assert turn(heard(part("abuse"))).say == ("utter_abuse",)


def test_a_question_about_nothing_is_asked_back_and_then_a_miss():
    about_nothing = part("follow_up", aspect="where")
    first = turn(heard(about_nothing))
    assert first.say == ("utter_follow_up_nothing",)
    assert turn(heard(about_nothing), first.talk).say == ("action_fallback",)


def test_what_is_not_understood_goes_to_the_fallback():
    nothing = Part("asdf", {"nlu_fallback": 0.1}, {}, {}, {})
    assert turn(heard(nothing, intent="nlu_fallback")).say[-1] == "action_fallback"


# What was said before


def test_what_leans_on_the_talk_stays_with_it():
    talk = Talk(about="invoice/when")
    assert leaning(part("follow_up")) > leaning(part("ask_payment"))
    assert topic_of(rank(part("follow_up", "invoice/where", aspect="where"), talk, {})[0].address) == "ask_payment"
    assert turn(follows_up("invoice/where", "where"), talk).say == (response("invoice/where"),)


def test_a_question_with_a_topic_of_its_own_changes_it():
    found = turn(asks("green_tick/where"), Talk(about="invoice/when"))
    assert (found.say, found.talk.about) == ((response("green_tick/where"),), "green_tick/where")


def test_a_follow_up_to_nothing_asks_what_it_is_about():
    lone = heard(Part("un kur", {"follow_up": 0.9}, {}, {}, {"where": 0.9}))
    assert turn(lone).say == ("utter_follow_up_nothing",)


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


# What the customer told


@pytest.mark.parametrize("vat", ["yes", "no"])
def test_the_answer_is_the_one_for_this_customer(vat):
    variants = {one.when.get("vat_payer"): one.response for one in read_answers()["documents/which"].variants}
    assert turn(asks("documents/which", told={"vat_payer": vat})).say == (variants[vat],)
    assert turn(asks("documents/which"), Talk(details={"vat_payer": vat})).say == (variants[vat],)


def test_what_was_told_holds_until_it_is_corrected():
    talk = turn(asks("documents/which", told={"vat_payer": "yes"})).talk
    assert talk.details["vat_payer"] == "yes"
    found = turn(asks("licence/counts", told={"vat_payer": "no"}), talk)
    assert found.talk.details["vat_payer"] == "no"
    assert found.say == (read_answers()["licence/counts"].response({"vat_payer": "no"}),)


def test_a_corrected_detail_is_answered_with_what_holds_now():
    answer = read_answers()["documents/which"]
    talk = turn(asks("documents/which", told={"vat_payer": "yes"})).talk
    found = turn(follows_up("documents/which", told={"vat_payer": "no"}), talk)
    assert found.say == (answer.response({"vat_payer": "no"}),)


@pytest.mark.parametrize(
    ("address", "told", "action"),
    [
        ("enough/counts-corporate", {"points": "2500"}, "action_enough"),
        ("enough/how_much-missing", {"points": "470"}, "action_enough"),
        ("check/by_when", {"date": "2026-11-16"}, "action_last_day"),
    ],
)
def test_figures_and_days_are_computed_where_they_were_told(address, told, action):
    assert wording(address, Talk(), {}) == response(address)
    assert turn(asks(address, told=told, entities=told)).say == (action,)
    assert turn(asks(address), Talk(details=told)).say == (action,)


def test_a_corrected_figure_is_computed_anew():
    talk = turn(asks("enough/counts-corporate", told={"points": "470"}, entities={"points": "470"})).talk
    found = turn(follows_up("enough/counts-corporate", told={"points": "500"}), talk)
    assert (found.say, found.talk.details["points"]) == (("action_enough",), "500")


def test_points_are_compared_with_the_tier_that_the_message_names():
    message = asks(
        "enough/counts-invitation", told={"points": "2501", "tier": "corporate"}, entities={"points": "2501"}
    )
    assert turn(message).talk.about == "enough/counts-corporate"
    assert choose(message.parts, Talk(), {"tier": "gold", "points": "2501"})[0].address == "enough/counts-any"


def test_a_bare_figure_is_points_only_where_the_talk_is_about_them():
    figure = heard(part("follow_up"), told={"points": "2019"})
    assert told_now(figure, Talk(about="invoice/when")) == {}
    assert told_now(figure, Talk(about="enough/counts-invitation")) == {"points": "2019"}
    assert told_now(replace(figure, entities={"points": "2019"}), Talk(about="invoice/when")) == {"points": "2019"}


def test_a_card_is_a_way_to_pay_only_where_the_talk_is_about_paying():
    card = heard(part("ask_documents"), told={"payment": "card"})
    assert told_now(card, Talk()) == {}
    assert told_now(card, Talk(about="invoice/when")) == {"payment": "card"}


# What was offered


@pytest.mark.parametrize(
    ("sign", "say"), [("👍", (PERSON,)), ("👎", ("utter_offer_declined",)), ("🙂", ("utter_acknowledged",))]
)
def test_a_sign_is_an_answer_too(sign, say):
    assert turn(signs(sign), turn(asks(UNKNOWN)).talk).say == say


def test_a_new_question_drops_the_offer():
    talk = turn(asks(UNKNOWN)).talk
    assert turn(asks("green_tick/where"), talk).talk.offer is None


def test_a_question_mark_alone_asks_the_same_again():
    talk = turn(asks("invoice/when")).talk
    assert turn(signs("???"), talk).say == (response("invoice/when") + AGAIN,)
    assert turn(signs("???")).say == ("utter_waiting_for_question",)


def test_a_figure_alone_goes_into_the_open_computation():
    talk = Talk(about="enough/counts-corporate")
    assert turn(signs("2501", {"points": "2501"}), talk).say == ("action_enough",)


# Who gets no answer


def test_never_mind_drops_the_topic():
    found = turn(heard(part("never_mind")), Talk(about="invoice/when", offer="person"))
    assert found.say == ("utter_never_mind",)
    assert (found.talk.about, found.talk.offer) == (None, None)


def test_a_second_complaint_is_answered_with_a_person():
    first = turn(heard(part("complain")), Talk(about="invoice/when"))
    second = turn(heard(part("complain")), first.talk)
    assert (first.say, second.say) == (("utter_complain",), ("utter_complain_again",))
    assert (second.talk.about, second.talk.offer) == ("invoice/when", "person")


def test_did_that_and_still_nothing_is_not_answered_with_do_that():
    still = heard(Part("darits, joprojam nekas", {"follow_up": 0.9}, {}, {}, {"problem": 0.9}))
    found = turn(still, Talk(about="green_tick/where", said=(response("green_tick/where"),)))
    assert found.say == (STILL_STUCK,)
    assert found.talk.offer == "person"


# The customer's account


def test_who_is_confirmed_hears_the_account_and_no_general_page():
    own = read_answers()["invoice/when"].own
    assert own
    action = f"action_{own.removeprefix('ask_')}"
    assert turn(asks("invoice/when", is_confirmed=True)).say == (action,)
    assert turn(heard(part("ask_payment"), is_confirmed=True)).say == (action,)


def test_words_about_oneself_ask_who_one_is():
    assert turn(heard(part("ask_my_status"))).say == ("action_my_status",)
    assert turn(heard(part("ask_my_status"), is_confirmed=True)).say == ("action_my_status",)


# Buttons


def test_a_button_opens_its_page_and_its_topic():
    found = turn(pressed("ask_payment"), Talk(about="green_tick/where"))
    assert found.say == ()
    assert found.talk.about == "ask_payment"
    assert found.talk.said == ("utter_payment",)


def test_the_form_is_not_talked_over():
    position = Position(("apply", "documents"))
    assert turn(pressed("ask_my_points", asks_who_it_is=True), position=position).say == ()


# Whole conversations


@pytest.mark.parametrize("address", [address for address in read_answers() if not read_answers()[address].only])
def test_every_answer_can_be_said_and_said_again(address):
    first = turn(asks(address))
    again = turn(asks(address), replace(first.talk, about=address))
    assert set(first.say) | set(again.say) <= set(read_responses())
    assert first.say != again.say


def corrected(text, about, told, *, aspect="what", **talk):
    """Return the reply to a customer who only gives a detail while the talk is about an address."""
    said = part("follow_up", aspect=aspect, text=text, sure=0.6)
    return turn(heard(said, text=text, told=told), Talk(about=about, **talk))


@pytest.mark.parametrize(
    ("text", "about", "told", "address"),
    [
        ("sorry make that card", "transfer/by_when", {"payment": "card"}, "card/by_when"),
        ("stop, tomer ar parskaitijumu", "card/by_when", {"payment": "transfer"}, "transfer/by_when"),
        ("pareizak sakot vairs neesam", "documents/counts-one", {"vat_payer": "no"}, "documents/which"),
    ],
)
def test_who_only_corrects_a_detail_hears_what_follows_from_it(text, about, told, address):
    said = corrected(text, about, told).say
    assert said == (read_answers()[address].response(told),)


@pytest.mark.parametrize("text", ["ja, vakar", "yes, yesterday"])
def test_a_yes_with_a_detail_and_nothing_else_is_no_error(text):
    yes = part("affirm", text=text)
    assert turn(heard(yes, text=text, told={"date": "2026-11-25"})).say == ()  # a rule answers a yes


def test_a_problem_with_a_detail_in_it_stays_a_problem():
    failed = corrected("my card was declined", "payment/which", {"payment": "card"}, aspect="problem")
    assert response("card/by_when") not in failed.say


def test_who_tells_what_was_told_before_corrects_nothing():
    again = corrected("ar karti", "card/by_when", {"payment": "card"}, details={"payment": "card"})
    assert again.say != (response("card/by_when"),)


@pytest.mark.parametrize(("about", "action"), [("points/what", "my_points"), ("payment/what", "my_payment")])
def test_mine_is_looked_up(about, action):
    mine = part("follow_up", text="and what about mine")
    assert turn(heard(mine, text="and what about mine?"), Talk(about=about)).say == (f"action_{action}",)


def test_after_what_is_out_of_scope_a_follow_up_is_not_known_and_a_rule_stays_a_rule():
    outside = Talk(about="out_of_scope")
    assert turn(heard(part("follow_up", aspect="who", text="who knows it then")), outside).say == ("utter_not_known",)
    assert turn(heard(part("next", text="talak")), outside).say == ()


def test_what_is_told_besides_a_question_is_no_question_of_its_own():
    told = part("ask_documents", "documents/which", aspect="which", text="we pay no VAT")
    question = part("ask_documents", "licence/counts", aspect="counts", text="is a licence enough")
    whole = part("ask_documents", "licence/counts", aspect="counts", text="we pay no VAT. is a licence enough?")
    assert turn(heard(whole, told, question)).say == (response("licence/counts"),)


def test_an_answer_that_was_not_asked_for_is_not_given_again():
    addresses = "vat_status/counts-foreign", "documents/which"
    again = part("ask_documents", *addresses, text="no no, not from another country")
    before = Talk(about=addresses[0], said=(response(addresses[0]),))
    assert turn(heard(again), before).say == (response(addresses[1]),)
    corrects = part("ask_documents", *addresses, text="and from another country")
    assert turn(heard(corrects), before).say != (response(addresses[1]),)


def test_a_question_behind_a_wish_for_a_language_is_answered():
    wish = part("set_language", text="turpinam latviski")
    question = part("ask_payment", "card/when", aspect="when", text="kad nonem naudu")
    found = turn(heard(wish, part("set_language", text="turpinam latviski"), question))
    assert found.say == (response("card/when"),)


def test_one_question_among_statements_is_answered_by_itself_and_by_the_whole():
    story = "good morning, i keep the books of a small video studio and my boss told me to sort out the canon account"
    told = part("ask_apply", "application/how", aspect="how", text=story)
    question = part("ask_documents", "documents/which", aspect="which", text="which documents")
    both = part("ask_apply", "application/how", "documents/which", text=f"{story}. which documents")
    whole = replace(both, intents={"ask_apply": 0.5, "ask_documents": 0.45}, near={})
    assert turn(heard(whole)).say == (response("application/how"),)
    assert turn(heard(whole, told, question)).say == (response("documents/which"),)


@pytest.mark.parametrize("text", ["kādi produkti ir manā kontā?", "which products are in my account?"])
def test_what_is_in_ones_account_is_looked_up_even_if_another_topic_is_likelier(text):
    whole = replace(part("ask_register_products", "my_products/what", aspect="what", text=text, sure=0.7))
    unsure = replace(whole, intents={"ask_register_products": 0.7, "ask_my_products": 0.25})
    assert turn(heard(unsure, intent="ask_register_products")).say == ("action_my_products",)
    elsewhere = replace(unsure, text="kādi produkti ir tur")
    assert turn(heard(elsewhere, intent="ask_register_products")).say == (response("my_products/what"),)


def test_a_surer_answer_goes_before_a_look_up():
    paid = part("ask_payment", "card/problem-not_charged", aspect="problem", text="paid by card, nothing was taken")
    both = replace(paid, intents={"ask_my_status": 0.6, "ask_payment": 0.4})
    assert turn(heard(both, intent="ask_my_status")).say == (response("card/problem-not_charged"),)
    certain = replace(paid, intents={"ask_my_status": 0.95, "ask_payment": 0.05})
    assert "action_my_status" in turn(heard(certain, intent="ask_my_status")).say


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


def test_what_was_stated_is_not_said_once_more():
    said = remember(Talk(), (response("payment/may-card") + STATED,))
    assert wording("payment/may-card", Talk(said=said), {}) == response("payment/may-card") + AGAIN


def test_a_sure_topic_at_the_start_of_a_talk_is_answered_though_it_sounds_like_a_follow_up():
    shares = {"tiers/which": 0.15, "tiers/which-mine": 0.07, "ask_tiers": 0.4}
    for hinted, said in ((0.95, response("tiers/which")), (0.3, "utter_follow_up_nothing")):
        intents, near = {"follow_up": 0.92, "ask_tiers": 0.06}, {"tiers/which": 0.5}
        few = Part("kadi ir limeni?", intents, {"ask_tiers": shares}, {"ask_tiers": hinted}, {"which": 0.9}, near)
        assert turn(heard(few)).say == (said,)


def test_what_was_looked_up_just_now_is_not_recited_to_the_next_question():
    asked = part("ask_my_payment", "card/counts-at_once", aspect="counts", text="but is it charged at once?", sure=0.4)
    asked = replace(asked, intents={"ask_my_payment": 0.4, "ask_payment": 0.35})
    first = turn(heard(asked, is_confirmed=True))
    assert first.say == ("action_my_payment",)
    again = heard(asked, is_confirmed=True)
    assert turn(again, first.talk, before="action_my_payment").say == (response("card/counts-at_once"),)
    assert turn(again, first.talk).say == ("action_my_payment",), "it had failed, and said nothing"
    surely = heard(replace(asked, intents={"ask_my_payment": 0.9}), is_confirmed=True)
    assert turn(surely, first.talk, before="action_my_payment").say == ("action_my_payment",), "asked once more"


@pytest.mark.parametrize("intent", ["ask_my_payment", "ask_payment"])
def test_what_the_account_alone_can_tell_is_looked_up_each_time(intent):
    asked = part(intent, "payment/counts-gone_through", aspect="counts", text="vai mans maksājums ir saņemts?")
    found = turn(heard(asked, is_confirmed=True), before="action_my_payment")
    assert found.say == ("action_my_payment",)
    asked = part("ask_payment", "invoice/when", aspect="when", text="kad man būs rēķins?")
    again = turn(heard(asked, is_confirmed=True), Talk(about="invoice/when"), before="action_my_payment")
    assert again.say == ("action_my_payment",), "the same question asks how things stand now"
    asked = part(intent, "invoice/may-resend", aspect="may", text="varat man rēķinu atsūtīt?", sure=0.7)
    assert turn(heard(asked, is_confirmed=True), before="action_my_payment").say == (response("invoice/may-resend"),)


def test_what_is_only_supposed_is_answered_in_general():
    text = "if I pay by card, when is my money taken?"
    asked = part("ask_payment", "card/by_when", aspect="by_when", text=text)
    assert turn(heard(asked, text=text, is_confirmed=True)).say == (response("card/by_when"),)


@pytest.mark.parametrize(
    ("condition", "question"),
    [("and if i pay by card", "is it charged at once"), ("ja maksaju ar karti", "vai naudu nonem uzreiz")],
)
def test_a_condition_is_no_question_of_its_own(condition, question):
    whole = part("ask_payment", "card/counts-at_once", aspect="counts", text=f"{condition}, {question}", sure=0.7)
    supposed = part("ask_payment", "payment/may-card", aspect="may", text=condition)
    asked = part("ask_payment", "card/counts-at_once", aspect="counts", text=question)
    assert [one.address for one in choose((whole, supposed, asked), Talk(), {})] == ["card/counts-at_once"]


@pytest.mark.parametrize("text", ["so yes or no?", "yes or no please", "nu tad jā vai nē?", "ja vai ne, ludzu"])
@pytest.mark.parametrize("intent", ["affirm", "follow_up", "nlu_fallback"])
def test_who_wants_a_plain_yes_or_no_gets_the_last_answer_in_short(text, intent):
    told = replace(Talk(about="card/counts-at_once"), said=(response("card/counts-at_once"),))
    asked = heard(part(intent, aspect="which", text=text), text=text)
    assert turn(asked, told).say == (response("card/counts-at_once") + AGAIN,)
    assert turn(asked, replace(told, offer="person")).say != (PERSON,)


def test_a_question_with_yes_or_no_at_its_end_is_that_question():
    text = "the membership, can i use it today, yes or no?"
    asked = heard(part("ask_membership", "membership/may-today", aspect="may", text=text), text=text)
    assert turn(asked, Talk(about="card/counts-at_once")).say == (response("membership/may-today"),)


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


@pytest.mark.parametrize(
    "text",
    [
        "ok card. so i can use it right away or after the money goes off",
        "tad es ar karti un es to varēšu lietot uzreiz vai kad nauda noies",
    ],
)
def test_a_way_to_pay_within_a_longer_message_is_no_answer_to_anything(text):
    asked = part("ask_membership", "membership/may-today", aspect="may", text=text, sure=0.5)
    assert turn(heard(asked, text=text, told={"payment": "card"}), Talk(about="payment/which-better")).say == (
        response("membership/may-today"),
    )
    short = part("follow_up", text="ok, by card", sure=0.5)
    assert turn(heard(short, told={"payment": "card"}), Talk(about="payment/which-better")).say == (
        response("card/by_when"),
    )


@pytest.mark.parametrize("text", ["what about my invoice?", "kas ir ar manu rēķinu?"])
def test_who_asks_what_is_with_something_of_theirs_wants_their_account(text):
    asked = part("ask_my_payment", "invoice/what", aspect="what", text=text, sure=0.6)
    assert turn(heard(asked, text=text)).say[-1] == "action_my_payment"


@pytest.mark.parametrize("text", ["ir atvērta, bet viss angliski, var latviski?", "is there any of it in English?"])
def test_a_language_that_is_spoken_already_is_wished_for_something_else(text):
    asked = part("set_language", "form/which-language", aspect="which", text=text)
    asked = replace(asked, answers={"ask_apply": {"form/which-language": 0.9}}, topics={"ask_apply": 1.0})
    entities = {"language": "lv" if "latviski" in text else "en"}
    found = turn(heard(asked, text=text, entities=entities, language=entities["language"]))
    assert found.say == (response("form/which-language"),)
    found = turn(heard(asked, text=text, entities=entities, language="en" if "latviski" in text else "lv"))
    assert found.say[0] == "utter_language_set"


@pytest.mark.parametrize("text", ["mhm tātad es to neaizpildīju", "maybe not, i left it empty"])
@pytest.mark.parametrize(("about", "kept"), [("migrate_button/if_not", "no"), ("card/when", None)])
def test_what_was_left_empty_is_the_old_address_where_the_talk_is_about_it(text, about, kept):
    found = told_now(heard(part("follow_up", text=text), text=text), Talk(about=about))
    assert found.get("gave_old_email") == kept


@pytest.mark.parametrize("text", ["es laikam to neaizpildīju", "i did not fill it in, i think"])
def test_who_left_the_old_address_out_hears_what_follows_from_that(text):
    said = heard(part("follow_up", aspect="how", text=text, sure=0.5), text=text)
    assert turn(said, Talk(about="migrate_button/if_not")).say == (response("migrate_button/if_not-no_email"),)
