"""Figures of units and periods, summed from the counts; never an average of averages."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from smsgateway.figures.rollups import ANSWER, NONE, STEPS
from smsgateway.figures.selection import Selection
from smsgateway.store import Row, Transaction
from surveys import measures
from surveys.definition import Catalogue, Question, UnknownSurvey
from surveys.scales import scale

By = Literal["unit", "day", "week", "month"]
EACH_UNIT: tuple[By, ...] = ("unit",)

LETTERS = {"day": 10, "week": 10, "month": 7}
"""How much of "2026-11-23" names the period; days are joined into weeks here."""

ALL_UNITS = "all"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """The figures of one unit, period, survey and question; None where there is nothing to compute from.

    The steps, from `invited` to `answered`, are the survey's: where it has several questions, each has a row and
    repeats them. `n` to `none` are the question's. `response_rate` and `top_two` are shares (0..1), `nps` is -100..100.
    """

    unit: str
    period: str | None
    survey: str
    question: str
    invited: int
    sent: int
    delivered: int
    undelivered: int
    """Sent, but reported undelivered or failed."""
    refused: int
    """Refused by the carrier for good: not among the sent."""
    ineligible: int
    """A wrong person replied."""
    commented: int
    """Replied in words, without a rating."""
    answered: int
    """Replied with a rating."""
    response_rate: float | None
    """answered / (sent - undelivered - ineligible)."""
    n: int
    """Ratings of this question."""
    mean: float | None
    distribution: Mapping[int, int]
    """Every mark of the scale to its ratings."""
    top_two: float | None
    """Share of 4-5 among the ratings of a scale 1-5; of a Friends and Family Test, among all answers."""
    nps: float | None
    none: int
    """Don't know, or does not concern me."""


@dataclass(slots=True)
class Tally:
    """The counts of one unit, period and survey: steps, and by question its ratings and its nones."""

    steps: Counter[str] = field(default_factory=Counter)
    ratings: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    nones: Counter[str] = field(default_factory=Counter)

    def add(self, measure: str, value: int, n: int) -> None:
        if measure.startswith(ANSWER):
            self.ratings[measure.removeprefix(ANSWER)][value] += n
        elif measure.startswith(NONE):
            self.nones[measure.removeprefix(NONE)] += n
        else:
            self.steps[measure] += n


def figures(
    transaction: Transaction,
    catalogue: Catalogue,
    selection: Selection | None = None,
    by: Collection[By] = EACH_UNIT,
) -> list[FigureRow]:
    """The figures of the selected visits, a row for each unit and period in `by`, survey and question.

    Without "unit" the selected units are one; without a day, week or month the selected days are one.
    Raises `selection.UnknownUnit`.
    """
    selection = selection or Selection()
    places = {unit: place for place, unit in enumerate(selection.units(transaction))}
    tallies: defaultdict[tuple[str, str, str], Tally] = defaultdict(Tally)
    together = None if "unit" in by else selection.unit or ALL_UNITS
    for row in _counts(transaction, selection, by):
        key = (together or row["unit_id"], _period(row["period"], by), row["survey"])
        tallies[key].add(row["measure"], row["value"], row["n"])

    def order(key: tuple[str, str, str]) -> tuple[int, str, str]:
        unit, period, survey = key
        return places.get(unit, -1), period, survey

    return [row for key in sorted(tallies, key=order) for row in _rows(key, tallies[key], catalogue)]


def _counts(transaction: Transaction, selection: Selection, by: Collection[By]) -> Iterator[Row]:
    letters = next((LETTERS[part] for part in by if part in LETTERS), 0)
    if not letters and not selection.has_days:
        return transaction.stream("counts_of_all_time", unit=selection.unit)
    return transaction.stream("counts_of_days", unit=selection.unit, letters=letters, **selection.days())


def _period(day: str, by: Collection[By]) -> str:
    """ "2026-11-23", "2026-W48" (ISO 8601: the week of its Thursday), "2026-11", or nothing."""
    if "week" not in by:
        return day
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02}"


def _rows(key: tuple[str, str, str], tally: Tally, catalogue: Catalogue) -> Iterator[FigureRow]:
    if not any(tally.steps.values()) and not any(ratings.total() for ratings in tally.ratings.values()):
        return
    known = _questions(key[2], catalogue)
    counted = sorted({*tally.ratings, *tally.nones} - set(known))
    for question in (*known, *counted):
        yield _row(key, question, tally, known.get(question))


def _questions(survey: str, catalogue: Catalogue) -> dict[str, Question]:
    """The ratings of a survey, the primary one first; none for a survey that the catalogue has dropped."""
    try:
        return {question.id: question for question in catalogue.survey(survey).ratings}
    except UnknownSurvey:
        return {}


def _row(key: tuple[str, str, str], question: str, tally: Tally, asked: Question | None) -> FigureRow:
    unit, period, survey = key
    marks, nones = _marks(tally.ratings[question], asked), tally.nones[question]
    return FigureRow(
        unit=unit,
        period=period or None,
        survey=survey,
        question=question,
        response_rate=_response_rate(tally.steps),
        n=measures.respondents(marks),
        mean=measures.mean(marks),
        distribution=marks,
        top_two=_top_two(marks, nones, asked),
        nps=measures.nps(marks) if asked and asked.measure == "nps" else None,
        none=nones,
        **{step: tally.steps[step] for step in STEPS},
    )


def _marks(counted: Counter[int], asked: Question | None) -> dict[int, int]:
    """Every mark of the scale, and any other that was counted (an earlier version's scale)."""
    scale_marks: list[int] = []
    if asked and asked.scale:
        known = scale(asked.scale)
        scale_marks = list(range(known.low, known.high + 1))
    return {mark: counted[mark] for mark in sorted({*scale_marks, *counted})}


def _top_two(marks: Mapping[int, int], nones: int, asked: Question | None) -> float | None:
    if asked is None or asked.measure == "nps":
        return None
    if asked.measure == "fft":
        return measures.friends_and_family({**marks, 0: nones}).positive
    return measures.top_two(marks)


def _response_rate(steps: Counter[str]) -> float | None:
    try:
        return measures.response_rate(steps["answered"], steps["sent"], steps["undelivered"], steps["ineligible"])
    except measures.ImpossibleCounts:
        return None  # counts that contradict each other are no figure; `verify` names them
