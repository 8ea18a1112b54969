"""Scripted faults: what may go wrong between us and a carrier, on demand and repeatable."""

from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with this Twilio error code; the HTTP status is the code's usual one unless given."""

    code: int
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """Answer with this HTTP status and an error page, creating nothing."""

    status: int = 500


@dataclass(frozen=True, slots=True)
class DropBefore:
    """Cut the connection after the request was read, creating nothing."""


@dataclass(frozen=True, slots=True)
class AcceptThenDrop:
    """Create the message, then cut the connection instead of answering."""


@dataclass(frozen=True, slots=True)
class AcceptThenBreak:
    """Create the message, then answer this HTTP status with an error page (201: an unreadable success)."""

    status: int = 500


@dataclass(frozen=True, slots=True)
class Delay:
    """Create the message, then wait this long with the answer."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NoCallbacks:
    """The message moves on, but no status callback is sent."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """The message stays `queued`: no date of sending, no callback, no end."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """The message ends as `undelivered` (or `failed`) with this error code."""

    code: int
    status: str = "undelivered"


@dataclass(frozen=True, slots=True)
class CallbacksTwice:
    """Every status callback is sent twice."""


@dataclass(frozen=True, slots=True)
class CallbacksBackwards:
    """Status callbacks arrive in the wrong order, the last one first."""


RequestFault = Refuse | Break | DropBefore | AcceptThenDrop | AcceptThenBreak | Delay
DeliveryFault = NoCallbacks | Stuck | Undelivered | CallbacksTwice | CallbacksBackwards
Fault = RequestFault | DeliveryFault


Kind = TypeVar("Kind", bound=Fault)


@dataclass(slots=True)
class _Rule(Generic[Kind]):
    fault: Kind
    to: str
    times: int | None
    probability: float

    def befalls(self, to: str, random: Random) -> bool:
        """Whether this one is hit; if so, it counts."""
        if self.times == 0 or not to.endswith(self.to) or random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class FaultScript:
    """Rules in the order they were added; the first that fits a message is used, and used up."""

    def __init__(self, seed: int = 0) -> None:
        self._requests: list[_Rule[RequestFault]] = []
        self._deliveries: list[_Rule[DeliveryFault]] = []
        self._random = Random(seed)
        self._lock = Lock()

    def add(self, fault: Fault, *, to: str = "", times: int | None = None, probability: float = 1.0) -> None:
        """Let `fault` befall texts to numbers that end in `to`, at most `times`, each with `probability`."""
        with self._lock:
            if isinstance(fault, DeliveryFault):
                self._deliveries.append(_Rule(fault, to, times, probability))
            else:
                self._requests.append(_Rule(fault, to, times, probability))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._requests.clear()
            self._deliveries.clear()

    def for_request(self, to: str) -> RequestFault | None:
        """The fault that befalls the request to send to this number, if any."""
        return self._first(self._requests, to) if self._requests else None

    def for_delivery(self, to: str) -> DeliveryFault | None:
        """The fault that befalls the delivery to this number, if any."""
        return self._first(self._deliveries, to) if self._deliveries else None

    def _first(self, rules: list[_Rule[Kind]], to: str) -> Kind | None:
        with self._lock:
            return next((rule.fault for rule in rules if rule.befalls(to, self._random)), None)
