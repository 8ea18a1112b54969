"""One store of each engine for all that only looks."""

from collections.abc import Iterator

import psycopg
import pytest

from smsgateway.store import Store, open_store
from tests.conftest import other_database


@pytest.fixture(scope="session")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store')}/gateway.db")
    yield store
    store.close()


@pytest.fixture(scope="session")
def postgres_store(postgres_server: str, postgres_template: str) -> Iterator[Store]:
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE looked_at TEMPLATE {postgres_template}")
    store = open_store(other_database(postgres_server, "looked_at"))
    yield store
    store.close()


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """A database that no version of ours has touched."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE untouched")
    yield other_database(postgres_server, "untouched")
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("DROP DATABASE untouched WITH (FORCE)")
