"""A county whose people write, ask what is held on them, and are forgotten; on both engines."""

import pytest

from smsgateway.gateway import Gateway
from tests.conftest import StandingClock
from tests.outbox.conftest import county
from tests.people.register import Register

__all__ = ["county"]


@pytest.fixture
def register(gateway: Gateway, clock: StandingClock) -> Register:
    return Register(gateway, clock)
