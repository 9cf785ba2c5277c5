"""The published contracts, and what servers do with requests made up from them."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from bot.contracts import CONTRACTS, contract
from tests.customer import Customer

FEW = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.name)
def test_the_published_contract_is_what_the_code_does(path):
    assert path.read_text(encoding="utf-8") == contract(path), "write it anew with: make contracts"


@pytest.fixture(scope="session")
def backend_schema(backend):
    return schemathesis.openapi.from_url(f"{backend.address}/openapi.json")


@pytest.fixture(scope="session")
def chat_schema(stack):
    # The event stream never ends; tests/chat listens to it.
    return schemathesis.openapi.from_url(f"{stack.web}/openapi.json").exclude(path="/api/conversation/events")


backend_api = schemathesis.pytest.from_fixture("backend_schema")
chat_api = schemathesis.pytest.from_fixture("chat_schema")


@backend_api.parametrize()
@FEW
def test_the_backend_answers_every_made_up_request_as_agreed(case, backend):
    token = backend.log_in("anna.berzina@example.com") if "bearer" in str(case.operation.definition.raw).lower() else ""
    headers = {"x-api-key": "key-of-the-tests"} | ({"authorization": f"Bearer {token}"} if token else {})
    case.call_and_validate(headers=headers, excluded_checks=[schemathesis.checks.ignored_auth] if hasattr(schemathesis.checks, "ignored_auth") else [])


@chat_api.parametrize()
@FEW
def test_the_chat_answers_every_made_up_request_as_agreed(case, stack):
    customer = Customer(stack.web)
    case.call_and_validate(headers={"authorization": f"Bearer {customer.token}"})
