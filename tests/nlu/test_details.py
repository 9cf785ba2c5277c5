"""The details that a message gives about the customer, in both languages, and none that it does not give."""

import pytest

from tests.nlu.told import table, told

VAT = table(
    yes="""
        es sajaucu, mēs tomēr esam pvn maksātāji no oktobra
        esam pvn maksataji no 1. janvara
        mēs esam PVN maksātāji
        esmu pvn maksataja
        firma ir pvn maksātājs
        mums ir PVN numurs
        esam reģistrēti PVN
        mēs maksājam PVN
        kādu papīru vajag, ja esam PVN maksātāji
        PVN firma, ko pievienot
        VAT firm: what to attach
        we are VAT registered
        we're a VAT payer
        we do pay VAT
        we are registered for VAT
        which document if we're a VAT payer
    """,
    no="""
        neesam PVN
        PVN nav
        biedrība bez pvn
        mums nav pvn numura
        vairs neesam PVN maksātāji
        PVN nemaksājam
        we don't pay VAT
        our company doesnt pay vat
        no VAT here
        not VAT registered
        sole trader, no vat
    """,
    none="""
        vai PVN maksātājam vajag apliecību?
        kas ir PVN apliecība
        PVN numurs uz rēķina nav redzams
        vai esat PVN
        esam SIA
        does a VAT payer need the certificate?
        are you VAT registered?
        the VAT number is not on the invoice
        do we pay VAT on the membership?
    """,
)
PAYMENT = table(
    card="""
        maksāšu ar karti
        naudu no kartes vēl nav noņēmuši
        I'll pay by card
        sorry make that card
        my card has not been charged
    """,
    transfer="""
        ar pārskaitījumu
        stop, tomēr ar pārskaitījumu
        ne ar karti, ar pārskaitījumu
        bank transfer please
        not a card, a transfer
    """,
    none="""
        karte vai pārskaitījums?
        nē, ar karti nemaksāšu
        negribu maksāt ar karti
        bez kartes
        card or transfer?
        not paying with a card, no way
        without a card
    """,
)
TIER = table(
    gold="""
        gribu zeltu
        negribu korporatīvo. drīkst paņemt zelta?
        we do NOT want corporate. can we just take gold?
    """,
    silver="""
        ne zeltu, bet sudrabu
        not gold but silver
    """,
    none="""
        negribu korporatīvo
        zelts vai sudrabs?
        do not want corporate
        gold or silver?
    """,
)
OLD_EMAIL = table(
    yes="""
        veco e-pastu norādīju
        vecais e-pasts bija norādīts
        I gave the old e-mail
        yes i did give the old address in the form
        old email was entered
    """,
    no="""
        veco epastu formā neierakstīju
        es neierakstīju veco e-pastu
        vecā e-pasta adrese netika norādīta
        aizmirsu norādīt veco e-pastu
        I did not give my old email
        didn't enter the old address
        forgot to enter the old email
    """,
    none="""
        varbūt vajadzēja kur ierakstīt veco meilu
        maybe i entered the old email wrong
        vai jānorāda vecais e-pasts?
        iedevu jums savu e-pastu
        must I give the old e-mail?
        I gave you my email
    """,
)
HAD_CPS = table(
    yes="""
        man jau bija CPS konts
        agrāk man bija cps
        I had a CPS account
    """,
    no="""
        man nekad nav bijis cps konta
        nebija tāda konta
        never had any cps before
        never had a CPS account
    """,
    none="""
        kas ir CPS
        what is CPS
    """,
)
BUTTON = table(
    yes="""
        redzu zilo pogu
        poga ir
        I see the button
    """,
    no="""
        neredzu zilo pogu
        pogas nav
        kapec nav pogas
        I can't see the button
        there is no button
    """,
    none="""
        kur ir zila poga
        un ja pogas nebus
        where is the button
        and if there is no button
    """,
)
INVITATION_CAME = table(
    yes="""
        atnāca uzaicinājums uz cps
        aicinājums ir e-pastā, atvēru
        ok, invitation received
        got the invitation, what now?
    """,
    no="""
        uzaicinājuma joprojām nav
        nesaņēmu nekādu aicinājumu
        man 600 punktu, bet neviens mani nav uzaicinājis
        530 points and no invitation in my inbox
        the invitation hasn't come
        600 points and nobody has invited me
    """,
    none="""
        kad atnāks uzaicinājums?
        vai uzaicinājums ir atnācis?
        ko darīt, kad uzaicinājums būs atnācis
        when will the invitation come
        has the invitation come?
        what do I do once the invitation is here
    """,
)
INVOICE_CAME = table(
    yes="""
        rēķins jau ir klāt
        rēķinu saņēmu, ko tagad
        the invoice came this morning
    """,
    no="""
        rēķina nav
        rekins nav atnacis
        no invoice yet
        I still have no invoice
    """,
    none="""
        vai rēķins atnāk uz e-pastu
        pieteicos, bet licences nav, ir tikai rēķins no Telia
        can I pay once the invoice has come
        before the invoice is here
    """,
)
MAIL_CAME = table(
    yes="""
        it was in spam, found it
        bija mēstulēs, atradu
        e-pasts ar paroli atnāca
        saņēmu vēstuli
        the mail came
        I got the e-mail
    """,
    no="""
        nav atnācis epasts ar paroli
        neesmu saņēmis vēstuli
        no e-mail came
        I have not received the letter
    """,
    none="""
        checked the spam folder, what now
        vai var būt mēstulēs
        vai e-pasts atnāks?
        no kurienes nāk e-pasts
        when does the e-mail come?
    """,
)


@pytest.mark.parametrize(("value", "text"), VAT)
def test_who_pays_vat_says_so_and_a_question_says_nothing(value, text):
    assert told(text).get("vat_payer") == value


@pytest.mark.parametrize(("value", "text"), PAYMENT)
def test_the_way_to_pay_is_the_one_that_is_meant(value, text):
    assert told(text).get("payment") == value


@pytest.mark.parametrize(("value", "text"), TIER)
def test_the_tier_is_the_one_that_is_wanted(value, text):
    assert told(text).get("tier") == value


@pytest.mark.parametrize(("value", "text"), OLD_EMAIL)
def test_the_old_email_was_given_or_not(value, text):
    assert told(text).get("gave_old_email") == value


@pytest.mark.parametrize(("value", "text"), HAD_CPS)
def test_there_was_an_account_before_or_not(value, text):
    assert told(text).get("had_cps") == value


@pytest.mark.parametrize(("value", "text"), BUTTON)
def test_the_button_is_seen_or_not(value, text):
    assert told(text).get("sees_button") == value


@pytest.mark.parametrize(("value", "text"), MAIL_CAME)
def test_the_mail_came_or_not(value, text):
    assert told(text).get("mail_came") == value


@pytest.mark.parametrize(("value", "text"), INVITATION_CAME)
def test_the_invitation_came_or_not(value, text):
    assert told(text).get("invitation_came") == value


@pytest.mark.parametrize(("value", "text"), INVOICE_CAME)
def test_the_invoice_came_or_not(value, text):
    assert told(text).get("invoice_came") == value


@pytest.mark.parametrize("text", ["spamā skatījos, nav", "checked junk, nothing"])
def test_who_looked_into_spam_need_not_look_again(text):
    assert told(text)["spam_checked"] == "yes"


@pytest.mark.parametrize("text", ["jautāju drauga vietā", "for my colleague", "asking for a mate"])
def test_it_is_heard_that_somebody_asks_for_another(text):
    assert told(text)["for_another"] == "yes"


@pytest.mark.parametrize(
    ("text", "details"),
    [
        (
            "Neesam PVN, maksāsim ar pārskaitījumu, punkti 2 500",
            {"vat_payer": "no", "payment": "transfer", "points": "2500"},
        ),
        (
            "We pay VAT, applied on 16 November, and I want gold",
            {"vat_payer": "yes", "date": "2026-11-16", "tier": "gold"},
        ),
        ("labdien", {}),
        ("", {}),
        ("🙂", {}),
    ],
)
def test_one_message_may_tell_several_things_or_none(text, details):
    assert told(text) == details


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("Mums nav PVN numura un nav arī licences, bet ir rēķins no Telia. Pietiek?", "invoice"),
        ("licences nav, ir izraksts no uzņēmumu reģistra", "extract"),
        ("We have no VAT number and no licence, but an electricity invoice. Is that fine?", "invoice"),
        ("not a VAT payer, only a licence here", "licence"),
        ("vai der rēķins vai izraksts?", None),
        ("is an invoice or an extract better?", None),
        ("kad būs rēķins?", None),
        ("no invoice yet", None),
        ("mēs neesam PVN maksātāji, vai vajag licenci?", None),
        ("not a VAT payer. when does the invoice for the membership come?", None),
    ],
)
def test_the_paper_that_a_company_has_is_told_where_others_are_denied(text, paper):
    assert told(text).get("paper") == paper
