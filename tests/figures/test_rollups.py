"""Counts change with what they count, and nothing gets lost between the steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from smsgateway.figures.rollups import (
    ANSWERED,
    COMMENTED,
    DELIVERED,
    INELIGIBLE,
    INVITED,
    REFUSED,
    SENT,
    UNDELIVERED,
    Count,
    Standing,
    answer_count,
    count,
    moved,
    steps,
)
from smsgateway.store import Store

DAY = "2026-11-23"
STATUSES = ("planned", "sending", "uncertain", "sent", "cancelled", "failed")
standings = some.builds(
    Standing,
    some.sampled_from(STATUSES),
    some.sampled_from((None, "queued", "sent", "delivered", "undelivered", "failed")),
    some.booleans(),
    some.sampled_from((None, "commented", "wrong_person")),
)


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing("planned"), {INVITED}),
        (Standing("cancelled"), set()),
        (Standing("sent"), {INVITED, SENT}),
        (Standing("failed"), {INVITED, REFUSED}),
        (Standing("sent", "delivered"), {INVITED, SENT, DELIVERED}),
        (Standing("sent", "undelivered"), {INVITED, SENT, UNDELIVERED}),
        (Standing("sent", "failed"), {INVITED, SENT, UNDELIVERED}),
        (Standing("sent", "delivered", True), {INVITED, SENT, DELIVERED, ANSWERED}),
        (Standing("sent", "undelivered", True), {INVITED, SENT, ANSWERED}),
        (Standing("uncertain", None, True), {INVITED, SENT, ANSWERED}),
        (Standing("sent", None, False, "commented"), {INVITED, SENT, COMMENTED}),
        (Standing("sent", None, True, "commented"), {INVITED, SENT, ANSWERED}),
        (Standing("sent", None, False, "wrong_person"), {INVITED, SENT, INELIGIBLE}),
        (Standing("sent", None, True, "wrong_person"), {INVITED, SENT, ANSWERED}),
    ],
)
def test_an_invitation_counts_under_the_steps_it_has_taken(standing: Standing, expected: set[str]) -> None:
    assert steps(standing) == expected


@given(standings)
def test_who_is_taken_from_the_sent_for_the_response_rate_has_not_answered(standing: Standing) -> None:
    taken = steps(standing)
    outside = taken & {UNDELIVERED, INELIGIBLE, ANSWERED}
    assert len(outside) <= 1
    assert not outside or SENT in taken


@given(some.lists(some.none() | standings))
def test_moving_through_any_standings_leaves_the_steps_of_the_last(way: list[Standing | None]) -> None:
    totals: dict[str, int] = {}
    for before, after in zip([None, *way], way, strict=False):
        for counted, change in moved("u", DAY, "visit", before, after).items():
            totals[counted.measure] = totals.get(counted.measure, 0) + change
    last = steps(way[-1]) if way and way[-1] else frozenset()
    assert {step for step, n in totals.items() if n} == last
    assert set(totals.values()) <= {0, 1}


@pytest.mark.parametrize(
    ("kind", "value", "measure"),
    [
        ("rating", 4, "answer:rating"),
        ("dont_know", None, "none:rating"),
        ("not_concerned", None, "none:rating"),
    ],
)
def test_an_answer_is_counted_as_its_mark_or_as_none(kind: str, value: int | None, measure: str) -> None:
    assert answer_count("u", DAY, "visit", "rating", kind, value) == Count("u", DAY, "visit", measure, value or 0)


@pytest.mark.parametrize("kind", ["comment", "late_rating", "late_comment"])
def test_words_and_what_came_late_are_not_counted(kind: str) -> None:
    assert answer_count("u", DAY, "visit", "rating", kind, 4) is None


def test_a_change_reaches_its_day_and_the_total_once(store: Store) -> None:
    monday, tuesday = Count("u", "2026-11-23", "visit", SENT), Count("u", "2026-11-24", "visit", SENT)
    store.write(lambda transaction: count(transaction, {monday: 2, tuesday: 3}))
    store.write(lambda transaction: count(transaction, {monday: -1}))
    assert rows(store, "rollup") == [("u", "2026-11-23", SENT, 1), ("u", "2026-11-24", SENT, 3)]
    assert rows(store, "rollup_total") == [("u", "", SENT, 4)]


def test_no_change_writes_no_row(store: Store) -> None:
    store.write(lambda transaction: count(transaction, {Count("u", DAY, "visit", SENT): 0}))
    store.write(lambda transaction: count(transaction, {}))
    assert rows(store, "rollup") == rows(store, "rollup_total") == []


def rows(store: Store, table: str) -> list[tuple[str, str, str, int]]:
    day = "day" if table == "rollup" else "'' AS day"
    sql = f"SELECT unit_id, {day}, measure, n FROM {table} ORDER BY 1, 2, 3"  # noqa: S608 (our own names)
    with store.read() as transaction:
        return [tuple(row.values()) for row in transaction.connection.execute(sql)]
