"""Data-subject requests: the opt-out list."""

import click

from smsgateway import audit
from smsgateway.cli.context import opened
from smsgateway.gateway import Gateway, GatewayProblem
from smsgateway.logs import NUMBER
from smsgateway.people import opt_outs
from smsgateway.people.recognition import recognise
from smsgateway.people.seal import BrokenSeal
from smsgateway.store import Transaction


@click.group()
def opt_out() -> None:
    """Numbers that get no survey texts, for all units.

    Example: python3 run.py opt-out add "040 123 4567" --reason "asked by phone"
    """


def number_in(gateway: Gateway, phone: str) -> str:
    from smsgateway.intake.organisation import load_organisation
    from smsgateway.intake.phones import NotMobile, mobile_number

    with gateway.store.read() as transaction:
        country = load_organisation(transaction).country
    try:
        return mobile_number(phone, country)
    except NotMobile as problem:
        raise GatewayProblem(f"the number is refused: {problem}") from None


@opt_out.command()
@click.argument("phone")
@click.option("--reason", required=True, help="Why, for the record.")
def add(phone: str, reason: str) -> None:
    """Enter a number: no survey text goes to it from now on.

    Example: python3 run.py opt-out add "040 123 4567" --reason "asked by phone"
    """
    with opened() as gateway:
        number = number_in(gateway, phone)

        def enter(transaction: Transaction) -> bool:
            recognise(transaction, gateway.seal, [number])
            lookup, now = gateway.seal.lookup(number), gateway.clock()
            new = opt_outs.opt_out(transaction, lookup, "operator", now, reason)
            audit.record(transaction, audit.operator(), "opt-out.add", audit.person(lookup), {"new": new}, now)
            return new

        entered = gateway.store.write(enter)
    click.echo("entered" if entered else "was on the list already")


@opt_out.command()
@click.argument("phone")
@click.option("--reason", required=True, help="Why, for the record: as a rule only the person does this, by START.")
def remove(phone: str, reason: str) -> None:
    """Take a number off the list.

    Example: python3 run.py opt-out remove "040 123 4567" --reason "asked by letter"
    """
    with opened() as gateway:
        number = number_in(gateway, phone)

        def take_off(transaction: Transaction) -> bool:
            recognise(transaction, gateway.seal, [number])
            lookup = gateway.seal.lookup(number)
            was_on_it = opt_outs.opt_in(transaction, lookup)
            detail: audit.Detail = {"was_on_the_list": was_on_it, "reason": NUMBER.sub("[number]", reason)}
            audit.record(transaction, audit.operator(), "opt-out.remove", audit.person(lookup), detail, gateway.clock())
            return was_on_it

        removed = gateway.store.write(take_off)
    click.echo("removed" if removed else "was not on the list")


@opt_out.command(name="list")
def list_() -> None:
    """Every entry: since when, who asked, the reason, and the number where it is still held.

    Example: python3 run.py opt-out list
    """
    with opened() as gateway, gateway.store.read() as transaction:

        def number_of(sealed: str) -> str | None:
            try:
                return gateway.seal.open(sealed)
            except BrokenSeal:
                return None

        for row in opt_outs.listed(transaction, number_of):
            click.echo("\t".join([row["since"], row["source"], row["number"] or "(number erased)", row["reason"]]))
