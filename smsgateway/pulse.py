"""Whether the scheduler of this process is alive: it gives signs of life, `/readyz` asks how long ago the last was."""

import time
from collections.abc import Callable

SILENT_AT_MOST = 600.0
"""Seconds. A pass gives a sign with each text it writes down; between two lies at most a long talk with the carrier."""


class Pulse:
    """Empty until `begin`: a process without a scheduler has no pulse, and needs none. `now` is in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._allowed: float | None = None
        self._last = 0.0

    def begin(self, every: float) -> None:
        """A scheduler starts, that ticks so often."""
        self._allowed = SILENT_AT_MOST + every
        self.beat()

    def end(self) -> None:
        self._allowed = None

    def beat(self) -> None:
        self._last = self._now()

    def silence(self) -> float | None:
        """Seconds since the last sign of life where that is too long; None where all is well."""
        silent = self._now() - self._last
        return silent if self._allowed is not None and silent > self._allowed else None
