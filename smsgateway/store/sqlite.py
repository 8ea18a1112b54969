"""SQLite: one file, one writer thread that joins waiting transactions into one commit, readers beside it."""

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database, Migrations

from smsgateway.store.base import Row, Store, StoreUnavailable, Transaction, Unmigratable
from smsgateway.store.queryfiles import load_queries, migration_steps

T = TypeVar("T")
Job = tuple[Callable[[Transaction], Any], "Future[Any]"]

BUSY_SECONDS = 10.0
WRITER_BUSY_SECONDS = 5.0
"""How long a change waits for another process's: a webhook behind one that waits is still answered within the
carrier's 15 seconds, if need be by a refusal that it repeats."""
WAITING_AT_MOST = 1_000
"""Changes in line for the writer; one more is refused and not left to wait."""
PRAGMAS = (
    "synchronous=FULL",  # acknowledged means on disk
    "foreign_keys=ON",
    "cache_size=-65536",  # 64 MiB, in KiB: an import's indexes stay in memory
    "wal_autocheckpoint=8000",  # pages; fewer, larger checkpoints
)
JOINED_AT_MOST = 64
"""Transactions per commit: beyond this an fsync is no longer what one waits for (design: group commit)."""


class SqliteStore(Store):
    engine = "sqlite"

    def __init__(self, path: Path, *, busy: float = WRITER_BUSY_SECONDS, waiting: int = WAITING_AT_MOST) -> None:
        """`busy`: seconds that a change waits for another process's. `waiting`: changes in line, at most."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(
                f"the folder {path.parent} of the database cannot be made ({error.strerror}): correct "
                "SMSGATEWAY_DATABASE_URL"
            ) from error
        self._queries = load_queries("sqlite")
        self._readers: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._jobs: queue.Queue[Job | None] = queue.Queue(maxsize=waiting)
        self._closed = False
        self._closing = threading.Lock()
        self._database = Database(self._connect(), execute_plugins=False)
        self._database.conn.execute(f"PRAGMA busy_timeout={int(busy * 1000)}")
        self._writer = threading.Thread(target=self._write_jobs, name="store-writer", daemon=True)
        self._writer.start()

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                prepare(connection)
            except sqlite3.Error:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise StoreUnavailable(f"the database {self._path} cannot be opened: {error}") from error
        return connection

    def write(self, work: Callable[[Transaction], T]) -> T:
        asked = time.perf_counter()
        done: Future[T] = Future()
        with self._closing:  # nothing may queue up behind the end of the queue, or it would wait for ever
            if self._closed:
                raise StoreUnavailable("the database is closed: the service is stopping")
            try:
                self._jobs.put_nowait((work, done))
            except queue.Full:
                raise StoreUnavailable(f"the database is too busy: {self.waiting()} changes wait already") from None
        result = done.result()
        self.timed(time.perf_counter() - asked)
        return result

    def waiting(self) -> int:
        return self._jobs.qsize()

    def _write_jobs(self) -> None:
        while (job := self._jobs.get()) is not None:
            batch = [job]
            with suppress(queue.Empty):
                while len(batch) < JOINED_AT_MOST:
                    following = self._jobs.get_nowait()
                    if following is None:
                        self._jobs.put(None)
                        break
                    batch.append(following)
            self._commit_together(batch)

    def _commit_together(self, batch: list[Job]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            self._database.conn.execute("BEGIN IMMEDIATE")
            for work, done in batch:
                outcomes.append((done, *self._attempt(work)))
            self._database.conn.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._database.conn.execute("ROLLBACK")
            for _, done in batch:
                done.set_exception(StoreUnavailable(f"the database {self._path} did not take the change: {error}"))
            return
        for done, result, problem in outcomes:
            if problem is None:
                done.set_result(result)
            else:
                done.set_exception(problem)

    def _attempt(self, work: Callable[[Transaction], Any]) -> tuple[Any, BaseException | None]:
        """One work in its own savepoint: its failure is its own, its neighbours go on."""
        try:
            with self._database.atomic():
                return work(Transaction(self._queries, self._database.conn, self.engine)), None
        except sqlite3.OperationalError:
            raise  # the disk or the file, not this work
        except BaseException as problem:  # noqa: BLE001 (handed to the caller who waits for it)
            return None, problem

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        try:
            connection = self._readers.get_nowait()
        except queue.Empty:
            connection = self._connect()
        try:
            connection.execute("BEGIN")
            try:
                yield Transaction(self._queries, connection, self.engine)
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(f"the database {self._path} cannot be read: {error}") from error
        finally:
            if self._closed:
                connection.close()
            else:
                self._readers.put(connection)

    def migrate(self) -> list[str]:
        steps = Migrations("smsgateway")
        for name, texts in migration_steps(self.engine).items():
            steps(name=name)(migration(texts))
        connection = self._connect()
        connection.row_factory = None  # sqlite-utils reads its rows by position
        try:
            return self._apply(steps, Database(connection, execute_plugins=False))
        except sqlite3.Error as error:
            raise StoreUnavailable(f"the database {self._path} cannot be migrated: {error}") from error
        finally:
            connection.close()

    def _apply(self, steps: Migrations, database: Database) -> list[str]:
        # The lock: a second process that starts now waits here, then finds nothing left to do.
        database.conn.execute("BEGIN IMMEDIATE")
        unknown = {step.name for step in steps.applied(database)} - set(migration_steps(self.engine))
        if unknown:
            raise Unmigratable(newer_schema(str(self._path), unknown))
        pending = [step.name for step in steps.pending(database)]
        steps.apply(database)
        database.conn.execute("COMMIT")
        return pending

    def close(self) -> None:
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._writer.join()
        self._database.conn.close()
        with suppress(queue.Empty):
            while True:
                self._readers.get_nowait().close()


def prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = named_row
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            # Two processes that make the file together: SQLite does not wait here, whatever its time-out is.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def migration(texts: list[str]) -> Callable[[Database], None]:
    def migrate(database: Database) -> None:
        for text in texts:
            database.conn.execute(text)

    return migrate


def named_row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}


def newer_schema(where: str, unknown: set[str]) -> str:
    return (
        f"the database {where} was written by a newer version of the gateway "
        f"(it has {', '.join(sorted(unknown))}): upgrade the gateway, or restore a backup made by this version"
    )
