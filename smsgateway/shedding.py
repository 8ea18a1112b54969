"""What is answered when a request cannot be served, and how much of what nobody vouches for is listened to.

A webhook that we cannot take is refused, never half taken: the carrier repeats it, or `reconcile` fetches it.
"""

import ipaddress
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable

import structlog
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from smsgateway.gateway import GatewayProblem
from smsgateway.settings import SettingsProblem
from smsgateway.store import StoreProblem
from smsgateway.webhooks.twiml import twiml

log = structlog.get_logger(__name__)

WEBHOOKS = "/twilio/"
WINDOW = 60.0
ADDRESSES_AT_MOST = 10_000
"""Counted apart in one window; those that come after share one count, so that memory is bounded."""


class RateLimit:
    """Events per address in windows of a minute, in this process's memory. `now` is in seconds and never goes back."""

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._now = per_minute, now
        self._window = 0
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def exceeded_by(self, address: str) -> int:
        """Counts one event of the address; answers how far it is beyond its share of this minute (0: within)."""
        neighbourhood = network_of(address)
        window = int(self._now() // WINDOW)
        with self._lock:
            if window != self._window:
                self._window = window
                self._counts.clear()
            if neighbourhood not in self._counts and len(self._counts) >= ADDRESSES_AT_MOST:
                neighbourhood = "others"
            self._counts[neighbourhood] += 1
            return max(0, self._counts[neighbourhood] - self._per_minute)


def network_of(address: str) -> str:
    """The address; of IPv6 the first 64 bits, as one customer has all the addresses behind them (RFC 6177)."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((int(ip), 64), strict=False))


def answer_failures(app: Flask) -> None:
    app.register_error_handler(Exception, answer_failure)


def answer_failure(problem: Exception) -> Response | HTTPException:
    """503 for what passes or an operator puts right, 500 for a fault of ours; on the carrier's routes always TwiML.

    The message of a fault is not logged: a database's may quote the refused row.
    """
    if isinstance(problem, HTTPException):
        code = problem.code or 500
        return twiml([], code) if for_the_carrier() and code >= 400 else problem
    if isinstance(problem, StoreProblem | GatewayProblem | SettingsProblem):
        code = 503
        log.error("request not served", route=route(), reason=str(problem))
    else:
        code = 500
        where = "".join(traceback.format_tb(problem.__traceback__))
        log.error("request failed", route=route(), error=type(problem).__name__, where=where)
    if for_the_carrier():
        return twiml([], code)
    answer = jsonify(status="unavailable" if code == 503 else "failed")
    answer.status_code = code
    return answer


def for_the_carrier() -> bool:
    return request.path.startswith(WEBHOOKS)


def route() -> str:
    """The rule and not the path, which may hold a token."""
    return str(request.url_rule or "")
