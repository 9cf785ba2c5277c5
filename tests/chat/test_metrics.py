"""What Prometheus reads, on a port of its own, and that the alerts and the board ask for nothing else."""

import json
import re
import socket
import uuid

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from bot.conversations.models import WaitAlert
from bot.database import Database, now
from bot.settings import ROOT
from tests.agent import Agent
from tests.conftest import free_ports, wait_for
from tests.customer import Customer
from tests.odd_server import serve_oddly

TURN = "/webhooks/rest/webhook"
DEPLOY = ROOT / "deploy"


def read(port: int) -> dict[str, float]:
    """Return the samples by name and labels, such as `cps_up rasa`."""
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return {" ".join([one.name, *one.labels.values()]): one.value for one in samples}


def answer(response: str, sure: bool = True, **more: object) -> tuple[int, bytes]:
    understood = {"intent": "x", "confidence": 1, "sure": sure, "place": None}
    item = {"text": "Lūdzu", "response": response, "language": "lv", "understood": understood} | more
    return 200, json.dumps([item]).encode()


def test_they_are_not_served_by_default_and_never_to_customers(web):
    assert requests.get(f"{web.web}/metrics", timeout=30).status_code == 404


def test_what_customers_and_agents_do_is_counted(start_web):
    (port,) = free_ports(1)
    with serve_oddly() as server:
        web = start_web(rasa_port=str(server.server_address[1]), metrics_port=str(port))
        before = read(port)
        assert before["cps_agents_here"] == before["cps_queue_customers"] == before["cps_streams"] == 0
        Agent(web.folder).sits_down()
        hand_off = answer("utter_backend_failed", custom={"hand_off": {"cause": "lookup_failed"}})
        server.answers[TURN] = [
            answer("utter_hello"),
            (500, b""),
            answer("utter_my_points"),
            answer("utter_fallback", sure=False),
            hand_off,
        ]
        customer = Customer(web.web)
        for text in ("cik man ir punktu?", "asdf", "cik man ir punktu?"):
            customer.say(text)
        # The numbers are those of the process, and servers of other tests may add to them meanwhile.
        after = wait_for(lambda: (found := read(port))["cps_queue_customers"] and found)
        grown = {name: value - before[name] for name, value in after.items() if name in before}
        assert grown["cps_answer_seconds_count"] >= 4
        assert grown["cps_rasa_failures_total"] >= 1
        assert grown["cps_misses_total"] >= 1
        assert min(grown["cps_lookups_total answered"], grown["cps_lookups_total failed"]) >= 1
        assert grown["cps_hand_offs_total lookup_failed"] >= 1
        assert after["cps_agents_here"] == 1
        assert after["cps_queue_longest_wait_seconds"] > 0
        address = f"{web.web}/api/conversation/events"
        with customer.session.get(address, stream=True, timeout=30) as stream:
            lines = stream.iter_lines()
            assert next(lines) is not None
            wait_for(lambda: read(port)["cps_streams"] == 1)


def test_a_webhook_and_a_letter_that_do_not_arrive_are_counted(start_web):
    (port,) = free_ports(1)
    nowhere = str(free_ports(1)[0])
    web = start_web(
        metrics_port=str(port),
        webhook_url=f"http://127.0.0.1:{nowhere}/hook",
        webhook_secret="s" * 32,
        smtp_host="127.0.0.1",
        smtp_port=nowhere,
        support_email="help@example.com",
    )
    before = read(port)
    assert (before["cps_unsent webhook"], before["cps_unsent letter"]) == (0, 0)
    moment = now()
    with Database(f"sqlite:///{web.folder / 'chat.db'}").write() as session:
        session.add(WaitAlert(at=moment, waiting=1, seconds=400, is_open=None, due_at=moment))
    assert read(port)["cps_unsent webhook"] == 1
    Agent(web.folder).sits_down()
    customer = Customer(web.web, is_greeted=False)
    assert customer.call("POST", "conversation/person").ok
    ticket = {"client_id": str(uuid.uuid4()), "email": "anna@example.com", "text": "Zvaniet man, lūdzu"}
    assert customer.call("POST", "conversation/ticket", ticket).ok

    def failed() -> bool:
        after = read(port)
        return all(
            after[f"cps_deliveries_total {kind} failed"] > before[f"cps_deliveries_total {kind} failed"]
            and after[f"cps_unsent {kind}"] > 0
            for kind in ("webhook", "letter")
        )

    assert wait_for(failed)


@pytest.mark.stack
def test_the_whole_assistant_is_up_and_its_port_is_of_this_machine_alone(stack):
    # The start itself asked whether Rasa answers, and for some seconds that is passed on.
    wait_for(lambda: requests.get(f"{stack.web}/ready", timeout=30).ok)
    samples = read(stack.metrics_port)
    for part in ("database", "trackers", "rasa", "actions", "backend"):
        assert samples[f"cps_up {part}"] == 1, part
    assert samples["cps_model_trained_timestamp_seconds"] > 0
    other = socket.gethostbyname(socket.gethostname())
    if not other.startswith("127."):
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://{other}:{stack.metrics_port}/metrics", timeout=5)


@pytest.mark.parametrize("file", ["alerts.yml", "grafana.json"])
def test_alerts_and_board_name_only_metrics_that_are_served(start_web, file):
    (port,) = free_ports(1)
    start_web(metrics_port=str(port))
    served = {name.split()[0] for name in read(port)}
    named = set(re.findall(r"\bcps_[a-z_]+", (DEPLOY / file).read_text(encoding="utf-8")))
    assert len(named) > 5
    assert named <= served


def test_every_number_stands_on_the_board(start_web):
    (port,) = free_ports(1)
    start_web(metrics_port=str(port))
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    families = {one.name for one in text_string_to_metric_families(text) if one.name.startswith("cps_")}
    shown = (DEPLOY / "grafana.json").read_text(encoding="utf-8")
    assert not [name for name in families if name not in shown and not name.endswith("_created")]
