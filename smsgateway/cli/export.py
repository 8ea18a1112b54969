"""`export`: answers, invitations and figures for administrators."""

from datetime import date

import click

from smsgateway.cli.context import opened
from smsgateway.cli.figures import selecting, wrong_use
from smsgateway.exports.destination import STANDARD_OUTPUT, destination
from smsgateway.exports.export import FORMATS, WHAT
from smsgateway.exports.export import export as export_rows
from smsgateway.figures.selection import Selection


@click.command()
@click.argument("what", type=click.Choice(WHAT))
@click.option("--format", "layout", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--out", required=True, metavar="FILE", help="The file to write; - is standard output.")
@selecting
def export(what: str, layout: str, out: str, unit: str | None, from_: date | None, to: date | None) -> None:
    """Writes answers, invitations or figures to a file.

    answers: a row for each answer, by unit and day. invitations: a row for each visit, with the decision
    (invited, or the reason why not) and what became of its text. figures: a row for each unit, month, survey and
    question. Days are those of the visits. No phone numbers, and no visit ids of the source.

    The file appears, or is replaced, once it is whole. csv is UTF-8 with commas; a text that a spreadsheet would run
    as a formula is written with an apostrophe before it. json is an array, an object on each line.

    Example: python3 run.py export answers --format csv --out answers.csv --from 2026-11-01
    """
    with opened() as gateway, gateway.store.read() as transaction, wrong_use():
        selection = Selection(unit, from_, to)
        selection.units(transaction)
        with destination(out) as file:
            written = export_rows(transaction, gateway.catalogue, what, layout, selection, file)
    if out != STANDARD_OUTPUT:
        click.echo(f"wrote {written} rows to {out}")
