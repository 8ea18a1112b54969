"""Settling: what the carrier made of a text, written down. An outcome moves a row only from a state it may follow."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from smsgateway import audit
from smsgateway.carriers.base import (
    Accepted,
    AccountProblem,
    Dead,
    OptedOutAtCarrier,
    Retry,
    SendError,
    Uncertain,
    Unreached,
)
from smsgateway.carriers.reactions import advances, reaction_to
from smsgateway.figures.counted import counted
from smsgateway.outbox import states
from smsgateway.outbox.breaker import HALT_PROBE
from smsgateway.people.opt_outs import opt_out
from smsgateway.store import Row, Transaction
from smsgateway.store.values import moment_text, new_id
from surveys.schedule import Schedule

LONGEST_BACK_OFF = timedelta(hours=6)
MANY, LATELY = 20, timedelta(hours=1)
"""So many texts that met one code lately are our sender's fault and not their numbers' (`alarm_if_many`)."""


@dataclass(frozen=True)
class Book:
    """Writes outcomes down. `retry_base` is the first back-off, `retries` their bound, `settle_after` the wait before
    the carrier is asked."""

    retry_base: timedelta
    retries: int
    settle_after: timedelta
    longest_call: timedelta = timedelta(0)
    """For so long a call to the carrier may take, and so its request be on the way though the process is dead."""

    @property
    def sure_after(self) -> timedelta:
        """The age of a send at which the carrier's list tells whether it arrived."""
        return max(self.settle_after, self.longest_call)

    def settle(
        self,
        transaction: Transaction,
        text_id: str,
        outcome: Accepted | SendError,
        now: datetime,
        claimed_at: datetime | None = None,
    ) -> str:
        """One text's outcome; answers it as a word for the pass's summary. `claimed_at` says whose it is: a claim
        that has run out and was made anew by another process is that one's to end."""
        text = transaction.one("text_by_id", text_id=text_id)
        if text is None or text["status"] in states.ENDED:
            return str(text["status"]) if text else "gone"  # a callback overtook the carrier's answer
        if isinstance(outcome, Accepted):
            sent(transaction, text, outcome.sid, now)
            return states.SENT
        if text["status"] == states.PLANNED or (claimed_at and text["sending_at"] != moment_text(claimed_at)):
            return "put_back"  # our lease ran out, and another pass has settled it meanwhile
        return self._not_sent(transaction, text, outcome, now)

    def _not_sent(self, transaction: Transaction, text: Row, outcome: SendError, now: datetime) -> str:
        text_id = text["text_id"]
        match outcome:
            case Unreached():
                transaction.run("uncount_attempt", text_id=text_id)
                put_back(transaction, text_id, now + back_off(1, self.retry_base), outcome)
                return "put_back"
            case Retry():
                return self._retry(transaction, text, outcome, now)
            case Uncertain():
                ask_at = moment_text(now + self.settle_after)
                transaction.run(
                    "doubt_text",
                    text_id=text_id,
                    reason=outcome.reason,
                    error_code=outcome.code,
                    ask_at=ask_at,
                )
                return states.UNCERTAIN
            case AccountProblem():
                transaction.run("uncount_attempt", text_id=text_id)  # no recipient is burned for our own fault
                # Not the probe again: where one recipient is the trouble, the others show that the rest works.
                put_back(transaction, text_id, now + HALT_PROBE, outcome)
                halt(transaction, outcome, now)
                return "put_back"
            case _:
                return self._refused(transaction, text, outcome, now)

    def _retry(self, transaction: Transaction, text: Row, outcome: Retry, now: datetime) -> str:
        bound = self.retries + 1 if outcome.tries is None else outcome.tries
        if text["attempts"] >= bound:
            return fail(transaction, text, outcome)
        wait = max(outcome.wait or timedelta(0), back_off(text["attempts"], self.retry_base))
        put_back(transaction, text["text_id"], now + wait, outcome)
        return "put_back"

    def _refused(self, transaction: Transaction, text: Row, outcome: SendError, now: datetime) -> str:
        if isinstance(outcome, Dead) and outcome.lasting:
            transaction.run("mark_number", contact_id=text["contact_id"], state=outcome.reason)
        if isinstance(outcome, OptedOutAtCarrier):
            opt_out(transaction, text["lookup"], "carrier", now)
        failed = fail(transaction, text, outcome)
        halt_if_many(transaction, outcome.code, now)
        return failed


def back_off(attempts: int, base: timedelta) -> timedelta:
    """Twice as long each time, up to six hours, with a jitter of a quarter so that repeats do not march in step."""
    doubled: int = 2 ** min(max(attempts - 1, 0), 20)
    wait = min(base * doubled, LONGEST_BACK_OFF)
    return wait * random.uniform(0.75, 1.25)


def sent(transaction: Transaction, text: Row, sid: str, now: datetime) -> None:
    """The carrier has the text. Statuses that were reported before we knew its SID are taken now."""
    with counted(transaction, text["invitation_id"]):
        transaction.run("text_is_sent", text_id=text["text_id"], carrier_sid=sid, now=moment_text(now))
        if text["purpose"] == states.INVITATION:
            add_reminder(transaction, text, now)
    delivery = None
    for status in transaction.rows("statuses_of", carrier_sid=sid):
        if advances(delivery, status["status"]):
            report_delivery(transaction, text, status["status"], status["error_code"], now)
            delivery = status["status"]


@lru_cache(maxsize=1024)
def schedule_in(document: str) -> Schedule:
    """The schedule by which an invitation was planned; a county has the same few, and reading one takes 80 µs."""
    return Schedule.model_validate_json(document)


def add_reminder(transaction: Transaction, text: Row, now: datetime) -> None:
    schedule = schedule_in(text["schedule"])
    if schedule.reminder_after is None:
        return
    reminder = {
        "text_id": new_id(now),
        "invitation_id": text["invitation_id"],
        "purpose": states.REMINDER,
        "due_at": moment_text(now + schedule.reminder_after),
        "expires_at": text["closes_at"],
    }
    transaction.run_many("add_text", [reminder])


def report_delivery(transaction: Transaction, text: Row, status: str, error_code: int | None, now: datetime) -> None:
    """A delivery status that moves the text on; a permanent refusal marks the number as a refusal of the send would."""
    with counted(transaction, text["invitation_id"]):
        transaction.run("set_delivery", text_id=text["text_id"], delivery=status, error_code=error_code)
    if error_code is None or status not in ("failed", "undelivered"):
        return
    reaction = reaction_to(error_code)
    if reaction.error is Dead and reaction.lasting:
        transaction.run("mark_number", contact_id=text["contact_id"], state=reaction.reason)
    if reaction.error is OptedOutAtCarrier:
        opt_out(transaction, text["lookup"], "carrier", now)
    if reaction.error is AccountProblem:
        halt(transaction, reaction.as_error(error_code), now)  # every further text would end alike
    halt_if_many(transaction, error_code, now)


def put_back(transaction: Transaction, text_id: str, due_at: datetime, why: SendError) -> None:
    transaction.run(
        "put_text_back", text_id=text_id, due_at=moment_text(due_at), reason=why.reason, error_code=why.code
    )


def fail(transaction: Transaction, text: Row, why: SendError) -> str:
    with counted(transaction, text["invitation_id"]):
        transaction.run(
            "end_text", text_id=text["text_id"], status=states.FAILED, reason=why.reason, error_code=why.code
        )
    return states.FAILED


def lift_halt(transaction: Transaction, actor: str, now: datetime, what: str = states.SENDING_HALTED) -> None:
    if transaction.run("lift_halt", what=what):
        audit.record(transaction, actor, "halt.lift", what, {}, now)


def halt_if_many(transaction: Transaction, code: int | None, now: datetime) -> None:
    """A code that is the number's own fault when it comes alone points to our sender when it comes often."""
    reaction = reaction_to(code)
    if not reaction.alarm_if_many:
        return
    met = transaction.value("texts_that_met", error_code=code, since=moment_text(now - LATELY))
    if met >= MANY:
        halt(transaction, AccountProblem(f"{reaction.reason}_often", code), now)


def halt(transaction: Transaction, why: SendError, now: datetime) -> None:
    transaction.run("add_halt", what=states.SENDING_HALTED, reason=str(why), now=moment_text(now))
