"""Recognising a person whose number was last met under a previous secret key.

The keyed hash of a number is another one under another key. A contact and an opt-out of one number always stand under
the same hash, so that a join finds one by the other: whatever moves one to a new hash moves both, here.
"""

import json
from collections.abc import Iterable

from smsgateway.people.seal import Seal
from smsgateway.store import Row, Transaction


def recognise(transaction: Transaction, seal: Seal, numbers: Iterable[str]) -> None:
    """Brings what is known of these numbers under the current key. To be called before a number is looked up, in the
    same transaction; costs nothing where there is no previous key, and one query where there is one.

    Opt-outs of erased people have no number that could be hashed anew: this is where they are honoured, the moment the
    number is met again.
    """
    if not seal.previous:
        return
    former = {lookup: number for number in numbers for lookup in seal.former_lookups(number)}
    for row in transaction.rows("known_under", lookups=json.dumps(sorted(former))):
        take_over(transaction, seal, former[row["lookup"]], row["lookup"])


def take_over(transaction: Transaction, seal: Seal, number: str, former: str) -> None:
    """What stands under the hash `former` stands under the current one afterwards."""
    lookup = seal.lookup(number)
    known = transaction.one("contact_by_lookup", lookup=former)
    here = transaction.one("contact_by_lookup", lookup=lookup) if lookup != former else None
    if known and here:
        _merge(transaction, known, here)
    elif known:
        was = known["sealed"]
        transaction.run("rekey_contact", former=former, was=was, lookup=lookup, sealed=was and seal.close(number))
    if lookup != former:
        transaction.run("rekey_opt_out", former=former, lookup=lookup)
        transaction.run("remove_opt_out", lookup=former)


def _merge(transaction: Transaction, known: Row, here: Row) -> None:
    """Two contacts of one number: nodes with different keys have met it while one key took another's place."""
    for query in ("move_visits", "move_invitations", "move_inbound"):
        transaction.run(query, former=known["contact_id"], contact_id=here["contact_id"])
    transaction.run("remove_contact", contact_id=known["contact_id"])
