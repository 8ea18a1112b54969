"""What is left of a visit's own id when its person is no longer to be found by it: a keyed hash.

The source's id leads to the patient in the unit's register. Its hash leads nowhere, and yet the same visit, told again
by a repeated import, is recognised: it is not taken in anew, and nobody is texted about it.
"""

import json
from collections.abc import Iterable, Mapping

from smsgateway.intake.visit_row import VisitRow
from smsgateway.people.seal import Key, Seal
from smsgateway.store import Row, Transaction

ERASED = "erased:"
"""How a mark begins, and the tombstone that stands for a contact's keyed hash."""

Told = Mapping[tuple[str, str], VisitRow]


def mark(seal: Seal, visit: Row) -> str:
    """What takes the place of a stored visit's id."""
    told: str = visit["visit_id"]
    return told if told.startswith(ERASED) else _mark(seal.key, visit["unit_id"], told)


def without_erased(transaction: Transaction, told: Told, seal: Seal) -> Told:
    """The visits, by unit and id, except those whose person was erased or whose number was cut since."""
    marks = {(unit_id, _mark(key, unit_id, id_)): (unit_id, id_) for unit_id, id_ in told for key in seal.keys}
    here = _among_stored(transaction, marks)
    gone = {marks[unit_id, visit_id] for unit_id, visit_id in here}
    return {key: row for key, row in told.items() if key not in gone} if gone else told


def _mark(key: Key, unit_id: str, visit_id: str) -> str:
    return ERASED + key.lookup(f"visit {unit_id}/{visit_id}")


def _among_stored(transaction: Transaction, marks: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    asked = json.dumps([[unit_id, mark, ""] for unit_id, mark in marks])
    if not transaction.value("how_many_visits_are_here", visits=asked):
        return []
    return [(row["unit_id"], row["visit_id"]) for row in transaction.rows("visits_already_here", visits=asked)]
