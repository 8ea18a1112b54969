"""The carrier's own copies: emptied for one person, over the carrier's real interface, and only what is between us."""

import asyncio

import pytest

from smsgateway.carriers.base import AccountProblem, Carrier, CarrierError, NoSuchMessage, Retry
from smsgateway.carriers.emulator import EmulatorServer
from smsgateway.people.redaction import Redacted, redact, redact_person
from tests.carriers.conftest import emulator
from tests.carriers.doing import OURS, PATIENT, send, text, with_carrier
from tests.outbox.county import NUMBER, SENDER, ScriptedCarrier
from tests.people.register import Register

__all__ = ["emulator"]

APPOINTMENTS = "+358457000099"
NEIGHBOUR = "+358409999999"


def bodies(emulator: EmulatorServer, phone: str = PATIENT) -> list[str]:
    return [message.body for message in emulator.messages_of(phone)]


def emptied(emulator: EmulatorServer, known: set[str]) -> Redacted:
    async def work(carrier: Carrier) -> Redacted:
        return await redact_person(carrier, PATIENT, known, OURS)

    return with_carrier(emulator, work)


def test_texts_and_replies_are_emptied_and_their_records_stay(emulator: EmulatorServer) -> None:
    send(emulator, text(), text())
    emulator.reply_unheard(PATIENT, OURS, "Hoitaja Virtanen")
    assert len(emptied(emulator, set()).sids) == 3
    assert bodies(emulator) == ["", "", ""]


def test_what_other_services_wrote_and_what_others_got_is_left_alone(emulator: EmulatorServer) -> None:
    send(emulator, text(), text(sender=APPOINTMENTS, body="Aikasi on klo 9"), text(NEIGHBOUR, body="Hei naapuri"))
    emptied(emulator, set())
    assert sorted(bodies(emulator)) == ["", "Aikasi on klo 9"]
    assert bodies(emulator, NEIGHBOUR) == ["Hei naapuri"]


def test_a_former_sender_of_ours_is_known_by_the_messages_that_we_know(emulator: EmulatorServer) -> None:
    first, _ = send(emulator, text(sender=APPOINTMENTS), text(sender=APPOINTMENTS))
    assert len(emptied(emulator, {first.sid}).sids) == 2


def test_a_message_that_is_not_there_any_more_counts_as_empty(emulator: EmulatorServer) -> None:
    gone = "SM" + "0" * 32
    assert emptied(emulator, {gone}) == Redacted(frozenset({gone}))


def test_where_the_list_fails_the_known_messages_are_emptied_and_the_rest_is_told() -> None:
    carrier = ScriptedCarrier(listing=Retry("not_connected"))
    redacted = asyncio.run(redact_person(carrier, NUMBER, {"SM1"}, SENDER))
    assert (carrier.redacted, redacted.problem) == (["SM1"], "messages were not listed: not_connected")


@pytest.mark.parametrize("problem", [Retry("not_connected"), AccountProblem("not_authorised")])
def test_what_failed_is_told_with_the_reason(problem: CarrierError) -> None:
    redacted = asyncio.run(redact(ScriptedCarrier(redaction=problem), map(str, range(50))))
    assert (redacted.sids, redacted.left, redacted.problem) == (frozenset(), 50, problem.reason)
    assert redacted.hopeless


def test_nothing_to_empty_is_no_problem() -> None:
    assert asyncio.run(redact(ScriptedCarrier(redaction=NoSuchMessage("gone")), [])) == Redacted()


def test_after_an_erasure_the_carrier_is_asked_at_once_and_not_again(register: Register) -> None:
    register.answered()
    receipt = register.erase()
    assert receipt is not None
    assert register.redact(receipt).sids == receipt.sids
    assert register.retain() == {}


def test_what_the_carrier_did_not_empty_with_the_erasure_the_nightly_run_has_emptied(register: Register) -> None:
    register.answered()
    receipt = register.erase()
    assert receipt is not None
    register.carrier.redaction = Retry("not_connected")
    assert register.redact(receipt).left == 3
    register.carrier.redaction = None
    assert register.retain()["carrier_copies"] == 3
    assert set(register.carrier.redacted) == receipt.sids
