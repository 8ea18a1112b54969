"""How long 100,000 visits take from a CSV file into the database, against what no import could leave out.

The floor reads the same file with csv, judges every number with phonenumbers and inserts the rows into one table
without indexes, sealing nothing and checking nothing.
"""

import csv
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from uuid import uuid4

import phonenumbers
import psycopg

from smsgateway.clock import system_clock
from smsgateway.intake.organisation import import_organisation, load_organisation
from smsgateway.intake.organisation_file import read_organisation
from smsgateway.intake.visits import take_in
from smsgateway.intake.visits_csv import examine_visits, import_visits
from smsgateway.people.seal import Seal
from smsgateway.store import Store, open_store
from surveys.definition import load_catalogue

POSTGRES = "SMSGATEWAY_BENCH_POSTGRES"
SAMPLE = Path(__file__).parents[1] / "config" / "organisation.yaml"
COLUMNS = (
    "visit_id",
    "unit",
    "ended_at",
    "phone",
    "language",
    "age_band",
    "gender",
    "service",
    "visit_type",
    "survey_consent",
)
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def run(visits: int = 100_000) -> Iterator[dict[str, object]]:
    """Rows of `name, value, unit, floor, ratio`; values and floors are seconds, the ratio is value by floor."""
    with TemporaryDirectory(prefix="bench-import-") as folder:
        file = Path(folder) / "visits.csv"
        write_visits(file, visits)
        floor = seconds(lambda: embedded_floor(file, Path(folder) / "floor.db"))
        with closing(open_store(f"sqlite:///{folder}/gateway.db")) as store:
            yield from measured("sqlite", store, file, floor)
        if address := os.environ.get(POSTGRES):
            yield from on_postgres(address, file)


def on_postgres(address: str, file: Path) -> Iterator[dict[str, object]]:
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            own = urlsplit(address)._replace(path=f"/{name}").geturl()
            floor = seconds(lambda: postgres_floor(file, own))
            with closing(open_store(own)) as store:
                yield from measured("postgres", store, file, floor)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def measured(engine: str, store: Store, file: Path, floor: float) -> Iterator[dict[str, object]]:
    for what in ("new", "again"):
        value = seconds(lambda: whole_import(store, file))
        name = f"import {engine} {what}"
        yield {
            "name": name,
            "value": round(value, 2),
            "unit": "s",
            "floor": round(floor, 2),
            "ratio": round(value / floor, 2),
        }


def seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def whole_import(store: Store, file: Path) -> None:
    county, seal = read_organisation(SAMPLE, load_catalogue()), Seal("a key for measuring")
    store.write(lambda transaction: import_organisation(transaction, county, NOW))
    with store.read() as transaction:
        organisation = load_organisation(transaction)
    with file.open("rb") as stream:
        outcome = import_visits(
            stream,
            examine_visits(stream, file.name),
            organisation,
            NOW,
            lambda rows: store.write(
                lambda transaction: take_in(transaction, rows, seal, system_clock(), lambda t, keys: None)
            ),
            lambda record, why: None,
            lambda line: None,
        )
    assert not outcome.rejected, outcome.rejected


def rows_with_numbers(file: Path) -> Iterator[list[str]]:
    with file.open(newline="", encoding="utf-8") as stream:
        rows = csv.reader(stream)
        next(rows)
        for row in rows:
            number = phonenumbers.parse(row[3], "FI")
            if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE:
                row[3] = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
                yield row


def embedded_floor(file: Path, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"CREATE TABLE visit ({', '.join(COLUMNS)})")
        marks = ", ".join("?" for _ in COLUMNS)
        connection.executemany(f"INSERT INTO visit VALUES ({marks})", rows_with_numbers(file))  # noqa: S608
        connection.commit()


def postgres_floor(file: Path, address: str) -> None:
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE floor ({', '.join(f'{name} TEXT' for name in COLUMNS)})")
        with cursor.copy("COPY floor FROM STDIN") as copy:
            for row in rows_with_numbers(file):
                copy.write_row(row)


def write_visits(file: Path, count: int) -> None:
    """Visits of three weeks to the sample county; about a third are by somebody who came before."""
    chance = random.Random(20261123)
    units = [unit.id for unit in read_organisation(SAMPLE, load_catalogue()).units]
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for place in range(count):
            ended_at = NOW - timedelta(minutes=chance.randrange(60, 30_000))
            subscriber = chance.randrange(count) % 10**7
            phone = chance.choice(("+35840{:07}", "040{:07}", "040-{:07}")).format(subscriber)
            language, service = chance.choice(("fi", "sv", "en", "")), chance.choice(("gp", "nurse"))
            unit, moment = chance.choice(units), f"{ended_at:%Y-%m-%dT%H:%M}"
            writer.writerow([f"V{place}", unit, moment, phone, language, "30-44", "", service, "visit", ""])
