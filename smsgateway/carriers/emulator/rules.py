"""What Twilio refuses, as data: test numbers, malformed requests, and the sentences that go with the codes.

Sources: "Test credentials" (https://www.twilio.com/docs/iam/test-credentials), the Message resource's
parameters, and the error dictionary (https://www.twilio.com/docs/api/errors).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

DEAD_RECIPIENTS: Final[dict[str, int]] = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
DEAD_SENDERS: Final[dict[str, int]] = {
    "+15005550001": 21212,
    "+15005550007": 21606,
    "+15005550008": 21611,
}
LONGEST_BODY: Final = 1600

_E164: Final = re.compile(r"\+[1-9]\d{6,14}")
_SENDER: Final = re.compile(r"\+?\d{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_CALLBACK: Final = re.compile(r"https?://[^\s/?#]+\S*")

SENTENCES: Final[dict[int, str]] = {
    20001: "A parameter of the query is not valid",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    21211: "The 'To' number {to} is not a valid phone number.",
    21212: "The 'From' number {sender} is not a valid phone number, shortcode, or alphanumeric sender ID.",
    21408: "Permission to send an SMS has not been enabled for the region of the 'To' number: {to}.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number {sender} is not a valid, SMS-capable number of your account.",
    21609: "The 'StatusCallback' URL is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "The 'To' phone number {to} is not currently reachable using the 'From' phone number.",
    21614: "'To' number {to} is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit.",
}
STATUSES: Final[dict[int, int]] = {20003: 401, 20404: 404, 20429: 429, 20500: 500, 21611: 429}
"""HTTP statuses of the codes that are not a 400."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that Twilio answers with an error instead of a message."""

    code: int
    status: int
    message: str

    def as_json(self) -> dict[str, object]:
        """The error as the REST API words it."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def refused(code: int, *, status: int | None = None, to: str = "", sender: str = "") -> Refusal:
    """The refusal of that code, with its usual HTTP status unless another is given."""
    sentence = SENTENCES.get(code, "The message could not be created").format(to=to, sender=sender)
    return Refusal(code, STATUSES.get(code, 400) if status is None else status, sentence)


def fault_in(form: Mapping[str, str]) -> Refusal | None:
    """Why Twilio would not create a message of this form, or None."""
    code = _code(form)
    return None if code is None else refused(code, to=form.get("To", ""), sender=form.get("From", ""))


def _code(form: Mapping[str, str]) -> int | None:
    to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
    if not to:
        return 21604
    if not (body and len(body) <= LONGEST_BODY):
        return 21617 if body else 21602
    return _code_of_sender(sender, form.get("MessagingServiceSid", "")) or _code_of_address(
        to, form.get("StatusCallback", "")
    )


def _code_of_sender(sender: str, service: str) -> int | None:
    if not sender:
        return None if service.startswith("MG") else 21603
    return DEAD_SENDERS.get(sender) or (None if _SENDER.fullmatch(sender) else 21212)


def _code_of_address(to: str, callback: str) -> int | None:
    if to in DEAD_RECIPIENTS:
        return DEAD_RECIPIENTS[to]
    if not _E164.fullmatch(to):
        return 21211
    return 21609 if callback and not _CALLBACK.fullmatch(callback) else None
