"""The seam between the outbox and a carrier.

The outbox knows `Carrier`, three plain values and the errors below. What a carrier's failure means, and
so what to do next, is in the error's type:

    CarrierError                 anything a carrier can answer instead of what was asked
    ├── SendError                the text was not (known to be) accepted
    │   ├── Retry                never accepted, and may be later: put it back, no sooner than `wait`,
    │   │   │                    at most `tries` times where the carrier's code sets a limit
    │   │   └── Unreached        nothing left for the carrier: no attempt of this text's was made
    │   ├── Dead                 no text reaches this number: stop, and mark the number when `lasting`
    │   │                        (reason "landline" is the ledger's own)
    │   ├── OptedOutAtCarrier    the person said STOP to the carrier: suppress the number here as well
    │   ├── AccountProblem       our account or settings: stop the queue and alert, burn no recipients
    │   ├── OurBug               the request itself was wrong: stop this text and report it
    │   └── Uncertain            it may have been accepted: settle it by asking, never by sending again
    └── NoSuchMessage            the carrier keeps no message of that identifier

`fetch` and `list_messages` change nothing, and `redact` may be repeated: they raise `Retry` where `send` would be
`Uncertain`.
No error and no repr carries a phone number or a text.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text to send.

    `to` is E.164; `sender` is a number, a name of letters, or a messaging service SID (`MG…`);
    `callback` is the address for delivery statuses ("" for none).
    """

    to: str = field(repr=False)
    sender: str
    body: str = field(repr=False)
    callback: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier has the text and answers for it under `sid`; `status` is usually `queued`."""

    sid: str
    status: str


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message as the carrier keeps it, sent by us or to us.

    `direction` is the carrier's word (`inbound`, `outbound-api`, `outbound-reply`). `created_at` has whole
    seconds; `sent_at` is None until the message has left (for inbound: arrived). Both are aware, in UTC.
    """

    sid: str
    to: str = field(repr=False)
    sender: str = field(repr=False)
    body: str = field(repr=False)
    status: str
    direction: str
    error_code: int | None
    created_at: datetime | None
    sent_at: datetime | None


class CarrierError(Exception):
    """What a carrier answered instead. `reason` is a short machine word, `code` the carrier's own."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason, code)
        self.reason = reason
        self.code = code

    def __str__(self) -> str:
        return self.reason if self.code is None else f"{self.reason} (carrier code {self.code})"


class SendError(CarrierError):
    """The text was not accepted, or nobody knows. The subclass says what to do next."""


class Retry(SendError):
    """Never accepted; may be later: not before `wait` is over, at most `tries` times (None: no limit)."""

    def __init__(
        self, reason: str, code: int | None = None, *, wait: timedelta | None = None, tries: int | None = None
    ) -> None:
        super().__init__(reason, code)
        self.wait = wait
        self.tries = tries


class Unreached(Retry):
    """The carrier was not reached, or not tried: nothing left, and the text is not to blame."""


class Dead(SendError):
    """No text reaches this number. Not `lasting`: end this text, but leave the number unmarked."""

    def __init__(self, reason: str, code: int | None = None, *, lasting: bool = True) -> None:
        super().__init__(reason, code)
        self.lasting = lasting


class OptedOutAtCarrier(SendError):
    """The person has stopped our texts at the carrier."""


class AccountProblem(SendError):
    """Our account, sender or settings are at fault; every further text would fail alike."""


class OurBug(SendError):
    """The carrier refused the request as malformed; sending it again changes nothing."""


class Uncertain(SendError):
    """The request left and its fate is unknown: the text may be on its way."""


class NoSuchMessage(CarrierError):
    """The carrier keeps no message under that identifier (any more)."""


class Carrier(Protocol):
    """Who takes texts to phones. One instance belongs to one event loop, and is closed with `aclose`."""

    async def send(self, text: Outgoing) -> Accepted:
        """Hand one text over; raises a `SendError`. Cancelling it leaves the text's fate uncertain."""
        ...

    async def fetch(self, sid: str) -> MessageRecord:
        """The message as the carrier has it now; raises `NoSuchMessage`, `Retry` or `AccountProblem`."""
        ...

    async def redact(self, sid: str) -> None:
        """Empty the text of a message that the carrier keeps; its record stays. Raises as `fetch` does."""
        ...

    def list_messages(
        self, *, to: str | None = None, sender: str | None = None, since: datetime
    ) -> AsyncIterator[MessageRecord]:
        """Messages created at or after `since` (aware), in no promised order, read page by page.

        With `to` a person's number it settles uncertain sends; with `to` our own it finds the replies
        whose webhook was lost. Carriers know only whole seconds, and their clock is not ours: hand in a
        `since` with some minutes to spare.
        """
        ...

    async def aclose(self) -> None:
        """Let go of the connections."""
        ...
