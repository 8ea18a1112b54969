"""Status callbacks: early, late, repeated, out of order, or for nobody we know."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations

import pytest

from smsgateway.carriers.base import Accepted, Uncertain
from smsgateway.outbox.settle import Book
from smsgateway.webhooks.delivery import DeliveryStatus, take_status
from smsgateway.webhooks.inbound import Inbound, receive
from tests.outbox.county import NOON, County, ScriptedCarrier, refused, visit_row

SID = "SM00000000000000000000000000000001"  # the scripted carrier's first


def report(county: County, status: str, error_code: int | None = None, sid: str = SID) -> None:
    take_status(county.gateway, DeliveryStatus(sid, status, county.text()["text_id"], error_code))


@pytest.mark.parametrize("order", list(permutations(["queued", "sending", "sent", "delivered"])))
def test_whatever_the_order_the_text_ends_as_delivered(county: County, order: tuple[str, ...]) -> None:
    county.invited()
    for status in order:
        report(county, status)

    assert county.text()["delivery"] == "delivered"
    assert county.counts()["delivered", 0] == 1
    assert county.differences() == []


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "delivered"])))
def test_early_reports_stand_in_for_the_carriers_answer(county: County, order: tuple[str, ...]) -> None:
    county.visit()
    county.plan()
    county.send(refused(Uncertain("connection_lost")))
    for status in order:
        report(county, status)

    assert (county.text()["status"], county.text()["delivery"]) == ("sent", "delivered")
    assert county.differences() == []


def test_a_report_without_our_id_before_we_knew_the_sid_is_taken_when_we_do(county: County) -> None:
    county.visit()
    county.plan()
    take_status(county.gateway, DeliveryStatus(SID, "delivered"))
    county.send()

    assert county.text()["delivery"] == "delivered"
    assert county.differences() == []


def test_the_first_final_status_stays(county: County) -> None:
    county.invited()
    report(county, "delivered")
    report(county, "undelivered", 30005)

    assert county.text()["delivery"] == "delivered"
    assert county.ask("SELECT number_state FROM contact") == [{"number_state": "usable"}]
    assert county.differences() == []


def test_a_report_of_another_message_changes_nothing(county: County) -> None:
    county.invited()
    report(county, "delivered", sid="SMother")

    assert county.text()["delivery"] is None


def test_a_status_nobody_has_heard_of_is_kept_and_changes_nothing(county: County) -> None:
    county.invited()
    report(county, "teleported")

    assert county.text()["delivery"] is None
    assert [row["status"] for row in county.ask("SELECT status FROM status_callback")] == ["teleported"]


def test_a_report_of_an_unknown_message_is_kept(county: County) -> None:
    take_status(county.gateway, DeliveryStatus("SMunknown", "delivered", "no-such-text"))

    assert county.ask("SELECT carrier_sid, text_id FROM status_callback") == [
        {"carrier_sid": "SMunknown", "text_id": None}
    ]


@pytest.mark.parametrize(
    ("code", "number", "listed"),
    [(30005, "unknown_number", []), (30006, "landline", []), (21610, "usable", ["carrier"]), (30003, "usable", [])],
)
def test_a_failed_delivery_teaches_what_a_refused_send_would(
    county: County, code: int, number: str, listed: list[str]
) -> None:
    county.invited()
    report(county, "undelivered", code)

    assert (county.text()["delivery"], county.text()["error_code"]) == ("undelivered", code)
    assert county.ask("SELECT number_state FROM contact") == [{"number_state": number}]
    assert county.opted_out() == listed
    assert county.counts()["undelivered", 0] == 1
    assert county.differences() == []


def test_a_delivery_that_fails_for_our_account_halts_sending(county: County) -> None:
    county.invited()
    report(county, "failed", 30002)

    assert "account_suspended" in county.halts()[0]["reason"]


def test_a_code_beside_a_status_that_did_not_fail_means_nothing(county: County) -> None:
    county.invited()
    report(county, "sent", 30005)

    assert county.ask("SELECT number_state FROM contact") == [{"number_state": "usable"}]


def test_the_reminder_of_a_text_that_a_callback_settled_is_there(county: County) -> None:
    county.visit(unit="muistutus")
    county.plan()
    county.send(refused(Uncertain("connection_lost")))
    report(county, "delivered")
    county.clock.advance(hours=48)

    assert county.send(ScriptedCarrier(sids="SN")) == {"sent": 1}
    assert county.text("reminder")["status"] == "sent"


def test_a_report_and_a_reply_that_meet_the_carriers_answer_are_counted_once(county_on_both: County) -> None:
    county = county_on_both
    numbers = [f"+35840{place:07}" for place in range(40)]
    county.visits([visit_row(f"v{place}", "muistutus", number, NOON) for place, number in enumerate(numbers)])
    county.plan()
    county.send(refused(Uncertain("connection_lost")))
    text_ids = [text["text_id"] for text in county.texts()]
    book = Book(timedelta(seconds=30), 8, timedelta(seconds=120))

    def accepted(place: int) -> None:
        county.gateway.store.write(
            lambda transaction: book.settle(transaction, text_ids[place], Accepted(f"SM{place}", "queued"), NOON)
        )

    def reported(place: int) -> None:
        take_status(county.gateway, DeliveryStatus(f"SM{place}", "delivered", text_ids[place]))

    def replied(place: int) -> None:
        receive(county.gateway, Inbound(f"SI{place}", numbers[place], "5"))

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(work, place) for place in range(40) for work in (accepted, reported, replied)]
    assert all(job.exception() is None for job in jobs)

    assert county.differences() == []
    assert [county.counts()[step, 0] for step in ("sent", "delivered", "answered")] == [40, 40, 40]
    assert {text["delivery"] for text in county.texts() if text["purpose"] == "invitation"} == {"delivered"}
