"""Who may come in at the carrier's door: what it signed, and nothing else."""

from collections.abc import Callable

import structlog
from flask import Response, request

from smsgateway.gateway import Gateway
from smsgateway.shedding import RateLimit
from smsgateway.webhooks.signature import is_genuine
from smsgateway.webhooks.twiml import twiml

log = structlog.get_logger(__name__)


def signed_only(gateway: Gateway) -> Callable[[], Response | None]:
    """What a blueprint asks before each request: unless the carrier signed it, it is answered here and changes nothing.

    Requests that it did not sign are limited per address: beyond `web.unsigned_per_minute` they are answered 429 and no
    longer logged one by one. What it signed is never limited: a burst of replies comes from a few addresses.
    """
    settings = gateway.settings
    given = (settings.twilio.auth_token, settings.twilio.previous_auth_token)
    tokens = [token.get_secret_value() for token in given if token.get_secret_value()]
    limit = RateLimit(settings.web.unsigned_per_minute)

    def refused() -> Response | None:
        body = request.get_data(cache=True)
        genuine = is_genuine(
            settings.public_url or request.host_url,
            raw_path_and_query(),
            request.form,
            body,
            request.content_type,
            request.headers.get("X-Twilio-Signature"),
            tokens,
        )
        return None if genuine else refusal(limit)

    return refused


def refusal(limit: RateLimit) -> Response:
    over = limit.exceeded_by(request.remote_addr or "")
    if over > 0:
        if over == 1:
            log.warning("webhooks refused: too many from one address without the carrier's signature")
        answer = twiml([], 429)
        answer.headers["Retry-After"] = "60"
        return answer
    log.warning("webhook refused: the signature is not the carrier's", route=request.path)
    return twiml([], 403)


def raw_path_and_query() -> str:
    """The address as it came, not decoded and encoded again: the signature is over those very characters."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if isinstance(raw, str) and raw.startswith("/"):
        return raw
    query = request.query_string.decode("latin-1")
    return request.path + ("?" + query if query else "")
