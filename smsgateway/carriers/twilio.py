"""Twilio as a carrier, through the twilio library's asyncio client."""

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Final, Self, TypeVar

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientSSLError,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
    NonHttpUrlClientError,
)
from twilio.base import values
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.base.page import Page
from twilio.base.version import Version
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from smsgateway.carriers.base import (
    Accepted,
    AccountProblem,
    CarrierError,
    MessageRecord,
    NoSuchMessage,
    Outgoing,
    Retry,
    SendError,
    Uncertain,
    Unreached,
)
from smsgateway.carriers.reactions import refusal
from smsgateway.carriers.twilio_http import API, TwilioHttp

PAGE_SIZE: Final = 200
FIRST_CARRIER_CODE: Final = 10_000
"""Below it, the library has put the HTTP status in place of a missing error code."""

# What a request can raise: the library's refusals, aiohttp's errors, the system's (TimeoutError is one), and
# what the library's parsing raises on an answer that is not Twilio's.
_FAILURES: Final = (TwilioException, ClientError, OSError, ValueError, TypeError, KeyError, AttributeError)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account with its auth token, or with an API key and its secret (preferred where both are set)."""

    account_sid: str
    auth_token: str = field(default="", repr=False)
    api_key_sid: str = ""
    api_key_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.account_sid:
            raise ValueError("twilio.account_sid is empty: set it to the account's SID (AC…)")
        if not all(self.login):
            raise ValueError("Twilio has no login: set twilio.auth_token, or the API key's SID and secret")

    @property
    def login(self) -> tuple[str, str]:
        """User and password of the REST API."""
        if self.api_key_sid:
            return self.api_key_sid, self.api_key_secret
        return self.account_sid, self.auth_token


class TwilioCarrier:
    """A `Carrier` over Twilio's REST API; `async with TwilioCarrier(...) as carrier`, once per event loop.

    `base_url` replaces https://api.twilio.com and may have a path. `at_once` is how many requests will be
    under way, and so the size of the pool. Time-outs are in seconds: `connect` for a connection (DNS, TCP
    and TLS), `total` for the whole exchange. Nothing is repeated here: repeating is the outbox's to decide.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        base_url: str = API,
        at_once: int = 64,
        total: float = 10.0,
        connect: float = 5.0,
    ) -> None:
        user, password = credentials.login
        self._http = TwilioHttp(base_url or API, at_once, ClientTimeout(total=total, connect=connect))
        # Without the two empty entries the library would read TWILIO_EDGE and TWILIO_REGION from the process.
        self._client = Client(
            user,
            password,
            credentials.account_sid,
            http_client=self._http,
            environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def send(self, text: Outgoing) -> Accepted:
        """Hand over one text; success is a 201 with a message SID, and nothing else."""
        by_service = text.sender.startswith("MG")
        try:
            answer = await self._client.messages.create_with_http_info_async(
                to=text.to,
                body=text.body,
                from_=values.unset if by_service else text.sender,
                messaging_service_sid=text.sender if by_service else values.unset,
                status_callback=text.callback or values.unset,
            )
        except _FAILURES as error:
            failure = _send_failure(error)
        else:
            message: MessageInstance = answer.data
            if answer.status_code == 201 and isinstance(message.sid, str) and message.sid:
                return Accepted(message.sid, str(message.status or "queued"))
            failure = Uncertain("unexpected_answer")
        # Out here, because the library's exception quotes the number: chained, a traceback would print it.
        raise failure

    async def fetch(self, sid: str) -> MessageRecord:
        """The message under `sid` as Twilio has it now."""
        return _record(await _read(self._client.messages(sid).fetch_async()))

    async def redact(self, sid: str) -> None:
        """Empty the message's text at Twilio. Its record, with the number and the time, stays there."""
        await _read(self._client.messages(sid).update_async(body=""))

    async def list_messages(
        self, *, to: str | None = None, sender: str | None = None, since: datetime
    ) -> AsyncIterator[MessageRecord]:
        """Messages created at or after `since`.

        Twilio filters by the date of sending alone, which a message that is still queued lacks. So the time
        is compared here, and reading stops at a page whose newest-first order leads out of the period.
        """
        since = since.replace(microsecond=0)
        number = None if sender is None or sender.startswith("MG") else sender
        page: Page | None = await _read(
            self._client.messages.page_async(to=to or values.unset, from_=number or values.unset, page_size=PAGE_SIZE)
        )
        while page is not None:
            records = [_record(message) for message in page]
            for record in records:
                if record.created_at is None or record.created_at >= since:
                    yield record
            if _leads_out_of(records, since):
                return
            page = await _read(page.next_page_async())


async def _read(request: Awaitable[Answer]) -> Answer:
    try:
        return await request
    except _FAILURES as error:
        failure = _read_failure(error)
    raise failure


def _leads_out_of(records: list[MessageRecord], since: datetime) -> bool:
    """Whether nothing of the period can follow: the page is empty, or newest first and ends before it."""
    if not records:
        return True
    first, last = records[0].sent_at, records[-1].sent_at
    return first is not None and last is not None and first > last and last < since


def _record(message: MessageInstance) -> MessageRecord:
    code = message.error_code
    return MessageRecord(
        sid=message.sid or "",
        to=message.to or "",
        sender=message.from_ or message.messaging_service_sid or "",
        body=message.body or "",
        status=str(message.status or ""),
        direction=str(message.direction or ""),
        error_code=code if isinstance(code, int) else None,
        created_at=message.date_created,
        sent_at=message.date_sent,
    )


def _send_failure(error: Exception) -> SendError:
    """Which situation a failed send is in; whatever may have left the machine is `Uncertain`."""
    match error:
        case TwilioException():
            return _refused(error)
        case ClientSSLError():
            return Unreached("tls_failed")
        case ClientConnectorError() | ConnectionTimeoutError():
            return Unreached("not_connected")
        case InvalidURL() | NonHttpUrlClientError():
            return AccountProblem("bad_api_address")
        case TimeoutError():
            return Uncertain("timed_out")
        case ClientPayloadError():
            return Uncertain("broken_answer")
        case ClientError() | OSError():
            return Uncertain("connection_lost")
        case _:
            return Uncertain("unreadable_answer")


def _read_failure(error: Exception) -> CarrierError:
    """The same for a read or a redaction, which can always be repeated."""
    failure = _send_failure(error)
    if isinstance(error, TwilioRestException) and error.status == 404:
        return NoSuchMessage("no_such_message")
    return Retry(failure.reason, failure.code) if isinstance(failure, Uncertain) else failure


def _refused(error: TwilioException) -> SendError:
    match error:
        case TwilioRestException(status=int() as status) | TwilioServiceException(status=int() as status):
            code = error.code if isinstance(error.code, int) and error.code >= FIRST_CARRIER_CODE else None
            return refusal(status, code)
        case TwilioException(args=(_, Response() as page)):
            return _refused(Version.exception("GET", "", page, ""))
        case _:
            return Uncertain("unreadable_answer")
