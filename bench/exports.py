"""`export answers` as CSV over a million answers: time against a bare cursor, and memory against a small export."""

import csv
import os
import re
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from smsgateway.exports.destination import destination
from smsgateway.exports.export import ANSWERS, export
from smsgateway.figures.rollups import Count, count
from smsgateway.figures.selection import EVERY_DAY, Selection
from smsgateway.store import Transaction, open_store
from smsgateway.store.queryfiles import load_queries
from surveys.definition import load_catalogue

SIZE = int(os.environ.get("BENCH_ANSWERS", "1000000"))
SMALL = 10_000
UNITS = 12

# A rating and a comment for each visit, over the units and a year. Their channel is the web: no text came with them.
FILL = """
CREATE TEMP TABLE place AS
WITH RECURSIVE g (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM g WHERE n < UNITS - 1) SELECT n FROM g;
CREATE TEMP TABLE planned AS
WITH RECURSIVE g (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM g WHERE n < VISITS - 1)
SELECT n, printf('%08x-0000-7000-8000-%012x', n, n) AS key, 'unit-' || (n * 31 % UNITS) AS unit,
       date('2025-12-01', '+' || (n * 365 / VISITS) || ' days') AS day
FROM g;
INSERT INTO unit (unit_id, name, position, schedules) SELECT 'unit-' || n, '', n, '' FROM place;
INSERT INTO contact (contact_id, lookup, sealed, created_at) VALUES ('c', 'c', '1.', '2025-12-01T00:00:00.000000Z');
INSERT INTO visit (visit_key, unit_id, visit_id, contact_id, ended_at, day, age_band, gender, service, visit_type,
                   consent, received_at, decision)
SELECT key, unit, key, 'c', day || 'T09:30:00.000000Z', day, '35-44', 'f', 'general practice', 'appointment',
       1, day || 'T10:00:00.000000Z', 'invited' FROM planned;
INSERT INTO invitation (invitation_id, visit_key, unit_id, contact_id, day, visit_ended_at, survey, survey_version,
                        language, schedule, send_at, closes_at, answered_at)
SELECT key, key, unit, 'c', day, day || 'T09:30:00.000000Z', 'visit', 1,
       'fi', '', day || 'T11:30:00.000000Z', day || 'T23:00:00.000000Z', day || 'T12:00:00.000000Z' FROM planned;
INSERT INTO outbox (text_id, invitation_id, purpose, status, due_at, expires_at, delivery)
SELECT key, key, 'invitation', 'sent', day, day, 'delivered' FROM planned;
INSERT INTO answer (answer_id, invitation_id, message_sid, unit_id, day, survey, survey_version, question, kind, value,
                    comment, language, channel, visit_ended_at, answered_at, late, flags)
SELECT key || kind, key, key, unit, day, 'visit', 1, kind, kind, CASE kind WHEN 'rating' THEN 1 + n * 7 % 5 END,
       CASE kind WHEN 'comment' THEN 'Odotin vain hetken, ja hoitaja kuunteli. Kiitos! ' || n END,
       'fi', 'web', day || 'T09:30:00.000000Z', day || 'T12:00:00.000000Z', 0, ''
FROM planned JOIN (SELECT 'rating' AS kind UNION ALL SELECT 'comment');
"""


class Run(NamedTuple):
    """Seconds, and the most memory (MiB) that a process of its own held at once."""

    seconds: float
    mebibytes: float


@contextmanager
def filled_database(answers: int) -> Iterator[Path]:
    """A SQLite database with so many answers, put in by SQL: the way of a text is measured elsewhere."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        path = Path(folder) / "gateway.db"
        store = open_store(f"sqlite:///{path}")
        bare = sqlite3.connect(path)
        bare.executescript(FILL.replace("VISITS", str(answers // 2)).replace("UNITS", str(UNITS)))
        bare.close()
        store.write(count_everything)
        store.close()
        yield path


def count_everything(transaction: Transaction) -> None:
    """The counts that the tables ask for: what `verify` finds missing."""
    missing = transaction.rows("rollup_differences")
    count(
        transaction,
        {
            Count(row["unit_id"], row["day"], row["survey"], row["measure"], row["value"]): row["expected"]
            for row in missing
            if row["day"]
        },
    )


def run() -> Iterator[dict[str, object]]:
    with filled_database(SIZE) as path, filled_database(SMALL) as small_path:
        in_a_process_of_its_own(bare_export, path)  # fills the machine's cache of the file, for both alike
        floor = in_a_process_of_its_own(bare_export, path)
        ours = in_a_process_of_its_own(export_answers, path)
        small = in_a_process_of_its_own(export_answers, small_path)
    yield row(f"export csv, {SIZE:,} answers", ours.seconds, "s", floor.seconds)
    yield row(f"export csv, {SIZE:,} answers: memory", ours.mebibytes, "MiB", floor.mebibytes)
    yield row(f"memory against {SMALL:,} answers", ours.mebibytes, "MiB", small.mebibytes)


def row(name: str, value: float, unit: str, floor: float) -> dict[str, object]:
    return {"name": name, "value": value, "unit": unit, "floor": floor, "ratio": value / floor}


def in_a_process_of_its_own(work: Callable[[Path], None], path: Path) -> Run:
    with ProcessPoolExecutor(1, get_context("spawn")) as processes:
        return processes.submit(measured, work, path).result()


def measured(work: Callable[[Path], None], path: Path) -> Run:
    started = perf_counter()
    work(path)
    return Run(perf_counter() - started, peak_mebibytes())


def peak_mebibytes() -> float:
    """From Linux's own book where there is one: `ru_maxrss` would also count what the parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text("ascii"))
        assert found
        return int(found[1]) / 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1024**2


def export_answers(path: Path) -> None:
    store = open_store(f"sqlite:///{path}")
    with store.read() as transaction, destination(str(path.with_suffix(".csv"))) as out:
        export(transaction, load_catalogue(), "answers", "csv", Selection(), out)
    store.close()


def bare_export(path: Path) -> None:
    """The floor: the same query, a bare cursor, the csv module."""
    connection = sqlite3.connect(path)
    first, last = EVERY_DAY
    sql = load_queries("sqlite").export_answers.sql
    cursor = connection.execute(sql, {"unit": None, "from_day": first, "to_day": last})
    with path.with_suffix(".floor.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(ANSWERS)
        writer.writerows(cursor)
    connection.close()
