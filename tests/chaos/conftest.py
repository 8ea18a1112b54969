"""A life to lead by hand, on each engine."""

import logging
from collections.abc import Iterator
from random import Random

import pytest

from smsgateway.store.values import moment_text
from surveys.definition import Catalogue
from tests.chaos.life import Life, settings_for, visit
from tests.conftest import StandingClock


@pytest.fixture(autouse=True)
def the_dead_are_silent() -> Iterator[None]:
    """asyncio tells of a crashed task when it is collected, at any moment, and the traceback is parsed for it: in the
    midst of another parse (werkzeug's of a route) Python 3.11 does not survive that."""
    logger = logging.getLogger("asyncio")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    yield
    logger.setLevel(before)


@pytest.fixture
def life(database_address: str, catalogue: Catalogue, clock: StandingClock) -> Iterator[Life]:
    """A service without trouble, in which one patient has been asked."""
    led = Life(settings_for(database_address), catalogue, clock, Random(1))
    led.network.trouble = 0
    led.visits.append(visit(0, moment_text(clock.now)))
    led.take_in(led.visits)
    led.planned()
    led.dispatched()
    yield led
    led.gateway.close()
