"""What a carrier's codes and statuses mean for us, as data.

Error codes: Twilio's error and warning dictionary (https://www.twilio.com/docs/api/errors). Statuses:
"Message status values" of Twilio's Message resource (https://www.twilio.com/docs/messaging/api/message-resource).
The codes arrive in two ways with one meaning: in the refusal of a send, and as `ErrorCode` with the
delivery statuses failed and undelivered.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from smsgateway.carriers.base import (
    AccountProblem,
    Dead,
    OptedOutAtCarrier,
    OurBug,
    Retry,
    SendError,
    Uncertain,
)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What one code asks of us: `error` is the situation, its docstring the thing to do.

    `wait` and `tries` belong to Retry, `lasting` to Dead. `alarm_if_many`: one hit ends one text, many
    hits point to our sender, so they are counted and reported as an account problem.
    """

    error: type[SendError]
    reason: str
    wait: timedelta | None = None
    tries: int | None = None
    lasting: bool = True
    alarm_if_many: bool = False

    def as_error(self, code: int | None) -> SendError:
        """The reaction as the error to raise."""
        if self.error is Retry:
            return Retry(self.reason, code, wait=self.wait, tries=self.tries)
        if self.error is Dead:
            return Dead(self.reason, code, lasting=self.lasting)
        return self.error(self.reason, code)


UNKNOWN: Final = Reaction(Retry, "unknown_code", tries=3)
"""New codes come without notice: try a few times, then stop and report."""

REACTIONS: Final[dict[int, Reaction]] = {
    # this number is dead
    21211: Reaction(Dead, "invalid_number"),
    21614: Reaction(Dead, "landline"),
    30005: Reaction(Dead, "unknown_number"),
    30006: Reaction(Dead, "landline"),
    30004: Reaction(Dead, "blocked", lasting=False),
    21612: Reaction(Dead, "no_route", lasting=False, alarm_if_many=True),
    30007: Reaction(Dead, "filtered", lasting=False, alarm_if_many=True),
    # opted out
    21610: Reaction(OptedOutAtCarrier, "opted_out"),
    # later, bounded
    20429: Reaction(Retry, "rate_limited"),
    21611: Reaction(Retry, "queue_full"),
    30001: Reaction(Retry, "queue_full"),
    30003: Reaction(Retry, "unreachable", wait=timedelta(hours=6), tries=6),
    30008: Reaction(Retry, "unknown_delivery_error", wait=timedelta(minutes=30), tries=2),
    30036: Reaction(Retry, "validity_expired", wait=timedelta(minutes=30), tries=3),
    30450: Reaction(Retry, "held_by_carrier", wait=timedelta(minutes=30), tries=3),
    60728: Reaction(Retry, "carrier_busy", wait=timedelta(minutes=5), tries=5),
    63038: Reaction(Retry, "daily_limit", wait=timedelta(hours=12), tries=3),
    # our account or settings
    20003: Reaction(AccountProblem, "not_authorised"),
    20005: Reaction(AccountProblem, "account_suspended"),
    20006: Reaction(AccountProblem, "access_denied"),
    21212: Reaction(AccountProblem, "invalid_sender"),
    21408: Reaction(AccountProblem, "country_not_enabled"),
    21601: Reaction(AccountProblem, "sender_without_sms"),
    21603: Reaction(AccountProblem, "no_sender"),
    21606: Reaction(AccountProblem, "sender_not_ours"),
    21608: Reaction(AccountProblem, "trial_account"),
    21701: Reaction(AccountProblem, "no_messaging_service"),
    21702: Reaction(AccountProblem, "messaging_service_misconfigured"),
    21703: Reaction(AccountProblem, "messaging_service_without_sender"),
    21704: Reaction(AccountProblem, "messaging_service_without_sender"),
    30002: Reaction(AccountProblem, "account_suspended"),
    30018: Reaction(AccountProblem, "country_requires_registration"),
    30042: Reaction(AccountProblem, "sender_not_registered"),
    # our bug
    21602: Reaction(OurBug, "no_body"),
    21604: Reaction(OurBug, "no_recipient"),
    21609: Reaction(OurBug, "invalid_callback"),
    21617: Reaction(OurBug, "body_too_long"),
    21619: Reaction(OurBug, "no_content"),
    # uncertain: the carrier itself does not repeat it, to avoid doubles
    30410: Reaction(Uncertain, "provider_timed_out"),
}


def reaction_to(code: int | None) -> Reaction:
    """What the carrier's error code asks of us; a code nobody has met is `UNKNOWN`."""
    return UNKNOWN if code is None else REACTIONS.get(code, UNKNOWN)


def refusal(status: int, code: int | None) -> SendError:
    """The error of a send that was answered with HTTP `status` instead of 201, and perhaps a `code`.

    A 5xx is uncertain whatever its code, and a 429 was never processed whatever its code; otherwise the
    code decides, and the status where the code is missing or new.
    """
    if status >= 500 or status == 408 or status < 300:
        return Uncertain("carrier_failed" if status >= 300 else "unexpected_answer", code)
    if status == 429:
        known = reaction_to(code)
        return Retry(known.reason if known.error is Retry and code in REACTIONS else "rate_limited", code)
    if code in REACTIONS:
        return REACTIONS[code].as_error(code)
    by_status = {401: "not_authorised", 403: "access_denied", 404: "unknown_account"}
    if status in by_status:
        return AccountProblem(by_status[status], code)
    if status < 400:
        return AccountProblem("redirected", code)
    return UNKNOWN.as_error(code)


STATUS_RANK: Final[dict[str, int]] = {
    "scheduled": 0,
    "accepted": 1,
    "queued": 2,
    "sending": 3,
    "sent": 4,
    "canceled": 5,
    "failed": 5,
    "undelivered": 5,
    "delivered": 5,
    "read": 5,
}
"""How far along each outbound delivery status is. A status never goes down in rank."""

FINAL: Final[frozenset[str]] = frozenset({"canceled", "failed", "undelivered", "delivered", "read"})
"""Statuses that stay: a second, different final one is logged and changes nothing."""


def advances(current: str | None, reported: str) -> bool:
    """Whether a status callback moves a message on; callbacks come in any order and any number of times."""
    if reported not in STATUS_RANK:
        return False
    return current is None or STATUS_RANK[reported] > STATUS_RANK.get(current, -1)
