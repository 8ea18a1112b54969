"""The carrier's door: who comes in, and what is said at it when something is wrong."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from smsgateway.store import StoreUnavailable, Transaction
from smsgateway.store.base import Store
from tests.outbox.county import NUMBER, County
from tests.webhooks.phone import EMPTY, Line, signature

FIELDS = {"MessageSid": "SM1", "From": NUMBER, "Body": "5"}
T = TypeVar("T")


@pytest.mark.parametrize("path", ["/twilio/sms", "/twilio/status"])
@pytest.mark.parametrize(
    "signed",
    ["", "AAAA", "ä", signature("/twilio/sms", FIELDS, "another token"), signature("/twilio/other", FIELDS)],
)
def test_what_the_carrier_did_not_sign_is_refused_and_changes_nothing(county: County, path: str, signed: str) -> None:
    county.invited()

    response = Line(county.gateway).post(path, FIELDS, signed)

    assert (response.status_code, response.text) == (403, EMPTY)
    assert response.content_type == "text/xml; charset=utf-8"
    assert county.answers() == []
    assert county.ask("SELECT * FROM status_callback") == []


def test_without_the_header_it_is_refused(county: County) -> None:
    response = Line(county.gateway).client.post("/twilio/sms", data=FIELDS)

    assert (response.status_code, response.text) == (403, EMPTY)


def test_a_signature_over_other_fields_is_refused(county: County) -> None:
    signed = signature("/twilio/sms", FIELDS)

    assert Line(county.gateway).post("/twilio/sms", {**FIELDS, "Body": "1"}, signed).status_code == 403


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_text_without_its_id_or_sender_is_refused_as_twiml(county: County, missing: str) -> None:
    fields = {name: value for name, value in FIELDS.items() if name != missing}

    response = Line(county.gateway).post("/twilio/sms", fields)

    assert (response.status_code, response.text) == (400, EMPTY)


@pytest.mark.parametrize(
    ("field", "value"), [("MessageSid", "S" * 65), ("MessageSid", "SM\x001"), ("From", "+" * 33), ("From", "\x00")]
)
def test_ids_that_no_carrier_gives_are_refused(county_on_both: County, field: str, value: str) -> None:
    response = Line(county_on_both.gateway).post("/twilio/sms", {**FIELDS, field: value})

    assert (response.status_code, response.text) == (400, EMPTY)


def test_parameters_nobody_has_heard_of_are_signed_and_passed_over(county: County) -> None:
    county.invited()

    response = Line(county.gateway).post("/twilio/sms", {**FIELDS, "Brand": "New", "Blank": ""})

    assert response.status_code == 200
    assert len(county.answers()) == 1


def test_the_previous_token_counts_while_one_is_rotated(county: County) -> None:
    twilio = county.gateway.settings.twilio.model_copy(update={"previous_auth_token": SecretStr("old")})
    gateway = replace(county.gateway, settings=county.gateway.settings.model_copy(update={"twilio": twilio}))

    assert Line(gateway).post("/twilio/sms", FIELDS, signature("/twilio/sms", FIELDS, "old")).status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_other_methods_are_answered_as_twiml_or_refused(county: County, method: str) -> None:
    response = getattr(Line(county.gateway).client, method)("/twilio/sms")

    assert response.status_code == 405


def test_a_body_beyond_the_limit_is_refused_as_twiml(county: County) -> None:
    response = Line(county.gateway).post("/twilio/sms", {**FIELDS, "Body": "a" * 70_000})

    assert (response.status_code, response.text) == (413, EMPTY)


class AwayStore(Store):
    """A database that cannot be reached, or whose work fails with `problem`."""

    engine = "sqlite"

    def __init__(self, problem: Exception) -> None:
        self._problem = problem

    def write(self, work: Callable[[Transaction], T]) -> T:
        raise self._problem

    def read(self) -> AbstractContextManager[Transaction]:
        raise self._problem

    def migrate(self) -> list[str]:
        return []

    def close(self) -> None:
        pass


@pytest.mark.parametrize("path", ["/twilio/sms", "/twilio/status"])
def test_a_database_that_is_away_is_a_503_so_that_the_carrier_repeats(county: County, path: str) -> None:
    line = Line(replace(county.gateway, store=AwayStore(StoreUnavailable("locked"))))

    response = line.post(path, {**FIELDS, "MessageStatus": "sent"})

    assert (response.status_code, response.text) == (503, EMPTY)


def test_a_fault_of_ours_is_twiml_and_its_message_is_not_told(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    line = Line(replace(county.gateway, store=AwayStore(RuntimeError("the row with +358401111111"))))

    response = line.post("/twilio/sms", FIELDS)

    assert (response.status_code, response.text) == (500, EMPTY)
    out, err = capsys.readouterr()
    assert "RuntimeError" in out + err
    assert "401111111" not in out + err


def test_before_an_organisation_is_imported_a_command_is_not_lost(county: County) -> None:
    county.run("DELETE FROM organisation")
    line = Line(county.gateway)

    assert line.sms("HELP").status_code == 503
    assert county.ask("SELECT * FROM inbound") == []


def test_reports_of_delivery_are_taken_for_the_text_they_name(county: County) -> None:
    county.invited()
    line = Line(county.gateway)
    text = county.text()

    assert line.status(text["carrier_sid"], "delivered", text["text_id"]).text == EMPTY
    assert county.text()["delivery"] == "delivered"


@pytest.mark.parametrize("text_id", ["", "nowhere", "%00", "x" * 100, "1'; DROP TABLE outbox; --".replace(" ", "%20")])
def test_a_report_for_no_text_of_ours_is_taken(county_on_both: County, text_id: str) -> None:
    response = Line(county_on_both.gateway).status("SMunknown", "delivered", text_id)

    assert response.status_code == 200


@pytest.mark.parametrize("status", ["", "\x00", "x" * 65])
def test_a_report_of_no_status_is_refused(county_on_both: County, status: str) -> None:
    assert Line(county_on_both.gateway).status("SM1", status).status_code == 400


@pytest.mark.parametrize("code", ["", "x", "-1", "٣", "9" * 30, "30003"])
def test_any_error_code_is_taken(county_on_both: County, code: str) -> None:
    response = Line(county_on_both.gateway).status("SM1", "failed", ErrorCode=code)

    assert response.status_code == 200


WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["5", "1", "0", "10", "STOP", "START", "HELP", "4 tai 5", "tarkoitin 3", "en tiedä", "väärä numero", "?", ""]
    ),
)
NAMES = st.sampled_from(["MessageSid", "From", "Body", "NumMedia", "OptOutType", "SmsSid", "To", "FromCity", "Extra"])
VALUES = st.one_of(WORDS, st.sampled_from([NUMBER, "SM1", "SM2", "STOP", "+358402222222", "99999999999999"]))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(NAMES, VALUES), path=st.sampled_from(["/twilio/sms", "/twilio/status?text=x"]))
def test_no_form_makes_us_stumble(county: County, fields: dict[str, str], path: str) -> None:
    response = Line(county.gateway).post(path, fields)

    assert response.status_code < 500
    assert "<Response" in response.text
    assert county.differences() == []


PEOPLE = ["+358401111111", "+358402222222"]
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("says"), st.sampled_from(PEOPLE), WORDS),
        st.tuples(st.just("visits"), st.sampled_from(PEOPLE), st.sampled_from(["heti", "neuvola", "kokemus"])),
        st.tuples(st.just("waits"), st.just(""), st.sampled_from(["1", "50", "200"])),
        st.tuples(st.just("reports"), st.just(""), st.sampled_from(["sent", "delivered", "undelivered", "failed"])),
    ),
    max_size=14,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
def test_whatever_happens_the_counts_are_those_of_the_rows(county: County, events: list[tuple[str, str, str]]) -> None:
    line = Line(county.gateway)
    for place, (what, who, detail) in enumerate(events):
        if what == "says":
            line.says(detail, number=who, MessageSid=f"SM{county.clock.now.timestamp()}-{place}")
        elif what == "visits":
            county.visit(f"{county.clock.now.isoformat()}-{place}", unit=detail, number=who)
            county.plan()
            county.send()
        elif what == "waits":
            county.clock.advance(hours=float(detail))
        else:
            for text in county.ask("SELECT text_id, carrier_sid FROM outbox WHERE status = 'sent'")[-1:]:
                line.status(text["carrier_sid"], detail, text["text_id"], ErrorCode="30005")
        county.clock.advance(minutes=1)

    assert county.differences() == []
    marks = county.ask("SELECT COUNT(*) AS n FROM answer WHERE kind = 'rating'")[0]["n"]
    assert sum(n for (measure, _), n in county.counts().items() if measure.startswith("answer:")) == marks
