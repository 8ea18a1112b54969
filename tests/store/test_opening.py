"""From an address to a store, or to one sentence that says why not."""

import multiprocessing
from pathlib import Path

import pytest

from smsgateway.store import Store, StoreProblem, StoreUnavailable, Unmigratable, open_store
from smsgateway.store.opening import sqlite_path
from smsgateway.store.queryfiles import migration_steps, statements


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("sqlite:///data/gateway.db", "data/gateway.db"),
        ("sqlite:////srv/gateway.db", "/srv/gateway.db"),
        ("sqlite:///with space.db", "with space.db"),
    ],
)
def test_a_path_has_three_slashes_before_it(address: str, path: str) -> None:
    assert sqlite_path(address) == Path(path)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("sqlite://gateway.db", "three slashes"),
        ("sqlite:///", "three slashes"),
        ("sqlite:gateway.db", "three slashes"),
        ("mysql://root@host/db", 'begins with "mysql:"'),
        ("gateway.db", "SMSGATEWAY_DATABASE_URL"),
        ("", "SMSGATEWAY_DATABASE_URL"),
        ("postgresql://user:pass word@[nowhere", "PostgreSQL"),
        ("postgresql://nobody@127.0.0.1:1/gateway", "does not answer"),
    ],
)
def test_an_address_that_is_none_is_one_sentence(address: str, sentence: str) -> None:
    with pytest.raises(StoreProblem, match=sentence) as problem:
        open_store(address)
    assert "pass word" not in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear reader, " * 100)

    with pytest.raises(StoreUnavailable, match="not a database"):
        open_store(f"sqlite:///{file}")
    assert file.read_text().startswith("Dear reader")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnavailable, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path}/file/below/gateway.db")


def test_a_folder_in_place_of_the_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}")


def newer(store: Store) -> None:
    sql = {
        "sqlite": "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "VALUES ('smsgateway', '9999_from_the_future', '2030')",
        "postgres": "INSERT INTO schema_step (name) VALUES ('9999_from_the_future')",
    }[store.engine]
    store.write(lambda transaction: transaction.connection.execute(sql) and None)


def test_a_newer_versions_database_is_refused(store: Store, database_address: str) -> None:
    newer(store)

    with pytest.raises(Unmigratable, match=r"newer version .*9999_from_the_future.*upgrade the gateway"):
        open_store(database_address)


def test_migrating_again_does_nothing(store: Store) -> None:
    assert store.migrate() == []


def opened_in_a_process(address: str) -> list[str]:
    store = open_store(address, migrate=False)
    try:
        return store.migrate()
    finally:
        store.close()


def test_two_processes_migrate_a_new_file_once(tmp_path: Path) -> None:
    together(f"sqlite:///{tmp_path}/new.db")


def test_two_processes_migrate_a_new_postgresql_once(empty_postgres: str) -> None:
    together(empty_postgres)


def together(address: str) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        taken = pool.map(opened_in_a_process, [address] * 2, chunksize=1)
        pool.close()
        pool.join()
    assert sorted(taken) == [[], list(migration_steps("sqlite"))]


def test_a_script_is_read_statement_by_statement() -> None:
    script = "-- first; not an end\nCREATE TABLE a (b);\nINSERT INTO a VALUES (';');\n"

    assert statements(script) == ["-- first; not an end\nCREATE TABLE a (b);", "INSERT INTO a VALUES (';');"]


def test_a_script_that_ends_within_a_statement_is_refused() -> None:
    with pytest.raises(ValueError, match="ends within a statement"):
        statements("CREATE TABLE a (b")
