"""What both engines promise: named queries inside transactions, durable when `write` returns."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

Row = dict[str, Any]
T = TypeVar("T")


class StoreProblem(Exception):
    """The database cannot be used; the sentence says why and what to do.

    - `StoreUnavailable`: for now (locked, disk full, unreachable); what was asked may be asked again.
    - `Unmigratable`: its schema was written by a newer version; upgrade, or restore a backup.
    """


class StoreUnavailable(StoreProblem):
    pass


class Unmigratable(StoreProblem):
    pass


class Transaction:
    """Named queries on one open transaction. Names are those in `queries/*.sql`; values are bound, never pasted."""

    def __init__(self, queries: Any, connection: Any, engine: str) -> None:
        self._queries = queries
        self.connection = connection
        self.engine = engine

    def rows(self, query: str, /, **values: object) -> list[Row]:
        return list(getattr(self._queries, query)(self.connection, **values))

    def one(self, query: str, /, **values: object) -> Row | None:
        row: Row | None = getattr(self._queries, query)(self.connection, **values)
        return row

    def value(self, query: str, /, **values: object) -> Any:
        return getattr(self._queries, query)(self.connection, **values)

    def run(self, query: str, /, **values: object) -> int:
        """Executes a change and answers how many rows it touched."""
        touched: int = getattr(self._queries, query)(self.connection, **values)
        return touched

    def run_many(self, query: str, /, rows: Iterable[Mapping[str, object]]) -> None:
        rows = list(rows)
        if rows:
            getattr(self._queries, query)(self.connection, rows)

    def stream(self, query: str, /, **values: object) -> Iterator[Row]:
        """The rows one by one, at constant memory; valid while the transaction lives."""
        return self._stream(getattr(self._queries, query).sql, values)

    def _stream(self, sql: str, values: Mapping[str, object]) -> Iterator[Row]:
        cursor = self.connection.cursor()
        try:
            yield from cursor.execute(sql, values)
        finally:
            cursor.close()


class Store(ABC):
    """A database of this service. Safe to share between threads."""

    engine: str
    timed: Callable[[float], object] = staticmethod(lambda seconds: None)
    """Told for each change how many seconds passed from `write` until it was on disk: for a histogram."""

    def waiting(self) -> int:
        """How many changes wait for the one that is being made."""
        return 0

    @abstractmethod
    def write(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in a transaction of its own and answers its result once that is on disk.

        `work` may be run again after a lost race, so it must not reach outside the transaction.
        An exception undoes this work alone and is raised here.
        """

    @abstractmethod
    def read(self) -> AbstractContextManager[Transaction]:
        """One consistent view of the data, for reading."""

    @abstractmethod
    def migrate(self) -> list[str]:
        """Brings the schema to this version's, under a lock; answers the names of the steps taken."""

    @abstractmethod
    def close(self) -> None: ...
