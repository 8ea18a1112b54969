"""The audit log: who did what to the installation, only added to, each entry's hash over the one before it.

The database refuses to change or remove entries; whoever goes around it (an owner of the database can) breaks the
chain, and `verify` names the entry. What a chain cannot show is that its newest entries are missing: for that, `verify`
prints the number of entries and the last hash, and /metrics counts them; keep either somewhere else.
"""

import getpass
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from smsgateway.store import Row, Transaction
from smsgateway.store.values import moment_text

SERVICE = "service"
"""The actor of what nobody ordered."""
BEGINNING = "0" * 64
"""What the first entry follows."""
SIGNED = ("seq", "at", "actor", "action", "subject", "detail")
PERSON_CHARACTERS = 12

Detail = Mapping[str, str | int | bool | None]


def record(transaction: Transaction, actor: str, action: str, subject: str, detail: Detail, now: datetime) -> None:
    """Adds one entry, in the transaction of what it tells of: both are there, or neither.

    Call it last in the transaction: on PostgreSQL it waits for other writers of the log, and what is locked after it
    could be locked by one who waits.

    `actor` is `operator()` or `SERVICE`; `action` is a verb phrase with dots ("opt-out.add", "person.erase",
    "person.look-up"), `subject` what it was done to, `detail` plain values (counts, a reason). No personal data in any
    of them: a person is `person(lookup)`, never a number; words that an operator typed go in without `logs.NUMBER`s.
    """
    transaction.value("one_auditor_at_a_time")
    last = transaction.one("last_audit_entry") or {"seq": 0, "hash": BEGINNING}
    entry = {
        "seq": last["seq"] + 1,
        "at": moment_text(now),
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": json.dumps(detail, sort_keys=True, ensure_ascii=False),
    }
    transaction.run("add_audit_entry", **entry, hash=chained(last["hash"], entry))


def person(lookup: str) -> str:
    """A person in the log: the first characters of the keyed hash of their number (`Seal.lookup`)."""
    return f"person {lookup[:PERSON_CHARACTERS]}"


def operator() -> str:
    """Who runs a command, by the account on this machine."""
    try:
        return f"operator {getpass.getuser()}"
    except (KeyError, OSError):  # a container's user need not have a name
        return "operator"


def chained(before: str, entry: Row) -> str:
    """SHA-256 over the hash before and the entry as JSON: one way to write each, so that nothing can move between."""
    content = json.dumps([before, *(entry[name] for name in SIGNED)], ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def broken(entries: Iterable[Row]) -> Iterator[str]:
    """What is wrong with the log, as sentences. `entries` in order; each is judged by the one that stands before it."""
    before, seq = BEGINNING, 0
    for entry in entries:
        if entry["seq"] != seq + 1:
            yield f"audit entry {seq + 1}: expected to find it, found entry {entry['seq']} in its place"
        elif entry["hash"] != chained(before, entry):
            yield f"audit entry {entry['seq']} of {entry['at']}: it or the one before it was changed afterwards"
        before, seq = entry["hash"], entry["seq"]


def head(transaction: Transaction) -> tuple[int, str]:
    """How many entries there are, and the last one's hash: what to keep elsewhere."""
    last = transaction.one("last_audit_entry")
    return (last["seq"], last["hash"]) if last else (0, BEGINNING)
