"""Settings: one file lists them all, the environment overrides, and no sentence repeats a secret."""

import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from smsgateway.settings import (
    DEFAULT_FILE,
    EMULATED_ACCOUNT,
    Settings,
    SettingsProblem,
    load_settings,
    setting_keys,
    unknown_variables,
)

SECRET = "a-very-secret-value"


def flattened(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, object]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from flattened(value, f"{prefix}{name}.")
        else:
            yield prefix + name, plain(value)


def plain(value: object) -> object:
    """As the file would have it: no wrapping of secrets, lists for tuples."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return [plain(each) for each in value] if isinstance(value, tuple) else value


def listed() -> dict[str, object]:
    document = tomllib.loads(DEFAULT_FILE.read_text("utf-8"))
    found: dict[str, object] = {}
    for name, value in document.items():
        found |= {f"{name}.{key}": each for key, each in value.items()} if isinstance(value, dict) else {name: value}
    return found


def test_the_file_lists_every_setting_with_exactly_its_default() -> None:
    defaults = dict(flattened(Settings()))

    assert listed() == defaults
    assert {name: type(value) for name, value in listed().items()} == {
        name: type(value) for name, value in defaults.items()
    }


def test_every_setting_in_the_file_has_a_line_that_explains_it() -> None:
    lines = DEFAULT_FILE.read_text("utf-8").splitlines()
    for before, line in pairwise(lines):
        if "=" in line and not line.startswith("#"):
            assert before.startswith("# "), line


def test_without_anything_the_defaults_hold() -> None:
    assert load_settings({}) == Settings()


VARIABLES = [
    ("DATABASE_URL", "postgresql://x", "database_url", "postgresql://x"),
    ("CARRIER", "emulator", "carrier", "emulator"),
    ("TWILIO__ACCOUNT_SID", "AC1", "twilio.account_sid", "AC1"),
    ("TWILIO__AUTH_TOKEN", "t", "twilio.auth_token", "t"),
    ("TWILIO__API_BASE_URL", "http://127.0.0.1:1", "twilio.api_base_url", "http://127.0.0.1:1"),
    ("PUBLIC_URL", "https://a.example/#rc=3", "public_url", "https://a.example"),
    ("SECRET_KEY", " k ", "secret_key", "k"),
    ("TWILIO__SEGMENTS_PER_SECOND", "0.5", "twilio.segments_per_second", 0.5),
    ("OUTBOX__TICK", "0.2", "outbox.tick", 0.2),
    ("OUTBOX__LEASE", "1.5", "outbox.lease", 1.5),
    ("OUTBOX__RETRY_BASE", "0.1", "outbox.retry_base", 0.1),
    ("OUTBOX__SETTLE_AFTER", "0", "outbox.settle_after", 0.0),
    ("ORGANISATION", "county.yaml", "organisation", "county.yaml"),
]


@pytest.mark.parametrize(("variable", "value", "name", "expected"), VARIABLES)
def test_the_environment_overrides(variable: str, value: str, name: str, expected: object) -> None:
    assert dict(flattened(load_settings({f"SMSGATEWAY_{variable}": value})))[name] == expected


def test_an_api_key_is_taken_whole() -> None:
    settings = load_settings({"SMSGATEWAY_TWILIO__API_KEY_SID": "SK1", "SMSGATEWAY_TWILIO__API_KEY_SECRET": "s"})

    assert settings.twilio.api_key_sid == "SK1"


@pytest.mark.parametrize("name", sorted(dict(flattened(Settings()))))
def test_every_setting_has_its_variable(name: str) -> None:
    variable = name.replace(".", "__").upper()

    assert setting_keys(variable) == tuple(name.split("."))
    assert unknown_variables({f"SMSGATEWAY_{variable}": "", f"SMSGATEWAY_{variable}_FILE": ""}) == []


def test_variables_that_name_no_setting_are_told() -> None:
    given = {"SMSGATEWAY_TWILO__TOKEN": "x", "SMSGATEWAY_TWILIO": "x", "SMSGATEWAY_CONFIG": "x", "OTHER": "x"}

    assert unknown_variables(given) == ["SMSGATEWAY_TWILIO", "SMSGATEWAY_TWILO__TOKEN"]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")

    settings = load_settings({"SMSGATEWAY_SECRET_KEY_FILE": str(tmp_path / "key")})

    assert settings.needed_secret_key() == SECRET


def test_another_settings_file_may_be_named(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('carrier = "emulator"\n[outbox]\ntick = 1\n')

    settings = load_settings({"SMSGATEWAY_CONFIG": str(file), "SMSGATEWAY_OUTBOX__LEASE": "2"})

    assert (settings.carrier, settings.outbox.tick, settings.outbox.lease) == ("emulator", 1, 2)


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("carrier = ", "not valid TOML"),
        ('[twilio]\nauth_tokn = "x"', "twilio.auth_tokn: there is no such setting"),
        ('twilio = "x"', "twilio"),
        ("[outbox]\ntick = 0", "outbox.tick"),
        ('[web]\nport = "many"', "web.port"),
        ("\udcff", "not valid TOML"),
    ],
    ids=ascii,
)
def test_a_mistake_in_the_file_is_told_with_file_and_setting(tmp_path: Path, toml: str, sentence: str) -> None:
    file = tmp_path / "gateway.toml"
    file.write_bytes(toml.encode("utf-8", "surrogateescape"))

    with pytest.raises(SettingsProblem, match=sentence) as problem:
        load_settings({"SMSGATEWAY_CONFIG": str(file), "SMSGATEWAY_TWILIO__AUTH_TOKEN": SECRET})
    assert str(file) in str(problem.value)
    assert "\n" not in str(problem.value)


BAD = [
    {"CARRIER": SECRET},
    {"SECRET_KEY_FILE": "/no/such/file"},
    {"PUBLIC_URL": SECRET},
    {"TWILIO__IN_FLIGHT": SECRET},
    {"OUTBOX__TICK": "-1"},
    {"WEB__PORT": "99999"},
    {"TWILIO__API_KEY_SECRET": SECRET},
    {"SECRET_KEY": SECRET, "SECRET_KEY_FILE": "/some/file"},
    {"CARRIER": "emulator", "OUTBOX__RETRIES": "x", "SECRET_KEY": SECRET},
]


@pytest.mark.parametrize("given", BAD, ids=lambda given: "+".join(given))
def test_a_value_that_cannot_be_used_is_told_by_its_name_and_never_repeated(given: dict[str, str]) -> None:
    with pytest.raises(SettingsProblem) as problem:
        load_settings({f"SMSGATEWAY_{name}": value for name, value in given.items()})

    sentence = str(problem.value)
    assert SECRET not in sentence
    assert "\n" not in sentence
    assert "SMSGATEWAY_" in sentence or "twilio.api_key_sid" in sentence


def test_settings_that_are_printed_show_no_secret() -> None:
    settings = load_settings({"SMSGATEWAY_SECRET_KEY": SECRET, "SMSGATEWAY_TWILIO__AUTH_TOKEN": SECRET})

    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)


def test_without_a_key_what_needs_one_says_how_to_make_it() -> None:
    with pytest.raises(SettingsProblem, match="token_urlsafe"):
        Settings().needed_secret_key()


def test_the_emulator_has_an_account_whose_token_follows_from_the_key() -> None:
    def token(key: str) -> str:
        settings = load_settings({"SMSGATEWAY_CARRIER": "emulator", "SMSGATEWAY_SECRET_KEY": key})
        assert settings.twilio.account_sid == EMULATED_ACCOUNT
        return settings.twilio.auth_token.get_secret_value()

    assert token("a") == token("a")
    assert token("a") != token("b")
    assert "a" * 10 not in token("a" * 10)


def test_the_emulator_takes_credentials_that_are_given() -> None:
    settings = load_settings({"SMSGATEWAY_CARRIER": "emulator", "SMSGATEWAY_TWILIO__AUTH_TOKEN": "own"})

    assert settings.twilio.auth_token.get_secret_value() == "own"
