"""Opt-outs: one list for all units, by keyed hash, effective with the transaction that writes it.

Each entry keeps who asked: `reply` (the person), `carrier` (they told the carrier), `deceased`, `wrong_person`, or
`operator` with a reason on record. Only survey texts are meant; appointment messages are other systems'.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from smsgateway.store import Row, Transaction
from smsgateway.store.values import moment_text

Source = Literal["reply", "carrier", "deceased", "wrong_person", "operator"]


def opt_out(transaction: Transaction, lookup: str, source: Source, now: datetime, reason: str = "") -> bool:
    """Enters a number; False where it was entered already (the first entry stays: it says since when)."""
    entered = transaction.run("add_opt_out", lookup=lookup, since=moment_text(now), source=source, reason=reason)
    return entered > 0


def opt_in(transaction: Transaction, lookup: str) -> bool:
    """Takes a number off the list: the person asked, or an operator gave a reason. False where it was not on it."""
    return transaction.run("remove_opt_out", lookup=lookup) > 0


def listed(transaction: Transaction, number_of: Callable[[str], str | None]) -> list[Row]:
    """Every entry with its number where a contact still has it (`number_of` opens the seal), oldest first."""
    return [
        {**row, "number": number_of(row["sealed"]) if row["sealed"] else None} for row in transaction.rows("opt_outs")
    ]
