"""A customer tells the assistant to delete their data: it offers the request, and the desk shows it once confirmed."""

import pytest

from tests.customer import Customer
from tests.desk.conftest import Browser

EMAIL = {"lv": "ilze.ozola@example.com", "en": "peter.smith@example.com"}
BUTTON = {"lv": "Lūgt izdzēst manus datus", "en": "Have my data erased"}
ACCEPTED = {"lv": "lūgums izdzēst datus ir pieņemts", "en": "request to erase your data has been accepted"}
LISTED = {"lv": "Vēlas dzēst savus datus", "en": "Asks for erasure"}


@pytest.mark.parametrize(
    ("language", "wish"), [("lv", "izdzēsiet manus datus"), ("lv", "izdzest manus datus"), ("en", "delete my data")]
)
def test_who_wants_their_data_erased_makes_a_request_that_a_supervisor_sees(stack, language, wish):
    customer = Customer(stack.web, language)
    customer.say(wish)
    customer.choose(BUTTON[language])
    confirmed = customer.confirm(stack.backend, EMAIL[language])
    assert ACCEPTED[language] in confirmed or "jau ir" in confirmed  # of the same customer, in a test before
    supervisor = Browser(stack.web)
    assert supervisor.sign_in("supervisor@example.com", stack.demo_password).status_code == 303
    supervisor.post("/desk/language", {"language": language})
    shown = supervisor.get("/desk/personal-data").text
    assert LISTED[language] in shown
    assert EMAIL[language] in shown
