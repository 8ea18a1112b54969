"""Delivery statuses: in any order, early, repeated, or never."""

from dataclasses import dataclass

import structlog

from smsgateway.carriers.reactions import FINAL, advances
from smsgateway.gateway import Gateway
from smsgateway.outbox import states
from smsgateway.outbox.settle import report_delivery, sent
from smsgateway.store import Transaction
from smsgateway.store.values import moment_text

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    message_sid: str
    status: str
    text_id: str | None = None
    error_code: int | None = None


def take_status(gateway: Gateway, report: DeliveryStatus) -> None:
    """Takes in one report; a repeat or a late one changes nothing."""
    gateway.store.write(lambda transaction: _take(gateway, transaction, report))


def _take(gateway: Gateway, transaction: Transaction, report: DeliveryStatus) -> None:
    now = gateway.clock()
    text_id = transaction.value("text_id_of_sid", carrier_sid=report.message_sid) or report.text_id
    text = transaction.one("text_by_id", text_id=text_id) if text_id else None
    new = transaction.run(
        "add_status",
        carrier_sid=report.message_sid,
        status=report.status,
        text_id=text["text_id"] if text else None,
        error_code=report.error_code,
        now=moment_text(now),
    )
    if text is None or not new:
        return
    if text["status"] in states.OPEN:
        # The report overtook the carrier's answer to the send, or stands in for a lost one. Taking the text as sent
        # takes this status too: it is among those reported.
        sent(transaction, text, report.message_sid, now)
    elif text["carrier_sid"] != report.message_sid:
        log.warning("status of another message", text_id=text["text_id"], status=report.status)
    elif advances(text["delivery"], report.status):
        report_delivery(transaction, text, report.status, report.error_code, now)
    elif text["delivery"] in FINAL and report.status in FINAL:
        log.warning("second final status", text_id=text["text_id"], was=text["delivery"], status=report.status)
