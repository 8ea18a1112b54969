"""A county of `tests.outbox.county` with the hands that data-subject requests need."""

import asyncio
from dataclasses import dataclass, field
from itertools import count

from smsgateway.intake.visit_row import VisitRow
from smsgateway.people import requests
from smsgateway.people.redaction import Redacted, note, redact_person
from smsgateway.people.retention import Retention
from smsgateway.store import Row
from smsgateway.store.values import moment_text
from smsgateway.webhooks.inbound import Inbound, receive
from tests.outbox.county import NUMBER, SENDER, County

ACTOR = "operator test"
WORDS = "Hoitaja Virtanen oli ystävällinen"


@dataclass
class Register(County):
    sids: "count[int]" = field(default_factory=lambda: count(1))

    def says(self, body: str, number: str = NUMBER, sid: str = "") -> list[str]:
        self.clock.advance(seconds=1)
        return [*receive(self.gateway, Inbound(sid or f"SMin{next(self.sids):028}", number, body))]

    def described_visit(self, visit_id: str = "v1", unit: str = "heti", number: str = NUMBER) -> None:
        """A visit with everything that a register can tell of it."""
        ended_at = moment_text(self.clock.now)
        background = ("60-69", "nainen", "fysioterapia", "kontrolli")
        row = VisitRow(unit, visit_id, number, ended_at, ended_at[:10], "fi", *background, consent=True)
        self.visits([row])

    def answered(self, visit_id: str = "v1", unit: str = "heti", number: str = NUMBER) -> None:
        """A visit that was texted about, rated and commented on."""
        self.described_visit(visit_id, unit, number)
        self.plan()
        self.send()
        self.says("4", number)
        self.says(f"{WORDS}, soittakaa {number.replace('+358', '0')}", number)

    def person(self, number: str = NUMBER) -> Row | None:
        gateway = self.gateway
        return gateway.store.write(lambda tx: requests.person(tx, gateway.seal, number, ACTOR, self.clock.now))

    def erase(self, number: str = NUMBER) -> requests.Receipt | None:
        gateway = self.gateway
        return gateway.store.write(lambda tx: requests.erase(tx, gateway.seal, number, ACTOR, self.clock.now))

    def redact(self, receipt: requests.Receipt | None, number: str = NUMBER) -> Redacted:
        sids = receipt.sids if receipt else frozenset()
        redacted = asyncio.run(redact_person(self.carrier, number, sids, SENDER))
        note(self.gateway.store, redacted)
        return redacted

    def retention(self) -> Retention:
        return Retention(self.gateway, self.clock.now)

    def retain(self) -> dict[str, int]:
        """A run; what it cut, without the kinds of which there was nothing."""
        return dict(+self.retention().run(ACTOR, self.carrier.open))

    def tables(self) -> list[str]:
        if self.gateway.store.engine == "sqlite":
            return [row["name"] for row in self.ask("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = self.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return [row["tablename"] for row in rows]

    def dump(self) -> str:
        """Everything in every table, what is sealed opened, so that nothing hides."""
        return "\n".join(
            f"{table}.{column}={self._opened(value)}"
            for table in self.tables()
            for row in self.ask(f"SELECT * FROM {table}")  # noqa: S608 (a table's own name)
            for column, value in row.items()
        )

    def _opened(self, value: object) -> str:
        text = str(value)
        return self.gateway.seal.open(text) if text.startswith(self.gateway.seal.current) else text

    def trace_of(self, number: str = NUMBER) -> list[str]:
        """Where in the database something of that person still stands."""
        digits = number.removeprefix("+358")
        own = (digits, self.gateway.seal.lookup(number), "Virtanen", "ystävällinen", "fysioterapia", "60-69", "nainen")
        return [line for line in self.dump().splitlines() if any(word in line for word in own)]
