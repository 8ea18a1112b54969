"""The HTTP under the twilio library: one aiohttp session with real time-outs and another base address.

It replaces the body of the library's own client, whose time-out is never applied, which logs recipients'
numbers, whose pool is not sized to the work and which uses parts of aiohttp that are going away.
"""

import logging
from typing import Final
from urllib.parse import urlencode

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, encode_basic_auth
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response

API: Final = "https://api.twilio.com"


class TwilioHttp(AsyncTwilioHttpClient):
    """Requests to Twilio within one event loop; the session opens with the first and ends with `close`.

    `base_url` takes the place of https://api.twilio.com and may have a path; `at_once` is the size of the
    connection pool. Nothing is logged, repeated or redirected.
    """

    def __init__(self, base_url: str, at_once: int, timeout: ClientTimeout) -> None:
        super().__init__(pool_connections=False)
        keep_numbers_out_of_logs()
        self._base_url = base_url.partition("#")[0].rstrip("/")
        self._at_once = at_once
        self._timeouts = timeout
        self._open_session: ClientSession | None = None

    async def request(  # type: ignore[override] # as the library does: its base class is the blocking one
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One exchange; the library never passes a `timeout`, the session's own always applies."""
        sent_headers = dict(headers or {})
        if auth is not None:
            sent_headers["Authorization"] = encode_basic_auth(*auth)
        exchange = self._session().request(
            method,
            self._base_url + url.removeprefix(API),
            params={name: str(value) for name, value in params.items()} if params else None,
            # Encoded here: aiohttp would build a multipart boundary for it first, at 30 µs a text.
            data=urlencode(data, doseq=True).encode() if data else None,
            headers=sent_headers,
            allow_redirects=allow_redirects,
        )
        async with exchange as response:
            return Response(response.status, await response.text("utf-8"), response.headers)

    async def close(self) -> None:
        """Close the connections; a later request would open a new session."""
        if self._open_session is not None:
            await self._open_session.close()
            self._open_session = None

    def _session(self) -> ClientSession:
        if self._open_session is None:
            self._open_session = ClientSession(
                connector=TCPConnector(limit=self._at_once),
                cookie_jar=DummyCookieJar(),
                timeout=self._timeouts,
            )
        return self._open_session


def keep_numbers_out_of_logs() -> None:
    """Hold both libraries at WARNING: at INFO they log addresses, and a list request's has a number in it."""
    for name in ("twilio", "aiohttp"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
