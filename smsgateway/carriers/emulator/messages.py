"""The emulator's memory: every message to and from every phone, as Twilio would list them."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Final, Literal

from surveys.texting import measure

API_VERSION: Final = "2010-04-01"

Direction = Literal["inbound", "outbound-api", "outbound-reply"]


@dataclass(slots=True, eq=False)
class Message:
    """One message. `number` counts them in the order they came, from 1."""

    number: int
    sid: str
    account_sid: str
    to: str = field(repr=False)
    sender: str | None = field(repr=False)
    service_sid: str | None
    body: str = field(repr=False)
    direction: Direction
    status: str
    created: datetime
    callback: str = ""
    updated: datetime | None = None
    sent: datetime | None = None
    error_code: int | None = None

    def move(self, status: str, now: datetime, error_code: int | None = None) -> None:
        """Take on the next status; the date of sending is set by the first one that has left."""
        self.status, self.updated, self.error_code = status, now, error_code
        if self.sent is None and status not in {"queued", "accepted", "canceled", "failed"}:
            self.sent = now

    @property
    def segments(self) -> str:
        """The number of segments, as the text that Twilio makes of it."""
        return _segments(self.body)

    def as_json(self) -> dict[str, object]:
        """The Message resource as the REST API shows it."""
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}"
        return {
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": _rfc2822(self.created),
            "date_sent": _rfc2822(self.sent),
            "date_updated": _rfc2822(self.updated or self.created),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": self.service_sid,
            "num_media": "0",
            "num_segments": self.segments,
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


class MessageStore:
    """Messages by SID and by phone. `keep` bounds their number, the oldest going first; None keeps all."""

    def __init__(self, keep: int | None = None) -> None:
        self._keep = keep
        self._by_sid: dict[str, Message] = {}
        self._by_to: defaultdict[str, deque[Message]] = defaultdict(deque)
        self._by_sender: defaultdict[str, deque[Message]] = defaultdict(deque)
        self.count = 0

    def add(self, message: Message) -> None:
        """Remember the message as the newest."""
        self.count = message.number
        self._by_sid[message.sid] = message
        self._by_to[message.to].append(message)
        self._by_sender[message.sender or ""].append(message)
        if self._keep is not None and len(self._by_sid) > self._keep:
            self.forget(next(iter(self._by_sid)))

    def get(self, sid: str) -> Message | None:
        """The message under `sid`, unless it was deleted or pushed out."""
        return self._by_sid.get(sid)

    def assign_sender(self, message: Message, number: str) -> None:
        """The messaging service has chosen the number that sends the message."""
        self._by_sender[""].remove(message)
        message.sender = number
        self._by_sender[number].append(message)

    def forget(self, sid: str) -> bool:
        """Drop the message; False if there is none."""
        message = self._by_sid.pop(sid, None)
        if message is None:
            return False
        for index, phone in ((self._by_to, message.to), (self._by_sender, message.sender or "")):
            index[phone].remove(message)  # quick for the oldest, which is what a bounded store drops
            if not index[phone]:
                del index[phone]
        return True

    def of(self, phone: str) -> list[Message]:
        """Everything sent to or by the phone, oldest first."""
        both = [*self._by_to.get(phone, ()), *self._by_sender.get(phone, ())]
        return sorted(both, key=lambda message: message.number)

    def newest_first(self, to: str | None, sender: str | None) -> Iterator[Message]:
        """Messages to the one and from the other (None: any), newest first."""
        if to is not None:
            found = reversed(self._by_to.get(to, ()))
            return (each for each in found if sender is None or each.sender == sender)
        if sender is not None:
            return reversed(self._by_sender.get(sender, ()))
        return reversed(self._by_sid.values())


@lru_cache(maxsize=4096)
def _segments(body: str) -> str:
    return str(measure(body).segments)


@lru_cache(maxsize=1024)
def _by_second(moment: datetime) -> str:
    return format_datetime(moment)


def _rfc2822(moment: datetime | None) -> str | None:
    return None if moment is None else _by_second(moment.replace(microsecond=0))
