"""Short ways to do with a carrier what the outbox does with it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from smsgateway.carriers.base import Accepted, Carrier, CarrierError, MessageRecord, Outgoing
from smsgateway.carriers.emulator import EmulatorServer
from smsgateway.carriers.twilio import Credentials, TwilioCarrier

PATIENT = "+358401234567"
OURS = "+358457000000"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

Result = TypeVar("Result")


def login(emulator: EmulatorServer) -> Credentials:
    """The emulated account's credentials."""
    known = emulator.configuration
    return Credentials(known.account_sid, known.auth_token)


def with_carrier(
    emulator: EmulatorServer, work: Callable[[Carrier], Awaitable[Result]], *, total: float = 10.0
) -> Result:
    """What `work` gives with a carrier at the emulator."""

    async def working() -> Result:
        async with TwilioCarrier(login(emulator), base_url=emulator.base_url, total=total) as carrier:
            return await work(carrier)

    return asyncio.run(working())


def text(to: str = PATIENT, *, sender: str = OURS, body: str = "Hei!", callback: str = "") -> Outgoing:
    """A text to the patient."""
    return Outgoing(to, sender, body, callback)


def send(emulator: EmulatorServer, *texts: Outgoing) -> list[Accepted]:
    """Have the texts accepted, one after the other."""

    async def sending(carrier: Carrier) -> list[Accepted]:
        return [await carrier.send(each) for each in texts]

    return with_carrier(emulator, sending)


def failure_of(emulator: EmulatorServer, outgoing: Outgoing, *, total: float = 10.0) -> CarrierError:
    """The error that sending this text ends with."""

    async def failing(carrier: Carrier) -> CarrierError:
        try:
            await carrier.send(outgoing)
        except CarrierError as error:
            return error
        raise AssertionError("the text was accepted")

    return with_carrier(emulator, failing, total=total)


def listed(
    emulator: EmulatorServer, *, to: str | None = None, sender: str | None = None, since: datetime = LONG_AGO
) -> list[MessageRecord]:
    """The messages the carrier lists."""

    async def listing(carrier: Carrier) -> list[MessageRecord]:
        return [record async for record in carrier.list_messages(to=to, sender=sender, since=since)]

    return with_carrier(emulator, listing)
