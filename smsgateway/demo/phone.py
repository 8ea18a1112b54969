"""The phone on which a visitor plays the patient: a fresh visit through the real intake, replies through the carrier.

The page's token is the visit's id in the register; everything shown is read from the service's own tables and from
the emulator's memory of that phone.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from smsgateway.carriers.emulator import EmulatorServer, Message
from smsgateway.demo.figures import Figure, unit_figure
from smsgateway.demo.register import csv_of, import_file
from smsgateway.demo.start import written
from smsgateway.demo.visits import BLOCK, VISITORS_PREFIX, Person, Visit
from smsgateway.demo.words import Speech
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import Organisation, load_organisation
from smsgateway.store import Row
from surveys.conversation import load, open_question
from surveys.scales import scale

WAITING = ("planned", "sending", "uncertain")
TRIES = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """One mark of a distribution: its answers, its width of 100, and whether it is the visitor's own."""

    mark: int
    n: str
    width: float
    own: bool


@dataclass(frozen=True, slots=True)
class Phone:
    """What the phone page shows."""

    speech: Speech
    unit: str
    waiting: bool
    why_not: str | None
    messages: Sequence[Message]
    readings: Sequence[Row]
    quick: Sequence[int]
    before: Figure
    now: Figure
    own: Sequence[int]

    def value(self, figure: Figure) -> str:
        return written(figure, self.speech, digits_of_nps=1)  # one answer among a hundred must be seen to move it

    def n(self, figure: Figure) -> str:
        few = figure.few and figure.answered > 0
        return self.speech("n_answers", n=self.speech("few") if few else self.speech.number(figure.answered))

    @property
    def bars(self) -> list[Bar]:
        """The distribution, best mark first; nothing while there are too few answers to tell them apart."""
        marks = self.now.marks or {}
        if self.now.few:
            return []
        most = max(marks.values()) or 1
        return [
            Bar(mark, self.speech.number(n), round(100 * n / most, 1), mark in self.own)
            for mark, n in sorted(marks.items(), reverse=True)
        ]


def leave_the_clinic(gateway: Gateway, organisation: Organisation, unit: str, language: str) -> str:
    """A visit that has just ended, in a file of its own; answers its id, which nobody guesses."""
    number = fresh_number(gateway)
    who = Person(number, language, "", "")
    token = secrets.token_urlsafe(12)
    ended = Visit(token, unit, gateway.clock(), who, number, "", "", consent=True)
    import_file(gateway, organisation, csv_of([ended]))
    return token


def fresh_number(gateway: Gateway) -> str:
    """A fictional number that the service has not met; after many visitors, any."""
    number = ""
    with gateway.store.read() as transaction:
        for _ in range(TRIES):
            number = f"+358{VISITORS_PREFIX[1:]}555{secrets.randbelow(BLOCK):04}"
            if transaction.one("contact_by_lookup", lookup=gateway.seal.lookup(number)) is None:
                break
    return number


def reply(gateway: Gateway, emulator: EmulatorServer, organisation: Organisation, token: str, text: str) -> None:
    """The visitor's phone texts the county, which hears of it by a signed webhook as of any other."""
    with gateway.store.read() as transaction:
        visit = transaction.one("demo_visit", visit_id=token)
    if visit is not None:
        emulator.reply(gateway.seal.open(visit["sealed"]), organisation.sender, text)


def view(gateway: Gateway, emulator: EmulatorServer, token: str) -> Phone | None:
    """The phone of that visit; None where there is none."""
    with gateway.store.read() as transaction:
        visit = transaction.one("demo_visit", visit_id=token)
        if visit is None:
            return None
        unit = load_organisation(transaction).units[visit["unit_id"]]
        survey = visit["survey"] or unit.schedules[0].survey
        now = unit_figure(gateway, transaction, unit.unit_id, survey)
        own = [row["value"] for row in transaction.rows("demo_marks", invitation_id=visit["invitation_id"])]
        readings = transaction.rows("demo_readings", invitation_id=visit["invitation_id"])
    speech = Speech(visit["language"])
    return Phone(
        speech=speech,
        unit=unit.name_in(speech.language),
        waiting=visit["decision"] is None or visit["status"] in WAITING,
        why_not=None if visit["decision"] in (None, "invited") else speech.outcome(visit["decision"]),
        messages=emulator.messages_of(gateway.seal.open(visit["sealed"])),
        readings=readings,
        quick=marks_to_pick(gateway, visit),
        before=now.without(own),
        now=now,
        own=own,
    )


def marks_to_pick(gateway: Gateway, visit: Row) -> Sequence[int]:
    """The marks of the question that is open now, if it asks for one."""
    if not visit["conversation"]:
        return ()
    question = open_question(gateway.catalogue.survey(visit["survey"]), load(visit["conversation"]))
    if question is None or question.scale is None:
        return ()
    known = scale(question.scale)
    return range(0 if known.zero_means_none else known.low, known.high + 1)
