"""The window leads to the terms of privacy: a page that is made from the settings, or the company's own policy."""

import html
import re

import pytest
import requests

DAYS = {"conversations": 401, "unattended": 82, "rasa": 13, "calls": 304, "audit": 705}


@pytest.fixture(scope="module")
def web(start_web):
    return start_web(
        controller="Canon <SIA>",
        support_email="help@example.com",
        support_phone="+371 67000000",
        **{f"keep_{name}_days": str(days) for name, days in DAYS.items()},
    ).web


@pytest.mark.parametrize(("language", "words"), [("lv", "Datu pārzinis"), ("en", "Data controller")])
def test_the_page_names_controller_contact_terms_and_rights(web, language, words):
    address = re.search(
        r'id="privacy" href="([^"]+)"', requests.get(f"{web}/chat?language={language}", timeout=10).text
    )
    answer = requests.get(f"{web}/{html.unescape(address[1])}", timeout=10)
    assert answer.status_code == 200
    for said in (words, "Canon &lt;SIA&gt;", "mailto:help@example.com", "+371 67000000", "www.dvi.gov.lv"):
        assert said in answer.text
    assert [days for days in DAYS.values() if f" {days}</li>" not in answer.text] == []
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_policy_of_the_companys_own_takes_its_place(start_web):
    web = start_web(privacy_url="https://www.example.com/privacy").web
    answer = requests.get(f"{web}/privacy", timeout=10, allow_redirects=False)
    assert answer.headers["location"] == "https://www.example.com/privacy"
