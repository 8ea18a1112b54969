"""The SQL files: every query prepares on both engines, is used, and every one used is there."""

import inspect
import re
from pathlib import Path

import psycopg
import pytest

from smsgateway.store import Store
from smsgateway.store.queryfiles import files_for, load_queries

ROOT = Path(__file__).parent.parent.parent
CALL = re.compile(r"\.(?:rows|one|value|run|run_many|stream)\(\s*\"(\w+)\"")
NAMED = re.compile(r"^-- name: (\w+)", re.MULTILINE)


def names(engine: str) -> list[str]:
    return [name for path in files_for(engine, "queries") for name in NAMED.findall(path.read_text("utf-8"))]


def parameters(sql: str, sign: str) -> set[str]:
    return set(re.findall(sign, sql))


@pytest.mark.parametrize("name", sorted(names("sqlite")))
def test_it_prepares_on_both_engines(name: str, sqlite_store: Store, postgres_store: Store) -> None:
    for store in (sqlite_store, postgres_store):
        sql = getattr(load_queries(store.engine), name).sql
        store.write(lambda transaction, sql=sql: explained(transaction.connection, transaction.engine, sql))  # type: ignore[misc]


def explained(connection, engine: str, sql: str) -> None:  # type: ignore[no-untyped-def] # either driver's
    if engine == "sqlite":
        values = dict.fromkeys(parameters(sql, r":(\w+)"))
        connection.execute(f"EXPLAIN {sql}", values).fetchall()
        return
    named = sorted(parameters(sql, r"%\((\w+)\)s"))
    for place, parameter in enumerate(named, 1):
        sql = sql.replace(f"%({parameter})s", f"${place}")
    connection.execute(f"PREPARE checked AS {sql.rstrip().rstrip(';')}")
    connection.execute("DEALLOCATE checked")


def test_both_engines_have_the_same_queries_with_the_same_parameters() -> None:
    sqlite, postgres = load_queries("sqlite"), load_queries("postgres")

    assert sorted(names("sqlite")) == sorted(names("postgres"))
    for name in names("sqlite"):
        assert inspect.signature(getattr(sqlite, name)) == inspect.signature(getattr(postgres, name))


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_name_is_given_once(engine: str) -> None:
    assert len(names(engine)) == len(set(names(engine)))


def sources() -> str:
    return "\n".join(path.read_text("utf-8") for path in (ROOT / "smsgateway").rglob("*.py"))


def test_every_query_that_is_called_exists() -> None:
    called = set(CALL.findall(sources()))

    assert called
    assert called - set(names("sqlite")) == set()


def test_every_query_is_named_in_the_code() -> None:
    named = set(re.findall(r'"(\w+)"', sources()))

    assert set(names("sqlite")) - named == set()


@pytest.mark.parametrize("path", sorted((ROOT / "smsgateway/store/queries").glob("*.sql")), ids=lambda path: path.name)
def test_it_is_written_for_both_drivers(path: Path) -> None:
    text = path.read_text("utf-8")

    assert "%" not in text  # psycopg reads it as a placeholder
    assert "::" not in text  # SQLite knows no such cast


def test_a_query_that_one_engine_refuses_is_found(postgres_store: Store) -> None:
    with pytest.raises(psycopg.Error):
        postgres_store.write(lambda transaction: explained(transaction.connection, "postgres", "SELECT GLOB('a', 'b')"))
