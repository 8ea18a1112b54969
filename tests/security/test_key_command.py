"""`key rotate`, and opt-outs by an operator, on the command line."""

from collections.abc import Callable

import pytest

from smsgateway.store import Store
from tests.cli.running import environment, run
from tests.outbox.county import County

Command = Callable[..., tuple[int, str, str]]
OLD = "a key for tests alone"


@pytest.fixture
def command(database_address: str) -> Command:
    """Runs a command with a key and previous ones."""

    def run_with(key: str, previous: str, *arguments: str) -> tuple[int, str, str]:
        keys = environment(DATABASE_URL=database_address, SECRET_KEY=key, PREVIOUS_SECRET_KEYS=previous)
        ended = run(*arguments, env=keys)
        return ended.status, ended.out, ended.err

    return run_with


def actions(store: Store) -> list[tuple[str, str]]:
    with store.read() as transaction:
        return [(row["action"], row["detail"]) for row in transaction.rows("audit_entries")]


def test_from_one_key_to_the_next(command: Command, county_on_both: County) -> None:
    county_on_both.visit()

    status, out, err = command("new", OLD, "key", "rotate")

    assert (status, err) == (0, "")
    key_id = out.partition(":")[0].rpartition(" ")[2]
    assert out == (
        f"brought under key {key_id}: contacts 1, texts 0\n"
        "SMSGATEWAY_PREVIOUS_SECRET_KEYS is needed no more by this database (a backup made before needs its key)\n"
    )
    assert command("new", "", "opt-out", "list")[0] == 0
    assert command(OLD, "", "opt-out", "list")[0] == 1


def test_an_opt_out_by_an_operator_holds_across_keys_and_is_noted(command: Command, county_on_both: County) -> None:
    command(OLD, "", "opt-out", "add", "040 1111111", "--reason", "asked by phone")

    status, out, _ = command("new", OLD, "key", "rotate")
    assert (status, "keep SMSGATEWAY_PREVIOUS_SECRET_KEYS: 1 opt-outs" in out) == (0, True)
    status, out, _ = command("new", OLD, "opt-out", "remove", "040 1111111", "--reason", "asked again, 040 1111111")

    assert (status, out) == (0, "removed\n")
    noted = actions(county_on_both.gateway.store)
    assert [action for action, _ in noted] == ["opt-out.add", "key.rotate", "opt-out.remove"]
    assert "asked again, [number]" in noted[-1][1]
    assert not any("1111111" in detail for _, detail in noted)


def test_a_key_that_is_not_at_hand_is_a_sentence_that_tells_no_key(command: Command, county_on_both: County) -> None:
    command(OLD, "", "opt-out", "list")

    status, _, err = command("another", "", "key", "rotate")

    assert (status, err.count("\n")) == (1, 1)
    assert "SMSGATEWAY_PREVIOUS_SECRET_KEYS" in err
    assert OLD not in err
