"""`person`, `erase` and `retention` as an operator calls them."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from smsgateway.cli import commands
from smsgateway.cli import main as run_py
from tests.outbox.county import NUMBER
from tests.people.register import WORDS, Register

WRITTEN = "040 111 1111"
Run = Callable[..., Result]


@pytest.fixture
def run(register: Register, database_address: str) -> Run:
    environment = {
        "SMSGATEWAY_DATABASE_URL": database_address,
        "SMSGATEWAY_SECRET_KEY": "a key for tests alone",
        "SMSGATEWAY_CARRIER": "emulator",
    }
    return lambda *arguments, **more: CliRunner().invoke(commands, arguments, env={**environment, **more})


def test_person_prints_json_that_a_person_can_read(register: Register, run: Run) -> None:
    register.answered()
    done = run("person", WRITTEN, "--format", "json")
    assert done.exit_code == 0
    held = json.loads(done.stdout)
    assert (held["number"], held["replies"][0]["text"]) == (NUMBER, "4")
    assert WORDS in done.stdout  # letters, not escapes
    assert done.stdout.startswith('{\n  "number"')


@pytest.mark.parametrize("phone", [WRITTEN, "+46701234567", "09 123 4567"])
def test_of_an_unknown_number_nothing_is_held(run: Run, phone: str) -> None:
    done = run("person", phone)
    assert (done.exit_code, done.stdout) == (0, "nothing is held on this number\n")


def test_a_misspelt_number_is_refused_rather_than_unknown(
    run: Run, monkeypatch: pytest.MonkeyPatch, database_address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMSGATEWAY_DATABASE_URL", database_address)
    monkeypatch.setenv("SMSGATEWAY_SECRET_KEY", "a key for tests alone")
    assert run_py(["person", "04o 1111"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("the number is refused: ")
    assert "1111" not in told


def test_a_sender_that_is_no_phone_number_is_found_as_it_wrote(register: Register, run: Run) -> None:
    register.says("mainos", number="KAUPPA")
    assert json.loads(run("person", "KAUPPA").stdout)["replies"][0]["text"] == "mainos"
    assert "receipt: " in run("erase", "KAUPPA").stdout


def test_erase_prints_a_receipt_and_the_second_time_that_nothing_is_held(register: Register, run: Run) -> None:
    register.answered()
    first = run("erase", WRITTEN)
    assert first.exit_code == 0
    (tombstone,) = register.ask("SELECT receipt_id FROM erasure")
    assert f"receipt: {tombstone['receipt_id']}\n" in first.stdout
    assert "1 numbers, 1 visits, 1 invitations, 1 texts, 2 replies, 1 comments, 0 texts cancelled" in first.stdout
    assert "carrier: 3 texts emptied" in first.stdout  # a fresh emulator has none of them: as good as empty
    assert register.trace_of() == []
    second = run("erase", WRITTEN)
    assert second.stdout == "nothing is held on this number\ncarrier: 0 texts emptied\n"
    assert NUMBER[4:] not in first.output + second.output


def test_erase_does_its_part_where_the_carrier_cannot_be_asked(register: Register, run: Run) -> None:
    register.answered()
    done = run("erase", WRITTEN, SMSGATEWAY_CARRIER="twilio")
    assert done.exit_code == 0
    assert "carrier: not asked (twilio.account_sid is empty" in done.stdout
    assert register.trace_of() == []


def test_retention_counts_first_and_cuts_then(register: Register, run: Run) -> None:
    register.clock.now = register.clock.now.replace(year=2020)
    register.answered()
    counted = run("retention", "--dry-run").stdout
    assert kinds(counted) == {
        "numbers": 1,
        "hashes": 0,
        "raw_texts": 2,
        "comments": 1,
        "delivery_reports": 0,
        "sent_texts": 1,
        "carrier_copies": 3,
    }
    assert kinds(run("retention").stdout) == {**kinds(counted), "hashes": 1}
    assert not any(kinds(run("retention", "--dry-run").stdout).values())
    assert run("verify").exit_code == 0


def kinds(printed: str) -> dict[str, int]:
    return {name: int(number) for name, number in (part.split() for part in printed.split(","))}
