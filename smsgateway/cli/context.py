"""What commands share: the opened gateway, moments and days on the command line, progress on a terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from smsgateway.clock import Clock, system_clock
from smsgateway.gateway import Gateway, open_gateway
from smsgateway.logs import configure_logs
from smsgateway.settings import load_settings


@contextmanager
def opened(clock: Clock = system_clock) -> Iterator[Gateway]:
    """The gateway that the settings and the environment describe, closed afterwards."""
    settings = load_settings(os.environ)
    configure_logs(settings.log_level)  # on standard error: standard output is the command's own
    gateway = open_gateway(settings, clock)
    try:
        yield gateway
    finally:
        gateway.close()


class Moment(click.ParamType[datetime]):
    """ISO 8601 with an offset or Z; without one it is UTC."""

    name = "ISO"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f'"{value}" is not a moment; write it like 2026-11-23T10:00:00Z', param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Day(click.ParamType[date]):
    name = "DAY"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f'"{value}" is not a day; write it like 2026-11-23', param, ctx)


@contextmanager
def progress(title: str, total: float | None = None) -> Iterator[Callable[[float], None]]:
    """A progress bar on standard error where that is a terminal; silent in files and pipes."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not sys.stderr.isatty(), transient=True) as display:
        task = display.add_task(title, total=total)
        yield lambda done: display.update(task, completed=done)
