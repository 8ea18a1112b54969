"""Replies a second through the served webhook, against Flask with the signature check that stores nothing.

As a program it is that floor: `python -m bench.inbound PORT`.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from time import perf_counter
from urllib.parse import urlencode

import waitress
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from bench.ground import SECRET_KEY, SENDER, databases, free_port, invited, phone, process, row, wait_for
from smsgateway.carriers.base import Accepted, Carrier, MessageRecord, NoSuchMessage, Outgoing
from smsgateway.outbox.dispatch import Dispatcher
from smsgateway.settings import Settings

PUBLIC_URL = "https://survey.example"
ROUTE = "/twilio/sms"
Post = tuple[bytes, dict[str, str]]
ACCOUNT, TOKEN = "AC" + "0" * 32, "token"
AT_ONCE = 16
THREADS = 16
WORDS = ("4", "Hoitaja oli ystävällinen ja kuunteli, vaikka odotus oli pitkä. Kiitos!")
"""Each patient rates, and when that is answered says why."""


@dataclass(frozen=True)
class Measured:
    per_second: float
    p99: float
    """Milliseconds within which 99 of 100 were answered."""


def run(replies: int = 4_000) -> Iterator[dict[str, object]]:
    patients = max(1, replies // len(WORDS))
    strangers = [[signed(place, 0, "5") for place in range(patients, patients + 50)]]
    rounds = [[signed(place, number, words) for place in range(patients)] for number, words in enumerate(WORDS)]
    with databases() as addresses, serving_floor() as floor_port:
        ask(floor_port, strangers)  # the first requests of a process load what the others find
        before = ask(floor_port, rounds)
        for engine, address in addresses.items():
            ask_patients(address, patients)
            with serving(address) as port:
                ask(port, strangers)
                measured = ask(port, rounds)
            after = ask(floor_port, rounds)
            # A shared machine is not equally fast for a minute: the floor is measured on both sides.
            bare = Measured((before.per_second + after.per_second) / 2, (before.p99 + after.p99) / 2)
            yield row(f"inbound, {AT_ONCE} at once, {engine}", measured.per_second, "replies/s", bare.per_second)
            yield row(f"inbound, 99 of 100 within, {engine}", measured.p99, "ms", bare.p99)
            before = after


def settings_for(database: str) -> Settings:
    twilio = {"account_sid": ACCOUNT, "auth_token": TOKEN, "segments_per_second": 1e6}
    return Settings.model_validate({"database_url": database, "secret_key": SECRET_KEY, "twilio": twilio})


def ask_patients(database: str, patients: int) -> None:
    """Every patient has been sent the question."""
    with invited(settings_for(database), patients) as gateway:
        Dispatcher(gateway, taking_all, 1e6, AT_ONCE).run_pass()


class TakesAll:
    """A carrier that has every text at once."""

    def __init__(self) -> None:
        self._taken = 0

    async def send(self, text: Outgoing) -> Accepted:
        self._taken += 1
        return Accepted(f"SM{self._taken:032x}", "queued")

    async def redact(self, sid: str) -> None:
        """Nothing is kept."""

    async def fetch(self, sid: str) -> MessageRecord:
        raise NoSuchMessage("not_kept")

    async def list_messages(
        self, *, to: str | None = None, sender: str | None = None, since: datetime
    ) -> AsyncIterator[MessageRecord]:
        kept: tuple[MessageRecord, ...] = ()
        for record in kept:
            yield record

    async def aclose(self) -> None:
        """Nothing is open."""


@asynccontextmanager
async def taking_all() -> AsyncIterator[Carrier]:
    yield TakesAll()


@contextmanager
def serving(database: str) -> Iterator[int]:
    """The service as it runs in production, without its scheduler."""
    environment = {
        "SMSGATEWAY_DATABASE_URL": database,
        "SMSGATEWAY_SECRET_KEY": SECRET_KEY,
        "SMSGATEWAY_PUBLIC_URL": PUBLIC_URL,
        "SMSGATEWAY_TWILIO__ACCOUNT_SID": ACCOUNT,
        "SMSGATEWAY_TWILIO__AUTH_TOKEN": TOKEN,
        "SMSGATEWAY_WEB__THREADS": str(THREADS),
        "SMSGATEWAY_LOG_LEVEL": "warning",
    }
    port = free_port()
    with process(["smsgateway.cli", "serve", "--no-scheduler", "--port", str(port)], environment):
        wait_for(port)
        yield port


@contextmanager
def serving_floor() -> Iterator[int]:
    port = free_port()
    with process(["bench.inbound", str(port)]):
        wait_for(port)
        yield port


def signed(place: int, number: int, words: str) -> Post:
    """What Twilio posts when a phone texts our number."""
    form = {
        "ToCountry": "FI",
        "SmsMessageSid": (sid := f"SM{place:024x}{number:08x}"),
        "NumMedia": "0",
        "SmsSid": sid,
        "SmsStatus": "received",
        "FromCountry": "FI",
        "Body": words,
        "To": SENDER,
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": phone(place),
        "ApiVersion": "2010-04-01",
    }
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + ROUTE, form)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    return urlencode(form).encode(), headers


def ask(port: int, rounds: Sequence[Sequence[Post]]) -> Measured:
    """Posts one round after the other, `AT_ONCE` at a time."""
    return asyncio.run(post_all(f"http://127.0.0.1:{port}{ROUTE}", rounds))


async def post_all(address: str, rounds: Sequence[Sequence[Post]]) -> Measured:
    milliseconds: list[float] = []
    connector, timeout = TCPConnector(limit=AT_ONCE), ClientTimeout(total=30)

    async def work(session: ClientSession, posts: Iterator[Post]) -> None:
        for body, headers in posts:
            started = perf_counter()
            async with session.post(address, data=body, headers=headers, raise_for_status=True) as response:
                await response.read()
            milliseconds.append(1000 * (perf_counter() - started))

    async with ClientSession(connector=connector, timeout=timeout, cookie_jar=DummyCookieJar()) as session:
        started = perf_counter()
        for posts in map(iter, rounds):
            await asyncio.gather(*(work(session, posts) for _ in range(AT_ONCE)))
        seconds = perf_counter() - started
    return Measured(len(milliseconds) / seconds, quantiles(milliseconds, n=100)[98])


def floor() -> Flask:
    """The signature check, and an empty answer."""
    app = Flask("floor")
    validator = RequestValidator(TOKEN)

    @app.post(ROUTE)
    def sms() -> Response:
        genuine = validator.validate(PUBLIC_URL + ROUTE, request.form, request.headers.get("X-Twilio-Signature", ""))
        return Response("<Response/>", 200 if genuine else 403, content_type="text/xml")

    return app


if __name__ == "__main__":
    waitress.serve(floor(), host="127.0.0.1", port=int(sys.argv[1]), threads=THREADS)
