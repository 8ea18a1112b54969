"""One dispatch pass: settle what is in doubt, then claim, send and write down, until nothing is due.

The database is never held while the carrier is called.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from smsgateway.audit import SERVICE
from smsgateway.carriers.base import (
    Accepted,
    AccountProblem,
    Carrier,
    Outgoing,
    SendError,
    Unreached,
)
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import load_organisation
from smsgateway.outbox import states
from smsgateway.outbox.breaker import Breaker, blames_the_carrier
from smsgateway.outbox.claim import Claimed, Desk
from smsgateway.outbox.doubt import settle_doubts
from smsgateway.outbox.settle import Book, lift_halt
from smsgateway.outbox.texts import Voice
from smsgateway.store import Transaction
from smsgateway.store.values import moment_text

log = structlog.get_logger(__name__)

OpenCarrier = Callable[[], AbstractAsyncContextManager[Carrier]]
HELD_FOR_SURE = 0.75
"""Share of its lease within which a text must be on its way: the rest is for the call."""
WRITE_DOWN_EVERY = 0.05
"""Seconds over which outcomes are collected into one commit: an fsync for many and not for each."""


@dataclass(frozen=True)
class Dispatcher:
    """Sends what is due. `segments_per_second` is the speed of the sender, `in_flight` the calls at one time."""

    gateway: Gateway
    open_carrier: OpenCarrier
    segments_per_second: float
    in_flight: int
    stopping: Callable[[], bool] = lambda: False
    breaker: Breaker = field(default_factory=Breaker, compare=False)

    def run_pass(self) -> Counter[str]:
        """Sends until nothing more is due; answers the outcomes counted. Safe beside other processes' passes."""
        if not self._anything_to_do():
            return Counter()
        return asyncio.run(self._pass())

    @property
    def book(self) -> Book:
        outbox, call = self.gateway.settings.outbox, self.gateway.settings.twilio.timeout
        return Book(
            timedelta(seconds=outbox.retry_base),
            outbox.retries,
            timedelta(seconds=outbox.settle_after),
            timedelta(seconds=call),
        )

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.gateway.settings.outbox.lease)

    def _anything_to_do(self) -> bool:
        now = moment_text(self.gateway.clock())
        with self.gateway.store.read() as transaction:
            return bool(transaction.value("work_is_waiting", now=now))

    async def _pass(self) -> Counter[str]:
        with self.gateway.store.read() as transaction:
            voice = Voice(self.gateway.catalogue, load_organisation(transaction))
        book = self.book
        desk = Desk(voice, self.gateway.seal, self.lease, self.breaker.probe_after(book.retry_base))
        self.breaker.let_one_try()
        outcomes: Counter[str] = Counter()
        async with self.open_carrier() as carrier:
            outcomes += await settle_doubts(self.gateway, carrier, book)
            pace = Pace(self.segments_per_second)
            claimed, looked_at = await self._claim(desk)
            while looked_at:
                following = asyncio.create_task(self._claim(desk))  # judged while these are on their way
                outcomes["not_sent"] += looked_at - len(claimed)
                outcomes += await self._send_all(carrier, book, pace, claimed)
                claimed, looked_at = await following
                if not looked_at:  # that was asked before these were written down: a probe may have set the queue going
                    claimed, looked_at = await self._claim(desk)
        return +outcomes

    async def _claim(self, desk: Desk) -> tuple[list[Claimed], int]:
        """A batch that will surely be sent within its lease, even behind the one before it: what a killed process
        leaves in doubt stays small. Nothing when we are stopping."""
        if self.stopping():
            return [], 0
        within_lease = int(self.segments_per_second * desk.lease.total_seconds() / 4)
        batch = max(1, min(4 * self.in_flight, within_lease))
        now = self.gateway.clock()
        return await asyncio.to_thread(
            self.gateway.store.write, lambda transaction: desk.claim(transaction, now, batch)
        )

    async def _send_all(self, carrier: Carrier, book: Book, pace: "Pace", texts: Sequence[Claimed]) -> Counter[str]:
        places = asyncio.Semaphore(self.in_flight)
        pending = {asyncio.create_task(self._send(carrier, places, pace, text)) for text in texts}
        outcomes: Counter[str] = Counter()
        while pending:
            done, pending = await asyncio.wait(pending, timeout=WRITE_DOWN_EVERY)
            if done:
                results = [task.result() for task in done]
                outcomes += await asyncio.to_thread(self._write_down, book, results)
        return outcomes

    async def _send(
        self, carrier: Carrier, places: asyncio.Semaphore, pace: "Pace", text: Claimed
    ) -> tuple[Claimed, Accepted | SendError]:
        async with places:
            await pace.wait_for(text.segments)
            outcome = self._why_not_now(text) or await self._hand_over(carrier, text)
        return text, outcome

    def _why_not_now(self, text: Claimed) -> SendError | None:
        """What became of the carrier or of our claim since the text was claimed.

        Once the lease has run out another process may take the text as never sent and send it. We stop well before.
        """
        if self.breaker.is_open:
            return Unreached("carrier_down")
        if abs(self.gateway.clock() - text.claimed_at) > self.lease * HELD_FOR_SURE:
            return Unreached("claimed_too_long_ago")
        return None

    async def _hand_over(self, carrier: Carrier, text: Claimed) -> Accepted | SendError:
        outcome: Accepted | SendError
        try:
            outcome = await carrier.send(Outgoing(text.number, text.sender, text.body, self._callback(text)))
        except SendError as problem:
            outcome = problem
        was_open = self.breaker.is_open
        self.breaker.hear(outcome)
        if self.breaker.is_open and not was_open:
            log.error("the carrier fails as a whole: sending waits, and tries one text at a time", reason=str(outcome))
        return outcome

    def _callback(self, text: Claimed) -> str:
        """Where the carrier reports delivery: our own id in it names the row even if its answer to the send is lost."""
        address = self.gateway.settings.public_url
        return f"{address}/twilio/status?text={text.text_id}" if address else ""

    def _write_down(self, book: Book, results: Sequence[tuple[Claimed, Accepted | SendError]]) -> Counter[str]:
        now = self.gateway.clock()
        text_ids = json.dumps([text.text_id for text, _ in results])

        def work(transaction: Transaction) -> list[str]:
            transaction.rows("hold_texts", text_ids=text_ids)
            words = [book.settle(transaction, text.text_id, outcome, now, text.claimed_at) for text, outcome in results]
            self._halt_or_go_on(transaction, [outcome for _, outcome in results], now)
            return words

        outcomes = self.gateway.store.write(work)
        self.gateway.pulse.beat()
        for (text, problem), outcome in zip(results, outcomes, strict=True):
            if isinstance(problem, SendError) and not isinstance(problem, Unreached):
                log.warning("text not sent", text_id=text.text_id, outcome=outcome, reason=str(problem))
        return Counter(outcomes)

    def _halt_or_go_on(self, transaction: Transaction, outcomes: Sequence[Accepted | SendError], now: datetime) -> None:
        if self.breaker.is_open:
            transaction.run("add_halt", what=states.CARRIER_HALTED, reason=self.breaker.why, now=moment_text(now))
        elif not all(blames_the_carrier(each) for each in outcomes):
            transaction.run("lift_halt", what=states.CARRIER_HALTED)
        proven = any(isinstance(each, Accepted) for each in outcomes)
        if proven and not any(isinstance(each, AccountProblem) for each in outcomes):
            lift_halt(transaction, SERVICE, now)


class Pace:
    """Keeps a sender to its segments per second: each text waits for its turn."""

    def __init__(self, segments_per_second: float) -> None:
        self._seconds = 1 / segments_per_second
        self._free_at = 0.0

    async def wait_for(self, segments: int) -> None:
        now = asyncio.get_running_loop().time()
        turn = max(now, self._free_at)
        self._free_at = turn + segments * self._seconds
        if turn - now > 0.001:
            await asyncio.sleep(turn - now)


OUTCOMES = (states.SENT, "put_back", states.UNCERTAIN, states.FAILED, "not_sent")
