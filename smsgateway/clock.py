"""The clock that is handed to whatever needs to know the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the present moment, timezone-aware, in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)
