"""Letters are in a form that mail servers accept, and leave over the connection that the settings ask for."""

import asyncio
import re
import socket
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from bot import mail
from bot.mail import Letter
from bot.run import try_mail
from bot.settings import Settings
from tests.mail import SmtpServer, make_certificate, text_of

MOMENT = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
TEXT = "Labdien, Ā & <b>B</b>!\n\nPirmā rinda\notrā rinda" + " ļoti gara" * 200


def letter(**changed) -> Letter:
    return Letter(
        **{"to": "anna@example.com", "subject": "Ziņa", "text": TEXT, "language": "lv", "sent_at": MOMENT} | changed
    )


@pytest.fixture
def server():
    """Return a function that starts a mail server."""
    started = []

    def start(*given, **more) -> SmtpServer:
        started.append(SmtpServer(*given, **more))
        return started[-1]

    yield start
    for one in started:
        one.close()


def settings(server: SmtpServer, **more) -> Settings:
    return Settings(smtp_host="127.0.0.1", smtp_port=server.port, smtp_from="CPS palīgs <cps@support.example>", **more)


@pytest.mark.parametrize("tls", ["starttls", "implicit", "none"])
def test_a_letter_leaves_over_either_kind_of_tls_or_none(server, tmp_path, monkeypatch, tls):
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    started = server(tls, certificate)
    assert mail.try_server(settings(started, smtp_tls=tls)) == ""
    assert mail.send(settings(started, smtp_tls=tls), letter())
    assert started.seen_by_server == [("cps@support.example", ["anna@example.com"])]


@pytest.mark.parametrize(
    ("offered", "wanted"), [("implicit", "starttls"), ("none", "starttls"), ("starttls", "implicit")]
)
def test_a_letter_never_leaves_over_another_kind_of_connection(server, tmp_path, monkeypatch, offered, wanted):
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(mail, "TIMEOUT", 2)
    started = server(offered, certificate)
    assert mail.try_server(settings(started, smtp_tls=wanted), 2)
    assert not mail.send(settings(started, smtp_tls=wanted), letter())
    assert not started.letters


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_server_that_nobody_vouches_for_gets_no_letter(server, tmp_path, tls):
    started = server(tls, make_certificate(tmp_path))
    assert mail.try_server(settings(started, smtp_tls=tls)) == "SSLCertVerificationError"
    assert not mail.send(settings(started, smtp_tls=tls), letter())
    assert not started.letters


@pytest.mark.parametrize(("password", "works"), [("right", True), ("wrong", False)])
def test_the_password_is_shown_to_a_server_that_asks_for_one(server, tmp_path, monkeypatch, password, works):
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    started = server("starttls", certificate, password="right")
    given = settings(started, smtp_user="cps", smtp_password=password)
    assert (mail.try_server(given) == "") is works
    assert mail.send(given, letter()) is works


def test_a_letter_has_what_mail_servers_and_programs_look_for(server):
    started = server()
    given = settings(started, smtp_tls="none")
    sent = letter(reply_to="peter.smith@example.com")
    assert mail.send(given, sent)
    assert mail.send(given, sent)
    first, second = started.letters
    assert str(first["From"]) == "CPS palīgs <cps@support.example>"
    assert (first["To"], first["Subject"], first["Reply-To"]) == ("anna@example.com", "Ziņa", "peter.smith@example.com")
    assert parsedate_to_datetime(first["Date"]) == MOMENT
    assert first["Message-ID"].endswith("@support.example>")
    assert first["Message-ID"] == second["Message-ID"], "a repeat can be told from another letter"
    assert letter().id != letter().id
    assert first["Auto-Submitted"] == "auto-generated"
    assert first.get_content_type() == "multipart/alternative"
    assert text_of(first).strip() == TEXT
    html = text_of(first, "html")
    assert '<html lang="lv">' in html
    assert "<p>Labdien, Ā &amp; &lt;b&gt;B&lt;/b&gt;!</p>\n<p>Pirmā rinda<br>\notrā rinda" in html
    assert first.as_bytes().isascii()
    assert max(map(len, first.as_bytes().splitlines())) < 998


def test_without_an_address_to_answer_to_there_is_no_such_header(server):
    started = server()
    for reply_to in ("", "jānis@example.com"):
        assert mail.send(settings(started, smtp_tls="none"), letter(reply_to=reply_to))
    assert [one["Reply-To"] for one in started.letters] == [None, None]


@pytest.mark.parametrize("field", ["to", "subject", "reply_to"])
def test_nothing_adds_a_header(server, field):
    started = server()
    assert not mail.send(settings(started, smtp_tls="none"), letter(**{field: "a@example.com\r\nBcc: b@example.com"}))
    assert not started.letters


@pytest.mark.parametrize("field", ["sender_answer", "recipient_answer", "letter_answer"])
def test_a_letter_that_the_server_refuses_is_not_sent(server, field):
    started = server()
    setattr(started, field, "550 no")
    assert not mail.send(settings(started, smtp_tls="none"), letter())
    assert (mail.try_server(settings(started, smtp_tls="none")) == "") is (field != "sender_answer")


def test_a_server_that_says_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        given = Settings(smtp_host="127.0.0.1", smtp_port=silent.getsockname()[1], smtp_tls="none")
        assert mail.try_server(given, 0.2)


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        ({}, "starttls"),
        ({"smtp_port": 465}, "implicit"),
        ({"smtp_port": 465, "smtp_tls": "starttls"}, "starttls"),
        ({"smtp_port": 2465, "smtp_tls": "implicit"}, "implicit"),
        ({"smtp_tls": "none"}, "none"),
        ({"smtp_tls": "true"}, "starttls"),  # as earlier releases had it
        ({"smtp_tls": "false"}, "none"),
    ],
)
def test_the_port_says_how_to_encrypt_unless_a_setting_does(given, mode):
    assert Settings(**given).smtp_tls_mode == mode


@pytest.mark.parametrize("sender", ["cps", "cps@", "CPS <cps>", "a@example.com\nBcc: b@example.com", "@example.com"])
def test_a_sender_that_is_no_address_is_a_wrong_setting(sender):
    with pytest.raises(ValueError, match="should be an address"):
        Settings(smtp_from=sender)


def test_the_start_says_what_is_wrong_with_the_mail_settings(server, capsys):
    started = server()
    asyncio.run(try_mail(settings(started, smtp_tls="none")))
    asyncio.run(try_mail(Settings()))
    assert capsys.readouterr().out == ""
    asyncio.run(try_mail(Settings(smtp_host="127.0.0.1", smtp_port=started.port)))
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2
    assert "CPS_SMTP_FROM" in said[0]
    assert f"127.0.0.1:{started.port} (starttls) cannot be used: SMTPNotSupportedError" in said[1]


def test_an_address_in_a_letter_is_a_link_that_leads_where_it_says(server):
    started = server()
    text = 'See https://chat.example.com/a?b=1&c="><script>.\n\nOr (http://example.com/x), javascript:alert(1).'
    assert mail.send(settings(started, smtp_tls="none"), letter(text=text))
    html = text_of(started.letters[0], "html")
    assert re.findall('<a href="(.*?)">(.*?)</a>', html) == [
        ("https://chat.example.com/a?b=1&amp;c=",) * 2,
        ("http://example.com/x",) * 2,
    ]
    assert "<script>" not in html
