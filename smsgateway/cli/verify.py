"""`verify`: are the figures what the answers say?"""

import click

from smsgateway.cli.context import opened
from smsgateway.figures.verify import counts_kept, differences


@click.command()
def verify() -> int:
    """Counts every figure again from the tables and checks what must always hold.

    Prints "ok: N counts agree" and exits 0; or each difference on a line, and exits 1.

    \b
    Example:
      python3 run.py verify
    """
    found = 0
    with opened() as gateway, gateway.store.read() as transaction:
        for sentence in differences(transaction):
            click.echo(sentence)
            found += 1
        if not found:
            click.echo(f"ok: {counts_kept(transaction)} counts agree")
    return 1 if found else 0
