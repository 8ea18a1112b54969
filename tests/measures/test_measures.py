"""The measures against figures worked out elsewhere (numpy, scipy, statsmodels) and their invariants."""

from math import nan, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.measures import (
    TOP_TWO,
    ImpossibleCounts,
    Z,
    bottom_two,
    distribution,
    friends_and_family,
    mean,
    mean_interval,
    nps,
    nps_interval,
    pooled,
    ratings,
    respondents,
    response_rate,
    share_interval,
    standard_deviation,
    top_two,
    wilson,
)
from surveys.scales import scale

ONE_TO_FIVE, TEN = scale("1-5"), scale("0-10")
CLINIC = {1: 3, 2: 5, 3: 12, 4: 40, 5: 60}
AREA_A = {0: 2, 2: 1, 3: 1, 4: 1, 5: 3, 6: 4, 7: 10, 8: 18, 9: 25, 10: 35}
AREA_B = {0: 10, 7: 5, 9: 10}
FFT = {5: 310, 4: 120, 3: 25, 2: 12, 1: 18, 0: 15}

marks_1_to_5 = st.dictionaries(st.integers(1, 5), st.integers(0, 10_000))
marks_0_to_10 = st.dictionaries(st.integers(0, 10), st.integers(0, 10_000))


def scores(promoters: int, detractors: int, n: int) -> dict[int, int]:
    return {9: promoters, 0: detractors, 7: n - promoters - detractors}


def test_z_is_that_of_95_per_cent() -> None:
    assert pytest.approx(1.959963984540054, abs=1e-15) == Z


def test_the_figures_of_a_clinic() -> None:
    deviation = standard_deviation(CLINIC)
    assert deviation is not None
    assert respondents(CLINIC) == 120
    assert top_two(CLINIC) == pytest.approx(0.833333, abs=5e-7)
    assert bottom_two(CLINIC) == pytest.approx(0.066667, abs=5e-7)
    assert mean(CLINIC) == pytest.approx(4.241667, abs=5e-7)
    assert deviation == pytest.approx(0.970106, abs=5e-7)
    assert deviation / sqrt(120) == pytest.approx(0.0885582, abs=5e-8)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        (CLINIC, 3.924338, 4.481964),
        ({5: 5, 4: 2, 3: 1}, 3.116447, 4.910330),
        ({5: 6}, 3.438663, 5),
    ],
)
def test_the_interval_of_a_mean_stays_on_the_scale(counts: dict[int, int], low: float, high: float) -> None:
    assert mean_interval(counts, ONE_TO_FIVE) == pytest.approx((low, high), abs=5e-7)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (100, 120, 0.7565471861, 0.8894400363),
        (0, 10, 0, 0.2775327999),
        (10, 10, 0.7224672001, 1),
        (1, 1, 0.2065493144, 1),
        (5, 8, 0.3057423946, 0.8631557142),
        (7, 8, 0.5291118178, 0.9775825085),
        (81, 263, 0.2552885199, 0.3662095770),
        (450, 500, 0.8705780904, 0.9233224373),
    ],
)
def test_wilson_agrees_with_published_and_computed_intervals(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-11)


def test_the_interval_of_none_and_of_all_ends_exactly_at_0_and_1() -> None:
    none = [wilson(0, n) for n in range(1, 200)]
    everyone = [wilson(n, n) for n in range(1, 200)]
    assert {found and found.low for found in none} == {0.0}
    assert {found and found.high for found in everyone} == {1.0}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (AREA_A, 48),
        (AREA_B, 0),
        (pooled([AREA_A, AREA_B]), 38.4),
        (scores(5, 2, 8), 37.5),
        (scores(10, 0, 10), 100),
        ({0: 4}, -100),
    ],
)
def test_nps_counts_promoters_less_detractors_of_all(counts: dict[int, int], expected: float) -> None:
    assert nps(counts) == pytest.approx(expected)


@pytest.mark.parametrize(("mark", "expected"), [(6, -100), (7, 0), (8, 0), (9, 100), (10, 100), (0, -100)])
def test_nps_groups_end_where_the_field_ends_them(mark: int, expected: float) -> None:
    assert nps({mark: 1}) == expected


def test_the_mean_of_a_recommendation_survey() -> None:
    assert mean(AREA_A) == pytest.approx(8.37)


def test_pooling_units_adds_counts_and_does_not_average_scores() -> None:
    together = pooled([AREA_A, AREA_B])
    assert together[0] == 12
    assert together[9] == 35
    assert respondents(together) == 125
    assert nps(together) != pytest.approx(24)


@pytest.mark.parametrize(
    ("promoters", "detractors", "n", "low", "high"),
    [
        (60, 12, 100, 32.99523, 60.20866),
        (5, 2, 8, -22.11140, 76.65686),
        (10, 0, 10, 47.50355, 100),
        (70, 22, 125, 24.19510, 50.80490),
    ],
)
def test_the_interval_of_an_nps_is_the_adjusted_wald(
    promoters: int, detractors: int, n: int, low: float, high: float
) -> None:
    assert nps_interval(scores(promoters, detractors, n)) == pytest.approx((low, high), abs=5e-6)


def test_friends_and_family_keeps_dont_knows_in_the_denominator() -> None:
    figures = friends_and_family(FFT)
    assert figures.n == 500
    assert figures.positive == pytest.approx(0.86)
    assert figures.negative == pytest.approx(0.06)
    assert figures.positive_interval == pytest.approx((0.826833, 0.887677), abs=5e-7)
    assert figures.negative_interval == pytest.approx((0.042348, 0.084361), abs=5e-7)


@pytest.mark.parametrize(("answered", "expected"), [(310, 0.342541), (335, 0.370166)])
def test_the_response_rate_is_of_those_who_could_answer(answered: int, expected: float) -> None:
    assert response_rate(answered, 1000, undeliverable=80, ineligible=15) == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize(("sent", "undeliverable"), [(0, 0), (80, 80)])
def test_no_response_rate_where_nobody_was_reached(sent: int, undeliverable: int) -> None:
    assert response_rate(0, sent, undeliverable) is None


@pytest.mark.parametrize("numbers", [(11, 10, 0, 0), (9, 10, 2, 0), (-1, 10, 0, 0), (1, 10, -5, 0)])
def test_a_response_rate_of_impossible_numbers_is_refused(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(ImpossibleCounts, match="do not fit"):
        response_rate(*numbers)


def test_nobody_answering_gives_no_figure_and_never_zero() -> None:
    for nobody in ({}, {1: 0, 5: 0}):
        assert respondents(nobody) == 0
        assert mean(nobody) is None
        assert standard_deviation(nobody) is None
        assert distribution(nobody) is None
        assert top_two(nobody) is None
        assert bottom_two(nobody) is None
        assert share_interval(nobody, TOP_TWO) is None
        assert mean_interval(nobody, ONE_TO_FIVE) is None
        assert nps(nobody) is None
        assert nps_interval(nobody) is None
        assert friends_and_family(nobody).positive is None


def test_one_respondent_has_a_mean_and_no_deviation() -> None:
    assert mean({4: 1}) == 4
    assert standard_deviation({4: 1}) is None


def test_ratings_fill_the_scale_and_leave_out_what_rates_nothing() -> None:
    assert ratings({5: 2, 0: 7}, scale("1-5/0")) == {1: 0, 2: 0, 3: 0, 4: 0, 5: 2}
    assert ratings({0: 1}, scale("yes-no")) == {0: 1, 1: 0}


@pytest.mark.parametrize("counts", [{6: 1}, {0: 1}, {5: -1}])
def test_counts_that_cannot_be_are_refused(counts: dict[int, int]) -> None:
    with pytest.raises(ImpossibleCounts):
        ratings(counts, ONE_TO_FIVE)


@pytest.mark.parametrize(("hits", "n"), [(3, 2), (-1, 2), (nan, 2), (0, -1)])
def test_a_proportion_of_impossible_numbers_is_refused(hits: float, n: int) -> None:
    with pytest.raises(ImpossibleCounts):
        wilson(hits, n)


def test_a_distribution_is_in_shares() -> None:
    assert distribution({1: 0, 4: 1, 5: 3}) == {1: 0.0, 4: 0.25, 5: 0.75}


@given(st.integers(0, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_its_proportion_and_stays_within_0_and_1(case: tuple[int, int]) -> None:
    hits, n = case
    found = wilson(hits, n)
    assert found is None if n == 0 else found is not None and 0 <= found.low <= hits / n <= found.high <= 1


@given(marks_1_to_5)
def test_every_interval_holds_its_mean(counts: dict[int, int]) -> None:
    centre, found = mean(counts), mean_interval(counts, ONE_TO_FIVE)
    if centre is None or found is None:
        assert respondents(counts) == 0
    else:
        assert 1 <= found.low <= centre + 1e-9
        assert centre - 1e-9 <= found.high <= 5
        assert found.low < found.high


@given(marks_0_to_10)
def test_an_nps_and_its_interval_stay_between_minus_100_and_100(counts: dict[int, int]) -> None:
    found, interval = nps(counts), nps_interval(counts)
    if found is None or interval is None:
        assert respondents(counts) == 0
    else:
        assert -100 <= found <= 100
        assert -100 <= interval.low < interval.high <= 100


@given(st.lists(marks_0_to_10))
def test_pooling_is_a_recount(parts: list[dict[int, int]]) -> None:
    together = pooled(parts)
    assert respondents(together) == sum(respondents(part) for part in parts)
    assert pooled([together]) == together


@given(marks_0_to_10)
def test_top_shares_and_rest_make_one(counts: dict[int, int]) -> None:
    shares = distribution(ratings(counts, TEN))
    assert shares is None or sum(shares.values()) == pytest.approx(1)
