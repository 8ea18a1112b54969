"""Logs say what happened and to which text, and nothing about anybody."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from smsgateway.carriers.base import AccountProblem, Dead, Retry, SendError, Uncertain
from smsgateway.carriers.emulator import AcceptThenDrop, Break, Configuration, EmulatorServer, Fault, Refuse
from smsgateway.carriers.twilio import Credentials, TwilioCarrier
from smsgateway.gateway import Gateway, open_gateway
from smsgateway.logs import configure_logs, without_numbers
from smsgateway.outbox.dispatch import Dispatcher
from smsgateway.outbox.schedule import tick
from smsgateway.server import WebServer, listen
from smsgateway.settings import Settings
from tests.conftest import StandingClock
from tests.outbox.county import SENDER, County, refused

COMMENT = "Hoitaja Virtanen oli töykeä minulle"
FAULTS: list[Fault] = [Refuse(21614), Refuse(20429), Refuse(21610), Break(500), AcceptThenDrop(), Refuse(99999)]
NUMBERS = [f"+3584055512{place:02}" for place in range(20)]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure_logs("debug", stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def settings_for(folder: Path, public_url: str) -> Settings:
    return Settings.model_validate(
        {
            "database_url": f"sqlite:///{folder}/logs.db",
            "secret_key": "a key for tests alone",
            "public_url": public_url,
            "log_level": "debug",
            "twilio": {"account_sid": Configuration().account_sid, "auth_token": Configuration().auth_token},
        }
    )


def a_whole_run(gateway: Gateway, clock: StandingClock, emulator: EmulatorServer) -> None:
    county = County(gateway, clock)
    for place, number in enumerate(NUMBERS):
        county.visit(f"v{place}", number=number)
    for fault in FAULTS:
        emulator.fault(fault, times=1)
    login = Credentials(Configuration().account_sid, Configuration().auth_token)
    dispatcher = Dispatcher(gateway, lambda: TwilioCarrier(login, base_url=emulator.base_url), 100_000, 8)
    tick(dispatcher)
    clock.advance(minutes=10)
    tick(dispatcher)
    for number in NUMBERS:
        emulator.reply(number, SENDER, "2")
        emulator.reply(number, SENDER, f"{COMMENT}, soittakaa {number}")
        emulator.reply(number, SENDER, "STOP")
    emulator.wait_idle()
    errors: list[SendError] = [
        AccountProblem("not_authorised", 20003),
        Dead("landline"),
        Retry("busy"),
        Uncertain("timed_out"),
    ]
    for place, error in enumerate(errors):
        county.visit(f"w{place}", number=f"+35850555000{place}")
        county.plan()
        clock.advance(minutes=10)
        county.send(refused(error))


def test_no_line_of_a_whole_run_holds_a_number_or_a_comment(
    lines: io.StringIO, tmp_path: Path, clock: StandingClock
) -> None:
    listening = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    gateway = open_gateway(settings_for(tmp_path, address), clock)
    configuration = Configuration(inbound_url=f"{address}/twilio/sms")
    with EmulatorServer(configuration, clock=clock) as emulator, WebServer(gateway, listening):
        a_whole_run(gateway, clock, emulator)
    gateway.close()

    written = lines.getvalue()
    events = [json.loads(line) for line in written.splitlines()]
    assert {event["event"] for event in events} >= {"text not sent", "tick"}
    assert all("timestamp" in event and "level" in event for event in events)
    for number in [*NUMBERS, "+35850555000", SENDER]:
        assert number.removeprefix("+358") not in written
    for word in COMMENT.split():
        assert word not in written


@pytest.mark.parametrize(
    "text",
    [
        "To +358401234567 failed",
        "number=358401234567",
        "tel. 040 123 4567",
        "040-1234567",
        "(040) 123 4567",
        "To=%2B358401234567&From=1",
        "0401234567",
    ],
)
def test_a_number_is_blacked_out_wherever_it_comes_from(text: str) -> None:
    event = without_numbers(None, "info", {"event": text, "error": text})

    assert "[number]" in event["event"]
    assert not any(part in str(event) for part in ("1234567", "123 4567", "123-4567"))


@pytest.mark.parametrize(
    "text",
    [
        "01a207d9-2100-710a-9748-a35648b5731c",
        "carrier code 20003",
        "2026-11-23T10:00:00Z",
        "port 8080",
        "SM0123456789abcdef0123456789abcdef",
    ],
)
def test_what_is_no_number_stays_readable(text: str) -> None:
    assert without_numbers(None, "info", {"event": text}) == {"event": text}


def test_what_libraries_log_is_a_line_of_json_too(lines: io.StringIO) -> None:
    logging.getLogger("some.library").warning("could not reach %s", "+358401234567")

    (event,) = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert (event["event"], event["logger"], event["level"]) == ("could not reach [number]", "some.library", "warning")


def test_a_traceback_holds_no_number(lines: io.StringIO) -> None:
    try:
        int("+358401234567 is no number")
    except ValueError:
        logging.getLogger("some.library").exception("failed")

    assert "ValueError" in lines.getvalue()
    assert "401234567" not in lines.getvalue()
