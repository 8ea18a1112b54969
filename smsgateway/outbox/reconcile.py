"""Comparing with the carrier: replies that missed the webhook, sends of unknown fate, statuses that never came."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from smsgateway.carriers.base import Carrier, MessageRecord, NoSuchMessage
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import load_organisation
from smsgateway.outbox.dispatch import Dispatcher
from smsgateway.outbox.doubt import CLOCKS_APART, settle_doubts
from smsgateway.outbox.settle import Book
from smsgateway.store.values import moment_text
from smsgateway.webhooks.delivery import DeliveryStatus, take_status
from smsgateway.webhooks.inbound import Inbound, receive

log = structlog.get_logger(__name__)

STATUS_OVERDUE = timedelta(hours=4)
"""A sent text without a final status for this long is asked about: some callbacks never come."""
ASKED_AT_ONCE = 500
LOOKS_BACK = timedelta(hours=48)
"""How far a comparison looks back by itself: a weekend without the service."""


def reconcile(dispatcher: Dispatcher, since: datetime) -> Counter[str]:
    """Compares with the carrier from `since` on; answers what changed. Raises `CarrierError` where it is silent."""

    async def compare() -> Counter[str]:
        async with dispatcher.open_carrier() as carrier:
            return await Reconciliation(dispatcher.gateway, carrier, dispatcher.book).run(since)

    return asyncio.run(compare())


@dataclass(frozen=True)
class Reconciliation:
    """One comparison with the carrier. Every part may run again, or beside a webhook: nothing is taken in twice."""

    gateway: Gateway
    carrier: Carrier
    book: Book

    async def run(self, since: datetime) -> Counter[str]:
        """What it changed: replies fetched, sends settled, statuses learned."""
        report = Counter({"replies fetched": await self._fetch_replies(since)})
        for outcome, texts in (await settle_doubts(self.gateway, self.carrier, self.book)).items():
            report[f"sends settled as {outcome}"] += texts
        report["statuses learned"] = await self._ask_for_statuses()
        return report

    async def _fetch_replies(self, since: datetime) -> int:
        with self.gateway.store.read() as transaction:
            sender = load_organisation(transaction).sender
        ours = None if sender.startswith("MG") else sender
        missed = [
            record
            async for record in self.carrier.list_messages(to=ours, since=since - CLOCKS_APART)
            if record.direction == "inbound" and not self._known(record)
        ]
        # Oldest first: a conversation is heard in the order in which it was spoken.
        for record in sorted(missed, key=lambda record: self._arrived(record)):
            message = Inbound(
                record.sid, record.sender, record.body.replace("\0", ""), arrived_at=self._arrived(record)
            )
            receive(self.gateway, message)
            log.info("reply fetched that had not reached the webhook", message_sid=record.sid)
        return len(missed)

    def _known(self, record: MessageRecord) -> bool:
        with self.gateway.store.read() as transaction:
            return transaction.one("inbound_by_sid", message_sid=record.sid) is not None

    def _arrived(self, record: MessageRecord) -> datetime:
        return record.created_at or record.sent_at or self.gateway.clock()

    async def _ask_for_statuses(self) -> int:
        overdue = moment_text(self.gateway.clock() - STATUS_OVERDUE)
        with self.gateway.store.read() as transaction:
            texts = transaction.rows("texts_without_final_status", before=overdue, batch=ASKED_AT_ONCE)
        learned = 0
        for text in texts:
            try:
                record = await self.carrier.fetch(text["carrier_sid"])
            except NoSuchMessage:
                continue
            if record.status != text["delivery"]:
                take_status(self.gateway, DeliveryStatus(record.sid, record.status, None, record.error_code))
                learned += 1
        return learned
