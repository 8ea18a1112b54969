"""Claiming: what is due is judged once more; what may go is committed as `sending` before the carrier hears of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from smsgateway.figures.counted import counted
from smsgateway.outbox import states
from smsgateway.outbox.breaker import HALT_PROBE
from smsgateway.outbox.settle import schedule_in
from smsgateway.outbox.texts import Voice
from smsgateway.people.seal import Seal
from smsgateway.store import Row, Transaction
from smsgateway.store.values import moment, moment_text
from surveys.conversation import State, begin, dump, load
from surveys.definition import drawn_questions
from surveys.texting import measure
from surveys.timing import in_window, next_window

USABLE = "usable"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A text that is ours to send, committed as `sending`."""

    text_id: str
    invitation_id: str
    purpose: str
    attempts: int
    number: str = field(repr=False)
    sender: str
    body: str = field(repr=False)
    segments: int
    claimed_at: datetime


@dataclass(frozen=True)
class Desk:
    """Who may claim: what judging and wording a text needs, and how long a claim holds."""

    voice: Voice
    seal: Seal
    lease: timedelta
    carrier_probe: timedelta = timedelta(seconds=30)
    """While the carrier fails as a whole, one text this often tries whether it works again."""

    def claim(self, transaction: Transaction, now: datetime, batch: int) -> tuple[list[Claimed], int]:
        """Up to `batch` due texts: those to send now, and how many rows were looked at (0: nothing is due)."""
        batch = self._allowed(transaction, now, batch)
        rows = transaction.rows("due_texts", now=moment_text(now), batch=batch) if batch else []
        if rows:
            # While halted this is the probe: the next one waits its time, whatever becomes of this one.
            for halt in (states.SENDING_HALTED, states.CARRIER_HALTED):
                transaction.run("probe_halt", what=halt, now=moment_text(now))
        claimed = [text for row in rows if (text := self._judge(transaction, row, now))]
        return claimed, len(rows)

    def _allowed(self, transaction: Transaction, now: datetime, batch: int) -> int:
        probes = {states.SENDING_HALTED: HALT_PROBE, states.CARRIER_HALTED: self.carrier_probe}
        for halt in transaction.rows("halts"):
            # A moment to come is from before the clock was set back: it must not hold us until then.
            since = abs(now - moment(halt["since"]))
            if halt["what"] not in probes or since < probes[halt["what"]]:
                return 0
            batch = 1
        return batch

    def _judge(self, transaction: Transaction, row: Row, now: datetime) -> Claimed | None:
        """Cancels, postpones or claims one due text."""
        if reason := why_not_any_more(row, now):
            self._cancel(transaction, row, reason)
            return None
        schedule = schedule_in(row["schedule"])
        organisation = self.voice.organisation
        if in_window(now, schedule.window, organisation.zone, organisation.country):
            return self._take(transaction, row, now)
        plan = next_window(
            now,
            # The text's own end: a reminder may go later than an invitation might.
            moment(row["expires_at"]) - schedule.max_age,
            schedule,
            organisation.zone,
            organisation.country,
            row["text_id"],
        )
        if plan.send_at is None:
            self._cancel(transaction, row, states.TOO_OLD)
        else:
            transaction.run("postpone_text", text_id=row["text_id"], due_at=moment_text(plan.send_at))
        return None

    def _cancel(self, transaction: Transaction, row: Row, reason: str) -> None:
        with counted(transaction, row["invitation_id"]):
            transaction.run("end_text", text_id=row["text_id"], status=states.CANCELLED, reason=reason, error_code=None)
        if row["purpose"] == states.INVITATION:
            transaction.run("release_cooled_down", contact_id=row["contact_id"])

    def _take(self, transaction: Transaction, row: Row, now: datetime) -> Claimed:
        state = self._conversation(row)
        body = self.voice.invitation(
            row["survey"], state, row["unit_id"], row["day"], reminder=row["purpose"] == states.REMINDER
        )
        sender, segments = self.voice.organisation.sender, measure(body).segments
        transaction.run(
            "claim_text",
            text_id=row["text_id"],
            now=moment_text(now),
            lease_until=moment_text(now + self.lease),
            sender=sender,
            body=body,
            segments=segments,
        )
        if row["asked_at"] is None:
            self._open(transaction, row, state, now)
        return Claimed(
            row["text_id"],
            row["invitation_id"],
            row["purpose"],
            row["attempts"] + 1,
            self.seal.open(row["sealed"]),
            sender,
            body,
            segments,
            now,
        )

    def _conversation(self, row: Row) -> State:
        if row["conversation"]:
            return load(row["conversation"])
        survey = self.voice.catalogue.survey(row["survey"])
        return begin(drawn_questions(survey, row["invitation_id"]), row["language"])

    def _open(self, transaction: Transaction, row: Row, state: State, now: datetime) -> None:
        """The conversation stands before the text leaves: a reply may overtake the carrier's own answer."""
        schedule = schedule_in(row["schedule"])
        transaction.run(
            "open_conversation",
            invitation_id=row["invitation_id"],
            now=moment_text(now),
            conversation=dump(state),
            closes_at=moment_text(now + schedule.expires_after),
        )


def why_not_any_more(row: Row, now: datetime) -> str | None:
    """The reason that ends a due text for good, if there is one; the person's will comes first."""
    reasons: dict[str, Callable[[], bool]] = {
        states.OPTED_OUT: lambda: bool(row["opted_out"]),
        states.NO_CONSENT: lambda: not row["consent"],
        row["number_state"]: lambda: row["number_state"] != USABLE,
        states.ANSWERED: lambda: row["purpose"] == states.REMINDER and has_replied(row),
        states.TOO_OLD: lambda: now > moment(row["expires_at"]),
    }
    return next((reason for reason, holds in reasons.items() if holds()), None)


def has_replied(row: Row) -> bool:
    return bool(row["answered_at"] or row["closed"] or row["replied"])
