"""A text from a patient: heard once, answered once, in one transaction.

The message SID is unique for ever: a repeat (the carrier's retry, the fallback address, an attacker's replay) gets the
stored answer and changes nothing. Reading, answers, counts, the next state and the reply are one transaction.
"""

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime

from smsgateway.figures.counted import counted
from smsgateway.figures.rollups import Count, answer_count, count
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import Organisation, load_organisation
from smsgateway.outbox.doubt import CLOCKS_APART
from smsgateway.outbox.texts import Voice
from smsgateway.people.opt_outs import Source, opt_in, opt_out
from smsgateway.people.recognition import recognise
from smsgateway.store import Row, Transaction
from smsgateway.store.values import moment, moment_text, new_id
from surveys.conversation import (
    Effect,
    Given,
    State,
    Step,
    dump,
    last_rated,
    load,
    open_question,
    step,
    without_survey,
)
from surveys.definition import Survey
from surveys.reading import Flag, Kind, Reading, read
from surveys.scales import scale
from surveys.scrubbing import scrub

SMS = "sms"
END_OF_TIME = "9999"
SCRUBBED = "scrubbed"
"""The flag of an answer whose words are not all the person's: the whole text is under seal in `inbound`."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """What the carrier says of a text. `opt_out_type`: the carrier has handled STOP, START or HELP and answered.

    `arrived_at` is set for a text whose webhook was lost and that was fetched later: it counts from that moment, and
    nobody waits for an answer any more.
    """

    message_sid: str
    number: str = field(repr=False)
    body: str = field(repr=False)
    media: int = 0
    opt_out_type: str = ""
    arrived_at: datetime | None = None

    @property
    def answerable(self) -> bool:
        return not self.opt_out_type and self.arrived_at is None


def receive(gateway: Gateway, message: Inbound) -> Sequence[str]:
    """Takes in one text; answers the texts to reply with (none, or one). Durable when it returns."""
    message = replace(message, body=storable(message.body))
    return gateway.store.write(lambda transaction: Hearing(gateway, transaction).hear(message))


def storable(text: str) -> str:
    """Without NUL, which PostgreSQL cannot keep, and with a mark in place of half characters (lone surrogates)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


@dataclass(frozen=True)
class Hearing:
    gateway: Gateway
    transaction: Transaction

    def hear(self, message: Inbound) -> Sequence[str]:
        now = message.arrived_at or self.gateway.clock()
        answered = self._answered(message)  # first of all: a repeat must not bring back a number that was erased
        if answered is not None:
            return answered
        contact = self._contact(message.number, now)
        answered = self._answered(message)  # its copy may have been heard while this one waited for the contact
        if answered is not None:
            return answered
        invitation = self._asked(message, contact)
        if invitation is None:
            return self._hear_stranger(message, contact, now)
        return self._hear_respondent(message, contact, invitation, now)

    def _asked(self, message: Inbound, contact: Row) -> Row | None:
        """The question that a text answers: the newest, or for a fetched text the newest when it arrived."""
        befores = [END_OF_TIME]
        if message.arrived_at is not None:
            # The carrier's clock is not ours: by it, an answer may be older than the question.
            befores = [moment_text(message.arrived_at), moment_text(message.arrived_at + CLOCKS_APART)]
        found = (
            self.transaction.one("newest_asked", contact_id=contact["contact_id"], before=before) for before in befores
        )
        return next((invitation for invitation in found if invitation is not None), None)

    def _answered(self, message: Inbound) -> Sequence[str] | None:
        """What this very message was answered, if it was heard before."""
        known = self.transaction.one("inbound_by_sid", message_sid=message.message_sid)
        return json.loads(known["texts_back"]) if known else None

    def _contact(self, number: str, now: datetime) -> Row:
        seal = self.gateway.seal
        recognise(self.transaction, seal, [number])
        contact = self.transaction.one(
            "contact_heard",
            contact_id=new_id(now),
            lookup=seal.lookup(number),
            sealed=seal.close(number),
            now=moment_text(now),
        )
        assert contact is not None
        return contact

    def _hear_stranger(self, message: Inbound, contact: Row, now: datetime) -> Sequence[str]:
        """A number that we never asked anything: commands and people are heard, nothing else is answered."""
        reading = commanded(read(message.body, None), message)
        result = without_survey(reading)
        if not self._follow(result, contact, now):
            result = replace(result, say=None)  # confirmed once already
        texts = []
        if result.say is not None and message.answerable:
            texts = [Voice(self.gateway.catalogue, self._organisation()).without_survey(result.say, reading.language)]
        texts = self._within_daily_cap(contact, texts, now)
        self._keep(message, contact, None, reading, texts, now, late=False)
        return texts

    def _hear_respondent(self, message: Inbound, contact: Row, invitation: Row, now: datetime) -> Sequence[str]:
        survey = self.gateway.catalogue.survey(invitation["survey"])
        state = load(invitation["conversation"])
        late = now > moment(invitation["closes_at"])
        reading = commanded(understood(message.body, survey, state, late=late), message)
        result = step(survey, state, reading, late=late)
        texts = self._words(result, invitation) if message.answerable else []
        texts = self._within_daily_cap(contact, texts, now)
        self._keep(message, contact, invitation, reading, texts, now, late=late)
        with counted(self.transaction, invitation["invitation_id"]):
            self._answer(message, invitation, result, reading, now)
            self._follow(result, contact, now)
        return texts

    def _words(self, result: Step, invitation: Row) -> list[str]:
        if result.say is None:
            return []
        voice = Voice(self.gateway.catalogue, self._organisation())
        unit_id, day = invitation["unit_id"], invitation["day"]
        return [voice.reply(result.say, invitation["survey"], result.state, unit_id, day)]

    def _organisation(self) -> Organisation:
        return load_organisation(self.transaction)

    def _answer(self, message: Inbound, invitation: Row, result: Step, reading: Reading, now: datetime) -> None:
        """The answers, the conversation's new state, and when the first mark came."""
        for given in result.answers:
            self._store(message, invitation, given, reading, now)
        kinds = {given.kind for given in result.answers}
        self.transaction.run(
            "conversation_moves_on",
            invitation_id=invitation["invitation_id"],
            conversation=dump(result.state),
            closed=result.state.closed,
            answered_at=moment_text(now) if "rating" in kinds else None,
            disposition=self._disposition(result, kinds),
        )

    def _disposition(self, result: Step, kinds: Set[str]) -> str | None:
        if result.effects & {Effect.WRONG_PERSON, Effect.DECEASED}:
            return "wrong_person"
        return "commented" if kinds & {"comment", "dont_know", "not_concerned"} else None

    def _store(self, message: Inbound, invitation: Row, given: Given, reading: Reading, now: datetime) -> None:
        """One answer. A mark that replaces an earlier one to the same question takes its place in the counts too."""
        invitation_id, unit_id, day = invitation["invitation_id"], invitation["unit_id"], invitation["day"]
        changes = {}
        if given.kind != "comment":
            earlier = self.transaction.one("take_back_mark", invitation_id=invitation_id, question=given.question)
            if earlier and (before := self._count(invitation, given.question, earlier["kind"], earlier["value"])):
                changes[before] = -1
        if after := self._count(invitation, given.question, given.kind, given.value):
            changes[after] = changes.get(after, 0) + 1
        words = scrub(given.comment or "", reading.language)
        self.transaction.run(
            "add_answer",
            answer_id=new_id(now),
            invitation_id=invitation_id,
            message_sid=message.message_sid,
            unit_id=unit_id,
            day=day,
            survey=invitation["survey"],
            survey_version=invitation["survey_version"],
            question=given.question,
            kind=given.kind,
            value=given.value,
            comment=words.text if given.comment is not None else None,
            language=reading.language,
            channel=SMS,
            visit_ended_at=invitation["visit_ended_at"],
            answered_at=moment_text(now),
            late=int(given.kind.startswith("late_")),
            flags=" ".join(sorted({*reading.flags, SCRUBBED} if words.found else reading.flags)),
        )
        count(self.transaction, changes)

    @staticmethod
    def _count(invitation: Row, question: str, kind: str, value: int | None) -> Count | None:
        return answer_count(invitation["unit_id"], invitation["day"], invitation["survey"], question, kind, value)

    def _follow(self, result: Step, contact: Row, now: datetime) -> bool:
        """What the reply asks of us beyond an answer, in the same transaction; False where it was so before."""
        sources: dict[Effect, Source] = {
            Effect.OPT_OUT: "reply",
            Effect.DECEASED: "deceased",
            Effect.WRONG_PERSON: "wrong_person",
        }
        changed = [
            opt_out(self.transaction, contact["lookup"], source, now)
            for effect, source in sources.items()
            if effect in result.effects
        ]
        if Effect.OPT_IN in result.effects:
            opt_in(self.transaction, contact["lookup"])
        return any(changed) or not changed

    def _within_daily_cap(self, contact: Row, texts: list[str], now: datetime) -> list[str]:
        """Two machines must not talk to each other for ever."""
        if not texts:
            return texts
        day = now.date().isoformat()
        sent_today = contact["answered_texts"] if contact["answered_day"] == day else 0
        if sent_today >= self.gateway.settings.conversation.texts_per_day:
            return []
        self.transaction.run(
            "count_texts_back", contact_id=contact["contact_id"], day=day, texts=sent_today + len(texts)
        )
        return texts

    def _keep(
        self,
        message: Inbound,
        contact: Row,
        invitation: Row | None,
        reading: Reading,
        texts: Sequence[str],
        now: datetime,
        *,
        late: bool,
    ) -> None:
        self.transaction.run(
            "add_inbound",
            message_sid=message.message_sid,
            contact_id=contact["contact_id"],
            invitation_id=invitation["invitation_id"] if invitation else None,
            sealed_body=self.gateway.seal.close(message.body),
            received_at=moment_text(now),
            kind=str(reading.kind),
            rating=reading.rating,
            language=reading.language,
            why=scrub(reading.why, reading.language).text,
            flags=" ".join(sorted(reading.flags)),
            late=int(late),
            media=message.media,
            texts_back=json.dumps(list(texts)),
        )


def understood(body: str, survey: Survey, state: State, *, late: bool) -> Reading:
    """The reply as an answer to the open question; once a mark is given also as its correction ("I meant 4")."""
    question, rated = open_question(survey, state), last_rated(survey, state)
    asked = question.scale if question is not None else None
    if asked is None and rated is not None and rated.scale and not late:
        again = read(body, scale(rated.scale), state.language)
        if Flag.CORRECTION in again.flags:
            return again
    return read(body, scale(asked) if asked else None, state.language)


COMMANDED = {"STOP": Kind.OPT_OUT, "START": Kind.OPT_IN, "HELP": Kind.HELP}


def commanded(reading: Reading, message: Inbound) -> Reading:
    """With Advanced Opt-Out the carrier has understood and answered a command already; its word counts."""
    kind = COMMANDED.get(message.opt_out_type.upper())
    if kind is None or reading.kind is kind:
        return reading
    why = f"the carrier took the text as {message.opt_out_type.upper()} and answered it"
    return replace(reading, kind=kind, why=why, flags=reading.flags - {Flag.MACHINE})
