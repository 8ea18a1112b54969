"""What the benchmarks of the whole way stand on: databases, an organisation without waiting, processes that end."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg

from smsgateway.gateway import Gateway, open_gateway
from smsgateway.intake.organisation import import_organisation
from smsgateway.intake.organisation_file import read_organisation
from smsgateway.intake.visit_row import VisitRow
from smsgateway.intake.visits import take_in
from smsgateway.outbox.plan import plan_visits, withdraw
from smsgateway.settings import Settings
from smsgateway.store import Transaction
from smsgateway.store.values import moment_text

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = "SMSGATEWAY_BENCH_POSTGRES"
SENDER = "+358401234567"
SECRET_KEY = "the benchmarks seal nobody's number"  # noqa: S105 (guards invented numbers)
PATIENCE = 30.0
HELSINKI = ZoneInfo("Europe/Helsinki")

ORGANISATION = f"""
organisation:
  name: {{fi: Mittausalue, sv: Mätområdet, en: Measuring county}}
  country: FI
  timezone: Europe/Helsinki
  languages: [fi, sv, en]
  sender: "{SENDER}"
units:
  - id: unit
    name: {{fi: Keskustan terveysasema, sv: Centrums hälsostation, en: Centre health station}}
    schedules:
      - {{survey: visit, delay: 0m, window: null, cooldown: 0d, reminder_after: null}}
"""


@contextmanager
def databases() -> Iterator[Mapping[str, str]]:
    """Addresses of empty databases by engine: SQLite always, PostgreSQL where the environment names a server."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        addresses = {"sqlite": f"sqlite:///{folder}/gateway.db"}
        server = os.environ.get(POSTGRES)
        if not server:
            yield addresses
            return
        name = f"gateway_bench_{uuid4().hex}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
            try:
                yield {**addresses, "postgres": urlsplit(server)._replace(path=f"/{name}").geturl()}
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def invited(settings: Settings, patients: int) -> Iterator[Gateway]:
    """A gateway over an empty database, in which so many patients have a text that is due."""
    gateway = open_gateway(settings)
    try:
        with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
            path = Path(folder) / "organisation.yaml"
            path.write_text(ORGANISATION, "utf-8")
            file = read_organisation(path, gateway.catalogue)
        gateway.store.write(lambda transaction: import_organisation(transaction, file, gateway.clock()))
        gateway.store.write(lambda transaction: add_visits(gateway, transaction, patients))
        plan_visits(gateway)
        yield gateway
    finally:
        gateway.close()


def add_visits(gateway: Gateway, transaction: Transaction, patients: int) -> None:
    """Visits two hours ago: every text is due, however they were spread."""
    now = gateway.clock()
    ended_at = now - timedelta(hours=2)
    day = ended_at.astimezone(HELSINKI).date().isoformat()
    rows = [visit(place, moment_text(ended_at), day) for place in range(patients)]
    take_in(transaction, rows, gateway.seal, now, withdraw)


def visit(place: int, ended_at: str, day: str) -> VisitRow:
    return VisitRow(
        unit_id="unit",
        visit_id=str(place),
        number=phone(place),
        ended_at=ended_at,
        day=day,
        language="fi",
        age_band=None,
        gender=None,
        service=None,
        visit_type=None,
        consent=True,
    )


def phone(place: int) -> str:
    return f"+35840{1000000 + place}"


def row(name: str, value: float, unit: str, floor: float) -> dict[str, object]:
    return {"name": name, "value": value, "unit": unit, "floor": floor, "ratio": value / floor}


@contextmanager
def process(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """Runs `python -m ...` beside us, and ends it."""
    base = {name: value for name, value in os.environ.items() if not name.startswith("SMSGATEWAY_")}
    running = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**base, **(environment or {})},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        running.terminate()
        try:
            running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    """Returns when somebody listens there."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
