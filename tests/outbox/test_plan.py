"""Every visit ends as an invitation, or as one coded reason why not; the sums are the intake."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsgateway.outbox.plan import language_for
from smsgateway.people.opt_outs import opt_out
from smsgateway.store.values import moment
from tests.outbox.county import NOON, NUMBER, County, visit_row


def enter_opt_out(county: County, number: str = NUMBER) -> None:
    lookup = county.gateway.seal.lookup(number)
    county.gateway.store.write(lambda transaction: opt_out(transaction, lookup, "operator", NOON, "asked"))


def mark_number(county: County, state: str) -> None:
    county.run(f"UPDATE contact SET number_state = '{state}'")  # noqa: S608 (the test's own word)


REASONS = [
    ("heti", "invited"),
    ("toinen-vaihtoehto", "invited"),
    ("tauolla", "unit_paused"),
    ("ilman", "no_schedule"),
    ("ei-otosta", "sampled_out"),
    ("liian-myohaan", "too_old"),
]


@pytest.mark.parametrize(("unit", "reason"), REASONS)
def test_the_unit_decides_about_a_visit(county: County, unit: str, reason: str) -> None:
    county.visit(unit=unit)

    assert county.plan() == {reason: 1}
    assert county.decisions() == {"v1": reason}


def test_without_consent_nothing_is_sent(county: County) -> None:
    county.visit(consent=False)

    assert county.plan() == {"no_consent": 1}


def test_an_opt_out_counts_before_every_other_reason(county: County) -> None:
    county.visit(unit="tauolla", consent=False)
    enter_opt_out(county)

    assert county.plan() == {"opted_out": 1}


@pytest.mark.parametrize("state", ["landline", "invalid_number", "unknown_number"])
def test_a_dead_number_is_the_reason_by_its_own_name(county: County, state: str) -> None:
    county.visit()
    mark_number(county, state)

    assert county.plan() == {state: 1}


def test_two_records_of_one_visit_are_one_invitation(county: County) -> None:
    county.visit("v1")
    county.visit("v2")

    assert county.plan() == {"invited": 1, "duplicate": 1}


def test_a_person_is_left_alone_for_the_cool_down_over_all_units(county: County) -> None:
    county.visit("v1", unit="keskusta")
    county.visit("v2", unit="satama", ended_at=NOON - timedelta(days=3))
    county.visit("v3", unit="satama", number="+358402222222")

    assert county.plan() == {"invited": 2, "cool_down": 1}
    assert county.decisions() == {"v1": "cool_down", "v2": "invited", "v3": "invited"}


def test_when_the_cool_down_is_over_the_next_visit_is_invited(county: County) -> None:
    county.visit("v1", unit="keskusta", ended_at=NOON - timedelta(days=31))
    county.visit("v2", unit="satama")

    assert county.plan() == {"invited": 2}


def test_schedules_are_alternatives_and_the_first_that_takes_the_visit_sends(county: County) -> None:
    county.visit(unit="toinen-vaihtoehto")
    county.plan()

    assert [row["survey"] for row in county.ask("SELECT survey FROM invitation")] == ["recommend"]


def test_a_visit_in_the_evening_waits_for_the_morning(county: County) -> None:
    county.visit(unit="keskusta", ended_at=NOON + timedelta(hours=9))  # 21:00 in Helsinki
    county.plan()

    due = moment(county.text()["due_at"])
    assert NOON + timedelta(hours=21) <= due < NOON + timedelta(hours=21, minutes=30)  # 09:00 to 09:30


def test_planning_again_finds_nothing_and_a_second_import_decides_alike(county: County) -> None:
    county.visit()
    county.plan()
    before = county.texts()
    county.visit()

    assert county.plan() == Counter()
    assert county.texts() == before


def test_a_changed_visit_is_taken_back_and_planned_anew(county: County) -> None:
    county.visit(unit="keskusta")
    county.plan()
    county.visit(unit="keskusta", ended_at=NOON + timedelta(hours=1))

    assert county.decisions() == {"v1": None}
    assert county.counts() == {}
    assert county.plan() == {"invited": 1}
    assert moment(county.text()["due_at"]) == NOON + timedelta(hours=3)
    assert county.differences() == []


def test_consent_taken_back_before_the_text_went_takes_the_text_back(county: County) -> None:
    county.visit(unit="keskusta")
    county.plan()
    county.visit(unit="keskusta", consent=False)

    assert county.plan() == {"no_consent": 1}
    assert county.texts() == []
    assert county.differences() == []


def test_what_was_sent_is_not_taken_back(county: County) -> None:
    county.invited()
    county.visit(ended_at=NOON + timedelta(hours=1))

    assert county.plan() == Counter()
    assert [text["status"] for text in county.texts()] == ["sent"]


def test_a_withdrawn_invitation_frees_the_visits_it_held_back(county: County) -> None:
    county.visit("v1", unit="keskusta", ended_at=NOON - timedelta(days=2))
    county.visit("v2", unit="satama")
    county.plan()
    county.visit("v1", unit="keskusta", ended_at=NOON - timedelta(days=2), consent=False)

    assert county.plan() == {"no_consent": 1, "invited": 1}
    assert county.decisions() == {"v1": "no_consent", "v2": "invited"}


@pytest.mark.parametrize(
    ("recorded", "language"),
    [
        (None, "fi"),
        ("", "fi"),
        ("fi", "fi"),
        ("SV", "sv"),
        ("sv-FI", "sv"),
        ("sv_FI", "sv"),
        ("en-GB", "en"),
        ("ar", "en"),
        ("ru", "en"),
    ],
)
def test_a_person_is_written_to_in_their_language_where_we_speak_it(recorded: str | None, language: str) -> None:
    assert language_for(recorded, ("fi", "sv", "en")) == language


def test_without_english_others_get_the_first_language() -> None:
    assert language_for("ar", ("sv", "fi")) == "sv"


VISITS = st.lists(
    st.tuples(
        st.sampled_from([unit for unit, _ in REASONS] + ["keskusta", "satama"]),
        st.integers(0, 3),
        st.integers(-60 * 24, 0),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=VISITS)
def test_the_ledger_always_adds_up_to_the_visits(county: County, visits: list[tuple[str, int, int, bool]]) -> None:
    for table in ("outbox", "invitation", "visit", "rollup", "rollup_total"):
        county.run(f"DELETE FROM {table}")  # noqa: S608 (our own tables)
    rows = [
        visit_row(str(place), unit, f"+35840000000{person}", NOON + timedelta(hours=hours), consent=consent)
        for place, (unit, person, hours, consent) in enumerate(visits)
    ]
    county.visits(rows)
    decided = county.plan()
    county.send()
    county.plan()

    with county.gateway.store.read() as transaction:
        ledger = transaction.rows("ledger")
    assert decided.total() == len(visits)
    assert sum(row["n"] for row in ledger) == len(visits)
    assert all(row["outcome"] != "to_plan" for row in ledger)
    assert county.differences() == []
