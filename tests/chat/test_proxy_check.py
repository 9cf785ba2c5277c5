"""A start without a named proxy says once in the log that all customers seem to come from one."""

import pytest
import requests

from bot.web.proxy_check import ENOUGH


def warnings(web) -> int:
    return (web.folder / "log").read_text().count("only_private_addresses")


def arrive(web, address: str, count: int = ENOUGH) -> None:
    for _ in range(count):
        headers = {"x-forwarded-for": address} if address else {}
        begun = requests.post(f"{web.web}/api/conversations", json={"language": "lv"}, headers=headers, timeout=30)
        assert begun.status_code == 201


@pytest.mark.parametrize("address", ["", "10.0.0.7", "::ffff:192.168.1.5"])
def test_private_addresses_alone_are_said_once(start_web, address):
    web = start_web()
    arrive(web, address, ENOUGH - 1)
    assert warnings(web) == 0
    arrive(web, address, 2 * ENOUGH)
    assert warnings(web) == 1


def test_nothing_is_said_once_a_public_address_was_seen(start_web):
    web = start_web()
    arrive(web, "9.9.9.9", 1)
    arrive(web, "10.0.0.7", 2 * ENOUGH)
    assert warnings(web) == 0


def test_nothing_is_said_where_a_proxy_is_named(start_web):
    web = start_web(trusted_proxies="10.0.0.1")
    arrive(web, "", 2 * ENOUGH)
    assert warnings(web) == 0
