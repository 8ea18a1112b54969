"""The carrier's door: texts from patients and delivery statuses, signed or refused."""

import functools
import traceback
from collections.abc import Callable, Sequence

import structlog
from flask import Blueprint, Response, request
from twilio.twiml.messaging_response import MessagingResponse
from werkzeug.exceptions import HTTPException

from smsgateway.gateway import Gateway, GatewayProblem
from smsgateway.settings import SettingsProblem
from smsgateway.store import StoreProblem
from smsgateway.webhooks.delivery import DeliveryStatus, take_status
from smsgateway.webhooks.inbound import Inbound, receive
from smsgateway.webhooks.signature import is_genuine

log = structlog.get_logger(__name__)

LONGEST_ID = 64
LONGEST_NUMBER = 32
View = Callable[[], Response]


def twilio_blueprint(gateway: Gateway) -> Blueprint:
    """Every route of this blueprint takes signed requests only."""
    blueprint = Blueprint("twilio", __name__, url_prefix="/twilio")
    signed = functools.partial(signed_only, gateway)
    blueprint.add_url_rule("/sms", "sms", signed(functools.partial(sms, gateway)), methods=["POST"])
    blueprint.register_error_handler(Exception, answer_failure)
    blueprint.add_url_rule("/status", "status", signed(functools.partial(status, gateway)), methods=["POST"])
    return blueprint


def signed_only(gateway: Gateway, view: View) -> View:
    """Guards a view: a request whose signature is not the carrier's is refused and changes nothing."""
    settings = gateway.settings
    tokens = [
        token.get_secret_value()
        for token in (settings.twilio.auth_token, settings.twilio.previous_auth_token)
        if token.get_secret_value()
    ]

    @functools.wraps(view)
    def guarded() -> Response:
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
        if not genuine:
            log.warning("webhook refused: the signature is not the carrier's", route=request.path)
            return twiml([], 403)
        try:
            return view()
        except (StoreProblem, GatewayProblem, SettingsProblem) as problem:
            # Not acknowledged: the carrier repeats it, or `reconcile` fetches it.
            log.error("webhook not taken", route=request.path, reason=str(problem))
            return twiml([], 503)

    return guarded


def answer_failure(problem: Exception) -> Response:
    """Whatever went wrong, the answer is TwiML. The message is not logged: a database's may quote the refused row."""
    if isinstance(problem, HTTPException):
        return twiml([], problem.code or 400)
    where = "".join(traceback.format_tb(problem.__traceback__))
    log.error("webhook failed", route=request.path, error=type(problem).__name__, where=where)
    return twiml([], 500)


def sms(gateway: Gateway) -> Response:
    form = request.form
    sid, sender = form.get("MessageSid") or form.get("SmsSid") or "", form.get("From", "")
    if not is_plain(sid, LONGEST_ID) or not is_plain(sender, LONGEST_NUMBER):
        log.warning("inbound text without MessageSid or From")
        return twiml([], 400)
    message = Inbound(
        message_sid=sid,
        number=sender,
        body=form.get("Body", ""),
        media=whole_number(form.get("NumMedia")) or 0,
        opt_out_type=form.get("OptOutType", ""),
    )
    return twiml(receive(gateway, message))


def status(gateway: Gateway) -> Response:
    form = request.form
    sid, reported = form.get("MessageSid") or form.get("SmsSid") or "", form.get("MessageStatus", "")
    if not is_plain(sid, LONGEST_ID) or not is_plain(reported, LONGEST_ID):
        log.warning("delivery status without MessageSid or MessageStatus")
        return twiml([], 400)
    named = request.args.get("text", "")
    text_id = named if is_plain(named, LONGEST_ID) else None
    take_status(gateway, DeliveryStatus(sid, reported, text_id, whole_number(form.get("ErrorCode"))))
    return twiml([])


def twiml(texts: Sequence[str], code: int = 200) -> Response:
    """An answer of any code is TwiML: a plain body may be texted to the person."""
    answer = MessagingResponse()
    for text in texts:
        answer.message(text)
    return Response(str(answer), code, content_type="text/xml; charset=utf-8")


def raw_path_and_query() -> str:
    """The address as it came, not decoded and encoded again: the signature is over those very characters."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if isinstance(raw, str) and raw.startswith("/"):
        return raw
    query = request.query_string.decode("latin-1")
    return request.path + ("?" + query if query else "")


def is_plain(text: str, longest: int) -> bool:
    """Whether it can be an identifier, a status or a sender: short, and nothing that a database could stumble over."""
    return 0 < len(text) <= longest and text.isprintable()


def whole_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
