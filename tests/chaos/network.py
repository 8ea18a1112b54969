"""The emulator's memory, reached without a network: what the carrier and the phones really have."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from bench.fault_points import CrashingCarrier, Fate
from smsgateway.carriers.base import Accepted, Carrier, MessageRecord, NoSuchMessage, Outgoing, Retry, Uncertain
from smsgateway.carriers.emulator.messages import Message
from smsgateway.carriers.emulator.service import Configuration, EmulatedTwilio
from smsgateway.clock import Clock


@dataclass
class Callback:
    """A delivery status on its way to us."""

    address: str
    form: dict[str, str]


@dataclass
class Network:
    """A carrier that loses some answers (`trouble`, a share of the sends) and keeps the truth."""

    clock: Clock
    random: Random
    fate: Fate
    trouble: float = 0.2
    callbacks: list[Callback] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.twilio = EmulatedTwilio(Configuration(callbacks=()), self.clock)
        self.report: Callable[[Callback], object] = self.callbacks.append

    async def send(self, text: Outgoing) -> Accepted:
        fault = self.random.choice(("refused", "lost", "answer lost")) if self.random.random() < self.trouble else ""
        if fault == "refused":
            raise Retry("rate_limited", 20429)
        if fault == "lost":
            raise Uncertain("connection_lost")
        message = self.twilio.create(
            {"To": text.to, "From": text.sender, "Body": text.body, "StatusCallback": text.callback}
        )
        message.move("delivered", self.clock())
        for status in ("sent", "delivered"):
            self.report(Callback(text.callback, {"MessageSid": message.sid, "MessageStatus": status}))
        if fault == "answer lost":
            raise Uncertain("timed_out")
        return Accepted(message.sid, "queued")

    async def redact(self, sid: str) -> None:
        if message := self.twilio.store.get(sid):
            message.body = ""

    async def fetch(self, sid: str) -> MessageRecord:
        message = self.twilio.store.get(sid)
        if message is None:
            raise NoSuchMessage("no_such_message")
        return record_of(message)

    async def list_messages(
        self, *, to: str | None = None, sender: str | None = None, since: datetime
    ) -> AsyncIterator[MessageRecord]:
        for message in self.twilio.store.newest_first(to, sender):
            if message.created >= since:
                yield record_of(message)

    async def aclose(self) -> None:
        """Nothing to close."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Carrier]:
        yield CrashingCarrier(self, self.fate)

    def invitations(self, phone: str) -> list[Message]:
        """What we sent to the phone."""
        return [message for message in self.twilio.store.of(phone) if message.direction == "outbound-api"]


def record_of(message: Message) -> MessageRecord:
    """As the REST API shows it: in whole seconds."""
    return MessageRecord(
        message.sid,
        message.to,
        message.sender or "",
        message.body,
        message.status,
        message.direction,
        message.error_code,
        message.created.replace(microsecond=0),
        message.sent.replace(microsecond=0) if message.sent else None,
    )
