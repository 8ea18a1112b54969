"""An organisation of three units, and ways to take in visits, shared by the tests of this folder."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from smsgateway.intake.csvfile import Record, rewindable
from smsgateway.intake.organisation import Organisation, import_organisation, load_organisation
from smsgateway.intake.organisation_file import read_organisation
from smsgateway.intake.visit_row import Refused, VisitRow
from smsgateway.intake.visits import Taken, take_in
from smsgateway.intake.visits_csv import Outcome, examine_visits, import_visits
from smsgateway.people.seal import Seal
from smsgateway.store import Row, Store, Transaction
from surveys.definition import Catalogue

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SEAL = Seal("a key for tests alone")

ORGANISATION = """
organisation:
  name: {fi: Esimerkin hyvinvointialue, sv: Exempels välfärdsområde, en: Example county}
  country: FI
  timezone: Europe/Helsinki
  languages: [fi, sv, en]
  sender: "+358401234567"
units:
  - id: keskusta
    name: {fi: Keskustan terveysasema, sv: Centrums hälsostation, en: Centre health station}
    schedules: [{survey: visit}]
  - id: satama
    name: {fi: Sataman terveysasema}
    parent: keskusta
    schedules: [{survey: recommend, next_day_at: "12:00"}]
  - id: "1.2.246.10.1"
    name: {fi: Neuvola}
"""

HEADER = "visit_id,unit,ended_at,phone"


def organised(store: Store, catalogue: Catalogue, text: str = ORGANISATION) -> Organisation:
    file = read_organisation(text, catalogue)
    store.write(lambda transaction: import_organisation(transaction, file, NOW))
    with store.read() as transaction:
        return load_organisation(transaction)


@dataclass
class Intake:
    """Imports texts as files, and remembers what was refused and whose invitations were to be withdrawn."""

    store: Store
    organisation: Organisation
    refused: list[tuple[Record, Refused]] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)

    def take(self, rows: Sequence[VisitRow]) -> Taken:
        return self.store.write(lambda transaction: take_in(transaction, rows, SEAL, NOW, self.replan))

    def replan(self, transaction: Transaction, visit_keys: Sequence[str]) -> None:
        self.withdrawn += visit_keys

    def read(self, content: str | bytes) -> Outcome:
        self.refused.clear()
        stream = rewindable(io.BytesIO(content.encode() if isinstance(content, str) else content))
        form = examine_visits(stream, "visits.csv")

        def reject(record: Record, why: Refused) -> None:
            self.refused.append((record, why))

        return import_visits(stream, form, self.organisation, NOW, self.take, reject, lambda line: None)

    @property
    def reasons(self) -> list[tuple[int, str]]:
        return [(record.line, why.reason) for record, why in self.refused]


def stored_visits(store: Store) -> list[Row]:
    with store.read() as transaction:
        found = transaction.connection.execute(
            "SELECT v.*, c.lookup FROM visit v JOIN contact c ON c.contact_id = v.contact_id ORDER BY unit_id, visit_id"
        )
        return list(found)


def stored_contacts(store: Store) -> int:
    with store.read() as transaction:
        return int(transaction.connection.execute("SELECT COUNT(*) AS n FROM contact").fetchone()["n"])


def decide(store: Store, decision: str) -> None:
    """As if every visit had been planned."""

    def work(transaction: Transaction) -> None:
        for row in transaction.connection.execute("SELECT visit_key FROM visit").fetchall():
            transaction.run_many("decide_visit", [{"visit_key": row["visit_key"], "decision": decision}])

    store.write(work)
