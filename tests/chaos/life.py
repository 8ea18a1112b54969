"""The life of a service: random work, killed at random points, started again, and in the end held to the truth."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from flask import Flask
from twilio.request_validator import RequestValidator

from bench.fault_points import POINTS, Crash, CrashingStore, Fate
from smsgateway.carriers.emulator.messages import Message
from smsgateway.figures.verify import verify
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import import_organisation
from smsgateway.intake.organisation_file import read_organisation
from smsgateway.intake.visit_row import VisitRow
from smsgateway.intake.visits import take_in
from smsgateway.outbox.dispatch import Dispatcher
from smsgateway.outbox.plan import plan_visits, withdraw
from smsgateway.outbox.reconcile import reconcile
from smsgateway.settings import Settings
from smsgateway.store import Row, open_store
from smsgateway.store.values import moment_text
from smsgateway.webhooks.routes import twilio_blueprint
from surveys.definition import Catalogue
from tests.chaos.network import Network
from tests.conftest import StandingClock

SENDER = "+358457000000"
PUBLIC_URL = "https://survey.example"
TOKEN = "token"
LOOKS_BACK = timedelta(days=30)
PATIENCE = 60
"""Rounds of twenty minutes in which everything has come to its end."""

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
    schedules: [{{survey: visit, delay: 0m, window: null, cooldown: null, reminder_after: null, expires_after: 60d}}]
"""


@dataclass
class Life:
    """One service over its deaths. `random` decides what happens; `acknowledged` is what it promised to have."""

    settings: Settings
    catalogue: Catalogue
    clock: StandingClock
    random: Random
    fate: Fate = field(default_factory=Fate)
    visits: list[VisitRow] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.network = Network(self.clock, self.random, self.fate)
        self.start()
        file = read_organisation(ORGANISATION, self.gateway.catalogue)
        self.gateway.store.write(lambda transaction: import_organisation(transaction, file, self.clock.now))

    def start(self) -> None:
        """A new process on the same database: nothing of the old one is left but its rows."""
        self.fate.revive()
        store = CrashingStore(open_store(self.settings.database_url), self.fate)
        self.gateway = Gateway(self.settings, store, self.catalogue, self.clock)
        self.dispatcher = Dispatcher(self.gateway, self.network.open, 1e6, 8)
        self.web = web_of(self.gateway)

    def live(self, deaths: int) -> None:
        """Works on until it has died that often."""
        died = 0
        while died < deaths:
            self.fate.arm(self.random.choice(POINTS), self.random.randint(1, 6))
            died += self.works_until_killed()

    def works_until_killed(self, steps: int = 60) -> bool:
        """Some steps of work, and whether it died meanwhile; then it is running again."""
        try:
            for _ in range(steps):
                self.random.choices([work for work, _ in WORK], [weight for _, weight in WORK])[0](self)
        except Crash:
            self.gateway.close()
            self.start()
            return True
        return False

    # What happens to a service.

    def visits_arrive(self) -> None:
        """New ones, and some that were told before."""
        moment = self.clock.now - timedelta(minutes=self.random.randint(0, 600))
        new = [visit(len(self.visits) + place, moment_text(moment)) for place in range(self.random.randint(1, 4))]
        again = self.random.sample(self.visits, min(2, len(self.visits)))
        self.visits += new  # told before it is known whether it was heard, as a system that repeats its file
        self.take_in(new + again)

    def take_in(self, rows: list[VisitRow]) -> None:
        seal, now = self.gateway.seal, self.clock.now
        self.gateway.store.write(lambda transaction: take_in(transaction, rows, seal, now, withdraw))

    def planned(self) -> None:
        plan_visits(self.gateway)

    def dispatched(self) -> None:
        self.dispatcher.run_pass()

    def somebody_replies(self) -> None:
        message = self.somebody_texts()
        if message is not None:
            self.hear(message)

    def somebody_texts(self) -> Message | None:
        """Somebody who was asked texts a mark, and then words; whether the webhook is told is the caller's."""
        patient = self.random.choice(self.visits).number if self.visits else ""
        said = [each for each in self.network.twilio.store.of(patient) if each.direction == "inbound"]
        if not self.network.invitations(patient) or len(said) > 1:
            return None
        body = "hyvin ystävällinen hoitaja" if said else str(self.random.randint(1, 5))
        return self.network.twilio.receive_unheard(patient, SENDER, body)

    def reply_is_lost(self) -> None:
        self.somebody_texts()

    def carrier_repeats(self) -> None:
        """The webhook again for a text of any age: the carrier's retry, or its fallback address."""
        heard = [self.network.twilio.store.get(sid) for sid in self.acknowledged]
        messages = [message for message in heard if message is not None]
        if messages:
            self.hear(self.random.choice(messages))

    def hear(self, message: Message) -> None:
        answer = self.post(f"{PUBLIC_URL}/twilio/sms", said_by(message))
        assert self.acknowledged.setdefault(message.sid, answer) == answer

    def status_arrives(self) -> None:
        """In any order, and some of them twice."""
        if self.network.callbacks:
            callback = self.random.choice(self.network.callbacks)
            if self.random.random() < 0.8:
                self.network.callbacks.remove(callback)
            self.post(callback.address, callback.form)

    def post(self, address: str, form: dict[str, str]) -> str:
        signature = RequestValidator(TOKEN).compute_signature(address, form)
        path = address.removeprefix(PUBLIC_URL)
        answer = self.web.test_client().post(path, data=form, headers={"X-Twilio-Signature": signature})
        assert answer.status_code == 200
        return answer.text

    def compared(self) -> None:
        reconcile(self.dispatcher, self.clock.now - LOOKS_BACK)

    def time_passes(self) -> None:
        self.clock.advance(seconds=self.random.uniform(0, 200))

    def clock_is_set_back(self) -> None:
        self.clock.advance(seconds=-self.random.uniform(0, 100))

    # The end.

    def settle(self) -> None:
        """Everything comes to its end in peace."""
        self.fate.revive()
        self.network.trouble = 0
        self.take_in(self.visits)  # the file is told again, since nobody knows what of it was heard
        for _ in range(PATIENCE):
            if not self.unfinished():
                break
            self.clock.advance(minutes=20)
            self.planned()
            self.dispatched()
        while self.network.callbacks:
            self.status_arrives()
        self.clock.advance(hours=5)  # a status that was lost with its process is asked for
        self.compared()

    def unfinished(self) -> bool:
        return bool(
            self.rows("SELECT 1 FROM outbox WHERE status NOT IN ('sent', 'cancelled', 'failed')")
            or self.rows("SELECT 1 FROM visit WHERE decision IS NULL")
        )

    def rows(self, sql: str) -> list[Row]:
        with self.gateway.store.read() as transaction:
            return [dict(row) for row in transaction.connection.execute(sql)]

    def differences(self) -> list[str]:
        """Everything in which the database differs from the truth; none is what one wants."""
        with self.gateway.store.read() as transaction:
            found = verify(transaction)
            ledger = sum(row["n"] for row in transaction.rows("ledger"))
        return [
            *found,
            *([f"the ledger has {ledger} visits of {len(self.visits)}"] if ledger != len(self.visits) else []),
            *self.texts_that_differ(),
            *self.replies_that_differ(),
        ]

    def texts_that_differ(self) -> list[str]:
        """Each visit is a person's only one, so each phone has one text, and its row knows it."""
        times = {row.number: len(self.network.invitations(row.number)) for row in self.visits}
        real = {message.sid for row in self.visits for message in self.network.invitations(row.number)}
        kept = {
            row["carrier_sid"]: (row["status"], row["delivery"])
            for row in self.rows("SELECT carrier_sid, status, delivery FROM outbox")
        }
        return [
            *(f"{number} has {count} texts" for number, count in times.items() if count != 1),
            *(f"the outbox does not know {sid}" for sid in real - kept.keys()),
            *(f"{sid} stands as {state}" for sid, state in kept.items() if state != ("sent", "delivered")),
        ]

    def replies_that_differ(self) -> list[str]:
        """Each reply is heard once, each made one answer, and the marks are the counts."""
        said = {
            message.sid: message
            for row in self.visits
            for message in self.network.twilio.store.of(row.number)
            if message.direction == "inbound"
        }
        heard = Counter(row["message_sid"] for row in self.rows("SELECT message_sid FROM inbound"))
        answered = Counter(row["message_sid"] for row in self.rows("SELECT message_sid FROM answer"))
        marks = Counter(int(message.body) for message in said.values() if message.body.isdigit())
        counted = Counter(
            {
                row["value"]: int(row["n"])
                for row in self.rows(
                    "SELECT value, SUM(n) AS n FROM rollup_total WHERE measure = 'answer:rating' GROUP BY value"
                )
            }
        )
        return [
            *(f"{sid} was acknowledged and is lost" for sid in self.acknowledged.keys() - heard.keys()),
            *(f"{sid} was heard {heard[sid]} times" for sid in said if heard[sid] != 1),
            *(f"{sid} made {answered[sid]} answers" for sid in said if answered[sid] != 1),
            *([f"the marks are {marks}, the counts {counted}"] if marks != counted else []),
        ]


WORK: list[tuple[Callable[[Life], None], int]] = [
    (Life.visits_arrive, 4),
    (Life.planned, 4),
    (Life.dispatched, 6),
    (Life.somebody_replies, 8),
    (Life.reply_is_lost, 2),
    (Life.carrier_repeats, 4),
    (Life.status_arrives, 8),
    (Life.compared, 2),
    (Life.time_passes, 6),
    (Life.clock_is_set_back, 1),
]
"""What happens to a service, and how often beside the rest."""


def said_by(message: Message) -> dict[str, str]:
    """What the webhook is told of a text."""
    return {"MessageSid": message.sid, "From": message.sender or "", "To": SENDER, "Body": message.body}


def settings_for(address: str) -> Settings:
    return Settings.model_validate(
        {
            "database_url": address,
            "secret_key": "a key for tests alone",
            "public_url": PUBLIC_URL,
            "twilio": {"account_sid": "AC" + "0" * 32, "auth_token": TOKEN},
        }
    )


def web_of(gateway: Gateway) -> Flask:
    app = Flask("chaos")
    app.register_blueprint(twilio_blueprint(gateway))
    return app


def visit(place: int, ended_at: str) -> VisitRow:
    return VisitRow("heti", f"v{place}", f"+35840{2000000 + place}", ended_at, ended_at[:10], "fi", None, None, None,
                    None, consent=True)  # fmt: skip
