"""`organisation import` and `organisation export`."""

from functools import partial
from pathlib import Path

import click

from smsgateway import audit
from smsgateway.cli.context import opened
from smsgateway.intake.organisation import Changes, export_organisation, import_by
from smsgateway.intake.organisation_file import long_names, read_organisation


@click.group()
def organisation() -> None:
    """The county, its units and their schedules, from a YAML file and back to one.

    Example: python3 run.py organisation import config/organisation.yaml
    """


@organisation.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_file(file: Path) -> None:
    """Takes in units, names and schedules; importing the same file twice changes nothing.

    A unit that the file no longer has is kept with its figures. A unit's pause is kept as it is, unless the
    file says `paused`.

    Example: python3 run.py organisation import config/organisation.yaml
    """
    with opened() as gateway:
        read = read_organisation(file, gateway.catalogue)
        now = gateway.clock()
        changes = gateway.store.write(partial(import_by, audit.operator(), file=read, now=now))
    click.echo(told(changes))
    for sentence in long_names(read):
        click.echo(f"warning: {sentence}", err=True)
    if changes.kept:
        kept = ", ".join(changes.kept)
        click.echo(f"warning: not in {file.name} and kept with their visits and schedules: {kept}", err=True)


def told(changes: Changes) -> str:
    if changes.nothing:
        return f"nothing changed: {changes.unchanged} units are as in the file"
    header = "changed" if changes.header else "unchanged"
    units = f"{changes.new} new, {changes.changed} changed, {changes.unchanged} unchanged"
    return f"organisation {header}; units: {units}"


@organisation.command()
def export() -> None:
    """Prints the organisation as YAML that imports back to the same.

    Example: python3 run.py organisation export > organisation.yaml
    """
    with opened() as gateway, gateway.store.read() as transaction:
        click.echo(export_organisation(transaction), nl=False)
