"""Texts a second through the outbox, against the bare twilio client that posts the same and stores nothing."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from time import perf_counter

from aiohttp import ClientTimeout
from twilio.rest import Client

from bench.ground import SECRET_KEY, SENDER, databases, free_port, invited, phone, process, row, wait_for
from smsgateway.carriers.emulator.service import ACCOUNT, TOKEN
from smsgateway.carriers.twilio_http import TwilioHttp
from smsgateway.server import dispatcher_of
from smsgateway.settings import Settings

IN_FLIGHT = 64
LATENCIES = (0.0, 0.05)
BODY = (
    "Mittausalue: Kiitos käynnistäsi, Keskustan terveysasema 23.11. Millainen kokemus oli, 1 = huono ... 5 = hyvä? "
    "Vastaa numerolla. STOP = ei viestejä."
)


def run(texts: int = 5_000) -> Iterator[dict[str, object]]:
    for latency in LATENCIES:
        with databases() as addresses, emulator(latency) as carrier:
            bare(carrier, 200)  # the first requests of a process warm up both ends
            before = bare(carrier, texts)
            for engine, address in addresses.items():
                measured, after = ours(carrier, address, texts), bare(carrier, texts)
                name = f"dispatch, {texts:,} texts, {latency * 1000:.0f} ms away, {engine}"
                # A shared machine is not equally fast for a minute: the floor is measured on both sides.
                yield row(name, measured, "texts/s", (before + after) / 2)
                before = after


@contextmanager
def emulator(latency: float) -> Iterator[str]:
    port = free_port()
    arguments = ["smsgateway.carriers.emulator", "--port", str(port), "--latency", str(latency)]
    with process(arguments):
        wait_for(port)
        yield f"http://127.0.0.1:{port}"


def ours(carrier: str, database: str, texts: int) -> float:
    """Texts a second from due to written down as sent, all on disk."""
    with invited(settings_for(carrier, database), texts) as gateway:
        dispatcher = dispatcher_of(gateway, None)
        started = perf_counter()
        outcomes = dispatcher.run_pass()
        seconds = perf_counter() - started
    if outcomes != {"sent": texts}:
        raise RuntimeError(f"not every text was sent: {dict(outcomes)}")
    return texts / seconds


def settings_for(carrier: str, database: str) -> Settings:
    twilio = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "api_base_url": carrier,
        "segments_per_second": 1e6,
        "in_flight": IN_FLIGHT,
    }
    return Settings.model_validate({"database_url": database, "secret_key": SECRET_KEY, "twilio": twilio})


def bare(carrier: str, texts: int) -> float:
    started = perf_counter()
    asyncio.run(post_all(carrier, texts))
    return texts / (perf_counter() - started)


async def post_all(carrier: str, texts: int) -> None:
    """As many workers as texts may be in flight, and nothing but the client."""
    http = TwilioHttp(carrier, IN_FLIGHT, ClientTimeout(total=10))
    client = Client(ACCOUNT, TOKEN, http_client=http, environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""})
    places = iter(range(texts))

    async def work() -> None:
        for place in places:
            await client.messages.create_async(to=phone(place), from_=SENDER, body=BODY)

    try:
        await asyncio.gather(*(worker() for worker in repeat(work, IN_FLIGHT)))
    finally:
        await http.close()
