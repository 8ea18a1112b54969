"""Commands as an operator meets them: output, one line of complaint, and the exit status."""

import json
from pathlib import Path

import pytest

from smsgateway.cli import COMMANDS, main
from tests.cli.running import Ended, environment, run, run_process
from tests.outbox.county import NUMBER, ORGANISATION
from tests.twilio_mock import ACCOUNT, TOKEN, mock_twilio

KEY = "k" * 40


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    return environment(
        DATABASE_URL=f"sqlite:///{tmp_path}/gateway.db",
        SECRET_KEY=KEY,
        CARRIER="emulator",
        PUBLIC_URL="https://a.example",
    )


@pytest.fixture
def county(settings: dict[str, str], tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "organisation.yaml"
    file.write_text(ORGANISATION, "utf-8")
    assert run("organisation", "import", str(file), env=settings).status == 0
    return settings


def lines(ended: Ended) -> list[dict[str, object]]:
    assert (ended.status, ended.err) == (0, "")
    return [json.loads(line) for line in ended.out.splitlines()]


def test_read_understands_replies(settings: dict[str, str]) -> None:
    given = '{"text": "5"}\n\n{"text": "9", "scale": "0-10"}\n{"text": "STOP", "lang": "en"}\n{"text": "\\ud800 4"}\n'

    found = lines(run("read", env=settings, stdin=given))

    assert [reading["kind"] for reading in found][:3] == ["rating", "rating", "opt_out"]
    assert [reading["rating"] for reading in found][:2] == [5, 9]
    assert all(reading["why"] for reading in found)


def test_text_measures_texts(settings: dict[str, str]) -> None:
    found = lines(run("text", env=settings, stdin='{"text": "Hei!"}\n{"text": "š"}\n'))

    assert found == [
        {"encoding": "GSM-7", "segments": 1, "units": 4, "unsafe": []},
        {"encoding": "UCS-2", "segments": 1, "units": 1, "unsafe": ["š"]},
    ]


def test_when_says_what_the_schedule_makes_of_visits(county: dict[str, str]) -> None:
    visits = '{"ended_at": "2026-11-23T10:00"}\n{"ended_at": "2026-11-23T21:00:00+02:00"}\n'

    on_time, held = lines(run("when", "--unit", "keskusta", env=county, stdin=visits))

    assert on_time == {
        "not_before": "2026-11-23T12:00:00+02:00",
        "send_at": "2026-11-23T12:00:00+02:00",
        "reason": "on_time",
    }
    assert held["not_before"] == "2026-11-24T09:00:00+02:00"
    assert held["reason"] == "held_by_window"
    (old,) = lines(run("when", "--unit", "liian-myohaan", env=county, stdin=visits.splitlines()[0]))
    assert old == {"not_before": None, "send_at": None, "reason": "too_old"}


@pytest.mark.parametrize(
    ("command", "given", "sentence"),
    [
        (["read"], "5", "line 1: write an object"),
        (["read"], '{"text": "5"}\n{', "line 2: not JSON"),
        (["read"], '{"text": 5}', '"text" is missing or not a text'),
        (["read"], '{"text": "5", "scale": "1-7"}', 'no scale is called "1-7"'),
        (["text"], "{}", '"text" is missing'),
        (["text"], "[" * 100_000, "line 1: not JSON"),
        (["when", "--unit", "keskusta"], '{"ended_at": "tomorrow"}', "line 1: ended_at is not a date and time"),
        (["when", "--unit", "nowhere"], "", 'there is no unit "nowhere"'),
        (["when", "--unit", "ilman"], "", "has no schedule"),
    ],
)
def test_input_that_is_none_is_one_sentence_with_its_line(
    county: dict[str, str], command: list[str], given: str, sentence: str
) -> None:
    ended = run(*command, env=county, stdin=given)

    assert ended.status == 1
    assert sentence in ended.complaint


def test_send_prints_counts_by_outcome(county: dict[str, str], tmp_path: Path) -> None:
    visits = tmp_path / "visits.csv"
    visits.write_text(f"visit_id,unit,ended_at,phone\n1,heti,2026-11-23T10:00,{NUMBER}\n")
    run("visits", "import", str(visits), env=county)

    first = run("send", "--now", "2026-11-23T10:00:00Z", env=county)
    again = run("send", "--now", "2026-11-23T10:05:00Z", env=county)

    assert first.out == "sent 1, put_back 0, uncertain 0, failed 0, not_sent 0\n"
    assert again.out == "sent 0, put_back 0, uncertain 0, failed 0, not_sent 0\n"
    assert (first.status, first.err) == (0, "")


def test_what_went_wrong_with_a_text_is_told_beside_the_counts_and_not_among_them(
    county: dict[str, str], tmp_path: Path
) -> None:
    visits = tmp_path / "visits.csv"
    visits.write_text("visit_id,unit,ended_at,phone\n1,heti,2026-11-23T10:00,+358401234567\n")
    run("visits", "import", str(visits), env=county)
    with mock_twilio() as twilio:
        twilio.refusal = 21614
        carried = {
            "SMSGATEWAY_CARRIER": "twilio",
            "SMSGATEWAY_TWILIO__ACCOUNT_SID": ACCOUNT,
            "SMSGATEWAY_TWILIO__AUTH_TOKEN": TOKEN,
            "SMSGATEWAY_TWILIO__API_BASE_URL": twilio.address,
        }
        ended = run("send", "--now", "2026-11-23T10:00:00Z", env=county | carried)

    assert ended.out == "sent 0, put_back 0, uncertain 0, failed 1, not_sent 0\n"
    assert "landline" in ended.complaint
    assert "401234567" not in ended.err


def test_the_opt_out_list_is_kept_by_hand_too(county: dict[str, str]) -> None:
    def opt_out(*arguments: str) -> str:
        return run("opt-out", *arguments, env=county).out.strip()

    assert opt_out("add", "040 111 1111", "--reason", "asked by phone") == "entered"
    assert opt_out("add", NUMBER, "--reason", "again") == "was on the list already"
    listed = opt_out("list").split("\t")
    assert listed[1:] == ["operator", "(number erased)", "asked by phone"]
    assert opt_out("remove", NUMBER, "--reason", "asked in writing") == "removed"
    assert opt_out("remove", NUMBER, "--reason", "again") == "was not on the list"
    assert opt_out("list") == ""


def test_a_number_that_is_none_is_refused_without_repeating_it(county: dict[str, str]) -> None:
    ended = run("opt-out", "add", "019 555 0100 77", "--reason", "x", env=county)

    assert ended.status == 1
    assert "refused" in ended.complaint
    assert "555" not in ended.complaint


def test_migrate_says_what_it_did(settings: dict[str, str]) -> None:
    assert run("migrate", env=settings).out.startswith("applied: 0001_")
    assert run("migrate", env=settings).out == "the schema is up to date\n"


def test_doctor_has_a_line_for_everything(county: dict[str, str]) -> None:
    ended = run("doctor", env=county)

    assert ended.status == 0, ended.out
    assert all(line.startswith("✓ ") for line in ended.out.splitlines())
    for what in (
        "settings",
        "database: sqlite",
        "secret key",
        "carrier: emulator",
        "webhook",
        "organisation: 11",
        "clock",
    ):
        assert what in ended.out


def test_doctor_says_what_to_do(tmp_path: Path) -> None:
    ended = run("doctor", env=environment(DATABASE_URL=f"sqlite:///{tmp_path}/g.db", SECRET_KEY="short", TWILO__X="1"))

    assert ended.status == 1
    wrong = [line for line in ended.out.splitlines() if line.startswith("✗ ")]
    for what in ("SMSGATEWAY_TWILO__X", "secret key", "account_sid", "SMSGATEWAY_PUBLIC_URL", "organisation import"):
        assert any(what in line for line in wrong), what


WRONG_USE = [
    (["nonsense"], "nonsense"),
    (["send", "--now", "yesterday"], '"yesterday" is not a moment'),
    (["send", "--later"], "--later"),
    (["when"], "--unit"),
    (["opt-out", "add", NUMBER], "--reason"),
    (["figures", "--from", "soon"], '"soon" is not a day'),
    (["serve", "--workers", "2"], "PostgreSQL"),
    (["serve", "--port", "70000"], "65535"),
    (["export", "nothing"], "nothing"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG_USE)
def test_wrong_use_is_one_line_and_exit_2(settings: dict[str, str], arguments: list[str], sentence: str) -> None:
    ended = run(*arguments, env=settings)

    assert (ended.status, ended.out) == (2, "")
    assert sentence in ended.complaint


FAILURES = [
    (["send"], {"SECRET_KEY": "", "DATABASE_URL": "mysql://x/y"}, 'begins with "mysql:"'),
    (["migrate"], {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "does not answer"),
    (["migrate"], {"DATABASE_URL": "sqlite:////proc/none/gateway.db"}, "cannot be made"),
    (["serve"], {"SECRET_KEY": ""}, "SMSGATEWAY_SECRET_KEY is not set"),
    (["worker"], {}, "needs PostgreSQL"),
    (["serve", "--port", "0"], {"ORGANISATION": "/no/such/file.yaml"}, "file.yaml: cannot be read"),
    (["migrate"], {"CONFIG": "/no/such/gateway.toml"}, "/no/such/gateway.toml"),
    (["migrate"], {"CARRIER": "pigeon"}, "SMSGATEWAY_CARRIER"),
    (["migrate"], {"PUBLIC_URL": "example.com"}, "SMSGATEWAY_PUBLIC_URL"),
    (["migrate"], {"OUTBOX__TICK": "often"}, "SMSGATEWAY_OUTBOX__TICK"),
    (["migrate"], {"TWILIO__API_KEY_SID": "SK1"}, "belong together"),
    (["when", "--unit", "x"], {}, "no organisation has been imported yet"),
    (["opt-out", "add", NUMBER, "--reason", "x"], {}, "no organisation has been imported yet"),
]


@pytest.mark.parametrize(("arguments", "changed", "sentence"), FAILURES)
def test_a_failure_is_one_line_that_says_what_to_do_and_exit_1(
    settings: dict[str, str], arguments: list[str], changed: dict[str, str], sentence: str
) -> None:
    ended = run(*arguments, env=settings | {f"SMSGATEWAY_{name}": value for name, value in changed.items()})

    assert (ended.status, ended.out) == (1, "")
    assert sentence in ended.complaint


def test_a_service_without_credentials_does_not_start(settings: dict[str, str]) -> None:
    ended = run_process("serve", "--port", "0", env=settings | {"SMSGATEWAY_CARRIER": "twilio"})

    assert (ended.status, ended.out) == (1, "")
    assert "account_sid is empty" in ended.complaint


def test_a_process_ends_with_the_commands_status(settings: dict[str, str]) -> None:
    ended = run_process("nonsense", env=settings)

    assert (ended.status, ended.out) == (2, "")
    assert "nonsense" in ended.complaint


def test_a_key_that_did_not_seal_the_numbers_is_told_in_a_sentence(county: dict[str, str], tmp_path: Path) -> None:
    visits = tmp_path / "visits.csv"
    visits.write_text(f"visit_id,unit,ended_at,phone\n1,heti,2026-11-23T10:00,{NUMBER}\n")
    run("visits", "import", str(visits), env=county)

    ended = run("send", "--now", "2026-11-23T10:00:00Z", env=county | {"SMSGATEWAY_SECRET_KEY": "another" * 6})

    assert ended.status == 1
    assert "SMSGATEWAY_SECRET_KEY" in ended.complaint


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"python3 run.py {command}" in capsys.readouterr().out


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err
