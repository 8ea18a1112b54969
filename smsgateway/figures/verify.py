"""Counts everything again, and checks what must always hold."""

from collections.abc import Iterator

from smsgateway import audit
from smsgateway.store import Row, Transaction

INVARIANTS = {
    "invited_visits_without_invitation": (
        "visit {visit_key} of unit {unit_id} is decided as invited: expected one invitation, found none"
    ),
    "invitations_of_other_visits": (
        "invitation {invitation_id} of unit {unit_id} belongs to a visit that is not invited: "
        "expected the decision invited, found {decision}"
    ),
    "invitations_beside_their_visit": (
        "invitation {invitation_id} does not have its visit's unit and day: "
        "expected {visit_unit} and {visit_day}, found {unit_id} and {day}"
    ),
    "invitations_without_text": (
        "invitation {invitation_id} of unit {unit_id} has no text: expected one in the outbox, found none"
    ),
    "ratings_of_the_unanswered": (
        "invitation {invitation_id} of unit {unit_id} has no answered_at: expected no rating, found {ratings}"
    ),
    "answered_without_answer": (
        "invitation {invitation_id} of unit {unit_id} has answered_at: expected an answer, found none"
    ),
    "answers_without_message": ("answer {answer_id} of unit {unit_id}: expected the message it came with, found none"),
    "answers_beside_their_invitation": (
        "answer {answer_id} does not have its invitation's unit, day and survey: expected {invited_unit}, "
        "{invited_day} and {invited_survey}, found {unit_id}, {day} and {survey}"
    ),
    "ratings_without_mark": "answer {answer_id} of unit {unit_id} is a rating: expected a mark, found none",
    "questions_with_two_marks": (
        "invitation {invitation_id} of unit {unit_id}, question {question}: expected at most one mark, found {marks}"
    ),
    "ledger_differences": (
        "the ledger of unit {unit_id}: expected {visits} visits, found {invited} invited, "
        "{cancelled} cancelled, {not_invited} not invited and {waiting} not planned yet"
    ),
}
"""Query that finds what breaks a rule, to the sentence that says so."""


def verify(transaction: Transaction) -> list[str]:
    """Every difference as a sentence that names what, where, expected and found; none is what one wants."""
    return list(differences(transaction))


def differences(transaction: Transaction) -> Iterator[str]:
    for row in transaction.stream("rollup_differences"):
        yield _count_differs(row)
    for query, sentence in INVARIANTS.items():
        for row in transaction.stream(query):
            yield sentence.format(**row)
    yield from audit.broken(transaction.stream("audit_entries"))


def counts_kept(transaction: Transaction) -> int:
    """How many counts `verify` compares: days and totals."""
    kept: int = transaction.value("rollup_rows")
    return kept


def _count_differs(row: Row) -> str:
    when = row["day"] or "all time"
    mark = f" with mark {row['value']}" if row["measure"].startswith("answer:") else ""
    return (
        f"unit {row['unit_id']}, {when}, survey {row['survey']}, {row['measure']}{mark}: "
        f"expected {row['expected']}, found {row['found']}"
    )
