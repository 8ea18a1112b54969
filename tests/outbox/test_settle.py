"""What the carrier answers, written down: sent, put back, ended, or in doubt."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgateway.carriers.base import (
    Accepted,
    AccountProblem,
    Dead,
    OptedOutAtCarrier,
    OurBug,
    Retry,
    SendError,
    Uncertain,
)
from smsgateway.outbox.settle import LONGEST_BACK_OFF, Book, back_off
from smsgateway.store.values import moment
from tests.outbox.county import NOON, County, refused

BOOK = Book(timedelta(seconds=30), 8, timedelta(seconds=120))

OUTCOMES = [
    (Retry("rate_limited", 20429), "put_back", "planned", "usable"),
    (Uncertain("timed_out"), "uncertain", "uncertain", "usable"),
    (AccountProblem("not_authorised", 20003), "put_back", "planned", "usable"),
    (Dead("landline", 21614), "failed", "failed", "landline"),
    (Dead("invalid_number", 21211), "failed", "failed", "invalid_number"),
    (Dead("filtered", 30007, lasting=False), "failed", "failed", "usable"),
    (OptedOutAtCarrier("opted_out", 21610), "failed", "failed", "usable"),
    (OurBug("no_body", 21602), "failed", "failed", "usable"),
]


@pytest.mark.parametrize(("error", "outcome", "status", "number"), OUTCOMES, ids=lambda value: str(value))
def test_each_situation_leads_where_it_should(
    county: County, error: SendError, outcome: str, status: str, number: str
) -> None:
    county.visit()
    county.plan()

    assert county.send(refused(error)) == {outcome: 1}
    text = county.text()
    assert (text["status"], text["reason"], text["error_code"]) == (status, error.reason, error.code)
    assert [row["number_state"] for row in county.ask("SELECT number_state FROM contact")] == [number]
    assert county.differences() == []


def test_who_told_the_carrier_to_stop_is_on_our_list(county: County) -> None:
    county.visit()
    county.plan()
    county.send(refused(OptedOutAtCarrier("opted_out", 21610)))

    assert county.opted_out() == ["carrier"]


def test_a_dead_number_gets_no_further_invitation(county: County) -> None:
    county.visit()
    county.plan()
    county.send(refused(Dead("landline", 21614)))
    county.visit("v2", ended_at=NOON + timedelta(hours=1))

    assert county.plan() == {"landline": 1}


def test_a_text_put_back_goes_later_and_once(county: County) -> None:
    county.visit()
    county.plan()
    county.carrier.answers = [Retry("rate_limited", 20429)]
    county.send()

    assert county.send() == {}
    county.clock.now = moment(county.text()["due_at"])
    assert county.send() == {"sent": 1}
    assert (county.text()["attempts"], county.text()["reason"]) == (2, None)
    assert county.differences() == []


def attempts_until_the_end(county: County, error: SendError) -> int:
    county.visit()
    county.plan()
    carrier = refused(error)
    while county.text()["status"] == "planned":
        county.clock.now = max(county.clock.now, moment(county.text()["due_at"]))
        county.send(carrier)
    assert county.text()["status"] == "failed"
    return len(carrier.sent)


def test_repeats_are_bounded(county: County) -> None:
    assert attempts_until_the_end(county, Retry("rate_limited", 20429)) == 9


def test_the_code_may_bound_them_closer(county: County) -> None:
    assert attempts_until_the_end(county, Retry("unknown_code", 99999, tries=3)) == 3


def test_the_carriers_wait_is_kept(county: County) -> None:
    county.visit()
    county.plan()
    county.send(refused(Retry("unreachable", 30003, wait=timedelta(hours=6), tries=6)))

    assert moment(county.text()["due_at"]) >= NOON + timedelta(hours=6)


@given(attempts=st.integers(0, 1000), base=st.floats(0.01, 3600))
def test_back_off_stays_within_its_bounds(attempts: int, base: float) -> None:
    first = timedelta(seconds=base)

    wait = back_off(attempts, first)

    assert min(first, LONGEST_BACK_OFF) * 0.75 <= wait <= LONGEST_BACK_OFF * 1.25
    if attempts <= 1:
        assert wait <= first * 1.25


def settle(county: County, outcome: Accepted | SendError) -> str:
    text_id = county.text()["text_id"]
    return county.gateway.store.write(lambda transaction: BOOK.settle(transaction, text_id, outcome, county.clock.now))


LATER = [Accepted("SM9", "queued"), Retry("rate_limited"), Uncertain("timed_out"), Dead("landline", 21614)]


@pytest.mark.parametrize("outcome", LATER, ids=lambda value: type(value).__name__)
def test_what_is_sent_stays_sent_whatever_is_said_later(county: County, outcome: Accepted | SendError) -> None:
    county.invited()
    before = county.text()

    assert settle(county, outcome) == "sent"
    assert county.text() == before
    assert county.differences() == []


def test_an_acceptance_that_comes_after_the_text_was_put_back_keeps_it_from_going_again(county: County) -> None:
    county.visit()
    county.plan()
    county.send(refused(Retry("rate_limited")))

    assert settle(county, Accepted("SM9", "queued")) == "sent"
    county.clock.advance(hours=1)
    assert county.send() == {}
    assert county.carrier.sent == []
    assert county.differences() == []


def test_a_refusal_that_comes_after_the_text_was_put_back_changes_nothing(county: County) -> None:
    county.visit()
    county.plan()
    county.send(refused(Retry("rate_limited")))
    before = county.text()

    assert settle(county, Dead("landline", 21614)) == "put_back"
    assert county.text() == before


def test_a_text_that_is_gone_is_said_to_be(county: County) -> None:
    outcome = county.gateway.store.write(
        lambda transaction: BOOK.settle(transaction, "nowhere", Accepted("SM1", "queued"), NOON)
    )

    assert outcome == "gone"
