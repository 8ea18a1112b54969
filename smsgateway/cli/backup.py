"""`backup` and `restore`: a consistent copy while the service runs, and its way back."""

import os
from datetime import datetime
from pathlib import Path

import click

from smsgateway import audit
from smsgateway.cli.context import opened
from smsgateway.clock import system_clock
from smsgateway.gateway import GatewayProblem
from smsgateway.settings import load_settings
from smsgateway.store import Transaction
from smsgateway.store.copying import copy_to, put_back, require_backup
from smsgateway.store.opening import sqlite_path

POSTGRES_BACKUP = 'pg_dump --format=custom --file=DEST "$SMSGATEWAY_DATABASE_URL"'
POSTGRES_RESTORE = 'pg_restore --clean --if-exists --dbname="$SMSGATEWAY_DATABASE_URL" SRC'


@click.command()
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path))
def backup(destination: Path) -> None:
    """Copy the SQLite database to DEST, a file or a folder, while the service runs.

    The copy is checked, and there whole or not at all. It holds numbers and replies under seal: keep the secret key
    somewhere else. PostgreSQL has its own tool, pg_dump.

    Example: python3 run.py backup /srv/backup/gateway.db
    """
    if destination.is_dir():
        destination /= f"gateway-{stamp(system_clock())}.db"
    copy_to(database("PostgreSQL is backed up with its own tool: " + POSTGRES_BACKUP), destination)
    click.echo(f"backup: {destination}, {destination.stat().st_size / 1e6:.1f} MB, checked")


@click.command()
@click.argument("source", metavar="SRC", type=click.Path(path_type=Path))
def restore(source: Path) -> None:
    """Make the SQLite database what it was when the backup SRC was made; the service must be stopped.

    What the database was until now is kept beside it. Texts that were due by now are ended unsent: they may have gone
    out after the backup. Then run `reconcile --since`, as printed: it fetches the replies that came after the backup,
    opt-outs among them; until then nothing is sent.

    Example: python3 run.py restore /srv/backup/gateway.db
    """
    here = database("PostgreSQL is restored with its own tool: " + POSTGRES_RESTORE)
    now = system_clock()
    kept = here.with_name(f"{here.name}.replaced-{stamp(now)}")
    require_backup(source)
    put_back(source, here, kept)
    with opened() as gateway:
        since, ended = gateway.store.write(lambda transaction: noted(transaction, source.name, kept.name, now))
    was = f"; what it was is kept at {kept}" if kept.exists() else ""
    click.echo(f"restored from {source}{was}; {ended} texts that may have gone out are ended")
    if since:
        click.echo(f"nothing is sent until you have run: python3 run.py reconcile --since {since}")


def noted(transaction: Transaction, source: str, kept: str, now: datetime) -> tuple[str | None, int]:
    from smsgateway.outbox.restored import take_care_after_restore

    since, ended = take_care_after_restore(transaction, now)
    detail = {"kept": kept, "as_of": since, "texts_ended": ended}
    audit.record(transaction, audit.operator(), "restore", source, detail, now)
    return since, ended


def database(otherwise: str) -> Path:
    """Where the SQLite database is; for another engine the sentence that says what to use."""
    address = load_settings(os.environ).database_url
    if not address.startswith("sqlite"):
        raise GatewayProblem(otherwise)
    return sqlite_path(address)


def stamp(now: datetime) -> str:
    return now.strftime("%Y%m%d-%H%M%S")
