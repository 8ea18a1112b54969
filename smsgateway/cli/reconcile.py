"""`reconcile`: compare with the carrier."""

from datetime import datetime
from functools import partial

import click

from smsgateway.audit import operator
from smsgateway.cli.context import Moment, opened


@click.command()
@click.option("--since", type=Moment(), default=None, help="How far back to look (default: 48 hours).")
def reconcile(since: datetime | None) -> None:
    """Takes in replies that never reached the webhook, settles sends of unknown fate, asks for overdue statuses.

    Prints what it changed. May run at any time, and again: nothing is taken in twice.

    Example: python3 run.py reconcile --since 2026-11-22T00:00:00Z
    """
    from smsgateway.carriers.base import CarrierError
    from smsgateway.gateway import GatewayProblem
    from smsgateway.outbox.reconcile import LOOKS_BACK
    from smsgateway.outbox.reconcile import reconcile as compare
    from smsgateway.outbox.restored import reconciled
    from smsgateway.server import dispatcher_of, emulator_of

    with opened() as gateway, emulator_of(gateway) as emulator:
        start = since or gateway.clock() - LOOKS_BACK
        try:
            report = compare(dispatcher_of(gateway, emulator), start)
        except CarrierError as problem:
            raise GatewayProblem(f"the carrier was not compared with: {problem}; try again later") from None
        gateway.store.write(partial(reconciled, since=start, actor=operator(), now=gateway.clock()))
    click.echo(", ".join(f"{what} {count}" for what, count in report.items()))
