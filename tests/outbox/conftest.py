"""A county on SQLite, where the engine is beside the point, and one on each engine, where it is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smsgateway.gateway import Gateway
from smsgateway.settings import Settings
from smsgateway.store import open_store
from surveys.definition import Catalogue
from tests.conftest import StandingClock
from tests.outbox.county import County


def settings_for(address: str) -> Settings:
    return Settings.model_validate(
        {
            "database_url": address,
            "secret_key": "a key for tests alone",
            "public_url": "https://survey.example",
            "twilio": {"account_sid": "AC" + "0" * 32, "auth_token": "token"},
        }
    )


@pytest.fixture
def county(tmp_path: Path, catalogue: Catalogue, clock: StandingClock) -> Iterator[County]:
    settings = settings_for(f"sqlite:///{tmp_path}/county.db")
    store = open_store(settings.database_url)
    yield County(Gateway(settings, store, catalogue, clock), clock)
    store.close()


@pytest.fixture
def county_on_both(gateway: Gateway, clock: StandingClock) -> County:
    return County(gateway, clock)
