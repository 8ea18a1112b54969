"""The carrier's door: texts from patients and delivery statuses."""

import functools

import structlog
from flask import Blueprint, Response, request

from smsgateway.gateway import Gateway
from smsgateway.webhooks.delivery import DeliveryStatus, take_status
from smsgateway.webhooks.inbound import Inbound, receive
from smsgateway.webhooks.twiml import twiml

log = structlog.get_logger(__name__)

LONGEST_ID = 64
LONGEST_NUMBER = 32


def twilio_blueprint(gateway: Gateway) -> Blueprint:
    """To be registered behind the guard `signed`: nothing here asks who calls."""
    blueprint = Blueprint("twilio", __name__, url_prefix="/twilio")
    blueprint.add_url_rule("/sms", "sms", functools.partial(sms, gateway), methods=["POST"])
    blueprint.add_url_rule("/status", "status", functools.partial(status, gateway), methods=["POST"])
    return blueprint


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


def is_plain(text: str, longest: int) -> bool:
    """Whether it can be an identifier, a status or a sender: short, and nothing that a database could stumble over."""
    return 0 < len(text) <= longest and text.isprintable()


def whole_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
