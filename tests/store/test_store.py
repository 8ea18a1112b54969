"""What both engines promise, asked of both."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from smsgateway.store import Store, StoreUnavailable, Transaction, open_store


def add(transaction: Transaction, name: str) -> str:
    transaction.run_many("add_contact", [{"contact_id": name, "lookup": name, "sealed": "1.x", "now": "2026"}])
    return name


def found(store: Store, *names: str) -> list[str]:
    with store.read() as transaction:
        return [name for name in names if transaction.one("contact_by_lookup", lookup=name)]


def test_a_write_answers_what_its_work_answers(store: Store) -> None:
    assert store.write(lambda transaction: add(transaction, "a")) == "a"


def test_what_write_returned_another_connection_sees(store: Store, database_address: str) -> None:
    store.write(lambda transaction: add(transaction, "a"))
    other = open_store(database_address)
    try:
        assert found(other, "a") == ["a"]
    finally:
        other.close()


def test_a_failing_work_is_undone_and_its_error_is_the_callers(store: Store) -> None:
    def failing(transaction: Transaction) -> None:
        add(transaction, "a")
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        store.write(failing)
    assert found(store, "a") == []


def test_one_failing_work_leaves_its_neighbours_in_the_same_commit(store: Store) -> None:
    gate = threading.Event()

    def work(place: int) -> str:
        def run(transaction: Transaction) -> str:
            gate.wait(5)  # so that the others wait together behind the first
            add(transaction, str(place))
            if place % 3 == 0:
                raise ValueError(place)
            return str(place)

        return store.write(run)

    with ThreadPoolExecutor(10) as pool:
        jobs = [pool.submit(work, place) for place in range(30)]
        gate.set()
    failed = [place for place, job in enumerate(jobs) if job.exception()]

    assert failed == list(range(0, 30, 3))
    assert len(found(store, *map(str, range(30)))) == 20


def test_a_broken_rule_of_the_schema_is_the_works_own_failure(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        store.write(
            lambda transaction: transaction.run(
                "put_unit", unit_id="a", name="{}", parent="no such", position=0, paused=0, schedules="[]"
            )
        )
    assert store.write(lambda transaction: add(transaction, "b")) == "b"


def test_a_reader_sees_one_moment_of_the_data(store: Store) -> None:
    with store.read() as transaction:
        assert transaction.one("contact_by_lookup", lookup="a") is None
        store.write(lambda writing: add(writing, "a"))
        assert transaction.one("contact_by_lookup", lookup="a") is None
    assert found(store, "a") == ["a"]


def test_the_shapes_of_answers_are_the_same(store: Store) -> None:
    def work(transaction: Transaction) -> list[object]:
        add(transaction, "a")
        return [
            transaction.run("add_opt_out", lookup="a", since="2026", source="reply", reason=""),
            transaction.run("add_opt_out", lookup="a", since="2027", source="reply", reason=""),
            transaction.rows("opt_outs"),
            transaction.one("contact_by_lookup", lookup="x"),
            transaction.value("text_id_of_sid", carrier_sid="x"),
            list(transaction.stream("opt_outs")),
            transaction.run("remove_opt_out", lookup="a"),
            transaction.run("remove_opt_out", lookup="a"),
            transaction.rows("halts"),
        ]

    entry = {"since": "2026", "source": "reply", "reason": "", "sealed": "1.x"}
    assert store.write(work) == [1, 0, [entry], None, None, [entry], 1, 0, []]


def test_many_rows_at_once_of_none_do_nothing(store: Store) -> None:
    store.write(lambda transaction: transaction.run_many("add_contact", []))


def test_a_contact_that_is_heard_twice_at_once_is_one(store: Store) -> None:
    def hear(place: int) -> str:
        row = store.write(
            lambda transaction: transaction.one(
                "contact_heard", contact_id=f"c{place}", lookup="same", sealed="1.x", now="2026"
            )
        )
        assert row is not None
        return str(row["contact_id"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(hear, range(8)))) == 1


def test_after_closing_nothing_is_taken(store: Store) -> None:
    store.close()
    store.close()

    with pytest.raises(Exception, match=r"(?i)clos"):
        store.write(lambda transaction: add(transaction, "a"))


def test_a_database_that_is_locked_for_too_long_is_unavailable(sqlite_address: str) -> None:
    store = open_store(sqlite_address)
    store._database.conn.execute("PRAGMA busy_timeout=50")  # type: ignore[attr-defined] # not ten seconds
    with sqlite3.connect(sqlite_address.removeprefix("sqlite:///"), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            store.write(lambda transaction: add(transaction, "a"))
        other.execute("ROLLBACK")
    other.close()
    assert store.write(lambda transaction: add(transaction, "a")) == "a"
    store.close()
