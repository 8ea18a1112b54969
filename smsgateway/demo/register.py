"""The county's register of visits: writes files as a real one would, and has them imported as real ones are."""

import csv
import io
from collections.abc import Iterable, Sequence

from smsgateway.demo.visits import Visit
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import Organisation
from smsgateway.intake.visits import take_in
from smsgateway.intake.visits_csv import Outcome, examine_visits, import_visits
from smsgateway.outbox.plan import withdraw

COLUMNS = (
    "visit_id",
    "unit",
    "ended_at",
    "phone",
    "language",
    "age_band",
    "gender",
    "service",
    "visit_type",
    "survey_consent",
)


def csv_of(visits: Iterable[Visit]) -> bytes:
    """The file that a register sends."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(cells(each) for each in visits)
    return text.getvalue().encode()


def cells(each: Visit) -> Sequence[str]:
    who = each.person
    return (
        each.visit_id,
        each.unit,
        each.ended_at.isoformat(),
        each.written,
        who.language,
        who.age_band,
        who.gender,
        each.service,
        each.visit_type,
        "yes" if each.consent else "no",
    )


def import_file(gateway: Gateway, organisation: Organisation, content: bytes) -> Outcome:
    """Takes a file in as `visits import` does; refused rows are counted and let go."""
    stream, now = io.BytesIO(content), gateway.clock()
    return import_visits(
        stream,
        examine_visits(stream, "visits.csv"),
        organisation,
        now,
        take=lambda rows: gateway.store.write(
            lambda transaction: take_in(transaction, rows, gateway.seal, now, withdraw)
        ),
        reject=lambda record, why: None,
        progress=lambda line: None,
    )
