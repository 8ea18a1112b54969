"""After a restore the database knows less than has happened: what it believes still to send may have gone out.

Nobody is texted twice: texts that were due before now are ended, for good. Nobody is texted against their will: sending
stands still until `reconcile` has fetched the replies, and with them the opt-outs, that came after the backup.
"""

from datetime import datetime

from smsgateway.figures.counted import counted
from smsgateway.outbox import states
from smsgateway.outbox.settle import lift_halt
from smsgateway.store import Transaction
from smsgateway.store.values import moment, moment_text

REASON = "a backup was restored; `reconcile --since` that moment fetches what came after it, and sending goes on"


def take_care_after_restore(transaction: Transaction, now: datetime) -> tuple[str | None, int]:
    """Halts sending and ends texts; answers as of when the database is (None: empty) and how many were ended."""
    as_of: str | None = transaction.value("newest_moment")
    if as_of is not None:
        transaction.run("add_halt", what=states.RESTORED_HALT, reason=REASON, now=as_of)
    texts = transaction.rows("planned_before", now=moment_text(now))
    for text in texts:
        with counted(transaction, text["invitation_id"]):
            transaction.run(
                "end_text", text_id=text["text_id"], status=states.CANCELLED, reason=states.RESTORED, error_code=None
            )
    return as_of, len(texts)


def reconciled(transaction: Transaction, since: datetime, actor: str, now: datetime) -> None:
    """Sending goes on, if the comparison with the carrier went back as far as the backup."""
    for halt in transaction.rows("halts"):
        if halt["what"] == states.RESTORED_HALT and since <= moment(halt["since"]):
            lift_halt(transaction, actor, now, states.RESTORED_HALT)
