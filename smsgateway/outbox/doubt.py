"""Texts of unknown fate: the carrier is asked, and nothing is ever sent again blindly.

A text is in doubt when the connection died after the request left, or when the process did: then its row is still
`sending` and its lease has run out. The carrier's list of messages to that number since then knows the truth.
"""

from collections import Counter
from datetime import timedelta
from functools import partial

import structlog

from smsgateway.carriers.base import AccountProblem, Carrier, CarrierError, MessageRecord, Retry
from smsgateway.gateway import Gateway
from smsgateway.outbox import states
from smsgateway.outbox.settle import Book, back_off, halt, put_back, sent
from smsgateway.store import Row, Transaction
from smsgateway.store.values import moment, moment_text

log = structlog.get_logger(__name__)

BATCH = 200
CLOCKS_APART = timedelta(minutes=5)
"""The carrier's clock is not ours, and it keeps whole seconds."""
OUR_CLOCK_WAS_WRONG = timedelta(days=1)
"""What was sent while our clock ran ahead is older than we noted, and would be sent twice if it were not found."""


async def settle_doubts(gateway: Gateway, carrier: Carrier, book: Book) -> Counter[str]:
    """Asks about each text whose time to ask has come; answers the outcomes counted."""
    outcomes: Counter[str] = Counter()
    now = gateway.clock()
    with gateway.store.read() as transaction:
        doubtful = transaction.rows("unsettled_texts", now=moment_text(now), batch=BATCH)
    for text in doubtful:
        try:
            record = await find(carrier, text, gateway.seal.open(text["sealed"]), gateway)
        except AccountProblem as problem:
            gateway.store.write(partial(halt, why=problem, now=now))
            break
        except CarrierError as problem:
            log.warning("carrier not asked", text_id=text["text_id"], reason=str(problem))
            break  # it does not answer now; the rows wait for the next pass
        outcomes[write_down(gateway, book, text, record)] += 1
    return outcomes


async def find(carrier: Carrier, text: Row, number: str, gateway: Gateway) -> MessageRecord | None:
    """The carrier's record of that text: same words to the same number since then, and no other text's."""
    since = moment(text["sending_at"]) - OUR_CLOCK_WAS_WRONG
    async for record in carrier.list_messages(to=number, sender=text["sender"], since=since):
        if record.direction.startswith("outbound") and record.body == text["body"]:
            with gateway.store.read() as transaction:
                owner = transaction.value("text_id_of_sid", carrier_sid=record.sid)
            if owner in (None, text["text_id"]):
                return record
    return None


def write_down(gateway: Gateway, book: Book, text: Row, record: MessageRecord | None) -> str:
    now = gateway.clock()

    def work(transaction: Transaction) -> str:
        current = transaction.one("text_by_id", text_id=text["text_id"])
        if current is None or not still_in_doubt(current, text):
            return str(current["status"]) if current else "gone"
        if record is not None:
            sent(transaction, current, record.sid, record.sent_at or record.created_at or now)
            return states.SENT
        if now < moment(text["sending_at"]) + book.sure_after:
            # Killed a moment ago: the carrier's list may lag behind, so the question waits.
            ask_at = moment_text(moment(text["sending_at"]) + book.sure_after)
            transaction.run("doubt_text", text_id=text["text_id"], reason="interrupted", error_code=None, ask_at=ask_at)
            return states.UNCERTAIN
        again = current["attempts"] - 1
        wait = back_off(again, book.retry_base) if again else timedelta(0)  # a text that fails each time goes slower
        put_back(transaction, text["text_id"], now + wait, Retry("never_reached_carrier"))
        return "put_back"

    return gateway.store.write(work)


def still_in_doubt(current: Row, asked_about: Row) -> bool:
    """Not when a callback or another process has settled it, or it is on its way anew since we asked."""
    in_doubt = current["status"] in (states.SENDING, states.UNCERTAIN)
    return in_doubt and bool(current["sending_at"] == asked_about["sending_at"])
