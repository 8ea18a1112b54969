"""The emulator's REST API: the Message resource of Twilio's API 2010-04-01, over real HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, islice
from typing import Final
from urllib.parse import parse_qsl, urlencode

from aiohttp import encode_basic_auth, web

from smsgateway.carriers.emulator.faults import (
    AcceptThenBreak,
    AcceptThenDrop,
    Break,
    Delay,
    DropBefore,
    Refuse,
    RequestFault,
)
from smsgateway.carriers.emulator.messages import API_VERSION, Message
from smsgateway.carriers.emulator.rules import Refusal, fault_in, refused
from smsgateway.carriers.emulator.service import EmulatedTwilio

ROOT: Final = f"/{API_VERSION}/Accounts/{{account}}/Messages"
LARGEST_PAGE: Final = 1000
ERROR_PAGE: Final = "<html><body><h1>Something went wrong</h1></body></html>"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(twilio: EmulatedTwilio) -> web.Application:
    """The web application in front of one emulated account."""
    app = web.Application()
    api = _MessageResource(twilio)
    app.router.add_post(f"{ROOT}.json", api.guarded(api.create))
    app.router.add_get(f"{ROOT}.json", api.guarded(api.list))
    app.router.add_get(f"{ROOT}/{{sid}}.json", api.guarded(api.fetch))
    app.router.add_post(f"{ROOT}/{{sid}}.json", api.guarded(api.redact))
    app.router.add_delete(f"{ROOT}/{{sid}}.json", api.guarded(api.delete))
    return app


class _MessageResource:
    def __init__(self, twilio: EmulatedTwilio) -> None:
        self._twilio = twilio
        known = twilio.configuration
        self._logins = {encode_basic_auth(known.account_sid, known.auth_token)}
        if known.api_key_sid:
            self._logins.add(encode_basic_auth(known.api_key_sid, known.api_key_secret))

    def guarded(self, handler: Handler) -> Handler:
        """Let only the account's own requests through, after the configured latency."""

        async def guard(request: web.Request) -> web.StreamResponse:
            if self._twilio.configuration.latency:
                await asyncio.sleep(self._twilio.configuration.latency)
            if request.headers.get("Authorization") not in self._logins:
                return _refuse(refused(20003))
            if request.match_info["account"] != self._twilio.configuration.account_sid:
                return _refuse(refused(20404))
            return await handler(request)

        return guard

    async def create(self, request: web.Request) -> web.StreamResponse:
        form = await _form(request)
        wrong = fault_in(form)
        if wrong is not None:
            return _refuse(wrong)
        fault = self._twilio.faults.for_request(form["To"])
        if fault is not None:
            return await self._create_with(fault, form, request)
        message = self._twilio.create(form)
        answer = _answer(message.as_json(), 201)
        self._twilio.deliver(message)
        return answer

    async def _create_with(
        self, fault: RequestFault, form: Mapping[str, str], request: web.Request
    ) -> web.StreamResponse:
        match fault:
            case Refuse(code, status):
                return _refuse(refused(code, status=status, to=form["To"], sender=form.get("From", "")))
            case Break(status):
                return _error_page(status)
            case DropBefore():
                return _cut(request)
        message = self._twilio.create(form)
        answer = _answer(message.as_json(), 201)
        self._twilio.deliver(message)
        match fault:
            case AcceptThenDrop():
                return _cut(request)
            case AcceptThenBreak(status):
                return _error_page(status)
            case Delay(seconds):
                await asyncio.sleep(seconds)
                return answer

    async def list(self, request: web.Request) -> web.StreamResponse:
        try:
            return _answer(self._page_of(request))
        except ValueError:
            return _refuse(refused(20001))

    def _page_of(self, request: web.Request) -> dict[str, object]:
        query = request.query
        sent = _Period(query)
        found = (
            message
            for message in self._twilio.store.newest_first(query.get("To"), query.get("From"))
            if sent.holds(message)
        )
        after = self._twilio.store.get(query.get("PageToken", "").removeprefix("PA"))
        if after is not None:
            newest = after.number
            found = (message for message in dropwhile(lambda each: each.number >= newest, found))
        size = min(int(query.get("PageSize", "50")), LARGEST_PAGE)
        page = [*islice(found, size + 1)]
        return _page(request, page[:size], more=len(page) > size)

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        message = self._message(request)
        return _refuse(refused(20404)) if message is None else _answer(message.as_json())

    async def redact(self, request: web.Request) -> web.StreamResponse:
        message = self._message(request)
        if message is None:
            return _refuse(refused(20404))
        if (await _form(request)).get("Body") == "":
            message.body = ""
        return _answer(message.as_json())

    async def delete(self, request: web.Request) -> web.StreamResponse:
        if not self._twilio.store.forget(request.match_info["sid"]):
            return _refuse(refused(20404))
        return web.Response(status=204)

    def _message(self, request: web.Request) -> Message | None:
        return self._twilio.store.get(request.match_info["sid"])


class _Period:
    """The filter on the date of sending: `DateSent`, `DateSent>` and `DateSent<`, all of them inclusive.

    Values are a day or a second in UTC; written `DateSent>=2026-11-22`, the sign is part of the name.
    """

    def __init__(self, query: Mapping[str, str]) -> None:
        day, since, until = (query.get(name) for name in ("DateSent", "DateSent>", "DateSent<"))
        self._since = _moment(since or day)
        self._until = _moment(until or day, end=True)

    def holds(self, message: Message) -> bool:
        if self._since is None and self._until is None:
            return True
        if message.sent is None:
            return False
        sent = message.sent.replace(microsecond=0)
        return (self._since is None or sent >= self._since) and (self._until is None or sent <= self._until)


def _moment(value: str | None, *, end: bool = False) -> datetime | None:
    if not value:
        return None
    moment = datetime.fromisoformat(value)
    if end and len(value) == len("2026-11-22"):
        moment += timedelta(days=1, seconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _page(request: web.Request, messages: list[Message], *, more: bool) -> dict[str, object]:
    number = int(request.query.get("Page", "0"))
    following = None
    if more:
        turned = {**request.query, "Page": str(number + 1), "PageToken": f"PA{messages[-1].sid}"}
        following = f"{request.path}?{urlencode(turned)}"
    return {
        "end": number * len(messages) + len(messages) - 1,
        "first_page_uri": f"{request.path}?{urlencode({**request.query, 'Page': '0'})}",
        "messages": [message.as_json() for message in messages],
        "next_page_uri": following,
        "page": number,
        "page_size": len(messages),
        "previous_page_uri": None,
        "start": number * len(messages),
        "uri": request.path_qs,
    }


async def _form(request: web.Request) -> dict[str, str]:
    return dict(parse_qsl((await request.read()).decode("utf-8", "replace"), keep_blank_values=True))


def _answer(content: dict[str, object], status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(content).encode(), status=status, content_type="application/json")


def _refuse(refusal: Refusal) -> web.Response:
    return _answer(refusal.as_json(), refusal.status)


def _error_page(status: int) -> web.Response:
    return web.Response(text=ERROR_PAGE, status=status, content_type="text/html")


def _cut(request: web.Request) -> web.Response:
    """End the connection with nothing said; the answer returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
