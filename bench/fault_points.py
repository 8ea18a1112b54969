"""Named points at which a process dies: a store and a carrier to hand in, in place of the ones they wrap.

In a test dying is an exception, and from then on everything fails; in a process of its own it is SIGKILL.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TypeVar

from smsgateway.carriers.base import Accepted, Carrier, MessageRecord, Outgoing
from smsgateway.store import Store, Transaction

T = TypeVar("T")

BEFORE_COMMIT, AFTER_COMMIT = "before a commit", "after a commit"
BEFORE_REQUEST, AFTER_REQUEST = "before the carrier is called", "after the carrier has the text"
POINTS = (BEFORE_COMMIT, AFTER_COMMIT, BEFORE_REQUEST, AFTER_REQUEST)


class Crash(BaseException):
    """The process is gone. No `Exception`: nothing may handle it and go on as if it still ran."""


@dataclass
class Fate:
    """Kills at the n-th time that a point is reached. The dead reach nothing more, in whichever thread."""

    dead: bool = False
    kills: Counter[str] = field(default_factory=Counter)
    _point: str | None = None
    _times: int = 0
    _lock: Lock = field(default_factory=Lock)

    def arm(self, point: str, times: int) -> None:
        self._point, self._times = point, times

    def revive(self) -> None:
        self.dead, self._point = False, None

    def reach(self, point: str) -> None:
        with self._lock:
            if point == self._point and not self.dead:
                self._times -= 1
                if self._times <= 0:
                    self.dead = True
                    self.kills[point] += 1
            if self.dead:
                self.die(point)

    def die(self, point: str) -> None:
        raise Crash(point)


class CrashingStore(Store):
    """A store whose process may die with the work done but not committed, or committed but nobody told."""

    def __init__(self, store: Store, fate: Fate) -> None:
        self._store, self._fate = store, fate
        self.engine = store.engine

    def write(self, work: Callable[[Transaction], T]) -> T:
        def work_and_perhaps_die(transaction: Transaction) -> T:
            result = work(transaction)
            self._fate.reach(BEFORE_COMMIT)
            return result

        result = self._store.write(work_and_perhaps_die)
        self._fate.reach(AFTER_COMMIT)
        return result

    def read(self) -> AbstractContextManager[Transaction]:
        self._fate.reach("reading")
        return self._store.read()

    def migrate(self) -> list[str]:
        return self._store.migrate()

    def close(self) -> None:
        self._store.close()


@dataclass(frozen=True)
class CrashingCarrier:
    """A carrier whose caller may die before the request leaves, or when the carrier has the text already."""

    carrier: Carrier
    fate: Fate

    async def send(self, text: Outgoing) -> Accepted:
        self.fate.reach(BEFORE_REQUEST)
        accepted = await self.carrier.send(text)
        self.fate.reach(AFTER_REQUEST)
        return accepted

    async def redact(self, sid: str) -> None:
        await self.carrier.redact(sid)

    async def fetch(self, sid: str) -> MessageRecord:
        return await self.carrier.fetch(sid)

    def list_messages(
        self, *, to: str | None = None, sender: str | None = None, since: datetime
    ) -> AsyncIterator[MessageRecord]:
        return self.carrier.list_messages(to=to, sender=sender, since=since)

    async def aclose(self) -> None:
        await self.carrier.aclose()
