"""The carrier fails as a whole: sending stops, no text pays for it, and it goes on by itself."""

from datetime import timedelta

import pytest

from smsgateway.carriers.base import Accepted, AccountProblem, Dead, Retry, SendError, Uncertain, Unreached
from smsgateway.carriers.emulator import Break, EmulatorServer
from smsgateway.carriers.twilio import Credentials, TwilioCarrier
from smsgateway.outbox.breaker import FAILURES_IN_A_ROW, Breaker
from smsgateway.outbox.claim import Claimed
from smsgateway.outbox.dispatch import Dispatcher
from smsgateway.outbox.settle import MANY, Book
from smsgateway.store.values import moment
from smsgateway.webhooks.delivery import DeliveryStatus, take_status
from tests.outbox.county import NOON, County, ScriptedCarrier, refused, visit_row

IN_FLIGHT = 8
DOWN: list[SendError] = [Unreached("not_connected"), Uncertain("carrier_failed", 20500), Uncertain("timed_out")]


def due(county: County, texts: int) -> None:
    rows = [visit_row(f"v{place}", "heti", f"+35840{place:07}", NOON) for place in range(texts)]
    county.visits(rows)
    county.plan()


def statuses(county: County) -> dict[str, int]:
    return {row["status"]: row["n"] for row in county.ask("SELECT status, COUNT(*) AS n FROM outbox GROUP BY status")}


def attempts(county: County, status: str = "planned") -> set[int]:
    return {text["attempts"] for text in county.texts() if text["status"] == status}


@pytest.mark.parametrize("failure", DOWN, ids=str)
def test_a_carrier_that_is_down_stops_sending_after_a_few_texts(county_on_both: County, failure: SendError) -> None:
    county = county_on_both
    due(county, 300)
    down = refused(failure)
    dispatcher = county.dispatcher(down)

    dispatcher.run_pass()
    dispatcher.run_pass()

    assert len(down.sent) <= FAILURES_IN_A_ROW + IN_FLIGHT
    assert statuses(county).get("uncertain", 0) <= FAILURES_IN_A_ROW + IN_FLIGHT
    assert attempts(county) == {0}
    (halt,) = county.halts()
    assert (halt["what"], halt["reason"]) == ("carrier", str(failure))
    assert county.differences() == []


def test_one_text_tries_and_when_it_goes_all_go(county: County) -> None:
    due(county, 100)
    carrier = refused(Unreached("not_connected"))
    dispatcher = county.dispatcher(carrier)
    dispatcher.run_pass()
    tried = len(carrier.sent)
    county.clock.advance(seconds=29)
    dispatcher.run_pass()
    assert len(carrier.sent) == tried

    county.clock.advance(seconds=1)
    dispatcher.run_pass()
    dispatcher.run_pass()
    assert len(carrier.sent) == tried + 1

    carrier.script = None
    for _ in range(3):
        county.clock.advance(minutes=1)
        dispatcher.run_pass()
    assert statuses(county) == {"sent": 100}
    assert county.halts() == []
    assert county.differences() == []


def test_the_longer_it_is_down_the_less_often_it_is_tried(county: County) -> None:
    due(county, 60)
    carrier = refused(Unreached("not_connected"))
    dispatcher = county.dispatcher(carrier)
    dispatcher.run_pass()
    tried = len(carrier.sent)

    for _ in range(6 * 60):
        county.clock.advance(seconds=30)
        dispatcher.run_pass()

    assert 3 * 60 / 4 <= len(carrier.sent) - tried <= 3 * 60 / 4 + 4  # three hours, at last every four minutes
    assert statuses(county) == {"planned": 60}
    assert attempts(county) == {0}


def test_a_carrier_that_cannot_be_reached_burns_no_attempt_of_a_single_text(county: County) -> None:
    due(county, 1)
    dispatcher = county.dispatcher(refused(Unreached("not_connected")))

    for _ in range(200):
        county.clock.advance(minutes=1)
        dispatcher.run_pass()

    assert statuses(county) == {"planned": 1}
    assert attempts(county) == {0}


def test_failures_between_successes_stop_nothing(county: County) -> None:
    due(county, 200)
    places = iter(range(10_000))
    carrier = ScriptedCarrier(
        lambda text: Uncertain("timed_out") if next(places) % 4 else Accepted(f"SM{next(places)}", "queued")
    )

    county.dispatcher(carrier).run_pass()

    assert len(carrier.sent) == 200
    assert county.halts() == []


def test_another_process_finds_the_carrier_halted_and_leaves_it_be(county_on_both: County) -> None:
    county = county_on_both
    due(county, 100)
    county.dispatcher(refused(Unreached("not_connected"))).run_pass()
    another = ScriptedCarrier()

    county.dispatcher(another).run_pass()

    assert another.sent == []


def test_a_halt_from_before_the_clock_was_set_back_does_not_hold_until_then(county: County) -> None:
    due(county, 100)
    dispatcher = county.dispatcher(refused(Unreached("not_connected")))
    dispatcher.run_pass()
    county.clock.advance(hours=-3)
    county.run("UPDATE outbox SET due_at = '2026-11-20'")

    assert county.send()["sent"] == 100


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (Accepted("SM1", "queued"), False),
        (Dead("landline", 21614), False),
        (Retry("rate_limited", 20429), False),
        (Uncertain("timed_out"), True),
        (Unreached("tls_failed"), True),
    ],
    ids=str,
)
def test_any_answer_about_the_text_shows_that_the_carrier_works(outcome: Accepted | SendError, counts: bool) -> None:
    breaker = Breaker(in_a_row=FAILURES_IN_A_ROW - 1)

    breaker.hear(outcome)

    assert breaker.is_open is counts


def test_a_carrier_that_answers_500_for_a_while_loses_and_doubles_nothing(county: County) -> None:
    due(county, 100)
    with EmulatorServer(clock=county.clock) as emulator:
        known = emulator.configuration
        login = Credentials(known.account_sid, known.auth_token)
        dispatcher = Dispatcher(
            county.gateway, lambda: TwilioCarrier(login, base_url=emulator.base_url), 100_000, IN_FLIGHT
        )
        emulator.fault(Break(503), times=40)
        for _ in range(60):
            county.clock.advance(minutes=1)
            dispatcher.run_pass()

        assert emulator.sent == 100
    assert statuses(county) == {"sent": 100}
    assert county.differences() == []


def test_a_recipient_that_is_the_trouble_does_not_hold_up_the_others(county: County) -> None:
    due(county, 10)
    abroad = "+358400000000"
    carrier = ScriptedCarrier(
        lambda text: (
            AccountProblem("country_not_enabled", 21408)
            if text.to == abroad
            else Accepted(f"SM{text.to[1:]:0>32}", "queued")
        )
    )
    dispatcher = county.dispatcher(carrier)

    for _ in range(12):
        dispatcher.run_pass()
        county.clock.advance(minutes=5)

    assert statuses(county) == {"sent": 9, "planned": 1}


def test_a_code_that_comes_often_halts_sending(county: County) -> None:
    due(county, MANY + 5)
    county.send()
    texts = county.texts()
    for place, text in enumerate(texts[: MANY - 1]):
        take_status(county.gateway, DeliveryStatus(text["carrier_sid"], "undelivered", text["text_id"], 30007))
        assert county.halts() == [], place

    last = texts[MANY]
    take_status(county.gateway, DeliveryStatus(last["carrier_sid"], "undelivered", last["text_id"], 30007))

    (halt,) = county.halts()
    assert (halt["what"], halt["reason"]) == ("sending", "filtered_often (carrier code 30007)")


def test_a_code_that_comes_often_over_a_long_time_halts_nothing(county: County) -> None:
    due(county, 1)
    for place in range(MANY + 5):
        county.visit(f"w{place}", number=f"+35841{place:07}")
        county.plan()
        county.send(refused(Dead("no_route", 21612, lasting=False)))
        county.clock.advance(minutes=10)

    assert county.halts() == []


def claimed_by_another(county: County, dispatcher: Dispatcher) -> Claimed:
    """A text that a process has claimed and then stood still with."""
    due(county, 1)
    carrier = ScriptedCarrier(lambda text: Retry("rate_limited"))
    county.dispatcher(carrier).run_pass()
    text = county.text()
    county.clock.now = moment(text["due_at"])
    return Claimed(text["text_id"], text["invitation_id"], "invitation", 1, "+358400000000", "x", "y", 1, NOON)


def test_a_text_claimed_long_ago_is_not_sent_any_more(county: County) -> None:
    dispatcher = county.dispatcher()
    text = claimed_by_another(county, dispatcher)

    assert dispatcher._why_not_now(text) is None
    county.clock.now = NOON + timedelta(seconds=46)  # the lease is 60 seconds

    assert str(dispatcher._why_not_now(text)) == "claimed_too_long_ago"


def test_what_a_claim_that_ran_out_says_does_not_touch_the_claim_after_it(county: County) -> None:
    dispatcher = county.dispatcher()
    text = claimed_by_another(county, dispatcher)
    said: list[str] = []

    def while_another_sends(outgoing: object) -> Accepted:
        outcome = Retry("rate_limited")
        said.append(
            county.gateway.store.write(
                lambda transaction: dispatcher.book.settle(
                    transaction, text.text_id, outcome, county.clock.now, text.claimed_at
                )
            )
        )
        assert county.text()["status"] == "sending"
        return Accepted("SM1", "queued")

    county.send(ScriptedCarrier(while_another_sends))

    assert said == ["put_back"]
    assert county.text()["status"] == "sent"


def test_a_request_of_a_dead_process_may_still_be_on_its_way(county: County) -> None:
    """Where the wait before asking is set shorter than a call may take, the call's time counts."""
    book = Book(timedelta(seconds=1), 8, settle_after=timedelta(seconds=1), longest_call=timedelta(seconds=10))

    assert book.sure_after == timedelta(seconds=10)
    assert county.dispatcher().book.sure_after == timedelta(seconds=120)


def test_what_was_sent_while_our_clock_ran_ahead_is_found(county: County) -> None:
    county.clock.advance(hours=2)
    county.visit()
    county.plan()
    carrier = refused(Uncertain("timed_out"))
    county.send(carrier)
    carrier.keeps(carrier.sent[0], "SM7", NOON)  # by the carrier's clock
    county.clock.advance(minutes=3)

    county.send(carrier)

    assert len(carrier.sent) == 1
    assert county.text()["carrier_sid"] == "SM7"
