"""The emulated Twilio itself: it creates messages, delivers them, and takes in what phones send."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, Self

from smsgateway.carriers.emulator.faults import (
    CallbacksBackwards,
    CallbacksTwice,
    DeliveryFault,
    FaultScript,
    NoCallbacks,
    Stuck,
    Undelivered,
)
from smsgateway.carriers.emulator.messages import API_VERSION, Direction, Message, MessageStore
from smsgateway.carriers.emulator.postman import Form, Postman
from smsgateway.carriers.emulator.twiml import messages_in
from smsgateway.clock import Clock, system_clock

ACCOUNT: Final = "AC" + "0" * 32
TOKEN: Final = "emulator-auth-token"  # noqa: S105 (of the built-in emulator, which guards nothing)


@dataclass(frozen=True, slots=True)
class Configuration:
    """How the emulator behaves.

    `inbound_url` is where texts from phones are posted. `callbacks` are the statuses it reports (final
    ones that went wrong are reported whenever any is). `latency` is in seconds, before each answer of the
    REST API. `keep` bounds the messages remembered. `service_number` sends for messaging services.
    """

    account_sid: str = ACCOUNT
    auth_token: str = field(default=TOKEN, repr=False)
    api_key_sid: str = ""
    api_key_secret: str = field(default="", repr=False)
    inbound_url: str = ""
    callbacks: Collection[str] = ("sent", "delivered")
    callbacks_at_once: int = 8
    latency: float = 0.0
    keep: int | None = None
    service_number: str = "+15005550006"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """How the service answered a text: the webhook's HTTP status, its TwiML, and the texts it contained."""

    sid: str
    status: int
    twiml: str = field(repr=False)
    texts: Sequence[str] = field(repr=False)


class EmulatedTwilio:
    """One account with its messages. Belongs to one event loop: `async with EmulatedTwilio(...)`."""

    def __init__(self, configuration: Configuration, clock: Clock = system_clock) -> None:
        self.configuration = configuration
        self.faults = FaultScript(configuration.seed)
        self.store = MessageStore(configuration.keep)
        self.postman = Postman(configuration.auth_token, configuration.callbacks_at_once)
        self.clock = clock
        self.inbound_url = configuration.inbound_url
        self.created = 0
        self._random = Random(configuration.seed)

    async def __aenter__(self) -> Self:
        await self.postman.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.postman.__aexit__()

    def create(self, form: Mapping[str, str]) -> Message:
        """A new outbound message of a valid form, not yet on its way."""
        self.created += 1
        service = form.get("MessagingServiceSid")
        return self._remember(
            to=form["To"],
            sender=form.get("From") or None,
            service_sid=service,
            body=form["Body"],
            direction="outbound-api",
            status="accepted" if service else "queued",
            callback=form.get("StatusCallback", ""),
        )

    def deliver(self, message: Message) -> None:
        """Take the message to its phone at once, and report the statuses in the background."""
        fault = self.faults.for_delivery(message.to)
        if isinstance(fault, Stuck):
            return
        if message.sender is None:
            self.store.assign_sender(message, self.configuration.service_number)
        error_code = fault.code if isinstance(fault, Undelivered) else None
        final = fault.status if isinstance(fault, Undelivered) else "delivered"
        message.move(final, self.clock(), error_code)
        if message.callback and self.configuration.callbacks:
            forms = _in_order(self._status_forms(message), fault)
            if forms:
                self.postman.queue(message.callback, forms)

    async def receive(self, sender: str, to: str, body: str, extra: Mapping[str, str]) -> Answered:
        """A phone texts us: tell the service, and deliver what it answers.

        `extra` adds to or replaces the webhook's parameters; with a `MessageSid` that was already received it
        is a replay. A webhook that fails says nothing to the phone. Raises `aiohttp.ClientError` or
        `TimeoutError` when nobody answers, and `BadTwiml`; the message is kept in any case.
        """
        message = self.store.get(extra.get("MessageSid", "")) or self.receive_unheard(
            sender, to, body, extra.get("MessageSid")
        )
        form = {**_inbound_form(message), **extra}
        status, content_type, answer = await self.postman.post(self.inbound_url, form)
        said = messages_in(answer, content_type) if status == 200 else []
        for each in said:
            reply = self._remember(
                to=sender, sender=to, body=each.text, direction="outbound-reply", callback=each.callback
            )
            self.deliver(reply)
        return Answered(message.sid, status, answer, [each.text for each in said])

    def receive_unheard(self, sender: str, to: str, body: str, sid: str | None = None) -> Message:
        """A phone texts us and the webhook is lost: only the list of messages knows."""
        message = self._remember(to=to, sender=sender, body=body, direction="inbound", status="received", sid=sid)
        message.sent = message.created
        return message

    def _remember(
        self,
        *,
        to: str,
        sender: str | None,
        body: str,
        direction: Direction,
        status: str = "queued",
        service_sid: str | None = None,
        callback: str = "",
        sid: str | None = None,
    ) -> Message:
        message = Message(
            number=self.store.count + 1,
            sid=sid or f"SM{self._random.getrandbits(128):032x}",
            account_sid=self.configuration.account_sid,
            to=to,
            sender=sender,
            service_sid=service_sid,
            body=body,
            direction=direction,
            status=status,
            created=self.clock(),
            callback=callback,
        )
        self.store.add(message)
        return message

    def _status_forms(self, message: Message) -> list[Form]:
        """The callbacks of a message at its end, in the order things happened."""
        wanted = self.configuration.callbacks
        passed = [status for status in ("queued", "sending", "sent") if status in wanted]
        if message.status == "failed":
            passed = [status for status in passed if status != "sent"]
        final = [message.status] if message.status != "delivered" or "delivered" in wanted else []
        return [_status_form(message, status) for status in (*passed, *final)]


def _status_form(message: Message, status: str) -> Form:
    form = {
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
        "From": message.sender or "",
        "MessageSid": message.sid,
        "MessageStatus": status,
        "SmsSid": message.sid,
        "SmsStatus": status,
        "To": message.to,
    }
    if message.service_sid:
        form["MessagingServiceSid"] = message.service_sid
    if message.error_code is not None and status == message.status:
        form["ErrorCode"] = str(message.error_code)
    return form


def _inbound_form(message: Message) -> Form:
    sender = message.sender or ""
    return {
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
        "Body": message.body,
        "From": sender,
        "FromCity": "",
        "FromCountry": "FI" if sender.startswith("+358") else "",
        "FromState": "",
        "FromZip": "",
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": message.segments,
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
        "ToCity": "",
        "ToCountry": "FI" if message.to.startswith("+358") else "",
        "ToState": "",
        "ToZip": "",
    }


def _in_order(forms: list[Form], fault: DeliveryFault | None) -> list[Form]:
    match fault:
        case NoCallbacks():
            return []
        case CallbacksTwice():
            return [form for form in forms for _ in range(2)]
        case CallbacksBackwards():
            return forms[::-1]
        case _:
            return forms
