"""Kills of the whole service: SIGKILL at random moments and at named points, then every promise held to the truth.

`python -m bench.chaos KILLS` kills as often as it is told. The service runs in processes of their own against the
emulator over HTTP, is loaded with visits, replies, repeats and delivery reports, dies, and is started again. What the
emulator has is the truth: what the phones got and what they texted.
"""

import multiprocessing
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from random import Random
from time import monotonic, sleep

from aiohttp import ClientError

from bench import chaos_serve
from bench.fault_points import POINTS
from bench.ground import HELSINKI, ORGANISATION, SECRET_KEY, SENDER, databases, free_port, phone, visit
from smsgateway.carriers.emulator import (
    AcceptThenBreak,
    AcceptThenDrop,
    Break,
    CallbacksBackwards,
    CallbacksTwice,
    Configuration,
    Delay,
    DropBefore,
    EmulatorServer,
    Refuse,
)
from smsgateway.carriers.emulator.service import ACCOUNT, TOKEN
from smsgateway.figures.verify import verify
from smsgateway.gateway import Gateway, open_gateway
from smsgateway.intake.organisation import import_organisation
from smsgateway.intake.organisation_file import read_organisation
from smsgateway.intake.visits import take_in
from smsgateway.logs import configure_logs
from smsgateway.outbox.plan import withdraw
from smsgateway.outbox.reconcile import reconcile
from smsgateway.server import dispatcher_of
from smsgateway.settings import load_settings
from smsgateway.store.values import moment_text

KILLS = 100
PHONES_AT_ONCE = 8
PHONES_SEEN = 16
"""Phones that are looked at, before it is seen whether the service still lives."""
LONGEST_LIFE = 1.0
"""Seconds; one that a named point has not ended by then is killed from outside."""
KILLED_AT_START = 0.1
"""Share of the lives that may end before the service listens."""
PATIENCE = 120.0
WORDS = "Hoitaja oli ystävällinen ja kuunteli"
FAULTS = (
    (AcceptThenDrop(), 0.04),
    (AcceptThenBreak(), 0.02),
    (DropBefore(), 0.03),
    (Break(), 0.02),
    (Refuse(20429), 0.03),
    (Delay(0.3), 0.02),
    (CallbacksTwice(), 0.1),
    (CallbacksBackwards(), 0.1),
)
"""What goes wrong at the carrier meanwhile, with its share of the texts."""


def run(kills: int = KILLS, seed: int = 1) -> Iterator[dict[str, object]]:
    with databases() as addresses:
        for engine, address in addresses.items():
            started = monotonic()
            found = survive(address, kills, seed)
            yield from rows(engine, found, monotonic() - started)


def rows(engine: str, found: "Counter[str]", seconds: float) -> Iterator[dict[str, object]]:
    """The floor of a loss is all that could have been lost; of the seconds, one for each kill."""
    of = {
        "kills": "asked",
        "replies acknowledged": "replies",
        "replies lost": "replies",
        "replies doubled": "replies",
        "texts lost": "texts",
        "texts doubled": "texts",
        "differences found by verify": "visits",
    }
    for name, whole in of.items():
        value, floor = found[name], max(1, found[whole])
        yield {
            "name": f"chaos, {name}, {engine}",
            "value": value,
            "unit": whole,
            "floor": floor,
            "ratio": value / floor,
        }
    kills = max(1, found["kills"])
    yield {
        "name": f"chaos, time, {engine}",
        "value": seconds,
        "unit": "s",
        "floor": kills,
        "ratio": seconds / kills,
    }


def survive(database: str, kills: int, seed: int) -> Counter[str]:
    """Loads and kills a service, lets it come to rest, and counts what differs from the truth."""
    configure_logs("error")
    port = free_port()
    configuration = Configuration(inbound_url=f"http://127.0.0.1:{port}/twilio/sms", seed=seed)
    with EmulatorServer(configuration) as emulator:
        settings = environment(database, port, emulator.base_url)
        gateway = open_gateway(load_settings(settings))
        try:
            file = read_organisation(ORGANISATION, gateway.catalogue)
            gateway.store.write(lambda transaction: import_organisation(transaction, file, gateway.clock()))
            county = County(gateway, emulator, Random(seed), settings, port)
            county.live(kills)
            county.rest()
            return county.compared_with_the_truth()
        finally:
            gateway.close()


def environment(database: str, port: int, carrier: str) -> dict[str, str]:
    return {
        "SMSGATEWAY_DATABASE_URL": database,
        "SMSGATEWAY_SECRET_KEY": SECRET_KEY,
        "SMSGATEWAY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SMSGATEWAY_TWILIO__ACCOUNT_SID": ACCOUNT,
        "SMSGATEWAY_TWILIO__AUTH_TOKEN": TOKEN,
        "SMSGATEWAY_TWILIO__API_BASE_URL": carrier,
        "SMSGATEWAY_TWILIO__SEGMENTS_PER_SECOND": "1000",
        "SMSGATEWAY_TWILIO__TIMEOUT": "2",
        "SMSGATEWAY_OUTBOX__TICK": "0.1",
        "SMSGATEWAY_OUTBOX__LEASE": "1",
        "SMSGATEWAY_OUTBOX__RETRY_BASE": "0.1",
        "SMSGATEWAY_OUTBOX__RETRIES": "1000",
        "SMSGATEWAY_OUTBOX__SETTLE_AFTER": "2",
        "SMSGATEWAY_OUTBOX__RECONCILE_EVERY": "2",
    }


@dataclass
class County:
    """Patients, their phones, and a service that keeps dying."""

    gateway: Gateway
    emulator: EmulatorServer
    random: Random
    settings: dict[str, str]
    port: int
    visits: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    replied: Counter[str] = field(default_factory=Counter)
    acknowledged: dict[str, str] = field(default_factory=dict)
    told_otherwise: int = 0

    def live(self, kills: int) -> None:
        for fault, share in FAULTS:
            self.emulator.fault(fault, probability=share)
        with ThreadPoolExecutor(PHONES_AT_ONCE) as phones:
            for _ in range(kills):
                point = self.random.choice((None, *POINTS))
                with self.service(point, self.random.randint(1, 40)) as running:
                    self.load(phones, running, self.random.uniform(0, LONGEST_LIFE))
                self.killed[point or "at random"] += 1
        self.emulator.clear_faults()

    @contextmanager
    def service(self, point: str | None = None, times: int = 0) -> Iterator[BaseProcess]:
        """The service in a process, ended by SIGKILL if nothing else has ended it."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([chaos_serve.__name__])
        process = context.Process(target=chaos_serve.serve, args=(self.settings, self.port, point, times), daemon=True)
        process.start()
        try:
            yield process
        finally:
            process.kill()
            process.join()
            process.close()

    def load(self, phones: ThreadPoolExecutor, running: BaseProcess, seconds: float) -> None:
        """Visits arrive, and people text, until the process is dead or its time is over."""
        self.visits_arrive(self.random.randint(2, 8))
        if self.random.random() < KILLED_AT_START:
            sleep(seconds)
            return
        wait_for(self.port, running)
        until = monotonic() + seconds
        while running.is_alive() and monotonic() < until:
            asked = self.random.sample(range(self.visits), min(self.visits, PHONES_SEEN))
            list(phones.map(self.text, asked, [self.random.random() for _ in asked]))

    def visits_arrive(self, number: int) -> None:
        now = self.gateway.clock()
        ended_at = now - timedelta(hours=2)
        day = ended_at.astimezone(HELSINKI).date().isoformat()
        new = [visit(self.visits + place, moment_text(ended_at), day) for place in range(number)]
        self.gateway.store.write(lambda transaction: take_in(transaction, new, self.gateway.seal, now, withdraw))
        self.visits += number

    def text(self, place: int, chance: float) -> None:
        """A person who was asked texts a mark, then words; some of it is repeated, some misses the webhook."""
        messages = self.emulator.messages_of(phone(place))
        said = [message for message in messages if message.direction == "inbound"]
        if not any(message.direction == "outbound-api" for message in messages):
            return
        body = WORDS if said else str(1 + place % 5)
        if len(said) < 2 and chance < 0.1:
            self.emulator.reply_unheard(phone(place), SENDER, body)
        elif len(said) < 2:
            self.hear(place, body)
        elif chance < 0.3:
            again = said[place % 2]
            self.hear(place, again.body, MessageSid=again.sid)

    def hear(self, place: int, body: str, **extra: str) -> None:
        try:
            answer = self.emulator.reply(phone(place), SENDER, body, **extra)
        except (ClientError, TimeoutError):
            return  # nobody is there: the reply waits at the carrier
        if answer.status == 200:
            self.told_otherwise += self.acknowledged.setdefault(answer.sid, answer.twiml) != answer.twiml

    def rest(self) -> None:
        """One more start, without a kill, until every text has come to its end and the replies are fetched."""
        with self.service() as running:
            wait_for(self.port, running)
            until = monotonic() + PATIENCE
            while self.unfinished() and monotonic() < until:
                sleep(0.2)
            self.emulator.wait_idle()
        reconcile(dispatcher_of(self.gateway, None), self.gateway.clock() - timedelta(hours=24))

    def unfinished(self) -> int:
        return self.value("SELECT COUNT(*) AS n FROM visit WHERE decision IS NULL") + self.value(
            "SELECT COUNT(*) AS n FROM outbox WHERE status IN ('planned', 'sending', 'uncertain')"
        )

    def value(self, sql: str) -> int:
        with self.gateway.store.read() as transaction:
            return next(int(row["n"]) for row in transaction.connection.execute(sql))

    def heard(self, table: str) -> Counter[str]:
        with self.gateway.store.read() as transaction:
            rows = transaction.connection.execute(f"SELECT message_sid FROM {table}")  # noqa: S608 (our own word)
            return Counter(row["message_sid"] for row in rows)

    def compared_with_the_truth(self) -> Counter[str]:
        phones = {place: self.emulator.messages_of(phone(place)) for place in range(self.visits)}
        replies = {each.sid for said in phones.values() for each in said if each.direction == "inbound"}
        texts = [sum(each.direction == "outbound-api" for each in said) for said in phones.values()]
        inbound, answers = self.heard("inbound"), self.heard("answer")
        with self.gateway.store.read() as transaction:
            differences = verify(transaction)
            ledger = sum(row["n"] for row in transaction.rows("ledger"))
        return Counter(
            {
                "asked": sum(self.killed.values()),
                "kills": sum(self.killed.values()),
                "visits": self.visits,
                "texts": sum(texts),
                "texts lost": sum(count == 0 for count in texts),
                "texts doubled": sum(count > 1 for count in texts),
                "replies": len(replies),
                "replies acknowledged": len(self.acknowledged),
                "replies lost": sum(inbound[sid] == 0 or answers[sid] == 0 for sid in replies),
                "replies doubled": sum(inbound[sid] > 1 or answers[sid] > 1 for sid in replies) + self.told_otherwise,
                "differences found by verify": len(differences) + abs(ledger - self.visits),
            }
        )


def wait_for(port: int, running: BaseProcess) -> None:
    """Returns when the service listens, or is dead."""
    until = monotonic() + PATIENCE
    while running.is_alive() and monotonic() < until:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        sleep(0.01)


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for row in run(kills, seed):
        print(f"{row['name']:<48} {row['value']:>10,.1f} of {row['floor']:>10,.1f} {row['unit']}")


if __name__ == "__main__":
    main()
