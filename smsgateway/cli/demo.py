"""`demo`: the whole service on a sample county, to look at and to try."""

import logging
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from smsgateway.cli.context import progress
from smsgateway.gateway import GatewayProblem

if TYPE_CHECKING:
    from threading import Event

    from smsgateway.demo.stage import Stage

PORT, PORTS_TRIED = 8080, 20
VISITS = 2400
"""Ready in half a minute on two cores."""
YEAR = timedelta(days=365)

Tell = Callable[[int, datetime], None]
"""Told the place and moment lived through."""


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help=f"The port [default: {PORT}, or the next that is free].")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address; 0.0.0.0 inside a container.")
@click.option("--visits", type=click.IntRange(0), default=VISITS, show_default=True, help="Visits in the year.")
@click.option("--empty", is_flag=True, help="Without the simulated year: units and no visits.")
def demo(port: int | None, host: str, visits: int, empty: bool) -> None:
    """The whole service on a sample county with a year of simulated answers, and a phone on which to play the patient.

    Everything is in a temporary folder and nothing leaves this machine: the built-in emulator carries the texts.
    The year's visits, texts and replies go through the real intake, planner, outbox, webhooks and figures; only the
    clock is simulated. Ctrl-C ends it and removes the folder.

    Example: python3 run.py demo --port 8080 --visits 2000
    """
    from smsgateway.demo.stage import stage
    from smsgateway.logs import configure_logs
    from smsgateway.server import stop_event

    configure_logs("error")
    logging.getLogger("waitress").setLevel(logging.ERROR)  # its queue is busy in the year, and that is no news
    stop = stop_event()
    now = datetime.now(UTC)
    with ExitStack() as stack:
        listening = stack.enter_context(first_free(host, port))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="smsgateway-demo-"))
        running = stack.enter_context(stage(Path(folder), listening, now - YEAR))
        if not empty:
            live_through(running, visits, now, stop)
        if not stop.is_set():
            serve(running, listening, stop)


def first_free(host: str, port: int | None) -> socket.socket:
    """A socket on that port; where none was asked for, on the first free one from `PORT` on."""
    from smsgateway.server import listen

    if port is not None:
        return listen(host, port)
    for candidate in range(PORT, PORT + PORTS_TRIED):
        try:
            return listen(host, candidate)
        except GatewayProblem as problem:
            last = problem
    raise last


def live_through(running: "Stage", visits: int, now: datetime, stop: "Event") -> None:
    """The year, with a bar on a terminal and a line each quarter elsewhere."""
    began = monotonic()
    year, moments = running.year(visits, now)
    with told_progress(len(moments)) as tell:
        for place, moment in enumerate(moments):
            if stop.is_set():
                return
            year.live(moment)
            tell(place, moment)
    click.echo(
        f"{visits} visits, {running.emulator.sent} texts, {len(year.meant)} ratings in {monotonic() - began:.0f} s"
    )


@contextmanager
def told_progress(total: int) -> Iterator[Tell]:
    if sys.stderr.isatty():
        with progress("a year in the county", total) as advance:
            yield lambda place, moment: advance(place + 1)
        return
    quarters: set[str] = set()

    def tell(place: int, moment: datetime) -> None:
        quarter = f"{moment.year}, quarter {(moment.month + 2) // 3}"
        if quarter not in quarters:
            quarters.add(quarter)
            click.echo(f"living through {quarter}", err=True)

    yield tell


def serve(running: "Stage", listening: socket.socket, stop: "Event") -> None:
    """The present, until a signal."""
    from smsgateway.outbox.schedule import start_ticking

    running.open_to_visitors()
    stop_ticking = start_ticking(running.dispatcher)
    host, port = listening.getsockname()[:2]
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 (compared, not bound)
    click.echo(f"start page   {address}/")
    click.echo(f"your phone   {address}/demo/phone")
    click.echo("There is no sign-in yet. Ctrl-C stops it.")
    stop.wait()
    stop_ticking()
