"""Disk full, database locked, too many in line: refused with 503, so that the carrier repeats it; then right again."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from smsgateway.gateway import Gateway
from smsgateway.store import StoreUnavailable, Transaction
from smsgateway.store.sqlite import SqliteStore
from surveys.definition import Catalogue
from tests.conftest import StandingClock
from tests.outbox.conftest import settings_for
from tests.outbox.county import County
from tests.webhooks.phone import EMPTY, Line


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


@pytest.fixture
def impatient(path: Path, catalogue: Catalogue, clock: StandingClock) -> Iterator[Gateway]:
    """A gateway that waits for nobody."""
    store = SqliteStore(path, busy=0.01, waiting=3)
    store.migrate()
    yield Gateway(settings_for(f"sqlite:///{path}"), store, catalogue, clock)
    store.close()


def heard(gateway: Gateway) -> list[str]:
    with gateway.store.read() as transaction:
        return [row["message_sid"] for row in transaction.connection.execute("SELECT message_sid FROM inbound")]


def test_a_locked_database_is_a_503_and_the_repeat_is_taken(
    impatient: Gateway, path: Path, clock: StandingClock
) -> None:
    line = Line(County(impatient, clock).gateway)
    with closing(sqlite3.connect(path, isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        response = line.sms("5", MessageSid="SM1")
        another.execute("ROLLBACK")

    assert (response.status_code, response.text) == (503, EMPTY)
    assert line.sms("5", MessageSid="SM1").status_code == 200
    assert heard(impatient) == ["SM1"]


def test_a_full_disk_is_a_503_and_loses_nothing_that_was_acknowledged(impatient: Gateway, clock: StandingClock) -> None:
    line = Line(County(impatient, clock).gateway)
    assert isinstance(impatient.store, SqliteStore)
    connection = impatient.store._database.conn
    (pages,) = connection.execute("PRAGMA page_count").fetchone().values()
    connection.execute(f"PRAGMA max_page_count={pages + 2}")

    statuses = [line.sms("hyvä " * 250, MessageSid=f"SM{place}").status_code for place in range(12)]

    assert set(statuses) == {200, 503}
    acknowledged = [f"SM{place}" for place, status in enumerate(statuses) if status == 200]
    assert sorted(heard(impatient)) == sorted(acknowledged)
    connection.execute("PRAGMA max_page_count=1000000")
    assert line.sms("5", MessageSid="SM99").status_code == 200


def test_when_too_many_changes_wait_the_next_is_refused_and_not_left_to_wait(impatient: Gateway) -> None:
    store = impatient.store
    begun, go_on = threading.Event(), threading.Event()

    def hold(transaction: Transaction) -> None:
        begun.set()
        go_on.wait(20)

    waiting = [threading.Thread(target=store.write, args=(hold,), daemon=True)]
    waiting[0].start()
    assert begun.wait(20)
    waiting += [threading.Thread(target=store.write, args=(lambda transaction: None,), daemon=True) for _ in range(3)]
    for thread in waiting[1:]:
        thread.start()
    while store.waiting() < 3:
        begun.wait(0)

    with pytest.raises(StoreUnavailable, match="3 changes wait already"):
        store.write(lambda transaction: None)

    go_on.set()
    for thread in waiting:
        thread.join(20)
    store.write(lambda transaction: None)
