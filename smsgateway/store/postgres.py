"""PostgreSQL through psycopg's pool: the engine for several nodes."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from psycopg.errors import DeadlockDetected, SerializationFailure
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout, TooManyRequests

from smsgateway.store.base import Row, Store, StoreProblem, StoreUnavailable, Transaction, Unmigratable
from smsgateway.store.queryfiles import load_queries, migration_steps
from smsgateway.store.sqlite import newer_schema

T = TypeVar("T")

LOST_RACES_AT_MOST = 5
LOST_RACE_WAIT = 0.02
"""Seconds, at most, before the first repeat of a lost race."""
WAITS_FOR_CONNECTION = 5.0
"""Seconds: a webhook is answered within the carrier's 15, if need be by a refusal that it repeats."""
WAITING_AT_MOST = 1_000
"""Requests for a connection; one more is refused and not left to wait."""
MIGRATION_LOCK = 0x534D5347
"""Any fixed number ("SMSG"): the advisory lock that lets one process migrate at a time."""


class PostgresStore(Store):
    engine = "postgres"

    def __init__(self, address: str, connections: int = 12) -> None:
        self._queries = load_queries("postgres")
        check_address(address)
        self._pool: ConnectionPool[psycopg.Connection[Row]] = ConnectionPool(
            address,
            min_size=1,
            max_size=connections,
            timeout=WAITS_FOR_CONNECTION,
            max_waiting=WAITING_AT_MOST,
            open=False,
            kwargs={"row_factory": dict_row, "autocommit": True},
        )
        try:
            self._pool.open(wait=True, timeout=10)
        except PoolTimeout as error:
            self._pool.close()
            raise StoreUnavailable(
                "the PostgreSQL database does not answer: check the address in SMSGATEWAY_DATABASE_URL and that "
                "the server runs"
            ) from error

    def write(self, work: Callable[[Transaction], T]) -> T:
        asked = time.perf_counter()
        result = self._write(work)
        self.timed(time.perf_counter() - asked)
        return result

    def waiting(self) -> int:
        return self._pool.get_stats().get("requests_waiting", 0)

    def _write(self, work: Callable[[Transaction], T]) -> T:
        for attempt in range(1, LOST_RACES_AT_MOST + 1):
            try:
                with self._connection() as connection, connection.transaction():
                    return work(Transaction(self._queries, connection, self.engine))
            except (DeadlockDetected, SerializationFailure) as lost:
                if attempt == LOST_RACES_AT_MOST:
                    raise StoreUnavailable(f"the database is too busy: {type(lost).__name__}") from lost
                # Apart, or those who met would meet again.
                time.sleep(random.uniform(0, LOST_RACE_WAIT * attempt))
            except (psycopg.OperationalError, PoolTimeout) as error:
                raise StoreUnavailable(f"the database did not take the change: {type(error).__name__}") from error
        raise AssertionError("the loop above returns or raises")

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        try:
            with self._connection() as connection, connection.transaction():
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield StreamingTransaction(self._queries, connection, self.engine)
        except psycopg.OperationalError as error:
            raise StoreUnavailable(f"the database cannot be read: {type(error).__name__}") from error

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Row]]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, TooManyRequests) as error:
            raise StoreUnavailable("the database does not answer: all connections are taken or lost") from error

    def migrate(self) -> list[str]:
        with self._connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATION_LOCK])
            connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_step (name TEXT PRIMARY KEY, applied_at TIMESTAMPTZ DEFAULT now())"
            )
            applied = {row["name"] for row in connection.execute("SELECT name FROM schema_step")}
            steps = migration_steps(self.engine)
            if unknown := applied - set(steps):
                raise Unmigratable(newer_schema(connection.info.dbname, unknown))
            pending = [name for name in steps if name not in applied]
            for name in pending:
                for text in steps[name]:
                    connection.execute(text.encode())
                connection.execute("INSERT INTO schema_step (name) VALUES (%s)", [name])
        return pending

    def close(self) -> None:
        self._pool.close()


def check_address(address: str) -> None:
    """One connection before the pool's, which would only say after its time that nobody answers, and not why."""
    try:
        psycopg.connect(address, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise StoreUnavailable(
            f"the PostgreSQL database does not answer ({why}): check the address in SMSGATEWAY_DATABASE_URL and that "
            "the server runs"
        ) from None
    except psycopg.ProgrammingError:
        # Its message would quote the address, password and all.
        raise StoreProblem(
            "the PostgreSQL address in SMSGATEWAY_DATABASE_URL cannot be read: write it like "
            "postgresql://user@host/database"
        ) from None


class StreamingTransaction(Transaction):
    def _stream(self, sql: str, values: object) -> Iterator[Row]:
        with self.connection.cursor(name="stream") as cursor:
            cursor.itersize = 5_000
            yield from cursor.execute(sql, values)
