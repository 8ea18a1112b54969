"""A pass at work: in threads, on both engines, over real HTTP, at a sender's pace."""

import asyncio
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from smsgateway.carriers.emulator import (
    AcceptThenBreak,
    AcceptThenDrop,
    Break,
    DropBefore,
    EmulatorServer,
    Fault,
    Refuse,
)
from smsgateway.carriers.twilio import Credentials, TwilioCarrier
from smsgateway.intake.organisation import load_organisation
from smsgateway.outbox.claim import Desk
from smsgateway.outbox.dispatch import Dispatcher, Pace
from smsgateway.outbox.schedule import tick
from smsgateway.outbox.texts import Voice
from tests.outbox.county import NOON, NUMBER, County, ScriptedCarrier, visit_row


def many_visits(county: County, count: int) -> list[str]:
    numbers = [f"+35840{place:07}" for place in range(count)]
    county.visits([visit_row(f"v{place}", "heti", number, NOON) for place, number in enumerate(numbers)])
    county.plan()
    return numbers


def test_two_dispatchers_at_once_send_each_text_once(county_on_both: County) -> None:
    county = county_on_both
    numbers = many_visits(county, 200)
    carriers = [ScriptedCarrier(sids=sids) for sids in ("SA", "SB")]
    dispatchers = [county.dispatcher(carrier) for carrier in carriers]

    with ThreadPoolExecutor(2) as pool:
        outcomes = sum(pool.map(Dispatcher.run_pass, dispatchers), Counter[str]())

    assert outcomes["sent"] == 200
    assert sorted(text.to for carrier in carriers for text in carrier.sent) == numbers
    assert {text["status"] for text in county.texts()} == {"sent"}
    assert county.differences() == []


def test_two_planners_at_once_decide_each_visit_once(county_on_both: County) -> None:
    county = county_on_both
    county.visits([visit_row(f"v{place}", "keskusta", NUMBER, NOON) for place in range(3)])

    with ThreadPoolExecutor(2) as pool:
        decided = sum(pool.map(lambda _: county.plan(), range(2)), Counter[str]())

    assert decided == {"invited": 1, "duplicate": 2}
    assert county.differences() == []


def over_http(county: County, emulator: EmulatorServer, total: float = 10.0) -> Dispatcher:
    known = emulator.configuration
    login = Credentials(known.account_sid, known.auth_token)
    return Dispatcher(county.gateway, lambda: TwilioCarrier(login, base_url=emulator.base_url, total=total), 100_000, 8)


def test_texts_reach_the_carrier_over_http(county: County) -> None:
    many_visits(county, 20)
    with EmulatorServer(clock=county.clock) as emulator:
        assert over_http(county, emulator).run_pass() == {"sent": 20}
        assert emulator.sent == 20
    assert county.differences() == []


FAULTS: list[tuple[Fault, str, int]] = [
    (Refuse(20429), "put_back", 0),
    (Refuse(21614), "failed", 0),
    (Refuse(21610), "failed", 0),
    (Refuse(20003), "put_back", 0),
    (Break(500), "uncertain", 0),
    (DropBefore(), "uncertain", 0),
    (AcceptThenDrop(), "uncertain", 1),
    (AcceptThenBreak(500), "uncertain", 1),
]


@pytest.mark.parametrize(("fault", "outcome", "created"), FAULTS, ids=lambda value: str(value))
def test_a_fault_of_the_carrier_loses_nothing_and_doubles_nothing(
    county: County, fault: Fault, outcome: str, created: int
) -> None:
    county.visit()
    county.plan()
    with EmulatorServer(clock=county.clock) as emulator:
        emulator.fault(fault, times=1)
        dispatcher = over_http(county, emulator)

        assert dispatcher.run_pass()[outcome] == 1
        assert emulator.sent == created
        county.clock.advance(minutes=10)
        dispatcher.run_pass()

        assert emulator.sent == (0 if outcome == "failed" else 1)
    assert county.text()["status"] == ("failed" if outcome == "failed" else "sent")
    assert county.differences() == []


def test_a_sender_keeps_to_its_segments_per_second() -> None:
    async def three_texts(pace: Pace) -> float:
        began = time.monotonic()
        for segments in (1, 2, 1):
            await pace.wait_for(segments)
        return time.monotonic() - began

    took = asyncio.run(three_texts(Pace(50)))

    assert took >= 3 / 50 - 0.005  # the last one starts after the three segments before it


def test_a_stopping_service_claims_nothing_more(county: County) -> None:
    many_visits(county, 3)
    dispatcher = Dispatcher(county.gateway, county.carrier.open, 100_000, 8, stopping=lambda: True)

    assert dispatcher.run_pass() == {}
    assert {text["status"] for text in county.texts()} == {"planned"}


def test_with_nothing_due_the_carrier_is_not_opened(county: County) -> None:
    def never() -> None:
        raise AssertionError("the carrier was opened")

    assert Dispatcher(county.gateway, never, 1, 1).run_pass() == {}  # type: ignore[arg-type] # is not to be called


def test_a_tick_plans_and_sends(county: County) -> None:
    county.visit()

    tick(county.dispatcher())

    assert county.text()["status"] == "sent"


def test_a_tick_outlives_a_database_that_is_away(county: County) -> None:
    county.visit()
    county.gateway.close()

    tick(county.dispatcher())


def test_a_batch_is_what_surely_leaves_within_its_lease(county: County) -> None:
    many_visits(county, 40)
    with county.gateway.store.read() as transaction:
        voice = Voice(county.gateway.catalogue, load_organisation(transaction))
    desk = Desk(voice, county.gateway.seal, timedelta(seconds=60))

    claimed, _ = asyncio.run(county.dispatcher(speed=2)._claim(desk))

    assert len(claimed) == 30  # 2 segments a second over a quarter of the lease
