"""What can be exported, and in which formats."""

from collections.abc import Iterator
from typing import TextIO

from smsgateway.exports.csvfile import write_csv
from smsgateway.exports.jsonfile import write_json
from smsgateway.figures import listing
from smsgateway.figures.selection import Selection
from smsgateway.figures.summary import figures
from smsgateway.store import Row, Transaction
from surveys.definition import Catalogue

FORMATS = ("csv", "json")
WHAT = ("answers", "invitations", "figures")

ANSWERS = (
    "answer_id",
    "invitation_id",
    "unit",
    "survey",
    "survey_version",
    "question",
    "kind",
    "value",
    "comment",
    "language",
    "channel",
    "visit_ended_at",
    "answered_at",
    "age_band",
    "gender",
    "service",
    "visit_type",
)

# A row for each visit. Left out on purpose: the number, and the source's own visit id, with which a text could be
# traced to a patient record; the invitation's id is ours alone.
INVITATIONS = (
    "invitation_id",
    "unit",
    "survey",
    "survey_version",
    "language",
    "visit_ended_at",
    "decision",
    "status",
    "reason",
    "send_at",
    "sent_at",
    "delivery",
    "error_code",
    "answered_at",
    "closed",
    "age_band",
    "gender",
    "service",
    "visit_type",
)

TABLES = {"answers": ("export_answers", ANSWERS), "invitations": ("export_invitations", INVITATIONS)}
"""What is exported as it is stored: its query and columns."""


def export(
    transaction: Transaction, catalogue: Catalogue, what: str, layout: str, selection: Selection, out: TextIO
) -> int:
    """Writes `what` (one of `WHAT`) to `out` in a layout (one of `FORMATS`); answers how many rows.

    Answers and invitations go through row by row at constant memory. The caller has checked the unit
    (`Selection.units`), before it opened `out`.
    """
    if what == "figures":
        return _export_figures(transaction, catalogue, layout, selection, out)
    query, columns = TABLES[what]
    rows: Iterator[Row] = transaction.stream(query, unit=selection.unit, **selection.days())
    return write_csv(out, columns, rows) if layout == "csv" else write_json(out, rows)


def _export_figures(
    transaction: Transaction, catalogue: Catalogue, layout: str, selection: Selection, out: TextIO
) -> int:
    """By unit and month: fine enough for a trend, and few enough rows to look at."""
    rows = figures(transaction, catalogue, selection, by=("unit", "month"))
    if layout == "csv":
        return write_csv(out, listing.COLUMNS, map(listing.flat, rows))
    return write_json(out, map(listing.nested, rows))
