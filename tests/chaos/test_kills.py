"""Killed at any point of its work and started again, the service loses no reply and texts nobody twice."""

from collections.abc import Callable
from random import Random

import pytest

from surveys.definition import Catalogue
from tests.chaos.life import SENDER, Life, settings_for
from tests.conftest import StandingClock

DEATHS = 12
"""In one life; each seed is a life."""


def survives(address: str, catalogue: Catalogue, clock: StandingClock, seed: int) -> None:
    life = Life(settings_for(address), catalogue, clock, Random(seed))
    try:
        life.live(DEATHS)
        life.settle()
        assert sum(life.fate.kills.values()) == DEATHS
        assert life.differences() == []
    finally:
        life.gateway.close()


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_and_nothing_doubled(
    sqlite_address: str, catalogue: Catalogue, clock: StandingClock, seed: int
) -> None:
    survives(sqlite_address, catalogue, clock, seed)


@pytest.mark.parametrize("seed", range(100, 104))
def test_nor_is_it_on_postgresql(postgres_address: str, catalogue: Catalogue, clock: StandingClock, seed: int) -> None:
    survives(postgres_address, catalogue, clock, seed)


def run(sql: str) -> Callable[[Life], None]:
    return lambda life: life.gateway.store.write(lambda transaction: transaction.connection.execute(sql) and None)


def text_again(life: Life) -> None:
    life.network.twilio.create({"To": life.visits[0].number, "From": "", "Body": "again"})


DAMAGE: dict[str, Callable[[Life], None]] = {
    "made 0 answers": run("DELETE FROM answer"),
    "was acknowledged and is lost": run("DELETE FROM inbound"),
    "the marks are": run("UPDATE rollup_total SET n = n + 1 WHERE measure LIKE 'answer:%'"),
    "the ledger has": lambda life: life.visits.append(life.visits[0]),
    "has 2 texts": text_again,
    "stands as": run("UPDATE outbox SET delivery = NULL"),
}


@pytest.mark.parametrize("found", DAMAGE)
def test_the_comparison_sees_what_is_wrong(life: Life, found: str) -> None:
    life.hear(life.network.twilio.receive_unheard(life.visits[0].number, SENDER, "4"))
    life.settle()
    assert life.differences() == []

    DAMAGE[found](life)

    assert any(found in difference for difference in life.differences())
