"""`figures`: how satisfied, by unit and period."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar, cast

import click
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from smsgateway.cli.context import Day, opened
from smsgateway.exports.csvfile import write_csv
from smsgateway.exports.destination import STANDARD_OUTPUT, destination
from smsgateway.exports.jsonfile import write_json
from smsgateway.figures import listing
from smsgateway.figures.selection import Selection, SelectionProblem
from smsgateway.figures.summary import LETTERS, By, FigureRow
from smsgateway.figures.summary import figures as figures_of

Command = TypeVar("Command", bound=Callable[..., Any])


def selecting(command: Command) -> Command:
    """The options --unit, --from and --to, as the arguments `unit`, `from_` and `to`."""
    for option in (
        click.option("--to", type=Day(), default=None, help="The last day of visits."),
        click.option("--from", "from_", type=Day(), default=None, help="The first day of visits, local time."),
        click.option("--unit", default=None, metavar="U", help="This unit and those beneath it [default: all]."),
    ):
        command = option(command)
    return command


@contextmanager
def wrong_use() -> Iterator[None]:
    """What cannot be selected was asked for wrongly: exit status 2."""
    try:
        yield
    except SelectionProblem as problem:
        raise click.UsageError(str(problem), click.get_current_context()) from problem


class Parts(click.ParamType[tuple[By, ...]]):
    """`unit`, a period, or both with a comma between; the unit is always meant."""

    name = "unit,day,week,month"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[By, ...]:
        parts = {part.strip() for part in str(value).split(",")} - {"unit"}
        if len(parts) > 1 or not parts <= set(LETTERS):
            self.fail(f'"{value}" is not unit, day, week or month; write it like unit or month', param, ctx)
        return cast(tuple[By, ...], ("unit", *parts))


@click.command()
@selecting
@click.option(
    "--by",
    type=Parts(),
    default="unit",
    show_default=True,
    help="A row for each unit; or for each unit and day, ISO week or month of its visits.",
)
@click.option("--format", "layout", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def figures(unit: str | None, from_: date | None, to: date | None, by: tuple[By, ...], layout: str) -> None:
    """Satisfaction figures: invited, delivered, answered, response rate, mean, distribution, share of 4-5, NPS.

    response rate = answered / (sent - undelivered - ineligible), where "answered" is an invitation with a rating,
    "undelivered" was sent but reported as not delivered, and "ineligible" reached a wrong person. A text that the
    carrier refused is not among the sent. Reminders add nothing (AAPOR, RR5).

    A period means the visits of that period: whatever became of a visit later counts on the visit's own day, in
    local time. Rates of the last days therefore still rise.

    mean, distribution, 4-5 (top-two box) and NPS (9-10 less 0-6, of all) are of ratings alone; "none" counts "don't
    know" and "does not concern me". The share of 4-5 of the Friends and Family Test is of all its answers. In csv and
    json, rates are shares from 0 to 1, and what cannot be computed is empty or null. A survey with several questions
    has a row for each, and each repeats the survey's steps.

    Example: python3 run.py figures --unit keskusta --from 2026-11-01 --to 2026-11-30 --by week
    """
    with opened() as gateway, gateway.store.read() as transaction, wrong_use():
        selection = Selection(unit, from_, to)
        rows = figures_of(transaction, gateway.catalogue, selection, by)
        if layout == "table":
            over_all_units = [part for part in by if part != "unit"]
            print_table(rows, figures_of(transaction, gateway.catalogue, selection, over_all_units))
            return
    with destination(STANDARD_OUTPUT) as out:
        if layout == "csv":
            write_csv(out, listing.COLUMNS, map(listing.flat, rows))
        else:
            write_json(out, map(listing.nested, rows))


# --- the table -----------------------------------------------------------------------------------


def number(value: int) -> str:
    return str(value) if value else ""


def share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def marks(row: FigureRow) -> str:
    """The ratings of each mark, from the lowest to the highest."""
    return "/".join(str(n) for n in row.distribution.values()) if row.n else ""


Column = tuple[str, Callable[[FigureRow], str]]

WORDS: tuple[Column, ...] = (
    ("unit", lambda row: row.unit),
    ("period", lambda row: row.period or ""),
    ("survey", lambda row: row.survey),
    ("question", lambda row: row.question),
)
NUMBERS: tuple[Column, ...] = (
    ("invited", lambda row: str(row.invited)),
    ("sent", lambda row: str(row.sent)),
    ("delivered", lambda row: str(row.delivered)),
    ("undelivered", lambda row: number(row.undelivered)),
    ("refused", lambda row: number(row.refused)),
    ("ineligible", lambda row: number(row.ineligible)),
    ("answered", lambda row: str(row.answered)),
    ("response rate", lambda row: share(row.response_rate)),
    ("n", lambda row: str(row.n)),
    ("mean", lambda row: "" if row.mean is None else f"{row.mean:.2f}"),
    ("4-5", lambda row: share(row.top_two)),
    ("NPS", lambda row: "" if row.nps is None else str(round(row.nps))),
    ("none", lambda row: number(row.none)),
    ("ratings, low to high", marks),
)


def print_table(rows: Sequence[FigureRow], totals: Sequence[FigureRow]) -> None:
    """Rows, then all units together; a column that would be empty is left out, and nothing is cut off."""
    if not rows:
        click.echo("no figures: nobody was invited in this period")
        return
    several = len({row.unit for row in rows}) > 1
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=0)
    columns = [column for column in (*WORDS, *NUMBERS) if any(column[1](row) for row in (*rows, *totals))]
    for column in columns:
        table.add_column(column[0], no_wrap=True, justify="left" if column in WORDS else "right")
    add_rows(table, columns, rows)
    if several:
        table.add_section()
        add_rows(table, columns, totals)
    console = Console(file=sys.stdout, highlight=False)
    console.width = max(console.width, Measurement.get(console, console.options.update(width=10_000), table).maximum)
    console.print(table)


def add_rows(table: Table, columns: Iterable[Column], rows: Iterable[FigureRow]) -> None:
    for row in rows:
        table.add_row(*(cell(row) or "–" for _, cell in columns))
