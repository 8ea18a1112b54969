"""What a figure is worth: satisfaction measures and their intervals, always from raw counts.

Counts are `{mark: respondents}`. Shares and rates are proportions (0..1), an NPS is -100..100; nothing is
rounded here. Where nobody answered there is no figure: None, never 0. To combine units or periods add their
counts with `pooled`; an average of averages is wrong.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

from surveys.scales import Scale

Counts = Mapping[int, int]

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)  # 1.959963984540054

TOP_TWO = (4, 5)  # of a scale 1-5: satisfied
BOTTOM_TWO = (1, 2)
PROMOTERS = (9, 10)  # Reichheld, "The one number you need to grow", Harvard Business Review, December 2003
DETRACTORS = (0, 1, 2, 3, 4, 5, 6)

# Adjusted Wald for NPS: three imagined respondents, a quarter detractors, half passives, a quarter promoters.
# Rocks, "Interval estimation for the Net Promoter Score", The American Statistician 70 (2016), 365-372.
NPS_ADDED_RESPONDENTS = 3
NPS_ADDED_AT_EACH_END = 0.75


class ImpossibleCounts(ValueError):
    """Counts that no set of respondents can give: below zero, off the scale, more hits than answers."""


class Interval(NamedTuple):
    """A 95 % confidence interval, both ends included, on the scale of its figure."""

    low: float
    high: float


# --- counts --------------------------------------------------------------------------------------


def pooled(parts: Iterable[Counts]) -> dict[int, int]:
    """The counts of several units or periods together, mark by mark."""
    together: Counter[int] = Counter()
    for part in parts:
        together.update(part)
    return dict(sorted(together.items()))


def ratings(counts: Counts, scale: Scale) -> dict[int, int]:
    """The counts of every rating on the scale, zeros included, without the answers that rate nothing.

    On a scale where 0 means none ("don't know", "does not concern me") 0 is left out: it is no rating.
    Raises `ImpossibleCounts` for a mark off the scale or a count below zero.
    """
    for mark, count in counts.items():
        if count < 0:
            raise ImpossibleCounts(f"{count} respondents cannot have given the mark {mark}")
        if mark not in scale and not (mark == 0 and scale.zero_means_none):
            raise ImpossibleCounts(f"the mark {mark} is not on the scale {scale.name}")
    return {mark: counts.get(mark, 0) for mark in range(scale.low, scale.high + 1)}


def respondents(counts: Counts) -> int:
    """n: how many respondents the counts hold."""
    return sum(counts.values())


def distribution(counts: Counts) -> dict[int, float] | None:
    """The share of each mark among n."""
    n = respondents(counts)
    return {mark: count / n for mark, count in counts.items()} if n else None


def share(counts: Counts, marks: Iterable[int]) -> float | None:
    """The share of those who gave one of the marks: sum of n_k over marks / n."""
    return _proportion(_hits(counts, marks), respondents(counts))


def _hits(counts: Counts, marks: Iterable[int]) -> int:
    return sum(counts.get(mark, 0) for mark in marks)


def _proportion(hits: int, n: int) -> float | None:
    return hits / n if n else None


# --- scale 1-5 -----------------------------------------------------------------------------------


def mean(counts: Counts) -> float | None:
    """Sum of k * n_k / n."""
    n = respondents(counts)
    return sum(mark * count for mark, count in counts.items()) / n if n else None


def standard_deviation(counts: Counts) -> float | None:
    """s, the square root of sum n_k (k - mean)^2 / (n - 1); None below two respondents."""
    n, centre = respondents(counts), mean(counts)
    if centre is None or n < 2:
        return None
    return sqrt(sum(count * (mark - centre) ** 2 for mark, count in counts.items()) / (n - 1))


def top_two(counts: Counts) -> float | None:
    """Top-two box of a scale 1-5: (n4 + n5) / n."""
    return share(counts, TOP_TWO)


def bottom_two(counts: Counts) -> float | None:
    """Bottom-two box of a scale 1-5: (n1 + n2) / n."""
    return share(counts, BOTTOM_TWO)


# --- intervals -----------------------------------------------------------------------------------


def wilson(hits: float, n: int) -> Interval | None:
    """Wilson's score interval of hits / n, without continuity correction, kept within [0, 1].

    centre = (p + z²/2n) / (1 + z²/n), half = z / (1 + z²/n) · √(p(1-p)/n + z²/4n²).
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212.
    """
    if not 0 <= hits <= n:
        raise ImpossibleCounts(f"{hits} of {n} is no proportion")
    if n == 0:
        return None
    p, shrink = hits / n, 1 + Z * Z / n
    centre = (p + Z * Z / (2 * n)) / shrink
    half = Z / shrink * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    # At 0 of n and n of n the ends are exact; floating point would put them a hair beside.
    return Interval(0.0 if hits == 0 else max(0.0, centre - half), 1.0 if hits == n else min(1.0, centre + half))


def share_interval(counts: Counts, marks: Iterable[int]) -> Interval | None:
    """Wilson's interval of `share`."""
    return wilson(_hits(counts, marks), respondents(counts))


def mean_interval(counts: Counts, scale: Scale) -> Interval | None:
    """An interval of the mean that never leaves the scale and never has zero width.

    p = (mean - low) / (high - low), Wilson's interval of p with n, mapped back. Conservative: a variable
    on [0, 1] with mean p has at most the variance p(1 - p) of a proportion.
    """
    n, width = respondents(counts), scale.high - scale.low
    above_low = sum((mark - scale.low) * count for mark, count in counts.items())
    within = wilson(above_low / width, n)
    return within and Interval(scale.low + width * within.low, scale.low + width * within.high)


# --- scale 0-10 ----------------------------------------------------------------------------------


def nps(counts: Counts) -> float | None:
    """Net Promoter Score, -100..100: 100 · (promoters 9-10 − detractors 0-6) / n; passives stay in n."""
    n = respondents(counts)
    return 100 * (_hits(counts, PROMOTERS) - _hits(counts, DETRACTORS)) / n if n else None


def nps_interval(counts: Counts) -> Interval | None:
    """The adjusted Wald interval of an NPS, kept within [-100, 100]; its centre is not the NPS itself.

    n' = n + 3, P' = P + ¾, D' = D + ¾, p = P'/n', d = D'/n': 100 · (p − d ± z √((p + d − (p − d)²) / n')).
    """
    n = respondents(counts)
    if n == 0:
        return None
    reckoned = n + NPS_ADDED_RESPONDENTS
    p = (_hits(counts, PROMOTERS) + NPS_ADDED_AT_EACH_END) / reckoned
    d = (_hits(counts, DETRACTORS) + NPS_ADDED_AT_EACH_END) / reckoned
    centre, half = 100 * (p - d), 100 * Z * sqrt((p + d - (p - d) ** 2) / reckoned)
    return Interval(max(-100.0, centre - half), min(100.0, centre + half))


# --- Friends and Family Test ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FriendsAndFamily:
    """Friends and Family Test: shares of all six answers, don't-knows included.

    positive = (very good + good) / all, negative = (poor + very poor) / all: the rule NHS England published
    for the wording before April 2020, kept for the present one. Its results are not comparable between
    providers, because they collect in different ways.
    """

    n: int
    positive: float | None
    negative: float | None
    positive_interval: Interval | None
    negative_interval: Interval | None


def friends_and_family(counts: Counts) -> FriendsAndFamily:
    """The test's figures from counts of 5 (very good) to 1 (very poor) and 0 (don't know)."""
    return FriendsAndFamily(
        n=respondents(counts),
        positive=share(counts, TOP_TWO),
        negative=share(counts, BOTTOM_TWO),
        positive_interval=share_interval(counts, TOP_TWO),
        negative_interval=share_interval(counts, BOTTOM_TWO),
    )


# --- response rate -------------------------------------------------------------------------------


def response_rate(answered: int, sent: int, undeliverable: int = 0, ineligible: int = 0) -> float | None:
    """Answered invitations of those that reached someone who could answer.

    answered / (sent − undeliverable − ineligible): AAPOR Standard Definitions' RR5 where "answered" is a
    usable rating, RR6 where it is any substantive reply; ineligible is a wrong person or no visit.
    Reminders add no cases. None when nobody was reached.
    """
    reached = sent - undeliverable - ineligible
    if min(answered, undeliverable, ineligible) < 0 or answered > reached:
        raise ImpossibleCounts(f"{answered} answers do not fit {sent} sent texts less {undeliverable} and {ineligible}")
    return _proportion(answered, reached)
