"""Data-subject requests: the opt-out list."""

import click

from smsgateway.cli.context import opened
from smsgateway.gateway import Gateway, GatewayProblem
from smsgateway.people import opt_outs
from smsgateway.people.seal import BrokenSeal


@click.group()
def opt_out() -> None:
    """Numbers that get no survey texts, for all units.

    Example: python3 run.py opt-out add "040 123 4567" --reason "asked by phone"
    """


def lookup_of(gateway: Gateway, phone: str) -> str:
    from smsgateway.intake.organisation import load_organisation
    from smsgateway.intake.phones import NotMobile, mobile_number

    with gateway.store.read() as transaction:
        country = load_organisation(transaction).country
    try:
        return gateway.seal.lookup(mobile_number(phone, country))
    except NotMobile as problem:
        raise GatewayProblem(f"the number is refused: {problem}") from None


@opt_out.command()
@click.argument("phone")
@click.option("--reason", required=True, help="Why, for the record.")
def add(phone: str, reason: str) -> None:
    """Enter a number: no survey text goes to it from now on."""
    with opened() as gateway:
        lookup = lookup_of(gateway, phone)
        entered = gateway.store.write(
            lambda transaction: opt_outs.opt_out(transaction, lookup, "operator", gateway.clock(), reason)
        )
    click.echo("entered" if entered else "was on the list already")


@opt_out.command()
@click.argument("phone")
@click.option("--reason", required=True, help="Why, for the record: as a rule only the person does this, by START.")
def remove(phone: str, reason: str) -> None:
    """Take a number off the list."""
    import structlog

    with opened() as gateway:
        lookup = lookup_of(gateway, phone)
        removed = gateway.store.write(lambda transaction: opt_outs.opt_in(transaction, lookup))
    structlog.get_logger(__name__).info("opt-out removed by operator", lookup=lookup[:12], reason=reason)
    click.echo("removed" if removed else "was not on the list")


@opt_out.command(name="list")
def list_() -> None:
    """Every entry: since when, who asked, the reason, and the number where it is still held."""
    with opened() as gateway, gateway.store.read() as transaction:

        def number_of(sealed: str) -> str | None:
            try:
                return gateway.seal.open(sealed)
            except BrokenSeal:
                return None

        for row in opt_outs.listed(transaction, number_of):
            click.echo("\t".join([row["since"], row["source"], row["number"] or "(number erased)", row["reason"]]))
