"""A CSV file of visits: its rows judged one by one, taken in by batches, the refused ones given back."""

import csv
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO

from smsgateway.gateway import GatewayProblem
from smsgateway.intake.csvfile import Form, Record, check_columns, examine, records
from smsgateway.intake.organisation import Organisation
from smsgateway.intake.visit_row import OPTIONAL, REQUIRED, Refused, VisitRow, visit_row
from smsgateway.intake.visits import Taken, already_here
from smsgateway.store import Store
from smsgateway.store.values import moment_text

BATCH = 1000
"""Rows per transaction: a webhook that waits for the writer waits for some 100 ms."""

ADDED = ("line", "reason")
"""The columns that a rejects file has before its own, and that are passed over when it is imported corrected."""

Take = Callable[[Sequence[VisitRow]], Taken]
Reject = Callable[[Record, Refused], None]


@dataclass(slots=True)
class Outcome:
    """`ahead` of the taken visits end more than a day from now: a wrong clock or a slip of the pen, which is
    told and no reason to lose them."""

    taken: Taken = field(default_factory=Taken)
    rejected: Counter[str] = field(default_factory=Counter)
    unknown_columns: tuple[str, ...] = ()
    ahead: int = 0


def import_visits(
    stream: IO[bytes],
    form: Form,
    organisation: Organisation,
    now: datetime,
    take: Take,
    reject: Reject,
    progress: Callable[[float], None],
) -> Outcome:
    """Reads an examined file at constant memory: `take` is given the good rows, `reject` the others.

    `progress` is told the line reached.
    """
    outcome = Outcome(unknown_columns=unknown_columns(form))
    tomorrow = moment_text(now + timedelta(days=1))
    rows = records(stream, form)
    while batch := list(islice(rows, BATCH)):
        good: list[VisitRow] = []
        for record in batch:
            try:
                good.append(judged(record, form, organisation))
            except Refused as refused:
                outcome.rejected[refused.reason] += 1
                reject(record, refused)
        if good:
            outcome.taken += take(good)
            outcome.ahead += sum(row.ended_at > tomorrow for row in good)
        progress(batch[-1].line)
    return outcome


def examine_visits(stream: IO[bytes], name: str) -> Form:
    """The form of a usable file of visits; raises `FileProblem` before anything is taken from it."""
    form = examine(stream, name)
    check_columns(form, REQUIRED)
    return form


def unknown_columns(form: Form) -> tuple[str, ...]:
    known = {"", *REQUIRED, *OPTIONAL, *ADDED}
    return tuple(column for column in form.header if column not in known)


def judged(record: Record, form: Form, organisation: Organisation) -> VisitRow:
    if not record.whole:
        raise Refused("unclosed_quote", "a quotation mark is not closed, or stands within a cell")
    if len(record.cells) != len(form.header):
        counts = f"{len(record.cells)} cells for {len(form.header)} columns"
        raise Refused("wrong_columns", f"the row has {counts}; a cell with the delimiter in it needs quotes")
    return visit_row(dict(zip(form.header, record.cells, strict=True)), organisation)


@contextmanager
def rejects_file(path: Path, form: Form) -> Iterator[Reject]:
    """Writes refused rows as they were, with line and reason before them; without any there is no file.

    Only its owner may read the file: it holds phone numbers.
    """
    places = [place for place, column in enumerate(form.header) if column not in ADDED]
    refused = 0

    def reject(record: Record, why: Refused) -> None:
        nonlocal refused
        if not refused:
            writer.writerow([*ADDED, *(form.header[place] for place in places)])
        refused += 1
        beyond = record.cells[len(form.header) :]
        kept = [record.cells[place] for place in places if place < len(record.cells)]
        writer.writerow([record.line, f"{why.reason}: {why}", *kept, *beyond])

    try:
        file = open(path, "w", encoding=form.encoding, newline="", opener=_private)  # noqa: SIM115 (closed below)
    except OSError as error:
        raise GatewayProblem(f"the rejects file {path} cannot be written: {error.strerror}") from None
    with file:
        writer = csv.writer(file, delimiter=form.delimiter, lineterminator="\n")
        yield reject
    if not refused and path.is_file():
        path.unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def rehearsal(store: Store) -> Iterator[Take]:
    """Counts as `take_in` would, and writes nothing. What it has met is kept in a nameless file, not in memory."""
    with closing(sqlite3.connect("", isolation_level=None)) as met:
        met.execute("PRAGMA synchronous = OFF")
        met.execute("CREATE TABLE met (unit_id, visit_id, PRIMARY KEY (unit_id, visit_id)) WITHOUT ROWID")

        def take(rows: Sequence[VisitRow]) -> Taken:
            keys = [{"unit_id": row.unit_id, "visit_id": row.visit_id, "visit_key": ""} for row in rows]
            with store.read() as transaction:
                known = {(row["unit_id"], row["visit_id"]) for row in already_here(transaction, keys)}
            fresh = [key for row in rows if (key := (row.unit_id, row.visit_id)) not in known]
            met.execute("BEGIN")
            accepted = met.executemany("INSERT OR IGNORE INTO met VALUES (?, ?)", fresh).rowcount if fresh else 0
            met.execute("COMMIT")
            return Taken(accepted, len(rows) - accepted)

        yield take
