"""`verify` is silent while counts and tables agree, and names what differs when they do not."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from smsgateway.figures.rollups import Count, Standing, count
from smsgateway.figures.verify import INVARIANTS, counts_kept, verify
from smsgateway.store import Store
from tests.figures.builders import DAY, County, execute
from tests.figures.test_rollups import standings


def differences(store: Store) -> list[str]:
    with store.read() as transaction:
        return verify(transaction)


@pytest.fixture
def county(store: Store) -> County:
    county = County(store)
    county.unit("keskusta")
    return county


def test_an_empty_database_has_nothing_to_differ(store: Store) -> None:
    assert differences(store) == []


def test_what_the_service_leaves_behind_agrees(store: Store, county: County) -> None:
    county.rated("keskusta", [5, 4, 1])
    county.answer(county.invitation("keskusta", day="2026-11-20"), "rating", "dont_know")
    county.answer(county.invitation("keskusta", Standing("sent", None, False, "commented")), "rating", "comment")
    county.invitation("keskusta", Standing("sent", "undelivered"))
    county.invitation("keskusta", Standing("failed"))
    county.invitation("keskusta", Standing("cancelled"))
    county.visit("keskusta", "no_consent")
    county.visit("keskusta", None)
    county.withdraw(county.invitation("keskusta", Standing("planned")))
    assert differences(store) == []
    with store.read() as transaction:
        assert counts_kept(transaction) > 0


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.lists(
        some.tuples(standings, standings, some.sampled_from(["rating", "dont_know", "comment", "withdraw", ""])),
        max_size=6,
    )
)
def test_any_way_of_any_invitations_is_counted_right(
    store: Store, county: County, ways: list[tuple[Standing, Standing, str]]
) -> None:
    for first, then, reply in ways:
        invitation = county.invitation("keskusta", first._replace(answered=False))
        county.stands(invitation, then._replace(answered=False))
        if reply == "withdraw":
            county.withdraw(invitation)
        elif reply:
            county.answer(invitation, "rating", reply, 3 if reply == "rating" else None)
    assert differences(store) == []


def test_a_count_that_drifted_is_named_with_what_it_should_be(store: Store, county: County) -> None:
    county.rated("keskusta", [5, 5])
    store.write(lambda t: count(t, {Count("keskusta", DAY, "visit", "answer:rating", 5): 1}))
    assert differences(store) == [
        "unit keskusta, all time, survey visit, answer:rating with mark 5: expected 2, found 3",
        "unit keskusta, 2026-11-23, survey visit, answer:rating with mark 5: expected 2, found 3",
    ]


def test_a_total_that_drifted_alone_is_named(store: Store, county: County) -> None:
    county.rated("keskusta", [5])
    execute(store, "UPDATE rollup_total SET n = 0 WHERE measure = 'delivered' OR measure = 'sent'")
    assert differences(store) == ["unit keskusta, all time, survey visit, sent: expected 1, found 0"]


def test_a_count_of_what_is_not_there_is_named(store: Store) -> None:
    store.write(lambda t: count(t, {Count("gone", DAY, "visit", "sent"): 1}))
    assert differences(store)[1] == "unit gone, 2026-11-23, survey visit, sent: expected 0, found 1"


SCENES: dict[str, Callable[[County], object]] = {
    "left out": lambda county: county.visit("keskusta", "cool_down"),
    "planned": lambda county: county.invitation("keskusta", Standing("planned")),
    "answered": lambda county: county.answer(county.invitation("keskusta"), "rating", "rating", 5),
    "answered twice": lambda county: [
        county.answer(invitation, question, "rating", 5)
        for invitation in [county.invitation("keskusta")]
        for question in ("rating", "other")
    ],
}

BREAKAGES = [
    (
        "left out",
        ["UPDATE visit SET decision = 'invited'"],
        "is decided as invited: expected one invitation, found none",
    ),
    (
        "planned",
        ["UPDATE visit SET decision = 'cool_down'"],
        "expected the decision invited, found cool_down",
    ),
    ("planned", ["UPDATE visit SET decision = NULL"], "expected the decision invited, found not planned"),
    (
        "planned",
        ["UPDATE visit SET day = '2026-11-01'"],
        "does not have its visit's unit and day: expected keskusta and 2026-11-01",
    ),
    ("planned", ["DELETE FROM outbox"], "has no text: expected one in the outbox, found none"),
    (
        "planned",
        ["DELETE FROM rollup_total"],
        "the ledger of unit keskusta: expected 1 visits, found 0 invited, 0 cancelled",
    ),
    (
        "answered",
        ["UPDATE invitation SET answered_at = NULL"],
        "has no answered_at: expected no rating, found 1",
    ),
    ("answered", ["DELETE FROM answer"], "has answered_at: expected an answer, found none"),
    ("answered", ["DELETE FROM inbound"], "expected the message it came with, found none"),
    ("answered", ["UPDATE answer SET day = '2026-11-01'"], "found keskusta, 2026-11-01 and visit"),
    ("answered", ["UPDATE answer SET value = NULL"], "is a rating: expected a mark, found none"),
    (
        "answered twice",
        ["DROP INDEX answer_mark", "UPDATE answer SET question = 'rating'"],
        "question rating: expected at most one mark, found 2",
    ),
]


@pytest.mark.parametrize(("scene", "breakage", "sentence"), BREAKAGES)
def test_a_broken_invariant_is_named(
    store: Store, county: County, scene: str, breakage: list[str], sentence: str
) -> None:
    SCENES[scene](county)
    assert differences(store) == []
    for sql in breakage:
        execute(store, sql)
    assert [difference for difference in differences(store) if sentence in difference]


def test_each_invariant_has_a_breakage() -> None:
    assert len(BREAKAGES) == len(INVARIANTS) + 1  # the decision of a visit can be wrong in two ways


def test_rows_of_other_channels_need_no_text_message(store: Store, county: County) -> None:
    county.rated("keskusta", [5])
    execute(store, "UPDATE answer SET channel = 'web'")
    execute(store, "DELETE FROM inbound")
    assert differences(store) == []
