"""The simulated year, through the very code path of production: files, planner, outbox, carrier, signed webhooks.

Only the clock is simulated. Nothing is written behind the service's back: visits come in as CSV, texts go out
through the twilio client to the emulator, and replies come back from it over HTTP.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from smsgateway.carriers.emulator import AcceptThenDrop, Break, EmulatorServer, Fault, Refuse, Undelivered
from smsgateway.demo.clock import DemoClock
from smsgateway.demo.patients import Patients, Turn
from smsgateway.demo.register import csv_of, import_file
from smsgateway.demo.visits import Visit
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import load_organisation
from smsgateway.outbox.dispatch import Dispatcher
from smsgateway.outbox.plan import plan_visits
from smsgateway.store.values import moment_text

PASSES = (time(11, 20), time(16, 25))
"""Local times at which texts are sent, give or take `UNEVEN`; the real service looks every few seconds."""
UNEVEN = timedelta(minutes=25)

WEATHER: Sequence[tuple[Fault, float]] = (
    (Undelivered(30005), 0.010),  # the number is not in use
    (Undelivered(30003), 0.006),  # the phone is off
    (Refuse(21614), 0.003),  # a landline after all
    (Break(503), 0.003),  # the carrier is down: the text is put back
    (AcceptThenDrop(), 0.001),  # it took the text and the answer was lost: the carrier is asked
)
"""What goes wrong on the way, and how often."""


@dataclass(order=True, slots=True)
class Due:
    """A patient's next turn, and those that follow it."""

    at: datetime
    visit_id: str
    turns: list[Turn] = field(compare=False)


@dataclass
class Year:
    """Lives through moments one by one; `meant` are the marks that patients meant and sent, with their unit."""

    gateway: Gateway
    clock: DemoClock
    emulator: EmulatorServer
    dispatcher: Dispatcher
    patients: Patients
    visits: Sequence[Visit]
    meant: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.gateway.store.read() as transaction:
            self._organisation = load_organisation(transaction)
        self._by_id = {visit.visit_id: visit for visit in self.visits}
        self._place = 0
        self._due: list[Due] = []
        self._minds_made_up: set[str] = set()
        for fault, probability in WEATHER:
            self.emulator.fault(fault, probability=probability)

    def live(self, moment: datetime) -> None:
        """Everything that happens until `moment`, at that moment."""
        self.clock.put(moment)
        if self._take_in(moment):
            plan_visits(self.gateway)
        if self.dispatcher.run_pass():
            self.emulator.wait_idle()
            self._read_texts(moment)
        self._reply(moment)

    def _take_in(self, moment: datetime) -> bool:
        """Imports the file of the visits that have ended since the last one."""
        first = self._place
        while self._place < len(self.visits) and self.visits[self._place].ended_at <= moment:
            self._place += 1
        if first == self._place:
            return False
        import_file(self.gateway, self._organisation, csv_of(self.visits[first : self._place]))
        return True

    def _read_texts(self, moment: datetime) -> None:
        """The patients look at the texts that have come, and make up their minds."""
        with self.gateway.store.read() as transaction:
            texts = transaction.rows("demo_texts_at", moment=moment_text(moment))
        for text in texts:
            visit = self._by_id[text["visit_id"]]
            survey = self.gateway.catalogue.survey(text["survey"])
            script = self.patients.script(visit, survey, text["purpose"])
            if script and visit.visit_id not in self._minds_made_up:
                self._minds_made_up.add(visit.visit_id)
                self._go_on(visit.visit_id, script, moment)

    def _go_on(self, visit_id: str, turns: list[Turn], now: datetime) -> None:
        heapq.heappush(self._due, Due(now + turns[0].wait, visit_id, turns))

    def _reply(self, moment: datetime) -> None:
        """Posts what patients have written by now; whom the service answers may write again at once."""
        while batch := list(self._written_by(moment)):
            sender = self._organisation.sender
            texts = [(self._by_id[due.visit_id].phone, sender, due.turns[0].text) for due in batch]
            for due, answered in zip(batch, self.emulator.reply_all(texts), strict=True):
                said, following = due.turns[0], due.turns[1:]
                if said.rating is not None:
                    self.meant.append((self._by_id[due.visit_id].unit, said.rating))
                if answered.texts and following:
                    self._go_on(due.visit_id, following, due.at)

    def _written_by(self, moment: datetime) -> Iterator[Due]:
        while self._due and self._due[0].at <= moment:
            yield heapq.heappop(self._due)


def moments(start: datetime, end: datetime, zone: ZoneInfo, seed: int) -> Iterator[datetime]:
    """The passes of each day after `start`, and `end` itself."""
    random = Random(seed)
    day = start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        for clock_time in PASSES:
            uneven = timedelta(seconds=random.randint(-1, 1) * random.randrange(int(UNEVEN.total_seconds())))
            moment = datetime.combine(day, clock_time, zone).astimezone(UTC) + uneven
            if start < moment < end:
                yield moment
        day += timedelta(days=1)
    yield end
