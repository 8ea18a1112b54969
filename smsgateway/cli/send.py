"""`send`: one dispatch pass in the foreground."""

from datetime import datetime
from functools import partial

import click

from smsgateway.audit import operator
from smsgateway.cli.context import Moment, opened
from smsgateway.clock import system_clock


@click.command()
@click.option("--now", type=Moment(), default=None, help="Take this as the present moment (ISO 8601).")
def send(now: datetime | None) -> None:
    """Plans what is to plan and sends what is due, once, in the foreground: for cron and for tests.

    Prints counts by outcome: sent, put_back (tried again later), uncertain (the carrier is asked), failed, not_sent
    (cancelled, or moved to the next window). If sending was halted by an account problem, it is tried again.

    Example: python3 run.py send --now 2026-11-23T12:00:00Z
    """
    from smsgateway.outbox.dispatch import OUTCOMES
    from smsgateway.outbox.plan import plan_visits
    from smsgateway.outbox.settle import lift_halt
    from smsgateway.server import dispatcher_of, emulator_of

    clock = (lambda: now) if now else system_clock
    with opened(clock) as gateway, emulator_of(gateway) as emulator:
        plan_visits(gateway)
        gateway.store.write(partial(lift_halt, actor=operator(), now=gateway.clock()))
        outcomes = dispatcher_of(gateway, emulator).run_pass()
    click.echo(", ".join(f"{name} {outcomes.get(name, 0)}" for name in OUTCOMES))
