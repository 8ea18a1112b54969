"""Retention: what has outlived its use is cut, by kind and after the days of the settings. The figures stay.

A number goes in two steps. When its last conversation has been closed for `numbers_days`, the sealed number goes, and
with it the ids of its visits: no answer leads to a person any more. Its keyed hash stays as long as a cool-down of the
organisation looks back, so that nobody is asked too often; then it goes too, and the next visit is a stranger's.
Opt-outs have a hash of their own, which stays.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from smsgateway import audit
from smsgateway.carriers.choosing import OpenCarrier
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import load_organisation
from smsgateway.people.marks import mark
from smsgateway.people.redaction import Redacted, note, redact
from smsgateway.people.requests import tombstone
from smsgateway.store import Row, Transaction
from smsgateway.store.values import moment_text

log = structlog.get_logger(__name__)

BATCH = 500
"""Rows a transaction: a webhook that waits behind one waits some 20 ms."""
ALL = 2**62

Cut = Callable[[list[Row], Transaction], int]


@dataclass(frozen=True)
class Kind:
    """A kind of data: the setting of its days, the query that finds what is due, and the one that cuts it."""

    name: str
    days: str
    due: str
    cut: str = ""


NUMBERS = Kind("numbers", "numbers_days", "numbers_to_cut")
COPIES = Kind("carrier_copies", "carrier_days", "carrier_copies_to_cut")
ROWS = (
    Kind("raw_texts", "texts_days", "raw_texts_to_cut", "cut_raw_text"),
    Kind("comments", "comments_days", "comments_to_cut", "cut_comment"),
    Kind("delivery_reports", "messages_days", "delivery_reports_to_cut", "cut_delivery_reports"),
    Kind("sent_texts", "messages_days", "sent_texts_to_cut", "cut_sent_text"),
)
HASHES = "hashes"


@dataclass(frozen=True)
class Retention:
    """One run, at the moment `now`. It may stop anywhere and begin again: what is done is not found a second time."""

    gateway: Gateway
    now: datetime
    stopping: Callable[[], bool] = lambda: False

    def due(self) -> Counter[str]:
        """How many of each kind a run would cut now."""
        with self.gateway.store.read() as transaction:
            found = Counter(
                {
                    kind.name: _count(transaction, kind.due, before=before)
                    for kind in (NUMBERS, *ROWS, COPIES)
                    if (before := self._before(kind)) is not None
                }
            )
            if self._before(NUMBERS):
                found[HASHES] = _count(transaction, "hashes_to_cut", cooled=self._cooled(transaction))
        return found

    def run(self, actor: str, open_carrier: OpenCarrier | None) -> Counter[str]:
        """Cuts what is due; answers how many of each kind. Without a carrier its copies stay for the next run."""
        done: Counter[str] = Counter()
        if (before := self._before(NUMBERS)) is not None:
            done[NUMBERS.name] = self._each(NUMBERS.due, "contact_id", partial(self._cut_number, before), before=before)
            with self.gateway.store.read() as transaction:
                cooled = self._cooled(transaction)
            done[HASHES] = self._each("hashes_to_cut", "contact_id", partial(self._cut_hash, cooled), cooled=cooled)
        for kind in ROWS:
            if (before := self._before(kind)) is not None:
                done[kind.name] = self._each(kind.due, "id", partial(_cut_rows, kind.cut), before=before)
        if open_carrier is not None:
            done[COPIES.name] = asyncio.run(self._redact(open_carrier))
        if any(done.values()):
            self.gateway.store.write(
                lambda transaction: audit.record(transaction, actor, "retention.run", "personal data", +done, self.now)
            )
        return done

    def _before(self, kind: Kind) -> str | None:
        """What is older is cut; None: nothing is. The carrier's copies of what was erased here never stay."""
        days: int = getattr(self.gateway.settings.retention, kind.days)
        if days == 0:
            return "" if kind is COPIES else None
        return moment_text(self.now - timedelta(days=days))

    def _cooled(self, transaction: Transaction) -> str:
        """The moment back to which the longest cool-down of any unit looks."""
        units = load_organisation(transaction).units.values()
        rests = [schedule.cooldown for unit in units for schedule in unit.schedules if schedule.cooldown]
        return moment_text(self.now - max(rests, default=timedelta(0)))

    def _each(self, query: str, key: str, cut: Cut, **bounds: str) -> int:
        """Finds and cuts a batch at a time, in the order of `key`."""
        done = 0
        for rows in self._batches(query, key, **bounds):
            done += self.gateway.store.write(partial(cut, rows))
        return done

    def _batches(self, query: str, key: str, **bounds: str) -> Iterator[list[Row]]:
        after = ""
        while not self.stopping():
            with self.gateway.store.read() as transaction:
                rows = transaction.rows(query, after=after, batch=BATCH, **bounds)
            if not rows:
                return
            yield rows
            after = rows[-1][key]

    def _cut_number(self, before: str, rows: list[Row], transaction: Transaction) -> int:
        done = 0
        for contact in rows:
            transaction.run("hold_contact", contact_id=contact["contact_id"])
            if transaction.run("cut_number", contact_id=contact["contact_id"], before=before):
                done += 1
                visits = transaction.rows("visits_held", contact_id=contact["contact_id"])
                marks = [{"visit_key": each["visit_key"], "mark": mark(self.gateway.seal, each)} for each in visits]
                transaction.run_many("mask_visit", marks)
        return done

    def _cut_hash(self, cooled: str, rows: list[Row], transaction: Transaction) -> int:
        done = 0
        for contact in rows:
            transaction.run("hold_contact", contact_id=contact["contact_id"])
            done += transaction.run("cut_hash", **contact, tombstone=tombstone(self.now), cooled=cooled)
        return done

    async def _redact(self, open_carrier: OpenCarrier) -> int:
        """Asks the carrier, a batch at a time, until it is done or nothing goes through any more."""
        before = self._before(COPIES)
        total = Redacted()
        async with open_carrier() as carrier:
            for rows in self._batches(COPIES.due, "id", before=before or ""):
                redacted = await redact(carrier, [row["id"] for row in rows])
                await asyncio.to_thread(note, self.gateway.store, redacted)
                total += redacted
                if redacted.hopeless:
                    break
        if total.problem:
            log.warning("carrier's copies not all emptied", left=total.left, reason=total.problem)
        return len(total.sids)


def _cut_rows(query: str, rows: list[Row], transaction: Transaction) -> int:
    transaction.run_many(query, rows)
    return len(rows)


def _count(transaction: Transaction, query: str, **bounds: str) -> int:
    return sum(1 for _ in transaction.stream(query, after="", batch=ALL, **bounds))
