"""Which visits are meant: those of a unit and the units beneath it, on days from and to."""

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from smsgateway.gateway import GatewayProblem
from smsgateway.store import Row, Transaction

EVERY_DAY = ("", "9999-12-31")


class SelectionProblem(GatewayProblem):
    """Nothing can be selected so: `UnknownUnit`, `BackwardPeriod`."""


class UnknownUnit(SelectionProblem):
    pass


class BackwardPeriod(SelectionProblem):
    pass


@dataclass(frozen=True, slots=True)
class Selection:
    """A unit (None: all) and the local days of its visits, both ends included (None: open)."""

    unit: str | None = None
    from_: date | None = None
    to: date | None = None

    def __post_init__(self) -> None:
        if self.from_ and self.to and self.from_ > self.to:
            raise BackwardPeriod(
                f"the period begins on {self.from_} and ends before that, on {self.to}: exchange --from and --to"
            )

    @property
    def has_days(self) -> bool:
        return bool(self.from_ or self.to)

    def days(self) -> Row:
        """The first and last day, as queries take them."""
        first, last = EVERY_DAY
        return {
            "from_day": self.from_.isoformat() if self.from_ else first,
            "to_day": self.to.isoformat() if self.to else last,
        }

    def units(self, transaction: Transaction) -> list[str]:
        """The ids selected, in the organisation's order; raises `UnknownUnit` with the nearest that there are."""
        found = [row["unit_id"] for row in transaction.rows("units_selected", unit=self.unit)]
        if self.unit is not None and not found:
            known = [row["unit_id"] for row in transaction.rows("units_selected", unit=None)]
            raise UnknownUnit(f'no unit is called "{self.unit}"{nearest(self.unit, known)}')
        return found


def nearest(name: str, known: list[str]) -> str:
    """The end of the sentence: what was perhaps meant."""
    if not known:
        return ": there are no units yet; import the organisation first"
    close = get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    return f": did you mean {' or '.join(close)}?" if close else f": there are {', '.join(sorted(known)[:10])}"
