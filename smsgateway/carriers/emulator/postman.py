"""What the emulator posts to the service: signed forms, one at a time or in the background."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Self
from urllib.parse import urlencode

from aiohttp import (
    ClientConnectionError,
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from twilio.request_validator import RequestValidator

Form = Mapping[str, str]

FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"

TIMEOUT: Final = ClientTimeout(total=15, connect=5)
"""Twilio's own limits (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""


class Postman:
    """Signs forms with the account's token and posts them.

    What is `queue`d is posted by `at_once` workers, the forms of one address in their order; `failed`
    counts those of them that got no 2xx. Like Twilio's status callbacks, they are not repeated.
    """

    def __init__(self, token: str, at_once: int) -> None:
        self._validator = RequestValidator(token)
        self._at_once = at_once
        self._waiting: asyncio.Queue[tuple[str, Sequence[Form]]] = asyncio.Queue()
        self.failed = 0

    async def __aenter__(self) -> Self:
        self._session = ClientSession(connector=TCPConnector(limit=0), cookie_jar=DummyCookieJar(), timeout=TIMEOUT)
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._at_once)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._session.close()

    def queue(self, url: str, forms: Sequence[Form]) -> None:
        """Have the forms posted to `url` soon."""
        self._waiting.put_nowait((url, forms))

    async def all_posted(self) -> None:
        """Wait until nothing queued is left."""
        await self._waiting.join()

    async def post(self, url: str, form: Form) -> tuple[int, str, str]:
        """Post one form; answers status, content type and body.

        A connection that fails is tried once more, as Twilio does: the service may just have closed an
        idle one. Raises `aiohttp.ClientError` or `TimeoutError`.
        """
        address = url.partition("#")[0]  # the fragment steers Twilio's retries and is not signed
        signature = str(self._validator.compute_signature(address, form))
        try:
            return await self._exchange(address, form, signature)
        except ClientConnectionError:
            return await self._exchange(address, form, signature)

    async def _exchange(self, url: str, form: Form, signature: str) -> tuple[int, str, str]:
        headers = {"X-Twilio-Signature": signature, "Content-Type": FORM}
        # Encoded here, because aiohttp would first make a multipart boundary for it.
        body = urlencode(form).encode()
        request = self._session.post(url, data=body, headers=headers, allow_redirects=False)
        async with request as answer:
            return answer.status, answer.content_type, await answer.text(errors="replace")

    async def _work(self) -> None:
        while True:
            url, forms = await self._waiting.get()
            try:
                for form in forms:
                    await self._count(url, form)
            finally:
                self._waiting.task_done()

    async def _count(self, url: str, form: Form) -> None:
        try:
            status, _, _ = await self.post(url, form)
        except (ClientError, OSError, ValueError):
            status = 0
        self.failed += not 200 <= status < 300
