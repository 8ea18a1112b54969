"""Keeps the counts of an invitation right around whatever changes it."""

from collections.abc import Iterator
from contextlib import contextmanager

from smsgateway.figures.rollups import Standing, count, moved
from smsgateway.store import Row, Transaction


@contextmanager
def counted(transaction: Transaction, invitation_id: str) -> Iterator[None]:
    """Whatever the block does to the invitation or its first text is counted, in the same transaction.

    The invitation is held meanwhile: a reply and a delivery report that meet would else both count the other's step.
    """
    transaction.value("hold_invitation", invitation_id=invitation_id)
    before = transaction.one("standing_of", invitation_id=invitation_id)
    yield
    after = transaction.one("standing_of", invitation_id=invitation_id)
    where = before or after
    if where is not None:
        changes = moved(where["unit_id"], where["day"], where["survey"], standing(before), standing(after))
        if changes:
            count(transaction, changes)


def standing(row: Row | None) -> Standing | None:
    """None also for an invitation that ended before it was sent: nobody was asked."""
    if row is None or row["status"] == "cancelled":
        return None
    return Standing(row["status"], row["delivery"], row["answered_at"] is not None, row["disposition"])
