"""The carrier's own copies: it is asked to empty the texts it keeps. Best effort, and repeated by the retention job."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from smsgateway.carriers.base import AccountProblem, Carrier, CarrierError, MessageRecord, NoSuchMessage
from smsgateway.store import Store, Transaction

AT_ONCE = 16
FROM_THE_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Redacted:
    """Which messages have no text at the carrier any more, how many may still have one, and why."""

    sids: frozenset[str] = frozenset()
    left: int = 0
    problem: str = ""

    def __add__(self, other: "Redacted") -> "Redacted":
        return Redacted(self.sids | other.sids, self.left + other.left, other.problem or self.problem)

    @property
    def hopeless(self) -> bool:
        """Nothing went through: it is no use to go on now."""
        return bool(self.problem) and not self.sids


async def redact(carrier: Carrier, sids: Iterable[str]) -> Redacted:
    """Empties these messages at the carrier. One that it no longer has counts as empty."""
    places = asyncio.Semaphore(AT_ONCE)
    broken = asyncio.Event()

    async def empty(sid: str) -> Redacted:
        async with places:
            if broken.is_set():
                return Redacted(left=1)
            try:
                await carrier.redact(sid)
            except NoSuchMessage:
                pass
            except CarrierError as problem:
                if isinstance(problem, AccountProblem):
                    broken.set()
                return Redacted(left=1, problem=str(problem))
            return Redacted(frozenset({sid}))

    return sum(await asyncio.gather(*map(empty, sids)), Redacted())


async def redact_person(carrier: Carrier, number: str, known: Collection[str], sender: str) -> Redacted:
    """Empties the messages that are known, and all others between this number and us, such as our answers to replies,
    whose SIDs we never learn. What other services of the account wrote to the number is not ours to touch."""
    try:
        messages = [
            *[record async for record in carrier.list_messages(to=number, since=FROM_THE_BEGINNING)],
            *[record async for record in carrier.list_messages(sender=number, since=FROM_THE_BEGINNING)],
        ]
    except CarrierError as problem:
        return await redact(carrier, known) + Redacted(problem=f"messages were not listed: {problem}")
    ours = {sender, *(_other_end(each, number) for each in messages if each.sid in known)}
    return await redact(carrier, {*known, *(each.sid for each in messages if _other_end(each, number) in ours)})


def _other_end(message: MessageRecord, number: str) -> str:
    return message.sender if message.to == number else message.to


def note(store: Store, redacted: Redacted) -> None:
    """Writes down which copies are empty, so that the carrier is not asked again."""

    def work(transaction: Transaction) -> None:
        rows = [{"id": sid} for sid in sorted(redacted.sids)]
        transaction.run_many("text_is_redacted", rows)
        transaction.run_many("reply_is_redacted", rows)

    if redacted.sids:
        store.write(work)
