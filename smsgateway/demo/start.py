"""What the start page shows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from smsgateway.demo.charts import Sparkline, common_scale, sparkline
from smsgateway.demo.figures import FEWEST, Figure, UnitFigures, ends, everything, unit_figures
from smsgateway.demo.words import Speech
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import Organisation, load_organisation
from smsgateway.store import Row, Transaction

COMMENTS = 8
BEST_MEAN, LEAST_MEAN = 5.0, 3.0
BEST_NPS, LEAST_NPS = 100.0, 0.0
SENT_FIRST = ("sent", "planned", "to_plan", "sending", "uncertain")

Scales = dict[bool, tuple[float, float]]
"""For NPS, and for means: the ends that all curves of the kind share."""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit as the page writes it."""

    name: str
    survey: str
    few: bool
    answers: str
    response_rate: str
    value: str
    measure: str
    of: str
    satisfied: str
    satisfied_width: float
    curve: Sparkline
    told: str
    """The curve in words."""
    months: Sequence[str]


def view(gateway: Gateway, speech: Speech) -> dict[str, Any]:
    """The template's values."""
    with gateway.store.read() as transaction:
        organisation = load_organisation(transaction)
        today = gateway.clock().astimezone(organisation.zone).date()
        units = unit_figures(gateway, transaction, organisation, today)
        delivered, answered, _, rate = everything(gateway, transaction)
        ledger = ledger_lines(transaction.rows("ledger"), speech)
        comments = newest_comments(transaction, organisation, speech)
    scales = scales_of(units)
    return {
        "units": [unit_line(each, scales, speech) for each in units],
        "months": [speech.month(month) for month, _ in units[0].trend] if units else [],
        "scales": scales_told(scales, speech),
        "ledger": ledger,
        "numbers": [
            ("visits", speech.number(sum(n for _, n, _ in ledger))),
            ("delivered", speech.number(delivered)),
            ("answers", speech.number(answered)),
            ("response_rate", speech.share(rate)),
        ],
        "comments": comments,
    }


def unit_line(each: UnitFigures, scales: Scales, speech: Speech) -> UnitLine:
    now, (low, high) = each.now, scales[each.now.is_nps]
    return UnitLine(
        name=each.unit.name_in(speech.language),
        survey=now.survey.title.of(speech.language),
        few=now.few,
        answers=speech("few") if 0 < now.answered < FEWEST else speech.number(now.answered),
        response_rate=speech.share(None if now.few else now.response_rate),
        value=written(now, speech),
        measure=speech("nps" if now.is_nps else "mean"),
        of="" if now.is_nps else speech("of", high=ends(now.survey)[1]),
        satisfied=speech.share(now.top_two),
        satisfied_width=round(100 * (now.top_two or 0), 1),
        curve=sparkline([figure.value for _, figure in each.trend], low, high),
        told=curve_told(each, speech),
        months=[written(figure, speech) for _, figure in each.trend],
    )


def written(figure: Figure, speech: Speech, digits_of_nps: int = 0) -> str:
    """A mean as 4.21, an NPS as +38; "<5" where that would tell too much, a dash where nobody answered."""
    if figure.value is None:
        return speech("few") if figure.answered else "\u2013"
    return speech.signed(figure.value, digits_of_nps) if figure.is_nps else speech.number(figure.value, 2)


def curve_told(each: UnitFigures, speech: Speech) -> str:
    told = [(month, figure) for month, figure in each.trend if figure.value is not None]
    if not told:
        return speech("no_trend")
    (since, first), (until, last) = told[0], told[-1]
    return speech(
        "trend_of",
        first=written(first, speech),
        since=speech.month(since),
        last=written(last, speech),
        until=speech.month(until),
    )


def scales_of(units: Iterable[UnitFigures]) -> Scales:
    found: dict[bool, list[float]] = {True: [], False: []}
    for each in units:
        found[each.now.is_nps] += [figure.value for _, figure in each.trend if figure.value is not None]
    return {
        True: common_scale(found[True], LEAST_NPS, BEST_NPS, 25),
        False: common_scale(found[False], LEAST_MEAN, BEST_MEAN, 0.5),
    }


def scales_told(scales: Scales, speech: Speech) -> str:
    (nps_low, nps_high), (low, high) = scales[True], scales[False]
    return speech(
        "scales_why",
        low=speech.number(low, 1),
        high=speech.number(high),
        nps_low=speech.number(nps_low),
        nps_high=speech.number(nps_high),
    )


def ledger_lines(rows: Iterable[Row], speech: Speech) -> list[tuple[str, int, str]]:
    """What became of the visits, its number, and the same as written; what was sent first, then the largest."""
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row["outcome"]] += row["n"]
    first = {code: place for place, code in enumerate(SENT_FIRST)}
    codes = sorted(sums, key=lambda code: (first.get(code, len(first)), -sums[code], code))
    return [(speech.outcome(code), sums[code], speech.number(sums[code])) for code in codes]


def newest_comments(transaction: Transaction, organisation: Organisation, speech: Speech) -> list[Row]:
    return [
        {
            "text": row["comment"],
            "language": row["language"],
            "unit": organisation.units[row["unit_id"]].name_in(speech.language),
            "day": speech.day(row["answered_at"]),
            "mark": row["mark"],
        }
        for row in transaction.rows("demo_comments", least=FEWEST, most=COMMENTS)
    ]
