"""What a person may ask of us by their number: what is held on them, and to erase it.

An erasure leaves the marks, which are in the figures, and the opt-out, which is a keyed hash: without it the person
would be texted again after the next visit. Everything else that could lead to the person goes, in one transaction.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from smsgateway import audit
from smsgateway.figures.counted import counted
from smsgateway.outbox import states
from smsgateway.people.marks import ERASED, mark
from smsgateway.people.recognition import recognise
from smsgateway.people.seal import Seal
from smsgateway.store import Row, Transaction
from smsgateway.store.values import moment_text, new_id

HELD = {
    "visits": "visits_held",
    "invitations": "invitations_held",
    "texts": "texts_held",
    "delivery_reports": "delivery_reports_held",
    "replies": "replies_held",
    "answers": "answers_held",
}
"""What is held on a contact, and the query that finds it."""


def person(transaction: Transaction, seal: Seal, number: str, actor: str, now: datetime) -> Row | None:
    """All that is held on a number, replies opened; None where that is nothing. The look-up is in the audit log."""
    recognise(transaction, seal, [number])
    lookup = seal.lookup(number)
    contact = transaction.one("contact_held", lookup=lookup)
    opted_out = transaction.one("opt_out_of", lookup=lookup)
    audit.record(transaction, actor, "person.look-up", audit.person(lookup), {"held": bool(contact)}, now)
    if contact is None and opted_out is None:
        return None
    return {"number": number, "contact": _described(contact), "opt_out": opted_out, **_held(transaction, contact, seal)}


def _described(contact: Row | None) -> Row | None:
    if contact is None:
        return None
    return {
        "since": contact["created_at"],
        "number_state": contact["number_state"],
        "number_is_kept": contact["sealed"] != "",
    }


def _held(transaction: Transaction, contact: Row | None, seal: Seal) -> Row:
    if contact is None:
        return {name: [] for name in HELD}
    held = {name: transaction.rows(query, contact_id=contact["contact_id"]) for name, query in HELD.items()}
    for reply in held["replies"]:
        sealed = reply.pop("sealed_body")
        reply["text"] = seal.open(sealed) if sealed else None
        reply["texts_back"] = json.loads(reply["texts_back"])
    for invitation in held["invitations"]:
        invitation["conversation"] = json.loads(invitation["conversation"] or "null")
    return held


@dataclass(frozen=True)
class Receipt:
    """What an erasure did. `sids` are the messages that the carrier keeps; they are not written down with it."""

    receipt_id: str
    erased_at: datetime
    counts: dict[str, int]
    sids: frozenset[str]


def erase(transaction: Transaction, seal: Seal, number: str, actor: str, now: datetime) -> Receipt | None:
    """Erases all that leads to the person with this number; None where nothing is held. Done again it finds nothing."""
    transaction.value("one_planner_at_a_time")  # one that decides meanwhile would invite the person after all
    recognise(transaction, seal, [number])
    contact = transaction.one("contact_held", lookup=seal.lookup(number))
    if contact is None:
        return None
    contact_id = contact["contact_id"]
    held = {name: transaction.rows(query, contact_id=contact_id) for name, query in HELD.items()}
    counts = {
        "numbers": int(contact["sealed"] != ""),
        **{name: len(held[name]) for name in ("visits", "invitations", "texts", "replies")},
        "comments": sum(answer["comment"] is not None for answer in held["answers"]),
        "texts_cancelled": _end_open_texts(transaction, contact_id),
    }
    _erase_rows(transaction, seal, contact_id, held["visits"], now)
    receipt_id = new_id(now)
    transaction.run("add_erasure", receipt_id=receipt_id, now=moment_text(now), counts=json.dumps(counts))
    audit.record(transaction, actor, "person.erase", f"receipt {receipt_id}", counts, now)
    sids = {text["carrier_sid"] for text in held["texts"] if text["carrier_sid"]}
    return Receipt(receipt_id, now, counts, frozenset(sids | {reply["message_sid"] for reply in held["replies"]}))


def _erase_rows(transaction: Transaction, seal: Seal, contact_id: str, visits: list[Row], now: datetime) -> None:
    marked = [{"visit_key": visit["visit_key"], "mark": mark(seal, visit)} for visit in visits]
    transaction.run_many("erase_visit", marked)
    for query in ("erase_answers", "erase_texts", "erase_replies", "erase_invitations"):
        transaction.run(query, contact_id=contact_id)
    transaction.run("erase_contact", contact_id=contact_id, tombstone=tombstone(now))


def tombstone(now: datetime) -> str:
    """Stands in place of a contact's keyed hash: nobody's."""
    return ERASED + new_id(now)


def _end_open_texts(transaction: Transaction, contact_id: str) -> int:
    """No text goes out any more; answers how many were ended."""
    texts = transaction.rows("open_texts_of", contact_id=contact_id)
    for row in texts:
        text = transaction.one("text_by_id", text_id=row["text_id"])  # held, and read as it is now
        if text is not None:
            with counted(transaction, text["invitation_id"]):
                _end(transaction, text)
    return len(texts)


def _end(transaction: Transaction, text: Row) -> None:
    """Cancelled where nothing has left; else given up: it may have arrived, and what was answered stays counted."""
    replied = transaction.value("has_replied", invitation_id=text["invitation_id"])
    left = text["status"] != states.PLANNED or replied
    transaction.run(
        "end_text",
        text_id=text["text_id"],
        status=states.FAILED if left else states.CANCELLED,
        reason=states.ERASED,
        error_code=None,
    )
