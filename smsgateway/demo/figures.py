"""The figures of the demo's pages: one for each unit, over its questions, with twelve months behind it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from smsgateway.figures.selection import Selection
from smsgateway.figures.summary import By, FigureRow
from smsgateway.figures.summary import figures as figures_of
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import Organisation, Unit
from smsgateway.store import Transaction
from surveys import measures
from surveys.definition import Survey
from surveys.scales import scale

FEWEST = 5
"""Fewer answers than these are not told apart, so that nobody's own answer is."""
MONTHS = 12
SMOOTHED = 3
"""Months that a point of the trend covers: most units have too few answers in one."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A unit's figure of a survey, its questions together. None: too few answers, or nothing to compute from."""

    survey: Survey
    invited: int = 0
    delivered: int = 0
    answered: int = 0
    response_rate: float | None = None
    marks: Mapping[int, int] | None = None

    @property
    def few(self) -> bool:
        return self.answered < FEWEST

    @property
    def is_nps(self) -> bool:
        return self.survey.ratings[0].measure == "nps"

    @property
    def value(self) -> float | None:
        """The mean of the marks, or the NPS."""
        if self.few or not self.marks:
            return None
        return measures.nps(self.marks) if self.is_nps else measures.mean(self.marks)

    @property
    def top_two(self) -> float | None:
        return None if self.few or self.is_nps or not self.marks else measures.top_two(self.marks)

    def without(self, own: Sequence[int]) -> "Figure":
        """As it would be without one person's marks."""
        if not own or self.marks is None:
            return self
        others = {mark: n - own.count(mark) for mark, n in self.marks.items()}
        return Figure(self.survey, self.invited, self.delivered, self.answered - 1, self.response_rate, others)


def figure(rows: Iterable[FigureRow], survey: Survey) -> Figure:
    """The rows of one unit and period, one for each question, as one figure."""
    rows = list(rows)
    if not rows:
        low, high = ends(survey)
        return Figure(survey, marks=dict.fromkeys(range(low, high + 1), 0))
    steps = rows[0]  # each question repeats them
    marks = measures.pooled(row.distribution for row in rows)
    return Figure(survey, steps.invited, steps.delivered, steps.answered, steps.response_rate, marks)


def together(figures: Sequence[Figure]) -> Figure:
    """The figure of several periods: their counts added, never an average of averages."""
    marks = measures.pooled(each.marks or {} for each in figures)
    return Figure(figures[0].survey, answered=sum(each.answered for each in figures), marks=marks)


def ends(survey: Survey) -> tuple[int, int]:
    known = scale(survey.ratings[0].scale or "1-5")
    return known.low, known.high


@dataclass(frozen=True, slots=True)
class UnitFigures:
    unit: Unit
    now: Figure
    trend: Sequence[tuple[str, Figure]]
    """A month as "2026-11" and the figure of the `SMOOTHED` months that end with it, for twelve months."""


def unit_figures(
    gateway: Gateway, transaction: Transaction, organisation: Organisation, today: date
) -> list[UnitFigures]:
    """Each unit that asks, in the organisation's order."""
    months = last_months(today, MONTHS + SMOOTHED - 1)
    since = Selection(from_=date.fromisoformat(f"{months[0]}-01"))
    total = by_key(figures_of(transaction, gateway.catalogue, Selection()))
    monthly = by_key(figures_of(transaction, gateway.catalogue, since, ("unit", "month")))
    found = []
    for unit in asking(organisation):
        survey = gateway.catalogue.survey(unit.schedules[0].survey)
        each = [figure(monthly[unit.unit_id, month, survey.id], survey) for month in months]
        trend = [
            (months[place], together(each[place - SMOOTHED + 1 : place + 1]))
            for place in range(SMOOTHED - 1, len(months))
        ]
        found.append(UnitFigures(unit, figure(total[unit.unit_id, None, survey.id], survey), trend))
    return found


def unit_figure(gateway: Gateway, transaction: Transaction, unit_id: str, survey_id: str) -> Figure:
    rows = by_key(figures_of(transaction, gateway.catalogue, Selection(unit_id)))
    return figure(rows[unit_id, None, survey_id], gateway.catalogue.survey(survey_id))


def everything(gateway: Gateway, transaction: Transaction) -> tuple[int, int, int, float | None]:
    """Of the whole county: texts delivered, answers, invitations, and the response rate."""
    no_parts: tuple[By, ...] = ()
    rows = {row.survey: row for row in figures_of(transaction, gateway.catalogue, Selection(), no_parts)}.values()
    answered, sent = sum(row.answered for row in rows), sum(row.sent for row in rows)
    lost = sum(row.undelivered for row in rows), sum(row.ineligible for row in rows)
    invited, delivered = sum(row.invited for row in rows), sum(row.delivered for row in rows)
    return delivered, answered, invited, measures.response_rate(answered, sent, *lost)


def asking(organisation: Organisation) -> list[Unit]:
    """The units that send surveys; the others only hold units together."""
    return [unit for unit in organisation.units.values() if unit.schedules]


def by_key(rows: Iterable[FigureRow]) -> defaultdict[tuple[str, str | None, str], list[FigureRow]]:
    found: defaultdict[tuple[str, str | None, str], list[FigureRow]] = defaultdict(list)
    for row in rows:
        found[row.unit, row.period, row.survey].append(row)
    return found


def last_months(today: date, number: int) -> list[str]:
    """So many months that end with this one, "2026-11"."""
    place = 12 * today.year + today.month - 1
    return [f"{each // 12}-{each % 12 + 1:02}" for each in range(place - number + 1, place + 1)]
