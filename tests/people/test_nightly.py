"""The nightly job: it cuts, and what fails it is told and ends nothing."""

from structlog.testing import capture_logs

from smsgateway.gateway import Gateway
from smsgateway.outbox.schedule import retain
from smsgateway.people.retention import Retention
from tests.conftest import StandingClock
from tests.outbox.county import County
from tests.people.register import Register


def test_the_job_cuts_what_is_due(county: County) -> None:
    register = Register(county.gateway, county.clock)
    register.answered()
    register.clock.advance(days=40)
    with capture_logs() as events:
        retain(register.dispatcher())
    assert [event["event"] for event in events] == ["retention"]
    assert events[0]["cut"]["numbers"] == 1
    assert not any(Retention(register.gateway, register.clock.now).due().values())


def test_without_an_organisation_it_says_so_and_ends(gateway: Gateway, county: County, clock: StandingClock) -> None:
    dispatcher = county.dispatcher()
    bare = type(dispatcher)(gateway, dispatcher.open_carrier, 1.0, 1)
    with capture_logs() as events:
        retain(bare)
    assert [event["event"] for event in events] == ["retention not finished"]
