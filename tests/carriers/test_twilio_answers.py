"""TwilioCarrier against servers that answer badly, strangely or not at all."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import encode_basic_auth

from smsgateway.carriers.base import (
    AccountProblem,
    CarrierError,
    Dead,
    MessageRecord,
    Retry,
    SendError,
    Uncertain,
    Unreached,
)
from smsgateway.carriers.emulator import EmulatorServer
from smsgateway.carriers.twilio import Credentials, TwilioCarrier
from tests.carriers.doing import LONG_AGO, OURS, text


def test_a_refused_connection_means_never_accepted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    error = asyncio.run(_failure_at(f"http://127.0.0.1:{port}"))

    assert (type(error), error.reason) == (Unreached, "not_connected")


def test_a_failed_handshake_means_never_accepted(emulator: EmulatorServer) -> None:
    error = asyncio.run(_failure_at(emulator.base_url.replace("http:", "https:")))

    assert (type(error), error.reason) == (Unreached, "tls_failed")


def test_an_unknown_host_means_never_accepted() -> None:
    error = asyncio.run(_failure_at("http://carrier.invalid"))

    assert (type(error), error.reason) == (Unreached, "not_connected")


def test_a_handshake_that_nobody_answers_is_given_up_and_never_accepted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}"

        error = asyncio.run(_failure_at(address, connect=0.05))

    assert (type(error), error.reason) == (Unreached, "not_connected")


@pytest.mark.parametrize("address", ["ftp://api.example.fi", "api.example.fi", "http://"])
def test_a_senseless_address_is_a_setting_to_correct(address: str) -> None:
    error = asyncio.run(_failure_at(address))

    assert (type(error), error.reason) == (AccountProblem, "bad_api_address")


GOOD = json.dumps({"sid": "SM1", "status": "queued"})


@pytest.mark.parametrize(
    ("status", "body", "situation", "reason"),
    [
        ("201 Created", "<html>", Uncertain, "unreadable_answer"),
        ("201 Created", "[]", Uncertain, "unreadable_answer"),
        ("201 Created", "", Uncertain, "unexpected_answer"),
        ("201 Created", "{}", Uncertain, "unexpected_answer"),
        ("201 Created", '{"sid": 5}', Uncertain, "unexpected_answer"),
        ("201 Created", '{"sid": "SM1", "date_created": 5}', Uncertain, "unreadable_answer"),
        ("200 OK", GOOD, Uncertain, "unexpected_answer"),
        ("302 Found", "", AccountProblem, "redirected"),
        ("400 Bad Request", "<html>", Retry, "unknown_code"),
        ("400 Bad Request", '{"code": "x", "message": "y"}', Retry, "unknown_code"),
        ("401 Unauthorized", "<html>", AccountProblem, "not_authorised"),
        ("403 Forbidden", "<html>", AccountProblem, "access_denied"),
        ("404 Not Found", "<html>", AccountProblem, "unknown_account"),
        ("408 Request Timeout", "", Uncertain, "carrier_failed"),
        ("429 Too Many Requests", "", Retry, "rate_limited"),
        ("502 Bad Gateway", "<html>", Uncertain, "carrier_failed"),
        (
            "400 Bad Request",
            '{"type": "about:blank", "title": "t", "status": 400, "code": 21614}',
            Dead,
            "landline",
        ),
        (
            "400 Bad Request",
            '{"type": "about:blank", "title": "t", "status": "400", "code": 21614}',
            Uncertain,
            "unreadable_answer",
        ),
    ],
)
def test_an_answer_is_read_as_far_as_it_can_be(status: str, body: str, situation: type[SendError], reason: str) -> None:
    error = asyncio.run(_failure_before(_answer(status, body)))

    assert (type(error), error.reason) == (situation, reason)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "connection_lost"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "connection_lost"),
        (b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{", "broken_answer"),
        (b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n\xff\xff", "unreadable_answer"),
    ],
)
def test_half_an_answer_is_uncertain(answer: bytes, reason: str) -> None:
    error = asyncio.run(_failure_before(answer))

    assert (type(error), error.reason) == (Uncertain, reason)


def test_the_base_address_may_have_a_path_and_a_slash() -> None:
    request = asyncio.run(_request_seen("/carrier/"))

    assert request.startswith(b"POST /carrier/2010-04-01/Accounts/AC1/Messages.json HTTP/1.1\r\n")


def test_an_api_key_signs_in_for_the_account() -> None:
    request = asyncio.run(_request_seen("", Credentials("AC1", "token", "SK1", "secret")))

    assert b"/Accounts/AC1/" in request
    assert encode_basic_auth("SK1", "secret").encode() in request


def test_twilio_s_own_variables_do_not_move_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")

    assert b"POST /2010-04-01/" in asyncio.run(_request_seen(""))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_a_read_that_fails_may_always_be_repeated(answer: bytes) -> None:
    async def asking() -> list[MessageRecord]:
        async with (
            _server(answer) as (url, _),
            TwilioCarrier(Credentials("AC1", "t"), base_url=url) as carrier,
        ):
            return [record async for record in carrier.list_messages(since=LONG_AGO)]

    with pytest.raises(Retry):
        asyncio.run(asking())


@pytest.mark.parametrize(
    ("seconds", "pages"), [([9, 8, 1], 1), ([1, 8, 9], 2), ([9, 8, 7], 2), ([1, 1, 1], 2), ([], 1)]
)
def test_reading_stops_only_where_newest_first_leads_out_of_the_period(seconds: list[int], pages: int) -> None:
    first = [{"sid": "SM1", "date_created": at, "date_sent": at} for at in map(_at, seconds)]
    answers = (_page(first, "/2010-04-01/Accounts/AC1/Messages.json?Page=1"), _page([], None))

    async def reading() -> int:
        async with _server(*answers) as (url, seen):
            async with TwilioCarrier(Credentials("AC1", "token"), base_url=url) as carrier:
                since = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
                found = [record async for record in carrier.list_messages(to=OURS, since=since)]
            assert len(found) == len([second for second in seconds if second >= 5])
            return len(seen)

    assert asyncio.run(reading()) == pages


def _answer(status: str, body: str) -> bytes:
    content = body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


def _at(second: int) -> str:
    return f"Sun, 01 Mar 2026 12:00:{second:02} +0000"


def _page(messages: list[dict[str, str]], following: str | None) -> bytes:
    return _answer("200 OK", json.dumps({"messages": messages, "next_page_uri": following}))


@asynccontextmanager
async def _server(*answers: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that gives one answer after the other (the last again and again), hanging up after each.

    Gives its address and the requests it saw.
    """
    seen: list[bytes] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
        seen.append(head + body)
        writer.write(answers[min(len(seen), len(answers)) - 1])
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", seen


async def _failure_at(base_url: str, connect: float = 5.0) -> CarrierError:
    async with TwilioCarrier(Credentials("AC1", "token"), base_url=base_url, connect=connect) as carrier:
        try:
            await carrier.send(text())
        except CarrierError as error:
            return error
    raise AssertionError("the text was accepted")


async def _failure_before(answer: bytes) -> CarrierError:
    async with _server(answer) as (url, _):
        return await _failure_at(url)


async def _request_seen(path: str, credentials: Credentials | None = None) -> bytes:
    who = credentials or Credentials("AC1", "token")
    async with _server(_answer("201 Created", GOOD)) as (url, seen):
        carrier = TwilioCarrier(who, base_url=url + path)
        await carrier.send(text())
        await carrier.aclose()
    return seen[0]
