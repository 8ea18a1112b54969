"""The demo's clock: put to the moments of the simulated year, then left to run."""

from datetime import datetime

from smsgateway.clock import system_clock


class DemoClock:
    """Stands where it was put; once `run` was called it follows the system's. Safe to share between threads."""

    def __init__(self, moment: datetime) -> None:
        self._stands_at: datetime | None = moment

    def __call__(self) -> datetime:
        return self._stands_at or system_clock()

    def put(self, moment: datetime) -> None:
        self._stands_at = moment

    def run(self) -> None:
        self._stands_at = None
