"""Customers who chat with the whole assistant."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.backend.conftest import KEY, Backend, start_backend
from tests.conftest import GENEROUS, Stack, running, stop_process
from tests.customer import Customer
from tests.odd_server import OddServer, serve_oddly


@pytest.fixture
def customer(stack) -> Customer:
    """A customer who opened the chat on a Latvian page."""
    return Customer(stack.web)


@dataclass
class Odd:
    """The whole assistant, with an account system that answers oddly where a test says so."""

    stack: Stack
    server: OddServer
    backend: Backend


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Odd]:
    folder = tmp_path_factory.mktemp("odd")
    backend, account_process = start_backend(folder, codes_an_hour="1000")
    with serve_oddly(backend.address, slow=8.0) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        try:
            with running(folder, backend_url=address, backend_key=KEY, **GENEROUS) as stack:
                yield Odd(stack, server, backend)
        finally:
            stop_process(account_process)
