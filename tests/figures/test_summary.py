"""Figures are recounted for every cut, and say nothing where there is nothing to say."""

from datetime import date

import pytest

from smsgateway.figures.listing import COLUMNS, flat, nested
from smsgateway.figures.rollups import Standing
from smsgateway.figures.selection import BackwardPeriod, Selection, UnknownUnit
from smsgateway.figures.summary import By, FigureRow, figures
from smsgateway.store import Store
from surveys.definition import Catalogue
from tests.figures.builders import County, execute


@pytest.fixture
def county(store: Store) -> County:
    """A region of two units, and a unit of its own."""
    county = County(store)
    county.unit("region")
    county.unit("keskusta", "region")
    county.unit("hammashoito", "region")
    county.unit("neuvola")
    return county


def of(store: Store, catalogue: Catalogue, selection: Selection | None = None, *by: By) -> list[FigureRow]:
    with store.read() as transaction:
        return figures(transaction, catalogue, selection, by or ("unit",))


def test_nobody_invited_gives_no_figures(store: Store, catalogue: Catalogue, county: County) -> None:
    assert of(store, catalogue) == []


def test_a_unit_with_answers_has_its_measures(store: Store, catalogue: Catalogue, county: County) -> None:
    county.rated("keskusta", [5, 5, 4, 1])
    county.invitation("keskusta", Standing("sent", "delivered"))
    county.invitation("keskusta", Standing("sent", "undelivered"))
    county.invitation("keskusta", Standing("sent", "delivered", False, "wrong_person"))
    county.invitation("keskusta", Standing("sent", None, False, "commented"))
    county.invitation("keskusta", Standing("failed"))
    county.invitation("keskusta", Standing("planned"))
    assert of(store, catalogue) == [
        FigureRow(
            unit="keskusta",
            period=None,
            survey="visit",
            question="rating",
            invited=10,
            sent=8,
            delivered=2,
            undelivered=1,
            refused=1,
            ineligible=1,
            commented=1,
            answered=4,
            response_rate=4 / 6,
            n=4,
            mean=3.75,
            distribution={1: 1, 2: 0, 3: 0, 4: 1, 5: 2},
            top_two=0.75,
            nps=None,
            none=0,
        )
    ]


def test_without_a_rating_there_is_no_mean_and_not_nought(store: Store, catalogue: Catalogue, county: County) -> None:
    county.invitation("keskusta", Standing("planned"))
    (row,) = of(store, catalogue)
    assert (row.n, row.mean, row.top_two, row.response_rate) == (0, None, None, None)


def test_a_scale_from_0_to_10_has_an_nps_and_no_top_two(store: Store, catalogue: Catalogue, county: County) -> None:
    question = catalogue.survey("recommend").ratings[0].id
    county.rated("keskusta", [10, 9, 9, 7, 0], survey="recommend", question=question)
    (row,) = of(store, catalogue)
    assert (row.nps, row.top_two, row.mean) == (40.0, None, 7.0)
    assert list(row.distribution) == list(range(11))


def test_dont_know_is_no_rating_but_counts_in_the_friends_and_family_test(
    store: Store, catalogue: Catalogue, county: County
) -> None:
    question = catalogue.survey("fft").ratings[0].id
    county.rated("keskusta", [5, 4, 1], survey="fft", question=question)
    county.answer(county.invitation("keskusta", survey="fft"), question, "dont_know")
    (row,) = of(store, catalogue)
    assert (row.n, row.none, row.top_two, row.mean) == (3, 1, 0.5, 10 / 3)


def test_a_survey_of_many_questions_has_a_row_for_each_with_the_same_steps(
    store: Store, catalogue: Catalogue, county: County
) -> None:
    asked = [question.id for question in catalogue.survey("thl").ratings]
    invitation = county.invitation("keskusta", survey="thl")
    county.answer(invitation, asked[1], "rating", 4)
    county.answer(invitation, asked[3], "not_concerned")
    rows = of(store, catalogue)
    assert [row.question for row in rows] == asked
    assert {(row.sent, row.answered) for row in rows} == {(1, 1)}
    assert [(row.n, row.none) for row in rows][:4] == [(0, 0), (1, 0), (0, 0), (0, 1)]


def test_a_survey_that_the_catalogue_dropped_keeps_its_figures(
    store: Store, catalogue: Catalogue, county: County
) -> None:
    county.rated("keskusta", [2, 4], survey="of_old", question="stars")
    (row,) = of(store, catalogue)
    assert (row.question, row.mean, row.distribution) == ("stars", 3.0, {2: 1, 4: 1})


def test_a_unit_means_itself_and_all_beneath_it(store: Store, catalogue: Catalogue, county: County) -> None:
    county.rated("keskusta", [5])
    county.rated("hammashoito", [3])
    county.rated("neuvola", [1])
    rows = of(store, catalogue, Selection("region"))
    assert {row.unit for row in rows} == {"keskusta", "hammashoito"}
    assert {row.unit for row in of(store, catalogue, Selection("neuvola"))} == {"neuvola"}


@pytest.mark.parametrize(("unit", "expected", "mean"), [(None, "all", 17 / 5), ("region", "region", 4.0)])
def test_units_together_are_recounted_and_never_averaged(
    store: Store, catalogue: Catalogue, county: County, unit: str | None, expected: str, mean: float
) -> None:
    county.rated("keskusta", [5, 5, 5])
    county.rated("hammashoito", [1])
    county.rated("neuvola", [1])
    with store.read() as transaction:
        (row,) = figures(transaction, catalogue, Selection(unit), by=())
    assert (row.unit, row.mean) == (expected, mean)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("day", [("2025-12-29", 1), ("2026-01-04", 1), ("2026-01-05", 1)]),
        ("week", [("2026-W01", 2), ("2026-W02", 1)]),
        ("month", [("2025-12", 1), ("2026-01", 2)]),
    ],
)
def test_a_period_holds_the_visits_of_its_days(
    store: Store, catalogue: Catalogue, county: County, by: By, expected: list[tuple[str, int]]
) -> None:
    for day in ("2026-01-05", "2025-12-29", "2026-01-04"):
        county.rated("keskusta", [4], day=day)
    assert [(row.period, row.n) for row in of(store, catalogue, None, "unit", by)] == expected
    assert [(row.period, row.unit) for row in of(store, catalogue, None, by)] == [
        (period, "all") for period, _ in expected
    ]


@pytest.mark.parametrize(
    ("from_", "to", "n"),
    [
        (date(2026, 11, 21), None, 2),
        (None, date(2026, 11, 21), 2),
        (date(2026, 11, 21), date(2026, 11, 21), 1),
        (date(2026, 11, 23), None, 0),
    ],
)
def test_both_ends_of_a_period_belong_to_it(
    store: Store, catalogue: Catalogue, county: County, from_: date | None, to: date | None, n: int
) -> None:
    for day in ("2026-11-20", "2026-11-21", "2026-11-22"):
        county.rated("keskusta", [4], day=day)
    assert sum(row.n for row in of(store, catalogue, Selection(None, from_, to))) == n


def test_all_time_and_all_days_give_the_same(store: Store, catalogue: Catalogue, county: County) -> None:
    for day in ("2026-11-20", "2026-11-21"):
        county.rated("keskusta", [4, 5], day=day)
    assert of(store, catalogue) == of(store, catalogue, Selection(None, date(1, 1, 1)))


def test_what_was_taken_back_leaves_no_row(store: Store, catalogue: Catalogue, county: County) -> None:
    county.withdraw(county.invitation("keskusta", Standing("planned")))
    assert of(store, catalogue) == []


def test_counts_that_contradict_each_other_give_no_rate(store: Store, catalogue: Catalogue, county: County) -> None:
    county.rated("keskusta", [4, 5])
    execute(store, "UPDATE rollup_total SET n = 1 WHERE measure = 'sent'")
    (row,) = of(store, catalogue)
    assert (row.response_rate, row.mean) == (None, 4.5)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("keskuta", 'no unit is called "keskuta": did you mean keskusta?'),
        ("zzz", 'no unit is called "zzz": there are hammashoito, keskusta, neuvola, region'),
    ],
)
def test_an_unknown_unit_is_told_with_the_nearest(
    store: Store, catalogue: Catalogue, county: County, asked: str, sentence: str
) -> None:
    with pytest.raises(UnknownUnit) as problem:
        of(store, catalogue, Selection(asked))
    assert str(problem.value) == sentence


def test_an_unknown_unit_of_an_empty_organisation_is_told_so(store: Store, catalogue: Catalogue) -> None:
    with pytest.raises(UnknownUnit, match="there are no units yet"):
        of(store, catalogue, Selection("keskusta"))


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BackwardPeriod, match="begins on 2026-11-02 and ends before that, on 2026-11-01"):
        Selection(None, date(2026, 11, 2), date(2026, 11, 1))


def test_a_flat_row_has_a_number_per_column_and_nothing_where_there_is_nothing(
    store: Store, catalogue: Catalogue, county: County
) -> None:
    county.rated("keskusta", [5, 4])
    (row,) = of(store, catalogue)
    cells = flat(row)
    assert tuple(cells) == COLUMNS
    assert (cells["mark_0"], cells["mark_3"], cells["mark_5"], cells["nps"]) == (None, 0, 1, None)
    assert nested(row)["distribution"] == {"1": 0, "2": 0, "3": 0, "4": 1, "5": 1}
