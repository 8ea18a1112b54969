"""`person` and `erase`: all that is held, and nothing that is left but figures."""

import json
from datetime import timedelta

import pytest

from smsgateway.carriers.base import Uncertain
from smsgateway.people.marks import without_erased
from smsgateway.people.requests import erase
from smsgateway.people.seal import Seal
from smsgateway.store import Transaction
from smsgateway.webhooks.delivery import DeliveryStatus, take_status
from tests.outbox.county import NUMBER, ScriptedCarrier, visit_row
from tests.people.register import ACTOR, WORDS, Register

OTHER = "+358402222222"


def test_nothing_is_held_on_a_number_that_was_never_met(register: Register) -> None:
    assert register.person() is None
    assert register.erase() is None


def test_all_that_is_held_is_told_with_replies_as_they_were_written(register: Register) -> None:
    register.answered()
    register.carrier.keeps(register.carrier.sent[0], "SM1", register.clock.now)
    held = register.person()
    assert held is not None
    assert {name: len(held[name]) for name in ("visits", "invitations", "texts", "replies", "answers")} == {
        "visits": 1,
        "invitations": 1,
        "texts": 1,
        "replies": 2,
        "answers": 2,
    }
    assert [reply["text"] for reply in held["replies"]] == ["4", f"{WORDS}, soittakaa 0401111111"]
    assert [answer["comment"] for answer in held["answers"]] == [None, f"{WORDS}, soittakaa [puhelinnumero]"]
    assert held["visits"][0]["service"] == "fysioterapia"
    assert json.loads(json.dumps(held)) == held


def test_an_opt_out_alone_is_told_too(register: Register) -> None:
    register.says("STOP")
    register.erase()
    held = register.person()
    assert held is not None
    assert (held["contact"], held["opt_out"]["source"], held["replies"]) == (None, "reply", [])


def test_a_look_up_is_in_the_audit_log_without_the_number(register: Register) -> None:
    register.answered()
    register.person()
    (entry,) = register.ask("SELECT * FROM audit WHERE action = 'person.look-up'")
    assert NUMBER[4:] not in str(entry)


def test_an_erasure_leaves_no_trace_but_the_figures(register: Register) -> None:
    register.answered()
    before = register.counts()
    assert register.trace_of()
    receipt = register.erase()
    assert receipt is not None
    assert register.trace_of() == []
    assert register.counts() == before
    assert register.differences() == []


def test_the_receipt_counts_what_was_erased_and_its_tombstone_says_the_same(register: Register) -> None:
    register.answered("v1", "muistutus")
    receipt = register.erase()
    assert receipt is not None
    assert receipt.counts == {
        "numbers": 1,
        "visits": 1,
        "invitations": 1,
        "texts": 2,
        "replies": 2,
        "comments": 1,
        "texts_cancelled": 1,
    }
    (tombstone,) = register.ask("SELECT * FROM erasure")
    assert (tombstone["receipt_id"], json.loads(tombstone["counts"])) == (receipt.receipt_id, receipt.counts)


def test_done_again_it_finds_nothing(register: Register) -> None:
    register.answered()
    register.erase()
    dump = register.dump()
    assert register.erase() is None
    assert register.dump() == dump


def test_only_that_person_is_erased(register: Register) -> None:
    register.answered("v1")
    register.answered("v2", number=OTHER)
    before = register.person(OTHER)
    register.erase()
    assert register.person(OTHER) == before


def test_a_planned_text_is_cancelled_and_never_sent(register: Register) -> None:
    register.visit()
    register.plan()
    register.erase()
    assert (register.text()["status"], register.text()["reason"]) == ("cancelled", "erased")
    register.clock.advance(hours=1)
    register.plan()
    register.send()
    assert register.carrier.sent == []
    assert register.differences() == []


def test_a_visit_that_was_not_planned_yet_is_never_planned(register: Register) -> None:
    register.visit()
    register.erase()
    register.plan()
    assert list(register.decisions().values()) == ["erased"]
    assert register.texts() == []


def test_a_text_of_unknown_fate_is_given_up_and_the_queue_goes_on(register: Register) -> None:
    register.visit()
    register.plan()
    register.send(ScriptedCarrier(answers=[Uncertain("timed_out")]))
    register.erase()
    assert (register.text()["status"], register.text()["reason"]) == ("failed", "erased")
    register.clock.advance(hours=1)
    register.invited("v2", number=OTHER)
    assert register.differences() == []


def test_an_answer_to_a_text_of_unknown_fate_stays_counted(register: Register) -> None:
    register.visit()
    register.plan()
    register.send(ScriptedCarrier(answers=[Uncertain("timed_out")]))
    register.says("5")
    before = register.counts()
    register.erase()
    assert register.counts() == before
    assert register.differences() == []


def test_the_erased_visit_told_again_is_known_and_its_number_does_not_come_back(register: Register) -> None:
    moment = register.clock.now
    register.visit("v1", ended_at=moment)
    register.erase()
    taken = register.visit("v1", ended_at=moment)
    assert (taken.accepted, taken.updated) == (0, 1)
    register.plan()
    register.send()
    assert register.carrier.sent == []
    assert register.trace_of() == []


def test_a_new_visit_makes_a_new_contact_that_is_asked(register: Register) -> None:
    register.answered("v1")
    register.erase()
    register.invited("v2")
    assert [text.to for text in register.carrier.sent] == [NUMBER, NUMBER]
    held = register.person()
    assert held is not None
    assert [visit["visit_id"] for visit in held["visits"]] == ["v2"]


def test_an_opt_out_survives_and_stops_the_text_after_the_next_visit(register: Register) -> None:
    register.answered("v1")
    register.says("LOPETA")
    register.erase()
    register.visit("v2")
    register.plan()
    assert "opted_out" in register.decisions().values()


def test_a_message_that_the_carrier_repeats_is_not_heard_again(register: Register) -> None:
    register.invited()
    register.says(f"4 {WORDS}", sid="SMrepeated")
    register.erase()
    assert register.says(f"4 {WORDS}", sid="SMrepeated") == []
    assert register.trace_of() == []


def test_an_erased_person_who_writes_is_a_stranger(register: Register) -> None:
    register.answered()
    register.erase()
    register.says("3")
    assert register.counts()["answered", 0] == 1
    assert register.differences() == []


def test_the_moment_of_the_visit_is_coarsened_to_its_day(register: Register) -> None:
    register.clock.advance(minutes=17, seconds=3)
    register.answered()
    register.erase()
    (visit,) = register.ask("SELECT ended_at, day FROM visit")
    (invitation,) = register.ask("SELECT visit_ended_at FROM invitation")
    noon = f"{visit['day']}T12:00:00.000000Z"
    assert (visit["ended_at"], invitation["visit_ended_at"]) == (noon, noon)


def test_a_late_delivery_report_changes_nothing_of_an_ended_text(register: Register) -> None:
    register.visit()
    register.plan()
    register.erase()
    take_status(register.gateway, DeliveryStatus("SMlate", "delivered", register.text()["text_id"]))
    assert register.text()["status"] == "cancelled"
    assert register.differences() == []


def test_it_is_all_or_nothing(register: Register) -> None:
    register.answered()
    dump = register.dump()

    def interrupted(transaction: Transaction) -> None:
        erase(transaction, register.gateway.seal, NUMBER, ACTOR, register.clock.now)
        raise KeyError("power cut")

    with pytest.raises(KeyError):
        register.gateway.store.write(interrupted)
    assert register.dump() == dump


def test_after_a_change_of_the_secret_key_the_visit_is_still_known(register: Register) -> None:
    register.visit("v1")
    register.erase()
    told = {("heti", "v1"): visit_row("v1", "heti", NUMBER, register.clock.now)}

    def taken_in(seal: Seal) -> int:
        with register.gateway.store.read() as transaction:
            return len(without_erased(transaction, told, seal))

    assert taken_in(Seal("another key", ["a key for tests alone"])) == 0
    assert taken_in(Seal("another key")) == 1  # what `previous_secret_keys` is kept for


def test_a_window_that_closed_long_ago_makes_no_difference(register: Register) -> None:
    register.answered()
    register.clock.now += timedelta(days=400)
    assert register.erase() is not None
    assert register.trace_of() == []
