"""The desk shows that e-mail does not leave, and which messages left by customers were not mailed."""

from sqlalchemy import update

from bot.conversations.models import Ticket
from bot.database import now
from tests.conftest import free_ports, stop_process, wait_for
from tests.customer import Customer
from tests.desk.conftest import start_desk
from tests.mail import SmtpServer

FAILS, NOT_MAILED = "E-pastu nevar nosūtīt kopš", "nav nosūtīta e-pastā"


def test_the_queue_shows_that_e_mail_fails_until_it_works_again(tmp_path):
    (port,) = free_ports(1)
    given = {"smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_tls": "none"}
    desk = start_desk(tmp_path, support_email="support@example.com", **given)
    server = None
    try:
        agent = desk.signed_in()
        assert FAILS not in agent.get("/desk").text
        customer = Customer(desk.address, is_greeted=False)
        left = {"client_id": "ticket-0001", "email": "a&body=x?cc=b@example.com", "text": "Lūdzu, palīdziet!"}
        assert customer.call("POST", "conversation/ticket", left).status_code == 204
        page = wait_for(lambda: FAILS in (shown := agent.get("/desk").text) and shown, 30)
        assert NOT_MAILED in page
        assert 'href="mailto:a%26body%3Dx%3Fcc%3Db@example.com"' in page
        server = SmtpServer(port=port)
        with desk.database.write() as session:
            session.execute(update(Ticket).values(due_at=now()))
        wait_for(lambda: FAILS not in agent.get("/desk").text, 30)
        assert NOT_MAILED not in agent.get("/desk").text
    finally:
        stop_process(desk.process)
        if server:
            server.close()
    assert server.letters[0]["Reply-To"] == "a&body=x?cc=b@example.com"
