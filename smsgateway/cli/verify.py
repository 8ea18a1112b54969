"""`verify`: are the figures what the answers say?"""

import click

from smsgateway import audit
from smsgateway.cli.context import opened
from smsgateway.figures.verify import counts_kept, differences


@click.command()
def verify() -> int:
    """Counts every figure again from the tables, and checks what must always hold and the audit log's chain.

    Prints "ok: N counts agree" and exits 0; or each difference on a line, and exits 1. On standard error: the audit
    log's length and last hash, to keep elsewhere; a later log with less, or without that hash, has lost entries.

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
            click.echo("audit log: {} entries, the last {}".format(*audit.head(transaction)), err=True)
    return 1 if found else 0
