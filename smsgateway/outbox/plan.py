"""Planning: every visit becomes an invitation with a moment to send, or a coded reason why not.

The decision follows from the visit, the schedules and the person's other invitations alone, and not from the moment
it is made: a file imported again decides alike. What changes with time (age, pause, opt-out, the open window) is
checked again when the text is about to go.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from smsgateway.figures.counted import counted
from smsgateway.figures.rollups import INVITED as INVITED_STEP
from smsgateway.figures.rollups import Count, count
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import Organisation, load_organisation
from smsgateway.outbox import states
from smsgateway.store import Row, Transaction
from smsgateway.store.values import moment, moment_text, new_id
from surveys.definition import Catalogue
from surveys.schedule import Schedule
from surveys.timing import cooling_down, plan_send, sampled_in

BATCH = 1000
USABLE = "usable"


@dataclass(frozen=True, slots=True)
class Earlier:
    """An invitation that a person was or will be sent."""

    unit_id: str
    visit_ended_at: str
    send_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is `invited`, with the schedule and the moment; or the code of why not."""

    reason: str
    schedule: Schedule | None = None
    send_at: datetime | None = None


def plan_visits(gateway: Gateway) -> Counter[str]:
    """Decides about every visit that has no decision yet; answers how many got which."""
    decisions: Counter[str] = Counter()
    with gateway.store.read() as transaction:
        if not transaction.rows("visits_to_plan", batch=1):
            return decisions
        organisation = load_organisation(transaction)
    while planned := gateway.store.write(
        lambda transaction: plan_batch(transaction, organisation, gateway.catalogue, gateway.clock())
    ):
        decisions += planned
    return decisions


def plan_batch(
    transaction: Transaction, organisation: Organisation, catalogue: Catalogue, now: datetime
) -> Counter[str]:
    """The oldest visits to plan, up to `BATCH`."""
    transaction.value("one_planner_at_a_time")
    visits = transaction.rows("visits_to_plan", batch=BATCH)
    earlier = earlier_invitations(transaction)
    decided: list[tuple[Row, Decision]] = []
    for visit in visits:
        of_person = earlier[visit["contact_id"]]
        decision = decide(visit, of_person, organisation)
        decided.append((visit, decision))
        if decision.send_at:
            of_person.append(Earlier(visit["unit_id"], visit["ended_at"], decision.send_at))
    write_decisions(transaction, decided, organisation, catalogue, now)
    return Counter(decision.reason for _, decision in decided)


def earlier_invitations(transaction: Transaction) -> defaultdict[str, list[Earlier]]:
    found: defaultdict[str, list[Earlier]] = defaultdict(list)
    for row in transaction.rows("invitations_of_people_to_plan", batch=BATCH):
        found[row["contact_id"]].append(Earlier(row["unit_id"], row["visit_ended_at"], moment(row["send_at"])))
    return found


def decide(visit: Row, earlier: Sequence[Earlier], organisation: Organisation) -> Decision:
    """One visit's fate. A unit's schedules are alternatives: the first that takes the visit sends its survey."""
    unit = organisation.units[visit["unit_id"]]
    if reason := why_never(visit, earlier):
        return Decision(reason)
    decision = Decision(states.NO_SCHEDULE)
    for schedule in unit.schedules:
        decision = try_schedule(visit, schedule, earlier, organisation)
        if decision.reason == states.INVITED:
            break
    return decision


def why_never(visit: Row, earlier: Iterable[Earlier]) -> str | None:
    """The reasons that hold whatever the schedule says, the person's own will first."""
    same_visit = any(
        other.unit_id == visit["unit_id"] and other.visit_ended_at == visit["ended_at"] for other in earlier
    )
    reasons = {
        states.OPTED_OUT: visit["opted_out"],
        states.NO_CONSENT: not visit["consent"],
        visit["number_state"]: visit["number_state"] != USABLE,
        states.UNIT_PAUSED: visit["paused"],
        states.DUPLICATE: same_visit,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def try_schedule(visit: Row, schedule: Schedule, earlier: Sequence[Earlier], organisation: Organisation) -> Decision:
    identity = f"{visit['unit_id']}/{visit['visit_id']}"
    if not sampled_in(f"{schedule.survey}/{identity}", schedule.sample):
        return Decision(states.SAMPLED_OUT)
    plan = plan_send(moment(visit["ended_at"]), schedule, organisation.zone, organisation.country, identity)
    if plan.send_at is None:
        return Decision(states.TOO_OLD)
    if cooling_down(plan.send_at, (other.send_at for other in earlier), schedule.cooldown):
        return Decision(states.COOL_DOWN)
    return Decision(states.INVITED, schedule, plan.send_at)


def write_decisions(
    transaction: Transaction,
    decided: Sequence[tuple[Row, Decision]],
    organisation: Organisation,
    catalogue: Catalogue,
    now: datetime,
) -> None:
    invited = [
        invitation_row(visit, decision.schedule, decision.send_at, organisation, catalogue, now)
        for visit, decision in decided
        if decision.schedule and decision.send_at
    ]
    transaction.run_many("add_invitation", invited)
    transaction.run_many("add_text", [first_text(invitation, now) for invitation in invited])
    transaction.run_many(
        "decide_visit",
        [{"visit_key": visit["visit_key"], "decision": decision.reason} for visit, decision in decided],
    )
    count(
        transaction,
        Counter(Count(row["unit_id"], row["day"], row["survey"], INVITED_STEP) for row in invited),
    )


def invitation_row(
    visit: Row,
    schedule: Schedule,
    send_at: datetime,
    organisation: Organisation,
    catalogue: Catalogue,
    now: datetime,
) -> Row:
    return {
        "invitation_id": new_id(now),
        "visit_key": visit["visit_key"],
        "unit_id": visit["unit_id"],
        "contact_id": visit["contact_id"],
        "day": visit["day"],
        "visit_ended_at": visit["ended_at"],
        "survey": schedule.survey,
        "survey_version": catalogue.survey(schedule.survey).version,
        "language": language_for(visit["language"], organisation.languages),
        "schedule": json.dumps(schedule.model_dump(mode="json", by_alias=True)),
        "send_at": moment_text(send_at),
        "closes_at": moment_text(send_at + schedule.expires_after),
        "expires_at": moment_text(moment(visit["ended_at"]) + schedule.max_age),
    }


def first_text(invitation: Row, now: datetime) -> Row:
    return {
        "text_id": new_id(now),
        "invitation_id": invitation["invitation_id"],
        "purpose": states.INVITATION,
        "due_at": invitation["send_at"],
        "expires_at": invitation["expires_at"],
    }


def language_for(recorded: str | None, languages: Sequence[str]) -> str:
    """The recorded language where we speak it; English for any other on record; else the first.

    Registers write `fi`, `FI` or `fi-FI`.
    """
    if not recorded:
        return languages[0]
    spoken = recorded.replace("_", "-").split("-")[0].lower()
    others = "en" if "en" in languages else languages[0]
    return spoken if spoken in languages else others


def withdraw(transaction: Transaction, visit_keys: Iterable[str]) -> None:
    """Takes back what was decided about visits that changed, where no text has left yet: they are planned anew."""
    for visit_key in visit_keys:
        invitation = transaction.one("withdrawable", visit_key=visit_key)
        if invitation is None:
            continue
        with counted(transaction, invitation["invitation_id"]):
            transaction.run("remove_texts_of", invitation_id=invitation["invitation_id"])
            transaction.run("remove_invitation", invitation_id=invitation["invitation_id"])
        transaction.run("undecide_visit", visit_key=visit_key)
        transaction.run("release_cooled_down", contact_id=invitation["contact_id"])
