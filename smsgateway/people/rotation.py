"""A new secret key takes the old one's place, while the service runs.

1. The new key becomes SMSGATEWAY_SECRET_KEY, the old one goes to SMSGATEWAY_PREVIOUS_SECRET_KEYS; the service is
   restarted. From then on the new key seals, both open, and whoever is met is brought under the new one on sight.
2. `key rotate` brings everybody else: contacts with their opt-outs, then raw texts, a batch a transaction. It may be
   interrupted and run again: what is done shows by the key id in its seal.
3. When nothing needs the old key any more, `key rotate` says so. What is left of erased people and visits is a hash
   without anything that could be hashed anew, and so are opt-outs of numbers never met: as long as there are any from
   before, the old key is kept to recognise them. It seals nothing by then.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from smsgateway import audit
from smsgateway.gateway import Gateway
from smsgateway.people.recognition import take_over
from smsgateway.people.seal import BrokenSeal
from smsgateway.store import Row, Transaction

BATCH = 200
"""Rows a transaction: a webhook that waits behind one waits some 40 ms."""

Renew = Callable[[Transaction, Row], None]


@dataclass(frozen=True)
class Rotated:
    """What a run did, and whether the previous keys are needed further on."""

    contacts: int
    texts: int
    unreadable: int
    """Rows that no key at hand opens; they stay as they are."""
    opt_outs_without_number: int
    marks: int
    """Of erased visits. These two: from before the current key came, so possibly under a previous one."""

    @property
    def finished(self) -> bool:
        return not (self.unreadable or self.opt_outs_without_number or self.marks)


@dataclass(frozen=True)
class Rotation:
    gateway: Gateway
    batch: int = BATCH
    _done: Counter[str] = field(default_factory=Counter)

    def run(self, actor: str) -> Rotated:
        """Brings everything under the current key that can be, and notes it in the audit log."""
        self._renew("contacts_under_other_keys", "contact_id", self._contact)
        self._renew("bodies_under_other_keys", "message_sid", self._body)
        return self.gateway.store.write(partial(self._finish, actor=actor))

    def _renew(self, query: str, key: str, renew: Renew) -> None:
        """Row by row in the order of `key`, so that rows which no key opens do not hold up the rest."""
        beginning, after = self.gateway.seal.current, ""
        while True:
            rows, unreadable = self.gateway.store.write(partial(self._batch, query, renew, beginning, after))
            if not rows:
                return
            self._done[query] += len(rows) - unreadable
            self._done["unreadable"] += unreadable
            after = rows[-1][key]

    def _batch(
        self, query: str, renew: Renew, beginning: str, after: str, transaction: Transaction
    ) -> tuple[list[Row], int]:
        rows = transaction.rows(query, after=after, beginning=beginning, length=len(beginning), batch=self.batch)
        unreadable = 0
        for row in rows:
            try:
                renew(transaction, row)
            except BrokenSeal:
                unreadable += 1
        return rows, unreadable

    def _contact(self, transaction: Transaction, row: Row) -> None:
        seal = self.gateway.seal
        take_over(transaction, seal, seal.open(row["sealed"]), row["lookup"])

    def _body(self, transaction: Transaction, row: Row) -> None:
        seal = self.gateway.seal
        sealed = seal.close(seal.open(row["sealed_body"]))
        transaction.run("reseal_body", message_sid=row["message_sid"], was=row["sealed_body"], sealed_body=sealed)

    def _finish(self, transaction: Transaction, actor: str) -> Rotated:
        key_id = self.gateway.seal.key.key_id
        since = {row["key_id"]: row["since"] for row in transaction.rows("secret_keys")}
        before = since.get(key_id, "") if len(since) > 1 else ""  # the only key there ever was: nothing is before it
        rotated = Rotated(
            self._done["contacts_under_other_keys"],
            self._done["bodies_under_other_keys"],
            self._done["unreadable"],
            transaction.value("opt_outs_without_number", before=before),
            transaction.value("marks_of_erased_visits", before=before),
        )
        if rotated.finished:
            transaction.run("forget_other_secret_keys", key_id=key_id)
        detail = {"contacts": rotated.contacts, "texts": rotated.texts, "unreadable": rotated.unreadable}
        audit.record(transaction, actor, "key.rotate", f"key {key_id}", detail, self.gateway.clock())
        return rotated
