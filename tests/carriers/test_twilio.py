"""TwilioCarrier against an emulated Twilio."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from smsgateway.carriers.base import (
    AccountProblem,
    Carrier,
    Dead,
    NoSuchMessage,
    OptedOutAtCarrier,
    OurBug,
    Retry,
    SendError,
    Uncertain,
)
from smsgateway.carriers.emulator import (
    AcceptThenBreak,
    AcceptThenDrop,
    Break,
    Configuration,
    Delay,
    DropBefore,
    EmulatorServer,
    Fault,
    Refuse,
    Stuck,
)
from smsgateway.carriers.twilio import PAGE_SIZE, Credentials, TwilioCarrier
from tests.carriers.doing import (
    LONG_AGO,
    OURS,
    PATIENT,
    failure_of,
    listed,
    send,
    text,
    with_carrier,
)


def test_an_accepted_text_has_a_sid_and_waits(emulator: EmulatorServer) -> None:
    [accepted] = send(emulator, text(body="Hei! Miten käynti sujui? €"))

    [message] = emulator.messages_of(PATIENT)
    assert (accepted.sid, accepted.status) == (message.sid, "queued")
    assert (message.sender, message.to, message.body) == (OURS, PATIENT, "Hei! Miten käynti sujui? €")


def test_a_messaging_service_sends_in_its_own_name(emulator: EmulatorServer) -> None:
    service = "MG" + "1" * 32
    [accepted] = send(emulator, text(sender=service))

    [message] = emulator.messages_of(PATIENT)
    assert accepted.status == "accepted"
    assert message.service_sid == service
    assert [record.sid for record in listed(emulator, to=PATIENT, sender=service)] == [message.sid]


@pytest.mark.parametrize(
    ("to", "sender", "body", "situation", "code"),
    [
        ("+15005550001", OURS, "Hei!", Dead, 21211),
        ("+15005550002", OURS, "Hei!", Dead, 21612),
        ("+15005550003", OURS, "Hei!", AccountProblem, 21408),
        ("+15005550004", OURS, "Hei!", OptedOutAtCarrier, 21610),
        ("+15005550009", OURS, "Hei!", Dead, 21614),
        (PATIENT, "+15005550001", "Hei!", AccountProblem, 21212),
        (PATIENT, "+15005550007", "Hei!", AccountProblem, 21606),
        (PATIENT, "+15005550008", "Hei!", Retry, 21611),
        (PATIENT, "", "Hei!", AccountProblem, 21603),
        ("0401234567", OURS, "Hei!", Dead, 21211),
        ("", OURS, "Hei!", OurBug, 21604),
        (PATIENT, OURS, "", OurBug, 21602),
        (PATIENT, OURS, "x" * 1601, OurBug, 21617),
    ],
)
def test_what_twilio_refuses_says_what_to_do(
    emulator: EmulatorServer, to: str, sender: str, body: str, situation: type[SendError], code: int
) -> None:
    error = failure_of(emulator, text(to, sender=sender, body=body))

    assert (type(error), error.code) == (situation, code)
    assert emulator.sent == 0


def test_a_callback_that_is_no_address_is_our_bug(emulator: EmulatorServer) -> None:
    assert isinstance(failure_of(emulator, text(callback="/twilio/status")), OurBug)


@pytest.mark.parametrize(
    ("fault", "situation", "reason", "created"),
    [
        (Refuse(20429), Retry, "rate_limited", 0),
        (Refuse(20005, 403), AccountProblem, "account_suspended", 0),
        (Refuse(30007), Dead, "filtered", 0),
        (Refuse(29999), Retry, "unknown_code", 0),
        (Break(500), Uncertain, "carrier_failed", 0),
        (Break(503), Uncertain, "carrier_failed", 0),
        (Break(429), Retry, "rate_limited", 0),
        (DropBefore(), Uncertain, "connection_lost", 0),
        (AcceptThenDrop(), Uncertain, "connection_lost", 1),
        (AcceptThenBreak(500), Uncertain, "carrier_failed", 1),
        (AcceptThenBreak(201), Uncertain, "unreadable_answer", 1),
        (Delay(30), Uncertain, "timed_out", 1),
    ],
)
def test_every_fault_ends_in_the_right_situation(
    emulator: EmulatorServer, fault: Fault, situation: type[SendError], reason: str, created: int
) -> None:
    emulator.fault(fault)

    error = failure_of(emulator, text(), total=0.3 if isinstance(fault, Delay) else 10.0)

    assert (type(error), error.reason) == (situation, reason)
    assert emulator.sent == created


def test_a_carrier_slower_than_the_time_out_leaves_it_uncertain() -> None:
    with EmulatorServer(Configuration(latency=0.2)) as emulator:
        error = failure_of(emulator, text(), total=0.05)

    assert (type(error), error.reason) == (Uncertain, "timed_out")


def test_an_uncertain_text_is_found_by_asking(emulator: EmulatorServer) -> None:
    emulator.fault(AcceptThenDrop(), times=1)
    before = datetime.now(UTC)
    failure_of(emulator, text(body="Hei! Miten kävi?"))

    [found] = listed(emulator, to=PATIENT, sender=OURS, since=before)

    assert (found.body, found.direction) == ("Hei! Miten kävi?", "outbound-api")


@pytest.mark.parametrize(
    "fields", [{"account_sid": ""}, {"account_sid": "AC1"}, {"account_sid": "AC1", "api_key_sid": "SK1"}]
)
def test_credentials_that_cannot_sign_in_are_refused_at_once(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="set"):
        Credentials(**fields)


def test_secrets_stay_out_of_the_repr_of_credentials() -> None:
    shown = repr(Credentials("AC1", "hidden-token", "SK1", "hidden-secret"))

    assert "hidden" not in shown


def test_a_wrong_token_is_an_account_problem_for_reads_too(emulator: EmulatorServer) -> None:
    async def asking() -> None:
        wrong = Credentials(emulator.configuration.account_sid, "wrong")
        async with TwilioCarrier(wrong, base_url=emulator.base_url) as carrier:
            with pytest.raises(AccountProblem):
                await carrier.send(text())
            with pytest.raises(AccountProblem):
                await carrier.fetch("SM1")
            with pytest.raises(AccountProblem):
                [_ async for _ in carrier.list_messages(since=LONG_AGO)]

    asyncio.run(asking())


def test_fetch_gives_the_message_as_it_is_now(emulator: EmulatorServer) -> None:
    [accepted] = send(emulator, text())

    record = with_carrier(emulator, lambda carrier: carrier.fetch(accepted.sid))

    assert (record.sid, record.to, record.sender, record.body) == (accepted.sid, PATIENT, OURS, "Hei!")
    assert (record.status, record.error_code) == ("delivered", None)
    assert record.created_at is not None
    assert record.created_at.utcoffset() == timedelta(0)


def test_fetching_what_is_not_there_says_so(emulator: EmulatorServer) -> None:
    with pytest.raises(NoSuchMessage):
        with_carrier(emulator, lambda carrier: carrier.fetch("SM" + "0" * 32))


def test_a_long_list_is_read_page_by_page(emulator: EmulatorServer) -> None:
    many = PAGE_SIZE * 2 + 1
    sent = send(emulator, *(text(body=str(number)) for number in range(many)))

    records = listed(emulator, to=PATIENT)

    assert {record.sid for record in records} == {accepted.sid for accepted in sent}
    assert len(records) == many


def test_listing_keeps_to_its_period() -> None:
    now = [datetime(2026, 3, 1, 12, 0, tzinfo=UTC)]
    with EmulatorServer(clock=lambda: now[0]) as emulator:
        for _ in range(PAGE_SIZE * 2):
            emulator.reply_unheard(PATIENT, OURS, "old")
            now[0] += timedelta(seconds=1)
        since = now[0]
        for _ in range(3):
            emulator.reply_unheard(PATIENT, OURS, "new")
            now[0] += timedelta(seconds=1)

        records = listed(emulator, to=OURS, since=since)

    assert [record.body for record in records] == ["new"] * 3
    assert all(record.direction == "inbound" and record.sender == PATIENT for record in records)


def test_a_message_of_the_same_second_is_within_the_period() -> None:
    moment = datetime(2026, 3, 1, 12, 0, 0, 400_000, tzinfo=UTC)
    with EmulatorServer(clock=lambda: moment) as emulator:
        send(emulator, text())

        assert len(listed(emulator, to=PATIENT, since=moment)) == 1


def test_a_message_that_has_not_left_yet_is_listed_too(emulator: EmulatorServer) -> None:
    emulator.fault(Stuck())
    send(emulator, text())

    [record] = listed(emulator, to=PATIENT)

    assert (record.status, record.sent_at) == ("queued", None)


def test_listing_tells_senders_apart(emulator: EmulatorServer) -> None:
    send(emulator, text(), text(sender="+358457000001"))

    assert [record.sender for record in listed(emulator, to=PATIENT, sender=OURS)] == [OURS]
    assert len(listed(emulator, to=PATIENT)) == 2


def test_an_account_with_an_api_key_is_served() -> None:
    account = Configuration(api_key_sid="SK1", api_key_secret="secret")
    with EmulatorServer(account) as emulator:

        async def sending() -> str:
            key = Credentials(account.account_sid, "", "SK1", "secret")
            async with TwilioCarrier(key, base_url=emulator.base_url) as carrier:
                return (await carrier.send(text())).status

        assert asyncio.run(sending()) == "queued"


def test_many_texts_at_once_are_each_accepted_once(emulator: EmulatorServer) -> None:
    async def sending(carrier: Carrier) -> list[str]:
        texts = (text(f"+35840{number:07}") for number in range(200))
        return [accepted.sid for accepted in await asyncio.gather(*map(carrier.send, texts))]

    assert len(set(with_carrier(emulator, sending))) == emulator.sent == 200


def test_no_number_and_no_text_reaches_logs_errors_or_reprs(
    emulator: EmulatorServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    [accepted] = send(emulator, text(body="a secret of the patient"))
    records = listed(emulator, to=PATIENT)
    emulator.fault(Refuse(21211))
    error = failure_of(emulator, text(body="a secret of the patient"))

    shown = [caplog.text, repr(accepted), repr(records), repr(text(body="a secret of the patient"))]
    shown += [str(error), repr(error), repr(error.__context__), repr(error.__cause__)]
    shown += [repr(emulator.messages_of(PATIENT))]
    assert not [each for each in shown if PATIENT[1:] in each or "secret" in each]
