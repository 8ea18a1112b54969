"""`key`: the secret key under which numbers and raw texts are sealed."""

import click

from smsgateway import audit
from smsgateway.cli.context import opened
from smsgateway.people.keys import PREVIOUS


@click.group()
def key() -> None:
    """The secret key under which phone numbers and raw texts are sealed.

    Example: python3 run.py key rotate
    """


@key.command()
def rotate() -> int:
    """Brings everything under the current secret key, while the service runs.

    First make the new key SMSGATEWAY_SECRET_KEY, put the old one into SMSGATEWAY_PREVIOUS_SECRET_KEYS and restart the
    service. Interrupted, it goes on where it was when it is run again. Says at the end whether the old key is still
    needed.

    Example: python3 run.py key rotate
    """
    from smsgateway.people.rotation import Rotation

    with opened() as gateway:
        key_id = gateway.seal.key.key_id
        rotated = Rotation(gateway).run(audit.operator())
    click.echo(f"brought under key {key_id}: contacts {rotated.contacts}, texts {rotated.texts}")
    if rotated.unreadable:
        click.echo(
            f"{rotated.unreadable} rows are under a key that is not at hand: add it to {PREVIOUS} and run this again",
            err=True,
        )
    if rotated.opt_outs_without_number or rotated.marks:
        click.echo(
            f"keep {PREVIOUS}: {rotated.opt_outs_without_number} opt-outs of numbers that are not held and "
            f"{rotated.marks} erased visits are recognised by it"
        )
    if rotated.finished:
        click.echo(f"{PREVIOUS} is needed no more by this database (a backup made before needs its key)")
    return 1 if rotated.unreadable else 0
