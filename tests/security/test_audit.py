"""The audit log: only added to, and every tampering has a name."""

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgateway import audit
from smsgateway.figures.verify import verify
from smsgateway.intake.organisation import import_by
from smsgateway.outbox.settle import lift_halt
from smsgateway.store import Row, Store
from tests.conftest import StandingClock
from tests.outbox.county import NOON, County, read_organisation_text


def note(store: Store, clock: StandingClock, *actions: str) -> None:
    for action in actions:
        clock.advance(seconds=1)
        store.write(
            lambda transaction, action=action: audit.record(  # type: ignore[misc] # mypy has no type for a default
                transaction, "operator test", action, "subject", {"count": 1, "ä": None}, clock.now
            )
        )


def entries(store: Store) -> list[Row]:
    with store.read() as transaction:
        return transaction.rows("audit_entries")


def differences(store: Store) -> list[str]:
    with store.read() as transaction:
        return verify(transaction)


def test_entries_stand_in_order_and_the_chain_holds(store: Store, clock: StandingClock) -> None:
    note(store, clock, "one", "two", "three")

    assert [(entry["seq"], entry["action"]) for entry in entries(store)] == [(1, "one"), (2, "two"), (3, "three")]
    assert json.loads(entries(store)[0]["detail"]) == {"count": 1, "ä": None}
    assert differences(store) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit",
    ],
)
def test_the_database_refuses_to_change_or_remove_entries(store: Store, clock: StandingClock, sql: str) -> None:
    note(store, clock, "one", "two")
    before = entries(store)

    with pytest.raises(Exception, match="the audit log is only added to"):
        store.write(lambda transaction: transaction.connection.execute(sql) and None)
    assert entries(store) == before


def test_postgres_refuses_to_empty_it_and_sqlite_to_replace_an_entry(store: Store, clock: StandingClock) -> None:
    note(store, clock, "one")
    sql = {
        "postgres": "TRUNCATE audit",
        "sqlite": "INSERT OR REPLACE INTO audit VALUES (1, 'then', 'x', 'x', 'x', '{}', 'x')",
    }[store.engine]

    with pytest.raises(Exception, match="the audit log is only added to"):
        store.write(lambda transaction: transaction.connection.execute(sql) and None)


UNGUARDED = {
    "sqlite": ["DROP TRIGGER audit_keeps_entries", "DROP TRIGGER audit_loses_none"],
    "postgres": ["DROP TRIGGER audit_keeps_entries ON audit"],
}


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("UPDATE audit SET actor = 'somebody else' WHERE seq = 2", "audit entry 2 of"),
        ("UPDATE audit SET detail = '{}' WHERE seq = 1", "audit entry 1 of"),
        ("DELETE FROM audit WHERE seq = 2", "audit entry 2: expected to find it, found entry 3"),
        ("DELETE FROM audit WHERE seq = 1", "audit entry 1: expected to find it, found entry 2"),
    ],
)
def test_who_goes_around_the_database_is_found_by_verify(
    store: Store, clock: StandingClock, sql: str, named: str
) -> None:
    note(store, clock, "one", "two", "three")
    for statement in (*UNGUARDED[store.engine], sql):
        store.write(lambda transaction, statement=statement: transaction.connection.execute(statement) and None)  # type: ignore[misc] # as above

    assert differences(store)[0].startswith(named)


ENTRIES = st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), min_size=1, max_size=6)


def chain(texts: list[tuple[str, str]]) -> list[Row]:
    rows: list[Row] = []
    before = audit.BEGINNING
    for seq, (actor, subject) in enumerate(texts, 1):
        row = {"seq": seq, "at": "t", "actor": actor, "action": "a", "subject": subject, "detail": "{}"}
        before = audit.chained(before, row)
        rows.append({**row, "hash": before})
    return rows


@given(texts=ENTRIES, data=st.data())
def test_any_change_of_any_entry_breaks_the_chain(texts: list[tuple[str, str]], data: st.DataObject) -> None:
    rows = chain(texts)
    assert list(audit.broken(rows)) == []
    place = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(["at", "actor", "action", "subject", "detail"]))
    changed = data.draw(st.text(max_size=4).filter(lambda text: text != rows[place][name]))

    rows[place][name] = changed

    assert list(audit.broken(rows)) != []


def test_what_moves_from_one_field_to_the_next_is_a_change() -> None:
    assert chain([("ab", "c")])[0]["hash"] != chain([("a", "bc")])[0]["hash"]


def test_an_entry_is_there_only_with_what_it_tells_of(store: Store, clock: StandingClock) -> None:
    def fails(transaction: object) -> None:
        audit.record(transaction, "operator test", "one", "subject", {}, clock.now)  # type: ignore[arg-type] # a Transaction
        raise KeyError("after")

    with pytest.raises(KeyError):
        store.write(fails)
    assert entries(store) == []


def test_an_import_that_changes_something_is_noted_once(county_on_both: County) -> None:
    gateway = county_on_both.gateway
    file = read_organisation_text(gateway)
    changed = file.model_copy(update={"units": file.units[:-1]})

    for each in (file, changed, file):
        gateway.store.write(partial(import_by, "operator test", file=each, now=NOON))

    noted = [(entry["action"], entry["actor"]) for entry in entries(gateway.store)]
    assert noted == [("organisation.import", "operator test")] * len(noted)
    assert len(noted) <= 2


def test_lifting_a_halt_is_noted_and_lifting_none_is_not(county_on_both: County) -> None:
    store = county_on_both.gateway.store
    store.write(partial(lift_halt, actor="operator test", now=NOON))
    assert entries(store) == []
    county_on_both.run("INSERT INTO halt (what, reason, since) VALUES ('sending', 'no credit', '2026')")

    store.write(partial(lift_halt, actor="operator test", now=NOON))

    assert [(entry["action"], entry["subject"]) for entry in entries(store)] == [("halt.lift", "sending")]
