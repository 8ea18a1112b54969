"""When the carrier fails as a whole: hand over nothing more, keep every text as it was, and try with one now and then.

The stop itself is a row (`halt`, `carrier`), so that every process and the next one know of it. Here is what one
process has seen.
"""

from dataclasses import dataclass
from datetime import timedelta

from smsgateway.carriers.base import Accepted, SendError, Uncertain, Unreached

HALT_PROBE = timedelta(minutes=5)
"""While sending is halted for our account's sake, one text this often tries whether it is right again."""
FAILURES_IN_A_ROW = 20
"""By chance this many would fail one after the other only where almost every text fails."""
MOST_DOUBLINGS = 3
"""Between two probes passes the first back-off, at most eight times it: four minutes where it is 30 seconds."""


@dataclass
class Breaker:
    """Counts failures that are the carrier's, over passes; any other answer shows that it works."""

    in_a_row: int = 0
    times_opened: int = 0
    """Since the carrier last worked; each failed probe opens it again."""
    why: str = ""

    @property
    def is_open(self) -> bool:
        return self.in_a_row >= FAILURES_IN_A_ROW

    def hear(self, outcome: Accepted | SendError) -> None:
        if not blames_the_carrier(outcome):
            self.in_a_row = self.times_opened = 0
            return
        self.in_a_row += 1
        self.why = str(outcome)
        self.times_opened += self.in_a_row == FAILURES_IN_A_ROW

    def let_one_try(self) -> None:
        """A pass begins: what it may claim is up to the halt, and one more failure is enough."""
        self.in_a_row = min(self.in_a_row, FAILURES_IN_A_ROW - 1)

    def probe_after(self, first: timedelta) -> timedelta:
        """How long nothing goes before one text may try."""
        doublings = min(max(self.times_opened - 1, 0), MOST_DOUBLINGS)
        return first * 2.0**doublings


def blames_the_carrier(outcome: Accepted | SendError) -> bool:
    """Not reached, broken off or answered by a 5xx: nothing in it is about the one text."""
    return isinstance(outcome, (Unreached, Uncertain))
