"""The pages by HTTP: figures with their limits, and a patient's way from the clinic to a moved figure."""

import re
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from smsgateway.demo.figures import FEWEST, unit_figure, unit_figures
from smsgateway.demo.words import LANGUAGES
from smsgateway.intake.organisation import load_organisation
from tests.demo.conftest import Lived

PATIENCE = 10.0


def eventually(get: Callable[[], str], wanted: str) -> str:
    """The page once it says `wanted`: the scheduler's tick is a second away."""
    until = time.monotonic() + PATIENCE
    while wanted not in (page := get()):
        assert time.monotonic() < until, f"no {wanted!r} in {page}"
        time.sleep(0.1)
    return page


def leave(visitor: FlaskClient, unit: str, language: str) -> str:
    """The address of the phone of somebody who has just left that unit."""
    answer = visitor.post("/demo/phone", data={"unit": unit, "language": language})
    assert answer.status_code == 303
    return answer.location


@pytest.mark.parametrize(
    ("unit", "language", "first", "mark"),
    [
        ("keskusta", "fi", "Keskustan terveysasema", "5"),
        ("kirkonkyla", "sv", "Kyrkbyns hälsostation", "10"),
        ("neuvola", "en", "Family centre clinic", "4"),
    ],
)
def test_a_reply_at_the_phone_moves_the_units_figure(
    lived: Lived, unit: str, language: str, first: str, mark: str
) -> None:
    visitor, gateway = lived.visitor(), lived.stage.gateway
    survey = {"keskusta": "visit", "kirkonkyla": "recommend", "neuvola": "thl"}[unit]
    with gateway.store.read() as transaction:
        before = unit_figure(gateway, transaction, unit, survey)
    address = leave(visitor, unit, language)
    asked = eventually(lambda: visitor.get(address).text, 'class="theirs"')
    assert first in asked
    answered = visitor.post(address, data={"text": mark}, follow_redirects=True).text
    with gateway.store.read() as transaction:
        after = unit_figure(gateway, transaction, unit, survey)
    assert after.answered == before.answered + 1
    assert before.marks is not None
    assert after.marks == {**before.marks, int(mark): before.marks[int(mark)] + 1}
    assert answered.count('class="theirs"') == 2
    assert f"&#34;{mark}&#34; stands as the mark" in answered


def test_a_visitor_may_opt_out_and_sees_that_it_was_understood(lived: Lived) -> None:
    visitor = lived.visitor()
    address = leave(visitor, "satama", "fi")
    eventually(lambda: visitor.get(address).text, 'class="theirs"')
    page = visitor.post(address, data={"text": "lopeta"}, follow_redirects=True).text
    assert "Ei halua viestejä" in page
    assert "ALOITA" in page


def test_while_the_text_is_on_its_way_a_browser_without_scripts_looks_again(lived: Lived) -> None:
    visitor = lived.visitor()
    address = leave(visitor, "satama", "en")
    first = visitor.get(address).text
    settled = eventually(lambda: visitor.get(address).text, 'class="theirs"')
    assert ('http-equiv="refresh"' in first) is ('class="theirs"' not in first)
    assert 'http-equiv="refresh"' not in settled


def test_a_phone_that_does_not_exist_is_not_found(lived: Lived) -> None:
    answer = lived.visitor().get("/demo/phone/nobody")
    assert answer.status_code == 404
    assert lived.visitor().post("/demo/phone/nobody", data={"text": "5"}).status_code == 303


def test_an_unknown_unit_leads_back_to_the_choice(lived: Lived) -> None:
    answer = lived.visitor().post("/demo/phone", data={"unit": "moon", "language": "fi"})
    assert answer.location == "/demo/phone"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_start_page_speaks_each_language(lived: Lived, language: str) -> None:
    page = lived.visitor().get(f"/?lang={language}").text
    assert f'<html lang="{language}">' in page
    assert page.count('role="row"') == 12  # the head and eleven units


def test_a_browser_is_met_in_its_own_language(lived: Lived) -> None:
    page = lived.visitor().get("/", headers={"Accept-Language": "sv-FI,sv;q=0.9,en;q=0.5"}).text
    assert '<html lang="sv">' in page


def test_too_few_answers_are_shown_as_such_and_without_a_result(lived: Lived) -> None:
    gateway = lived.stage.gateway
    with gateway.store.read() as transaction:
        organisation = load_organisation(transaction)
        units = unit_figures(gateway, transaction, organisation, gateway.clock().date())
    page = lived.visitor().get("/?lang=en").text
    few = [each for each in units if 0 < each.now.answered < FEWEST]
    assert few, "three weeks leave some unit with few answers"
    for each in few:
        assert each.now.value is None
        row = re.search(rf"{re.escape(each.unit.name_in('en'))}<span.*?</tr>", page, re.S)
        assert row is not None
        assert row.group().count("&lt;5") >= 2


def test_the_months_are_there_as_a_table_for_those_who_see_no_curve(lived: Lived) -> None:
    page = lived.visitor().get("/?lang=en").text
    table = page[page.index('<table class="months">') :]
    assert table.count('<th scope="col" class="n">') == 12


@pytest.mark.parametrize("path", ["/", "/demo/phone"])
def test_pages_keep_to_a_strict_content_policy(lived: Lived, path: str) -> None:
    answer = lived.visitor().get(path)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", answer.text)
    assert not re.search(r"""(?:src|href)=["']https?:""", answer.text)


def test_no_page_shows_a_phone_number(lived: Lived) -> None:
    visitor = lived.visitor()
    address = leave(visitor, "satama", "en")
    page = eventually(lambda: visitor.get(address).text, 'class="theirs"')
    assert not re.search(r"\+358|555\d{4}|555 \d{4}", address + page)
