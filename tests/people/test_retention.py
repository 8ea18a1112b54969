"""Retention: each kind of data goes when its days are over and not before; the figures never change."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from smsgateway.carriers.base import AccountProblem, NoSuchMessage, Retry
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import import_organisation
from smsgateway.people import retention
from smsgateway.settings import DEFAULT_FILE, Retention
from smsgateway.store import Row
from tests.conftest import StandingClock
from tests.outbox.county import NOON, NUMBER, ORGANISATION, County, read_organisation_text
from tests.people.register import WORDS, Register
from tests.people.test_erasure_anywhere import report

PRIVACY = (Path(__file__).resolve().parents[2] / "docs" / "privacy.md").read_text("utf-8")
WINDOW = 7
"""Days until a conversation closes."""


@pytest.fixture
def kept(register: Register) -> Iterator[Register]:
    """A person who answered; whatever is cut, the figures stay."""
    register.answered()
    figures = register.counts()
    yield register
    assert register.counts() == figures
    assert register.differences() == []


@pytest.fixture
def reported(register: Register) -> Register:
    register.answered()
    report(register, "delivered")
    return register


def contact(register: County) -> Row:
    (found,) = register.ask("SELECT * FROM contact")
    return found


def held(register: Register) -> bool:
    return bool(contact(register)["sealed"])


def test_the_number_is_cut_thirty_days_after_the_conversation_closed(kept: Register) -> None:
    kept.clock.advance(days=WINDOW + 29.9)
    assert "numbers" not in kept.retain()
    assert held(kept)
    kept.clock.advance(days=0.2)
    assert kept.retain()["numbers"] == 1
    assert not held(kept)


def test_with_the_number_goes_the_way_from_the_answer_to_the_register(kept: Register) -> None:
    assert kept.ask("SELECT visit_id FROM visit")[0]["visit_id"] == "v1"
    kept.clock.advance(days=WINDOW + 31)
    kept.retain()
    assert kept.ask("SELECT visit_id FROM visit")[0]["visit_id"].startswith("erased:")
    assert kept.person() is None


def test_the_visit_told_again_after_the_cut_is_known(kept: Register) -> None:
    ended_at = kept.ask("SELECT ended_at FROM visit")[0]["ended_at"]
    kept.clock.advance(days=WINDOW + 31)
    kept.retain()
    taken = kept.visit("v1", ended_at=NOON)
    assert (taken.accepted, taken.updated) == (0, 1)
    assert kept.ask("SELECT ended_at FROM visit")[0]["ended_at"] == ended_at
    assert not held(kept)


@pytest.mark.parametrize("needed_by", ["a planned text", "an unplanned visit", "a new visit", "a new reply"])
def test_a_number_that_is_of_use_stays(register: Register, needed_by: str) -> None:
    register.answered()
    register.clock.advance(days=WINDOW + 31)
    if needed_by == "a new reply":
        register.says("kiitos vielä")
    else:
        register.visit("v2", ended_at=register.clock.now)
    if needed_by in ("a planned text", "a new visit"):
        register.plan()
    if needed_by == "a new visit":
        register.send()
        register.clock.advance(days=WINDOW + 1)
    register.retain()
    assert held(register)


def with_cool_down(register: Register, days: int) -> None:
    text = ORGANISATION.replace(
        "cooldown: null, reminder_after: null}", f"cooldown: {days}d, reminder_after: null}}", 1
    )
    file = read_organisation_text(register.gateway, text)
    register.gateway.store.write(lambda transaction: import_organisation(transaction, file, NOON))


def test_a_cool_down_longer_than_the_number_is_kept_still_holds(register: Register) -> None:
    with_cool_down(register, 90)
    register.answered("v1")
    register.clock.advance(days=60)
    assert register.retain()["numbers"] == 1
    assert register.trace_of()  # the keyed hash, which the cool-down needs
    register.visit("v2", ended_at=register.clock.now)
    register.plan()
    assert register.ask("SELECT decision FROM visit WHERE visit_id = 'v2'") == [{"decision": "cool_down"}]


def test_the_keyed_hash_goes_when_no_cool_down_looks_back_that_far(register: Register) -> None:
    with_cool_down(register, 90)
    register.answered("v1")
    register.clock.advance(days=60)
    assert "hashes" not in register.retain()
    register.clock.advance(days=31)
    assert register.retain()["hashes"] == 1
    assert contact(register)["lookup"].startswith("erased:")


def test_a_person_who_comes_again_between_the_two_steps_is_asked_at_their_number(register: Register) -> None:
    with_cool_down(register, 50)
    register.answered("v1")
    register.clock.advance(days=WINDOW + 31)
    register.retain()
    assert not held(register)
    register.clock.advance(days=13)
    register.answered("v2")
    assert [text.to for text in register.carrier.sent] == [NUMBER, NUMBER]


def test_a_late_reply_from_a_cut_number_is_that_person_s(register: Register) -> None:
    with_cool_down(register, 90)
    register.answered("v1")
    register.clock.advance(days=WINDOW + 31)
    register.retain()
    register.says("unohtui sanoa")
    assert held(register)
    assert len(register.ask("SELECT 1 AS one FROM contact")) == 1


def test_a_stranger_s_number_goes_as_well(register: Register) -> None:
    register.says("mikä tämä on")
    register.clock.advance(days=31)
    assert register.retain()["numbers"] == 1


def test_an_opt_out_outlives_the_number(kept: Register) -> None:
    kept.says("LOPETA")
    kept.clock.advance(days=400)
    kept.retain()
    kept.visit("v2", ended_at=kept.clock.now)
    kept.plan()
    assert kept.decisions()["v2"] == "opted_out"


def test_raw_texts_and_comments_go_after_two_years_and_the_marks_stay(kept: Register) -> None:
    kept.clock.advance(days=729)
    assert not {"raw_texts", "comments"} & kept.retain().keys()
    assert WORDS in kept.dump()
    kept.clock.advance(days=2)
    cut = kept.retain()
    assert (cut["raw_texts"], cut["comments"]) == (2, 1)
    assert "Virtanen" not in kept.dump()
    assert [mark for _, kind, mark, _ in kept.answers() if kind == "rating"] == [4]


def test_delivery_reports_and_the_words_of_sent_texts_go_after_ninety_days(reported: Register) -> None:
    reported.clock.advance(days=91)
    cut = reported.retain()
    assert (cut["delivery_reports"], cut["sent_texts"]) == (1, 1)
    assert reported.ask("SELECT * FROM status_callback") == []
    report(reported, "undelivered")  # the carrier repeats itself: the delivery that is known stands
    assert reported.text()["delivery"] == "delivered"


def test_what_was_cut_is_not_found_again(kept: Register) -> None:
    kept.clock.advance(days=800)
    assert kept.retain()
    assert kept.retain() == {}
    assert not any(kept.retention().due().values())


def test_a_dry_run_counts_what_a_run_cuts_and_changes_nothing(kept: Register) -> None:
    kept.clock.advance(days=800)
    dump = kept.dump()
    due = dict(+kept.retention().due())
    assert kept.dump() == dump
    # What is cut here becomes due at the carrier too, and a hash when its number went.
    assert {**due, "hashes": 1} == kept.retain()


def test_more_than_one_batch_is_cut(register: Register) -> None:
    reports = [f"('SM{place}', 'sent', '2020')" for place in range(1100)]
    register.run(f"INSERT INTO status_callback (carrier_sid, status, received_at) VALUES {', '.join(reports)}")  # noqa: S608 (our own words)
    assert register.retain()["delivery_reports"] == 1100


def test_a_run_that_is_stopped_leaves_the_rest_to_the_next(kept: Register) -> None:
    kept.clock.advance(days=800)
    stopped = retention.Retention(kept.gateway, kept.clock.now, stopping=lambda: True)
    assert not any(stopped.run("service", kept.carrier.open).values())
    assert kept.retain()["raw_texts"] == 2


def test_nothing_is_cut_where_the_settings_say_never(gateway: Gateway, clock: StandingClock) -> None:
    never = Retention.model_validate(dict.fromkeys(Retention.model_fields, 0))
    settings = gateway.settings.model_copy(update={"retention": never})
    register = Register(Gateway(settings, gateway.store, gateway.catalogue, clock), clock)
    register.answered()
    register.clock.advance(days=4000)
    assert register.retain() == {}


def test_the_carrier_empties_its_copies_after_thirty_days_and_is_asked_once(kept: Register) -> None:
    kept.clock.advance(days=29)
    kept.retain()
    assert kept.carrier.redacted == []
    kept.clock.advance(days=2)
    assert kept.retain()["carrier_copies"] == 3
    kept.retain()
    assert len(kept.carrier.redacted) == 3


def test_a_message_that_the_carrier_has_no_more_is_done_with(kept: Register) -> None:
    kept.clock.advance(days=31)
    kept.carrier.redaction = NoSuchMessage("no_such_message")
    assert kept.retain()["carrier_copies"] == 3


@pytest.mark.parametrize("problem", [Retry("not_connected"), AccountProblem("not_authorised")])
def test_a_carrier_that_fails_is_asked_again_by_the_next_run(kept: Register, problem: Retry | AccountProblem) -> None:
    kept.clock.advance(days=31)
    kept.carrier.redaction = problem
    assert kept.retain() == {}
    kept.carrier.redaction = None
    assert kept.retain()["carrier_copies"] == 3


def test_a_run_is_in_the_audit_log_with_its_counts(kept: Register) -> None:
    kept.clock.advance(days=31)
    kept.retain()
    (entry,) = kept.ask("SELECT detail FROM audit WHERE action = 'retention.run'")
    assert '"carrier_copies": 3' in entry["detail"]


@pytest.mark.parametrize("setting", list(Retention.model_fields))
def test_the_privacy_page_gives_each_period_of_the_settings(setting: str) -> None:
    days = tomllib.loads(DEFAULT_FILE.read_text("utf-8"))["retention"][setting]
    (row,) = [line for line in PRIVACY.splitlines() if f"`{setting}`" in line]
    assert f"{days} days" in row


def test_the_privacy_page_names_every_table(register: Register) -> None:
    engines_own = ("sqlite_", "_sqlite_", "schema_step")
    tables = [table for table in register.tables() if not table.startswith(engines_own)]
    assert [table for table in tables if f"`{table}`" not in PRIVACY] == []
