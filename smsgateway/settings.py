"""Every setting with its default. `config/gateway.toml` lists and explains them; the environment overrides."""

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

PREFIX = "SMSGATEWAY_"
DEFAULT_FILE = Path(__file__).resolve().parent.parent / "config" / "gateway.toml"


EMULATED_ACCOUNT = "AC" + "e" * 32


class SettingsProblem(Exception):
    """The settings cannot be used; the sentence names the setting and what to do."""


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Twilio(Section):
    account_sid: str = ""
    auth_token: SecretStr = SecretStr("")
    previous_auth_token: SecretStr = SecretStr("")
    api_key_sid: str = ""
    api_key_secret: SecretStr = SecretStr("")
    api_base_url: str = "https://api.twilio.com"
    segments_per_second: float = Field(1.0, gt=0)
    in_flight: int = Field(64, ge=1, le=1000)
    timeout: float = Field(10.0, gt=0)


class Emulator(Section):
    port: int = Field(0, ge=0, le=65535)
    segments_per_second: float = Field(10_000.0, gt=0)
    latency: float = Field(0.0, ge=0)


class Outbox(Section):
    tick: float = Field(5.0, gt=0)
    lease: float = Field(60.0, gt=0)
    retry_base: float = Field(30.0, gt=0)
    retries: int = Field(8, ge=0)
    settle_after: float = Field(120.0, ge=0)
    reconcile_every: float = Field(900.0, gt=0)


class Conversation(Section):
    texts_per_day: int = Field(10, ge=1)
    """Answers to one number a day: two machines must not talk to each other for ever."""


class Retention(Section):
    """Days after which data of a kind are cut; 0: never."""

    numbers_days: int = Field(30, ge=0)
    texts_days: int = Field(730, ge=0)
    comments_days: int = Field(730, ge=0)
    messages_days: int = Field(90, ge=0)
    carrier_days: int = Field(30, ge=0)


class Web(Section):
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    threads: int = Field(16, ge=1)
    body_limit: int = Field(64 * 1024, ge=1024)
    unsigned_per_minute: int = Field(60, ge=0)
    trusted_proxy: str = ""


class Settings(Section):
    database_url: str = "sqlite:///data/gateway.db"
    carrier: Literal["twilio", "emulator"] = "twilio"
    public_url: str = ""
    secret_key: SecretStr = SecretStr("")
    previous_secret_keys: tuple[SecretStr, ...] = ()
    organisation: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    twilio: Twilio = Twilio()
    emulator: Emulator = Emulator()
    outbox: Outbox = Outbox()
    conversation: Conversation = Conversation()
    retention: Retention = Retention()
    web: Web = Web()

    @field_validator("public_url", "organisation", "secret_key", mode="before")
    @classmethod
    def without_blanks(cls, value: Any) -> Any:
        return value.strip() if isinstance(value, str) else value

    @field_validator("previous_secret_keys", mode="before")
    @classmethod
    def a_list(cls, value: Any) -> Any:
        """From the environment: keys with commas between them, or a line each, or a JSON list (keys with a comma)."""
        if not isinstance(value, str):
            return value
        if value.startswith("["):
            keys = json.loads(value)  # a JSONDecodeError is a ValueError: told as any other
            if not all(isinstance(key, str) for key in keys):
                raise ValueError("is a JSON list of texts, or texts with commas between them")
            return tuple(keys)
        return tuple(key.strip() for key in value.replace(",", "\n").splitlines() if key.strip())

    @field_validator("public_url")
    @classmethod
    def an_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("is the address at which the carrier reaches this service: it begins with https://")
        return value.partition("#")[0].rstrip("/")

    @model_validator(mode="before")
    @classmethod
    def emulator_has_an_account(cls, given: Any) -> Any:
        """The emulator needs an account like Twilio's; its token is nobody's guess, and the same in each process."""
        if isinstance(given, dict) and given.get("carrier") == "emulator":
            secret = given.get("secret_key") or ""
            secret = secret.get_secret_value() if isinstance(secret, SecretStr) else str(secret)
            token = hashlib.sha256(f"emulator {secret}".encode()).hexdigest()[:32]
            twilio = given.get("twilio") or {}
            if isinstance(twilio, dict):
                own = {name: value for name, value in twilio.items() if value}
                given = {**given, "twilio": {"account_sid": EMULATED_ACCOUNT, "auth_token": token, **own}}
        return given

    @model_validator(mode="after")
    def api_key_is_whole(self) -> "Settings":
        if bool(self.twilio.api_key_sid) != bool(self.twilio.api_key_secret.get_secret_value()):
            raise ValueError(
                "twilio.api_key_sid and twilio.api_key_secret belong together: set both, or neither for the auth token"
            )
        return self

    def needed_secret_key(self) -> str:
        key = self.secret_key.get_secret_value()
        if not key:
            raise SettingsProblem(
                "SMSGATEWAY_SECRET_KEY is not set, and phone numbers are sealed with it: make one once with "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(48))', and keep it outside the database"
            )
        return key


def load_settings(environment: Mapping[str, str]) -> Settings:
    """The settings file, overridden by the environment; raises `SettingsProblem` with one sentence.

    A variable ending in `_FILE` names a file that holds the value, for secrets.
    """
    path = Path(environment.get(PREFIX + "CONFIG") or DEFAULT_FILE)
    document = read_toml(path) if path.exists() or PREFIX + "CONFIG" in environment else {}
    overrides = overridden(environment)
    for keys, value in overrides.items():
        section = document
        for key in keys[:-1]:
            section = section.setdefault(key, {})
            if not isinstance(section, dict):
                raise SettingsProblem(f"{path}: {key}: is a section; write it as [{key}] with its settings below")
        section[keys[-1]] = value
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        raise SettingsProblem(first_problem(error, path, overrides)) from None


def overridden(environment: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """The settings that the environment gives, by their keys."""
    overrides = {}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or not (keys := setting_keys(variable.removeprefix(PREFIX))):
            continue
        if keys in overrides:
            name = variable.removesuffix("_FILE")
            raise SettingsProblem(f"{name} and {name}_FILE are both set: keep one of them")
        overrides[keys] = read_secret(variable, value) if variable.endswith("_FILE") else value
    return overrides


def setting_keys(name: str) -> tuple[str, ...] | None:
    """`TWILIO__AUTH_TOKEN_FILE` names the setting (twilio, auth_token); None where there is no such setting."""
    keys = tuple(name.removesuffix("_FILE").lower().split("__"))
    model: Any = Settings
    for key in keys:
        field = model.model_fields.get(key) if isinstance(model, type) and issubclass(model, Section) else None
        if field is None:
            return None
        model = field.annotation
    return None if isinstance(model, type) and issubclass(model, Section) else keys


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Variables of ours that name no setting: most often a typing error, told by `doctor` and at start."""
    return sorted(
        name
        for name in environment
        if name.startswith(PREFIX) and name != PREFIX + "CONFIG" and not setting_keys(name.removeprefix(PREFIX))
    )


def read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsProblem(f"the settings file {path} cannot be read: {os.strerror(error.errno or 0)}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsProblem(f"the settings file {path} is not valid TOML: {error}") from error


def read_secret(variable: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsProblem(
            f"{variable} names {path}, which cannot be read: correct the path or its rights"
        ) from None


def first_problem(error: ValidationError, path: Path, overrides: Mapping[tuple[str, ...], str]) -> str:
    """One sentence about the first problem, which never repeats a value: it may be a secret."""
    problem = error.errors(include_url=False, include_input=False)[0]
    keys = tuple(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        message = "there is no such setting; config/gateway.toml lists them all"
    if not keys:
        return f"settings: {message}"
    if keys in overrides:
        return f"{PREFIX}{'__'.join(keys).upper()}: {message}"
    return f"{path}: {'.'.join(keys)}: {message}"
