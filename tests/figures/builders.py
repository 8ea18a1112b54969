"""Rows as the service leaves them behind, with the counts that go with them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count as numbers

from smsgateway.figures.rollups import Standing, answer_count, count, moved
from smsgateway.store import Store, Transaction
from smsgateway.store.values import moment_text

NOON = moment_text(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))
DAY = "2026-11-23"


def insert(transaction: Transaction, table: str, **row: object) -> None:
    mark = "?" if transaction.engine == "sqlite" else "%s"
    columns, marks = ", ".join(row), ", ".join(mark for _ in row)
    transaction.connection.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 (names of this file alone)
        tuple(row.values()),
    )


def change(transaction: Transaction, table: str, invitation_id: str, **values: object) -> None:
    mark = "?" if transaction.engine == "sqlite" else "%s"
    changes = ", ".join(f"{column} = {mark}" for column in values)
    transaction.connection.execute(
        f"UPDATE {table} SET {changes} WHERE invitation_id = {mark}",  # noqa: S608 (names of this file alone)
        (*values.values(), invitation_id),
    )


def execute(store: Store, sql: str) -> None:
    """A hand in the database: what no code of ours does."""
    store.write(lambda transaction: transaction.connection.execute(sql) and None)


@dataclass
class County:
    """Writes units, visits, invitations and answers; each write is a transaction of its own."""

    store: Store
    _numbers: "numbers[int]" = field(default_factory=lambda: numbers(1))
    _invitations: dict[str, tuple[str, str, str, Standing]] = field(default_factory=dict)

    def unit(self, unit_id: str, parent: str | None = None) -> str:
        row = {"unit_id": unit_id, "name": "{}", "parent": parent, "position": 0, "schedules": "[]"}
        self.store.write(lambda transaction: insert(transaction, "unit", **row))
        return unit_id

    def visit(self, unit: str, decision: str | None, day: str = DAY, **details: object) -> str:
        """A visit that got no invitation."""
        key = f"visit-{next(self._numbers)}"
        self.store.write(lambda transaction: self._visit(transaction, key, unit, day, decision, **details))
        return key

    def invitation(
        self,
        unit: str,
        standing: Standing = Standing("sent"),  # noqa: B008 (immutable)
        day: str = DAY,
        survey: str = "visit",
        **details: object,
    ) -> str:
        """A visit that was invited, its invitation and first text as the standing says."""
        number = next(self._numbers)
        invitation_id = f"invitation-{number}"
        invitation = {
            "invitation_id": invitation_id,
            "visit_key": f"visit-{number}",
            "unit_id": unit,
            "contact_id": f"contact-visit-{number}",
            "day": day,
            "visit_ended_at": NOON,
            "survey": survey,
            "survey_version": 1,
            "language": "fi",
            "schedule": "{}",
            "send_at": NOON,
            "closes_at": NOON,
            "answered_at": NOON if standing.answered else None,
            "disposition": standing.disposition,
        }
        text = {
            "text_id": f"text-{number}",
            "invitation_id": invitation_id,
            "purpose": "invitation",
            "status": standing.status,
            "due_at": NOON,
            "expires_at": NOON,
            "delivery": standing.delivery,
        }

        def work(transaction: Transaction) -> None:
            self._visit(transaction, f"visit-{number}", unit, day, "invited", **details)
            insert(transaction, "invitation", **invitation)
            insert(transaction, "outbox", **text)
            count(transaction, moved(unit, day, survey, None, standing))

        self.store.write(work)
        self._invitations[invitation_id] = (unit, day, survey, standing)
        return invitation_id

    def answer(
        self,
        invitation_id: str,
        question: str,
        kind: str,
        value: int | None = None,
        comment: str | None = None,
    ) -> str:
        """An answer to an invitation, with the inbound message it came with."""
        unit, day, survey, before = self._invitations[invitation_id]
        number = next(self._numbers)
        after = before._replace(answered=before.answered or kind == "rating")
        answer = {
            "answer_id": f"answer-{number:08}",
            "invitation_id": invitation_id,
            "message_sid": f"SM{number}",
            "unit_id": unit,
            "day": day,
            "survey": survey,
            "survey_version": 1,
            "question": question,
            "kind": kind,
            "value": value,
            "comment": comment,
            "language": "fi",
            "channel": "sms",
            "visit_ended_at": NOON,
            "answered_at": NOON,
            "late": 0,
            "flags": "[]",
        }

        def work(transaction: Transaction) -> None:
            self._message(transaction, invitation_id, f"SM{number}")
            insert(transaction, "answer", **answer)
            if after.answered:
                change(transaction, "invitation", invitation_id, answered_at=NOON)
            count(transaction, moved(unit, day, survey, before, after))
            if counted := answer_count(unit, day, survey, question, kind, value):
                count(transaction, {counted: 1})

        self.store.write(work)
        self._invitations[invitation_id] = (unit, day, survey, after)
        return str(answer["answer_id"])

    def rated(
        self, unit: str, marks: list[int], day: str = DAY, survey: str = "visit", question: str = "rating"
    ) -> None:
        """One answered invitation for each mark."""
        for mark in marks:
            self.answer(self.invitation(unit, day=day, survey=survey), question, "rating", mark)

    def stands(self, invitation_id: str, after: Standing) -> None:
        """The invitation comes to stand otherwise."""
        unit, day, survey, before = self._invitations[invitation_id]

        def work(transaction: Transaction) -> None:
            change(transaction, "outbox", invitation_id, status=after.status, delivery=after.delivery)
            change(transaction, "invitation", invitation_id, disposition=after.disposition)
            count(transaction, moved(unit, day, survey, before, after))

        self.store.write(work)
        self._invitations[invitation_id] = (unit, day, survey, after)

    def withdraw(self, invitation_id: str) -> None:
        """The invitation is taken back before its text went: no row of it stays."""
        unit, day, survey, before = self._invitations.pop(invitation_id)
        key = invitation_id.replace("invitation", "visit")

        def work(transaction: Transaction) -> None:
            for sql in (
                f"DELETE FROM outbox WHERE invitation_id = '{invitation_id}'",  # noqa: S608 (our own names)
                f"DELETE FROM invitation WHERE invitation_id = '{invitation_id}'",  # noqa: S608
                f"UPDATE visit SET decision = 'opted_out' WHERE visit_key = '{key}'",  # noqa: S608
            ):
                transaction.connection.execute(sql)
            count(transaction, moved(unit, day, survey, before, None))

        self.store.write(work)

    def _visit(
        self, transaction: Transaction, key: str, unit: str, day: str, decision: str | None, **details: object
    ) -> None:
        contact = {"contact_id": f"contact-{key}", "lookup": key, "sealed": "1.sealed", "created_at": NOON}
        visit = {
            "visit_key": key,
            "unit_id": unit,
            "visit_id": f"source-{key}",
            "contact_id": f"contact-{key}",
            "ended_at": NOON,
            "day": day,
            "consent": 1,
            "received_at": NOON,
            "decision": decision,
        }
        insert(transaction, "contact", **contact)
        insert(transaction, "visit", **visit, **details)

    def _message(self, transaction: Transaction, invitation_id: str, sid: str) -> None:
        message = {
            "message_sid": sid,
            "contact_id": invitation_id.replace("invitation", "contact-visit"),
            "invitation_id": invitation_id,
            "sealed_body": "1.sealed",
            "received_at": NOON,
            "kind": "rating",
            "language": "fi",
            "why": "",
            "flags": "[]",
            "late": 0,
            "media": 0,
            "texts_back": "[]",
        }
        insert(transaction, "inbound", **message)
