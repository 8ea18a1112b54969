"""A small county with a store, a standing clock and a carrier that does as it is told."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from smsgateway.carriers.base import Accepted, Carrier, CarrierError, MessageRecord, Outgoing, SendError
from smsgateway.figures.verify import verify
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import import_organisation
from smsgateway.intake.organisation_file import OrganisationFile, read_organisation
from smsgateway.intake.visit_row import VisitRow
from smsgateway.intake.visits import Taken, take_in
from smsgateway.outbox.dispatch import Dispatcher
from smsgateway.outbox.plan import plan_visits, withdraw
from smsgateway.store import Row
from smsgateway.store.values import moment_text
from tests.conftest import StandingClock

NUMBER = "+358401111111"
SENDER = "+358457000000"
NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""Monday noon in Helsinki."""

ORGANISATION = f"""
organisation:
  name: {{fi: Esimerkkialue, sv: Exempelområdet, en: Example county}}
  country: FI
  timezone: Europe/Helsinki
  languages: [fi, sv, en]
  sender: "{SENDER}"
units:
  - id: heti
    name: {{fi: Heti, sv: Genast, en: At once}}
    schedules: [{{survey: visit, delay: 0m, window: null, cooldown: null, reminder_after: null}}]
  - id: muistutus
    name: {{fi: Muistutus, sv: Påminnelse, en: Reminder}}
    schedules: [{{survey: visit, delay: 0m, window: null, cooldown: null, reminder_after: 48h}}]
  - id: keskusta
    name: {{fi: Keskusta, sv: Centrum, en: Centre}}
    schedules: [{{survey: visit, reminder_after: null}}]
  - id: satama
    name: {{fi: Satama, sv: Hamnen, en: Harbour}}
    schedules: [{{survey: recommend, reminder_after: null}}]
  - id: neuvola
    name: {{fi: Neuvola, sv: Rådgivning, en: Clinic}}
    schedules: [{{survey: thl, delay: 0m, window: null, cooldown: null, reminder_after: null}}]
  - id: kokemus
    name: {{fi: Kokemus, sv: Upplevelse, en: Experience}}
    schedules: [{{survey: fft, delay: 0m, window: null, cooldown: null, reminder_after: null}}]
  - id: tauolla
    name: {{fi: Tauolla, sv: På paus, en: Paused}}
    paused: true
    schedules: [{{survey: visit}}]
  - id: ilman
    name: {{fi: Ilman, sv: Utan, en: Without}}
  - id: ei-otosta
    name: {{fi: Ei otosta, sv: Inget urval, en: No sample}}
    schedules: [{{survey: visit, sample: 0.0}}]
  - id: toinen-vaihtoehto
    name: {{fi: Toinen, sv: Andra, en: Second}}
    schedules: [{{survey: visit, sample: 0.0}}, {{survey: recommend, reminder_after: null}}]
  - id: liian-myohaan
    name: {{fi: Myöhään, sv: Sent, en: Late}}
    schedules: [{{survey: visit, delay: 3d, max_age: 2d}}]
"""

Reply = Accepted | CarrierError
Script = Callable[[Outgoing], Reply]


@dataclass
class ScriptedCarrier:
    """Answers each send as the script says (accepting where it is silent), and lists what it is told it has."""

    script: Script | None = None
    answers: list[Reply] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)
    has: list[MessageRecord] = field(default_factory=list)
    listing: CarrierError | None = None
    redaction: CarrierError | None = None
    redacted: list[str] = field(default_factory=list)
    asked: int = 0
    sids: str = "SM"

    async def send(self, text: Outgoing) -> Accepted:
        self.sent.append(text)
        answer = self.answers.pop(0) if self.answers else self.script(text) if self.script else None
        if isinstance(answer, CarrierError):
            raise answer
        return answer or Accepted(f"{self.sids}{len(self.sent):032}", "queued")

    async def redact(self, sid: str) -> None:
        if isinstance(self.redaction, CarrierError):
            raise self.redaction
        self.redacted.append(sid)

    async def fetch(self, sid: str) -> MessageRecord:
        return next(record for record in self.has if record.sid == sid)

    async def list_messages(
        self, *, to: str | None = None, sender: str | None = None, since: datetime
    ) -> AsyncIterator[MessageRecord]:
        self.asked += 1
        if self.listing is not None:
            raise self.listing
        for record in self.has:
            if (to is None or record.to == to) and (record.created_at is None or record.created_at >= since):
                yield record

    async def aclose(self) -> None:
        """Nothing to close."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Carrier]:
        yield self

    def keeps(self, text: Outgoing, sid: str, at: datetime) -> None:
        """The carrier has this text, whatever it said of it."""
        self.has.append(MessageRecord(sid, text.to, text.sender, text.body, "delivered", "outbound-api", None, at, at))


@dataclass
class County:
    """Drives the stages of a visit by hand."""

    gateway: Gateway
    clock: StandingClock
    carrier: ScriptedCarrier = field(default_factory=ScriptedCarrier)

    def __post_init__(self) -> None:
        file = read_organisation_text(self.gateway)
        self.gateway.store.write(lambda transaction: import_organisation(transaction, file, NOON))

    def visit(
        self,
        visit_id: str = "v1",
        unit: str = "heti",
        number: str = NUMBER,
        ended_at: datetime | None = None,
        *,
        language: str | None = "fi",
        consent: bool = True,
    ) -> Taken:
        return self.visits([visit_row(visit_id, unit, number, ended_at or self.clock.now, language, consent)])

    def visits(self, rows: Sequence[VisitRow]) -> Taken:
        seal = self.gateway.seal
        return self.gateway.store.write(lambda transaction: take_in(transaction, rows, seal, self.clock.now, withdraw))

    def plan(self) -> Counter[str]:
        return plan_visits(self.gateway)

    def dispatcher(self, carrier: ScriptedCarrier | None = None, speed: float = 100_000) -> Dispatcher:
        return Dispatcher(self.gateway, (carrier or self.carrier).open, speed, 8)

    def send(self, carrier: ScriptedCarrier | None = None) -> Counter[str]:
        return self.dispatcher(carrier).run_pass()

    def invited(self, visit_id: str = "v1", unit: str = "heti", number: str = NUMBER, language: str = "fi") -> None:
        """A visit whose text has been sent."""
        self.visit(visit_id, unit, number, language=language)
        self.plan()
        assert self.send()["sent"] >= 1

    def ask(self, sql: str) -> list[Row]:
        """Rows of a query of the test's own."""
        with self.gateway.store.read() as transaction:
            return [dict(row) for row in transaction.connection.execute(sql)]

    def run(self, sql: str) -> None:
        self.gateway.store.write(lambda transaction: transaction.connection.execute(sql) and None)

    def text(self, purpose: str = "invitation") -> Row:
        """The one text of that purpose."""
        (found,) = self.ask(f"SELECT * FROM outbox WHERE purpose = '{purpose}'")  # noqa: S608 (our own word)
        return found

    def texts(self) -> list[Row]:
        return self.ask("SELECT * FROM outbox ORDER BY text_id")

    def decisions(self) -> dict[str, str | None]:
        return {row["visit_id"]: row["decision"] for row in self.ask("SELECT visit_id, decision FROM visit")}

    def answers(self) -> list[tuple[str, str, int | None, str | None]]:
        rows = self.ask("SELECT question, kind, value, comment FROM answer ORDER BY answered_at, kind DESC")
        return [(row["question"], row["kind"], row["value"], row["comment"]) for row in rows]

    def counts(self) -> dict[tuple[str, int], int]:
        """All-time counts of the whole county that are not zero."""
        rows = self.ask("SELECT measure, value, SUM(n) AS n FROM rollup_total GROUP BY measure, value")
        return {(row["measure"], row["value"]): int(row["n"]) for row in rows if row["n"]}

    def halts(self) -> list[Row]:
        return self.ask("SELECT * FROM halt")

    def opted_out(self) -> list[str]:
        return [row["source"] for row in self.ask("SELECT source FROM opt_out")]

    def differences(self) -> list[str]:
        with self.gateway.store.read() as transaction:
            return verify(transaction)


def read_organisation_text(gateway: Gateway, text: str = ORGANISATION) -> OrganisationFile:
    return read_organisation(text, gateway.catalogue)


def visit_row(
    visit_id: str, unit: str, number: str, ended_at: datetime, language: str | None = "fi", consent: bool = True
) -> VisitRow:
    day = ended_at.astimezone(ZoneInfo("Europe/Helsinki")).date().isoformat()
    return VisitRow(
        unit, visit_id, number, moment_text(ended_at), day, language, None, None, None, None, consent=consent
    )


def always(answer: Reply) -> Script:
    return lambda text: answer


def refused(error: SendError) -> ScriptedCarrier:
    return ScriptedCarrier(always(error))
