"""What the emulator tells the service: signed replies and delivery statuses."""

import socket

import pytest
from aiohttp import ClientConnectionError
from twilio.request_validator import RequestValidator

from smsgateway.carriers.emulator import (
    BadTwiml,
    CallbacksBackwards,
    CallbacksTwice,
    Configuration,
    EmulatorServer,
    Fault,
    NoCallbacks,
    Stuck,
    Undelivered,
)
from smsgateway.carriers.emulator.twiml import messages_in
from tests.carriers.conftest import Heard, Receiver
from tests.carriers.doing import OURS, PATIENT, listed, send, text

STATUS = "/twilio/status?i=0190"


def statuses(receiver: Receiver) -> list[str]:
    """The statuses reported so far, in their order."""
    return [each["MessageStatus"] for each in receiver.heard]


def is_signed(receiver: Receiver, heard: Heard, token: str) -> bool:
    """Whether twilio's own validator takes the request."""
    validator = RequestValidator(token)
    url = receiver.base_url + heard.path
    return bool(validator.validate(url, dict(heard.fields), heard.signature))


def test_a_text_s_way_is_reported_and_signed(emulator: EmulatorServer, receiver: Receiver) -> None:
    [accepted] = send(emulator, text(callback=receiver.base_url + STATUS))
    emulator.wait_idle()

    assert statuses(receiver) == ["sent", "delivered"]
    for heard in receiver.heard:
        assert heard.path == STATUS
        assert (heard["MessageSid"], heard["To"], heard["From"]) == (accepted.sid, PATIENT, OURS)
        assert is_signed(receiver, heard, emulator.configuration.auth_token)
        assert not is_signed(receiver, heard, "another token")


@pytest.mark.parametrize(
    ("fault", "reported"),
    [
        (NoCallbacks(), []),
        (Stuck(), []),
        (Undelivered(30005), ["sent", "undelivered"]),
        (Undelivered(30008, "failed"), ["failed"]),
        (CallbacksTwice(), ["sent", "sent", "delivered", "delivered"]),
        (CallbacksBackwards(), ["delivered", "sent"]),
    ],
)
def test_a_fault_shows_in_what_is_reported(
    emulator: EmulatorServer, receiver: Receiver, fault: Fault, reported: list[str]
) -> None:
    emulator.fault(fault)
    send(emulator, text(callback=receiver.base_url + STATUS))
    emulator.wait_idle()

    assert statuses(receiver) == reported


def test_the_error_code_comes_with_the_status_it_explains(emulator: EmulatorServer, receiver: Receiver) -> None:
    emulator.fault(Undelivered(30006))
    send(emulator, text(callback=receiver.base_url + STATUS))
    emulator.wait_idle()

    sent, undelivered = receiver.heard
    assert "ErrorCode" not in dict(sent.fields)
    assert undelivered["ErrorCode"] == "30006"


@pytest.mark.parametrize(
    ("wanted", "reported"),
    [
        ((), []),
        (("delivered",), ["delivered"]),
        (("queued", "sending", "sent", "delivered"), ["queued", "sending", "sent", "delivered"]),
    ],
)
def test_only_the_wanted_statuses_are_reported(
    receiver: Receiver, wanted: tuple[str, ...], reported: list[str]
) -> None:
    with EmulatorServer(Configuration(callbacks=wanted)) as emulator:
        send(emulator, text(callback=receiver.base_url + STATUS))
        emulator.wait_idle()

    assert statuses(receiver) == reported


def test_a_messaging_service_reports_itself_and_its_number(emulator: EmulatorServer, receiver: Receiver) -> None:
    service = "MG" + "1" * 32
    send(emulator, text(sender=service, callback=receiver.base_url + STATUS))
    emulator.wait_idle()

    assert {heard["MessagingServiceSid"] for heard in receiver.heard} == {service}
    assert {heard["From"] for heard in receiver.heard} == {emulator.configuration.service_number}


def test_a_report_that_is_refused_is_counted_and_not_repeated(emulator: EmulatorServer, receiver: Receiver) -> None:
    receiver.status = 403
    send(emulator, text(callback=receiver.base_url + STATUS))
    emulator.wait_idle()

    assert (len(receiver.heard), emulator.failed_callbacks) == (2, 2)


def test_a_report_to_nobody_is_counted(emulator: EmulatorServer) -> None:
    send(emulator, text(callback=nowhere()))
    emulator.wait_idle()

    assert emulator.failed_callbacks == 2


def test_waiting_for_a_service_that_never_answers_ends(emulator: EmulatorServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        send(emulator, text(callback=f"http://127.0.0.1:{silent.getsockname()[1]}/"))

        with pytest.raises(TimeoutError):
            emulator.wait_idle(timeout=0.05)


def test_a_reply_is_posted_signed_with_twilio_s_fields(emulator: EmulatorServer, receiver: Receiver) -> None:
    emulator.inbound_url = f"{receiver.base_url}/twilio/sms#rc=3&rp=5xx"

    answered = emulator.reply(PATIENT, OURS, "5 kiitos ä€😀")

    [heard] = receiver.heard
    assert heard.path == "/twilio/sms"
    assert is_signed(receiver, heard, emulator.configuration.auth_token)
    assert (heard["From"], heard["To"], heard["Body"]) == (PATIENT, OURS, "5 kiitos ä€😀")
    assert heard["MessageSid"] == heard["SmsSid"] == heard["SmsMessageSid"] == answered.sid
    assert (heard["NumMedia"], heard["NumSegments"], heard["FromCountry"]) == ("0", "1", "FI")
    assert heard["FromCity"] == ""


def test_the_service_s_answer_reaches_the_phone(emulator: EmulatorServer, receiver: Receiver) -> None:
    emulator.inbound_url = f"{receiver.base_url}/twilio/sms"
    receiver.says = "<Response><Message>Kiitos &amp; hei!</Message><Message><Body>Toinen</Body></Message></Response>"

    answered = emulator.reply(PATIENT, OURS, "5")

    assert (answered.status, answered.texts) == (200, ["Kiitos & hei!", "Toinen"])
    assert [(each.direction, each.body) for each in emulator.messages_of(PATIENT)] == [
        ("inbound", "5"),
        ("outbound-reply", "Kiitos & hei!"),
        ("outbound-reply", "Toinen"),
    ]
    assert [record.body for record in listed(emulator, to=OURS)] == ["5"]


def test_a_replay_carries_the_same_sid_and_is_one_message(emulator: EmulatorServer, receiver: Receiver) -> None:
    emulator.inbound_url = f"{receiver.base_url}/twilio/sms"
    first = emulator.reply(PATIENT, OURS, "5")
    second = emulator.reply(PATIENT, OURS, "5", MessageSid=first.sid)

    assert [heard["MessageSid"] for heard in receiver.heard] == [first.sid, first.sid] == [second.sid] * 2
    assert len(emulator.messages_of(PATIENT)) == 1


def test_extra_fields_are_posted_and_signed(emulator: EmulatorServer, receiver: Receiver) -> None:
    emulator.inbound_url = f"{receiver.base_url}/twilio/sms"
    emulator.reply(PATIENT, OURS, "STOP", OptOutType="STOP", MessageSid="SM" + "a" * 32)

    [heard] = receiver.heard
    assert (heard["OptOutType"], heard["MessageSid"]) == ("STOP", "SM" + "a" * 32)
    assert is_signed(receiver, heard, emulator.configuration.auth_token)


def test_a_refused_reply_tells_the_phone_nothing_and_is_kept(emulator: EmulatorServer, receiver: Receiver) -> None:
    emulator.inbound_url = f"{receiver.base_url}/twilio/sms"
    receiver.status, receiver.says = 500, "<Response><Message>never</Message></Response>"

    answered = emulator.reply(PATIENT, OURS, "5")

    assert (answered.status, answered.texts) == (500, [])
    assert [each.body for each in emulator.messages_of(PATIENT)] == ["5"]


def test_a_reply_to_a_service_that_is_down_is_kept_for_later(emulator: EmulatorServer) -> None:
    emulator.inbound_url = nowhere()

    with pytest.raises(ClientConnectionError):
        emulator.reply(PATIENT, OURS, "5")
    emulator.reply_unheard(PATIENT, OURS, "ja kiitos")

    assert sorted(record.body for record in listed(emulator, to=OURS)) == ["5", "ja kiitos"]


def test_many_replies_at_once_are_answered_in_order(emulator: EmulatorServer, receiver: Receiver) -> None:
    emulator.inbound_url = f"{receiver.base_url}/twilio/sms"
    answers = emulator.reply_all((f"+35840{number:07}", OURS, str(number)) for number in range(50))

    bodies = [emulator.messages_of(f"+35840{number:07}")[0] for number in range(50)]
    assert [answer.sid for answer in answers] == [message.sid for message in bodies]
    assert sorted(int(heard["Body"]) for heard in receiver.heard) == [*range(50)]


@pytest.mark.parametrize(
    ("answer", "content_type", "said"),
    [
        ("<Response/>", "text/xml", []),
        ('<?xml version="1.0" encoding="UTF-8"?><Response></Response>', "application/xml", []),
        ("<Response><Message>Hei</Message></Response>", "text/xml", ["Hei"]),
        ("<Response><Message> <Body>Hei</Body> </Message></Response>", "text/xml", ["Hei"]),
        ("Internal error", "text/plain", ["Internal error"]),
        ("", "text/plain", []),
    ],
)
def test_twiml_is_read(answer: str, content_type: str, said: list[str]) -> None:
    assert [each.text for each in messages_in(answer, content_type)] == said


@pytest.mark.parametrize("answer", ["", "Internal error", "<html></html>", "<Response>"])
def test_what_is_not_twiml_is_an_error(answer: str) -> None:
    with pytest.raises(BadTwiml, match="the webhook's answer"):
        messages_in(answer, "text/xml")


def nowhere() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"
