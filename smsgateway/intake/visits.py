"""Visits into the store: each once, however often it is told."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from smsgateway.intake.visit_row import BACKGROUND, VisitRow
from smsgateway.people.marks import without_erased
from smsgateway.people.recognition import recognise
from smsgateway.people.seal import Seal
from smsgateway.store import Row, Transaction
from smsgateway.store.values import moment_text, new_id

Replan = Callable[[Transaction, Sequence[str]], None]
"""Takes back the invitations of visits (by `visit_key`) of which no text has left."""

DECISIVE = ("contact_id", "ended_at", "language", "consent")
"""What decides whether, when and how a person is asked; the rest only describes the visit."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`accepted` visits are new, `updated` ones were known, whether or not anything about them changed."""

    accepted: int = 0
    updated: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(self.accepted + other.accepted, self.updated + other.updated)


def take_in(transaction: Transaction, rows: Sequence[VisitRow], seal: Seal, now: datetime, replan: Replan) -> Taken:
    """Stores a batch; of a visit told twice the last holds. Every new or changed visit is left to plan."""
    latest = without_erased(transaction, {(row.unit_id, row.visit_id): row for row in rows}, seal)
    contacts = contact_ids(transaction, {row.number for row in latest.values()}, seal, now)
    # In one order everywhere: two imports of the same visits wait for each other and do not deadlock.
    received_at = moment_text(now)
    visits = [_stored(row, new_id(now), contacts[row.number], received_at) for _, row in sorted(latest.items())]
    transaction.run_many("add_visit", visits)
    known = transaction.value("how_many_visits_are_here", visits=_keys(visits))
    if known:
        _update(transaction, visits, replan)
    accepted = len(visits) - known
    return Taken(accepted, len(rows) - accepted)


def contact_ids(transaction: Transaction, numbers: Collection[str], seal: Seal, now: datetime) -> dict[str, str]:
    """The contact of each number; a number not met before, or cut since, is sealed and kept."""
    recognise(transaction, seal, numbers)
    by_lookup = {seal.lookup(number): number for number in numbers}
    known = _contacts_of(transaction, by_lookup, seal)
    new = sorted(by_lookup.keys() - known.keys())
    if new:
        made = [_contact(lookup, by_lookup[lookup], seal, now) for lookup in new]
        transaction.run_many("add_contact", made)
        # Asked and not assumed: another process may have made the same contact a moment before.
        known |= _contacts_of(transaction, {lookup: by_lookup[lookup] for lookup in new}, seal)
    return {by_lookup[lookup]: contact_id for lookup, contact_id in known.items()}


def already_here(transaction: Transaction, visits: Iterable[Mapping[str, object]]) -> list[Row]:
    """Of visits with new keys, those that the store has already, as stored."""
    return transaction.rows("visits_already_here", visits=_keys(visits))


def _keys(visits: Iterable[Mapping[str, object]]) -> str:
    return json.dumps([[visit["unit_id"], visit["visit_id"], visit["visit_key"]] for visit in visits])


def _contacts_of(transaction: Transaction, by_lookup: Mapping[str, str], seal: Seal) -> dict[str, str]:
    """The contacts there are; one whose number was cut, but not yet its hash, is sealed again."""
    rows = transaction.rows("contacts_of", lookups=json.dumps(list(by_lookup)))
    cut = [
        {"contact_id": row["contact_id"], "sealed": seal.close(by_lookup[row["lookup"]])} for row in rows if row["cut"]
    ]
    transaction.run_many("seal_again", cut)
    return {row["lookup"]: row["contact_id"] for row in rows}


def _contact(lookup: str, number: str, seal: Seal, now: datetime) -> Row:
    sealed = seal.close(number)
    return {"contact_id": new_id(now), "lookup": lookup, "sealed": sealed, "now": moment_text(now)}


def _stored(row: VisitRow, visit_key: str, contact_id: str, received_at: str) -> Row:
    return {
        "visit_key": visit_key,
        "unit_id": row.unit_id,
        "visit_id": row.visit_id,
        "contact_id": contact_id,
        "ended_at": row.ended_at,
        "day": row.day,
        "language": row.language,
        "age_band": row.age_band,
        "gender": row.gender,
        "service": row.service,
        "visit_type": row.visit_type,
        "consent": int(row.consent),
        "now": received_at,
    }


def _update(transaction: Transaction, visits: Sequence[Row], replan: Replan) -> None:
    # A planner that decides meanwhile would invite by what the visit was before.
    transaction.value("one_planner_at_a_time")
    told = {(visit["unit_id"], visit["visit_id"]): visit for visit in visits}
    changes: list[Row] = []
    invited: list[str] = []
    for before in already_here(transaction, visits):
        after = told[before["unit_id"], before["visit_id"]]
        anew = any(before[name] != after[name] for name in DECISIVE)
        if anew or any(before[name] != after[name] for name in BACKGROUND):
            changes.append({**after, "visit_key": before["visit_key"], "anew": int(anew)})
        if anew and before["decision"] == "invited":
            invited.append(before["visit_key"])
    if invited:
        replan(transaction, invited)
    transaction.run_many("change_visit", changes)
