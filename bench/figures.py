"""Figures over a million answers, against one indexed SELECT of as many counts as they are computed from."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from bench.exports import SIZE, filled_database, row
from smsgateway.figures.selection import Selection
from smsgateway.figures.summary import By, figures
from smsgateway.figures.verify import verify
from smsgateway.store import Store, open_store
from surveys.definition import Catalogue, load_catalogue

REPEATS = 20

TOTALS = "SELECT unit_id, survey, measure, value, n FROM rollup_total ORDER BY unit_id, survey, measure, value"
ONE_UNIT = "SELECT day, survey, measure, value, n FROM rollup WHERE unit_id = 'unit-3' ORDER BY day"
FROM_ANSWERS = "SELECT unit_id, survey, question, value, COUNT(*) FROM answer GROUP BY 1, 2, 3, 4"


def run() -> Iterator[dict[str, object]]:
    catalogue = load_catalogue()
    with filled_database(SIZE) as path:
        store = open_store(f"sqlite:///{path}")
        floors = {sql: select(path, sql) for sql in (TOTALS, ONE_UNIT)}
        all_time = ask(store, catalogue, Selection(), ("unit",))
        months = ask(store, catalogue, Selection("unit-3"), ("unit", "month"))
        grouped = fastest(lambda: select_once(path, FROM_ANSWERS), repeats=1)
        seconds = fastest(lambda: recount(store), repeats=1)
        store.close()
    yield row(f"figures of all units, {SIZE:,} answers", all_time, "ms", floors[TOTALS])
    yield row(f"figures of a unit by month, {SIZE:,} answers", months, "ms", floors[ONE_UNIT])
    yield row(f"verify, {SIZE:,} answers", seconds, "ms", grouped)


def ask(store: Store, catalogue: Catalogue, selection: Selection, by: tuple[By, ...]) -> float:
    def once() -> None:
        with store.read() as transaction:
            figures(transaction, catalogue, selection, by)

    return fastest(once)


def recount(store: Store) -> None:
    with store.read() as transaction:
        assert verify(transaction) == []


def select(path: Path, sql: str) -> float:
    return fastest(lambda: select_once(path, sql))


def select_once(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(sql).fetchall()
    connection.close()


def fastest(work: Callable[[], None], repeats: int = REPEATS) -> float:
    """Milliseconds of the fastest of some repeats."""
    times = []
    for _ in range(repeats):
        started = perf_counter()
        work()
        times.append(1000 * (perf_counter() - started))
    return min(times)
