"""`visits import`."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import click

from smsgateway.cli.context import opened, progress
from smsgateway.gateway import Gateway, GatewayProblem
from smsgateway.intake.csvfile import Form, rewindable
from smsgateway.intake.organisation import load_organisation
from smsgateway.intake.visits import take_in
from smsgateway.intake.visits_csv import (
    Outcome,
    Take,
    examine_visits,
    import_visits,
    rehearsal,
    rejects_file,
)


@click.group()
def visits() -> None:
    """Appointments that have ended, from the units' systems.

    Example: python3 run.py visits import visits.csv --rejects rejected.csv
    """


@visits.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--rejects", type=click.Path(path_type=Path), help="Write the refused rows here, with line and reason.")
@click.option("--dry-run", is_flag=True, help="Read and judge everything, and change nothing.")
def import_file(file: Path, rejects: Path | None, dry_run: bool) -> None:
    """Takes in visits from a CSV FILE (- is standard input) and plans their texts.

    Columns: visit_id, unit, ended_at, phone; optional language, age_band, gender, service, visit_type and
    survey_consent (no: never text). UTF-8, comma or semicolon. A visit known by its unit and visit_id is
    updated; importing a file again sends nothing twice. The corrected rejects file can be imported as it is.

    Example: python3 run.py visits import visits.csv --rejects rejected.csv
    """
    if rejects and rejects.exists() and file.exists() and rejects.samefile(file):
        raise click.UsageError("--rejects names the file that is read; name another")
    with opened() as gateway, source(file) as stream:
        form = examine_visits(stream, file.name if str(file) != "-" else "standard input")
        outcome = run_import(gateway, stream, form, rejects, dry_run)
        print_outcome(outcome, rejects)
        if not dry_run:
            plan(gateway)


def run_import(gateway: Gateway, stream: IO[bytes], form: Form, rejects: Path | None, dry_run: bool) -> Outcome:
    with gateway.store.read() as transaction:
        organisation = load_organisation(transaction)
    with ExitStack() as stack:
        reject = stack.enter_context(rejects_file(rejects, form)) if rejects else lambda record, why: None
        take = stack.enter_context(rehearsal(gateway.store)) if dry_run else into(gateway)
        advance = stack.enter_context(progress("visits", form.lines))
        return import_visits(stream, form, organisation, gateway.clock(), take, reject, advance)


def into(gateway: Gateway) -> Take:
    """Takes a batch of visits into the store, in one transaction."""
    from smsgateway.outbox.plan import withdraw

    seal = gateway.seal
    # The clock is read for each batch: new keys then follow those before, which indexes take fastest.
    return lambda rows: gateway.store.write(
        lambda transaction: take_in(transaction, rows, seal, gateway.clock(), withdraw)
    )


@contextmanager
def source(file: Path) -> Iterator[IO[bytes]]:
    try:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as error:
        raise GatewayProblem(f"{file} cannot be read: {error.strerror}") from None
    with stream, rewindable(stream) as again:
        yield again


def print_outcome(outcome: Outcome, rejects: Path | None) -> None:
    taken, rejected = outcome.taken, outcome.rejected
    click.echo(f"accepted {taken.accepted}, updated {taken.updated}, rejected {rejected.total()}")
    for reason, count in rejected.most_common():
        click.echo(f"  {reason} {count}")
    if outcome.unknown_columns:
        names = ", ".join(outcome.unknown_columns)
        click.echo(f"warning: columns that are not known and were not read: {names}", err=True)
    if outcome.ahead:
        click.echo(f"warning: {outcome.ahead} visits end more than a day from now: check the dates", err=True)
    if rejects and rejected:
        click.echo(f"the refused rows are in {rejects}: correct them and import that file", err=True)


def plan(gateway: Gateway) -> None:
    from smsgateway.outbox.plan import plan_visits

    click.echo(f"planned: {in_words(plan_visits(gateway))}")


def in_words(decisions: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in Counter(decisions).most_common()) or "nothing new"
