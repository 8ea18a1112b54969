"""The scales a question can be answered on."""

from dataclasses import dataclass


class UnknownScale(ValueError):
    """A scale's name that no survey of ours knows."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole marks from `low` to `high`, both included.

    `zero_means_none` marks a scale on which 0 is an answer ("does not concern me", "don't know")
    and never a rating: it stays out of every mean.
    """

    name: str
    low: int
    high: int
    zero_means_none: bool = False

    def __contains__(self, mark: int) -> bool:
        return self.low <= mark <= self.high


SCALES: dict[str, Scale] = {
    known.name: known
    for known in (
        Scale("1-5", 1, 5),
        Scale("1-5/0", 1, 5, zero_means_none=True),
        Scale("0-10", 0, 10),
        Scale("yes-no", 0, 1),
    )
}


def scale(name: str) -> Scale:
    """The scale of that name; raises `UnknownScale` with the names there are."""
    try:
        return SCALES[name]
    except KeyError:
        raise UnknownScale(f'no scale is called "{name}"; there are: {", ".join(SCALES)}') from None
