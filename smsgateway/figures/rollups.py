"""Counts, kept in the transaction that changes what they count; `verify` counts them again from the tables.

A count belongs to the visit's local day, whenever the step itself happened: all steps of one visit fall into
one cohort, so that the answers of a period are answers to the texts of that period and a response rate never
passes one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from smsgateway.store import Row, Transaction

# Steps of the way, counted at most once per invitation; `steps` has the rule of each.
INVITED = "invited"
SENT = "sent"
DELIVERED = "delivered"
UNDELIVERED = "undelivered"
REFUSED = "refused"
ANSWERED = "answered"
COMMENTED = "commented"
INELIGIBLE = "ineligible"

STEPS = (INVITED, SENT, DELIVERED, UNDELIVERED, REFUSED, ANSWERED, COMMENTED, INELIGIBLE)

# Measures of a question: its ratings, the mark as value; and its answers that rate nothing.
ANSWER, NONE = "answer:", "none:"
NONE_KINDS = ("dont_know", "not_concerned")


class Count(NamedTuple):
    """What is counted: a step (value 0), or an answer to a question with its mark as value."""

    unit_id: str
    day: str
    survey: str
    measure: str
    value: int = 0


class Standing(NamedTuple):
    """How an invitation stands, in the words of its rows."""

    status: str
    """`outbox.status` of the first text, the one of purpose 'invitation'."""
    delivery: str | None = None
    """`outbox.delivery` of the same text."""
    answered: bool = False
    """`invitation.answered_at` is set."""
    disposition: str | None = None
    """`invitation.disposition`."""


def steps(standing: Standing) -> frozenset[str]:
    """The steps that an invitation counts under as it stands.

    A reply outweighs the carrier's report: who replied was reached. So answered, ineligible and undelivered
    exclude each other and are all among the sent; a text that the carrier refused never is. An invitation
    that was cancelled before its text went counts nowhere: nobody was asked.
    """
    status, delivery, answered, disposition = standing
    if status == "cancelled":
        return frozenset()
    replied = answered or disposition is not None
    taken = {
        INVITED: True,
        SENT: status == "sent" or replied,
        DELIVERED: delivery == "delivered",
        UNDELIVERED: delivery in ("undelivered", "failed") and status == "sent" and not replied,
        REFUSED: status == "failed" and not replied,
        ANSWERED: answered,
        COMMENTED: disposition == "commented" and not answered,
        INELIGIBLE: disposition == "wrong_person" and not answered,
    }
    return frozenset(step for step, is_taken in taken.items() if is_taken)


def moved(unit_id: str, day: str, survey: str, before: Standing | None, after: Standing | None) -> dict[Count, int]:
    """What to count when an invitation comes to stand otherwise; None: not planned yet, or withdrawn."""
    was = steps(before) if before else frozenset()
    now = steps(after) if after else frozenset()
    gained = {Count(unit_id, day, survey, step): 1 for step in now - was}
    lost = {Count(unit_id, day, survey, step): -1 for step in was - now}
    return gained | lost


def answer_measure(question: str) -> str:
    """The measure of a question's ratings; its `value` is the mark."""
    return ANSWER + question


def none_measure(question: str) -> str:
    """The measure of a question's "don't know" and "does not concern me", value 0."""
    return NONE + question


def answer_count(unit_id: str, day: str, survey: str, question: str, kind: str, value: int | None) -> Count | None:
    """Where an answer row of that kind is counted; None for one that is not (a comment, a late rating)."""
    if kind == "rating" and value is not None:
        return Count(unit_id, day, survey, answer_measure(question), value)
    if kind in NONE_KINDS:
        return Count(unit_id, day, survey, none_measure(question))
    return None


def count(transaction: Transaction, changes: Mapping[Count, int]) -> None:
    """Adds each change to its day and to the all-time total.

    Rows are touched in sorted order, days before totals, so that writers beside each other do not deadlock.
    """
    totals: Counter[Count] = Counter()
    for counted, change in changes.items():
        totals[counted._replace(day="")] += change
    transaction.run_many("rollup_add", _rows(changes.items()))
    transaction.run_many("rollup_total_add", _rows(totals.items()))


def _rows(changes: Iterable[tuple[Count, int]]) -> list[Row]:
    return [{**counted._asdict(), "change": change} for counted, change in sorted(changes) if change]
