"""Customers who talk with the whole assistant."""

import pytest

from tests.customer import Customer


@pytest.fixture
def customer(stack) -> Customer:
    """A customer who opened the chat on a Latvian page."""
    return Customer(stack.web)
