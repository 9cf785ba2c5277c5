"""Signing in to the desk by password, and out of it."""

from tests.desk.conftest import PASSWORD


def test_an_agent_signs_in_and_out(desk):
    browser = desk.signed_in()
    shown = browser.get("/desk")
    assert shown.status_code == 200
    assert "Rinda" in shown.text
    assert browser.post("/desk/sign-out").headers["location"] == "/desk/sign-in?done=signed_out"
    assert not browser.is_in


def test_a_wrong_password_opens_nothing(desk):
    desk.add("wrong.password@example.com")
    browser = desk.visit()
    answer = browser.sign_in("wrong.password@example.com", PASSWORD + "!")
    assert answer.status_code == 403
    assert "nav pareiza" in answer.text
    assert not browser.is_in
