"""`person`, `erase` and `retention`: what is held on people, and its end."""

import json
from typing import TYPE_CHECKING

import click

from smsgateway import audit
from smsgateway.cli.context import opened
from smsgateway.gateway import Gateway, GatewayProblem

if TYPE_CHECKING:
    from smsgateway.people import requests

NOTHING = "nothing is held on this number"


@click.command()
@click.argument("phone")
@click.option("--format", "layout", type=click.Choice(["json"]), default="json", help="How it is written.")
def person(phone: str, layout: str) -> None:
    """All that is held on a PHONE number: contact, visits, invitations, texts, replies as they were written, answers.

    For a person who asks what we know of them. The look-up is noted in the audit log.

    Example: python3 run.py person "040 123 4567" > held.json
    """
    from smsgateway.people import requests

    with opened() as gateway:
        number = meant(gateway, phone)
        held = gateway.store.write(
            lambda transaction: requests.person(transaction, gateway.seal, number, audit.operator(), gateway.clock())
        )
    click.echo(json.dumps(held, ensure_ascii=False, indent=2) if held else NOTHING)


@click.command()
@click.argument("phone")
def erase(phone: str) -> None:
    """Erases what leads to the person with this PHONE number, and prints a receipt.

    Number, texts, replies and comments go, planned texts are cancelled, the carrier is asked to empty its copies.
    Marks stay in the figures, without a person. An opt-out stays, as a keyed hash. To erase is not to opt out: after
    the next visit the person is asked as anybody is, unless `opt-out add` says otherwise. Safe to repeat.

    Example: python3 run.py erase "040 123 4567"
    """
    from smsgateway.people import requests

    with opened() as gateway:
        number = meant(gateway, phone)
        receipt = gateway.store.write(
            lambda transaction: requests.erase(transaction, gateway.seal, number, audit.operator(), gateway.clock())
        )
        click.echo("\n".join(written(receipt)) if receipt else NOTHING)
        click.echo(f"carrier: {at_carrier(gateway, number, receipt)}")


def written(receipt: "requests.Receipt") -> list[str]:
    erased = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in receipt.counts.items())
    return [
        f"receipt: {receipt.receipt_id}",
        f"erased at: {receipt.erased_at.isoformat(timespec='seconds')}",
        f"erased: {erased}",
        "kept: the marks in the figures; an opt-out, if there is one, as a keyed hash",
    ]


def at_carrier(gateway: Gateway, number: str, receipt: "requests.Receipt | None") -> str:
    """Asks the carrier to empty its copies; answers what came of it."""
    import asyncio

    from smsgateway.carriers.choosing import OpenCarrier
    from smsgateway.intake.organisation import load_organisation
    from smsgateway.people.redaction import Redacted, note, redact_person
    from smsgateway.server import dispatcher_of, emulator_of
    from smsgateway.settings import SettingsProblem

    with gateway.store.read() as transaction:
        sender = load_organisation(transaction).sender

    async def empty(open_carrier: OpenCarrier) -> Redacted:
        async with open_carrier() as carrier:
            return await redact_person(carrier, number, receipt.sids if receipt else frozenset(), sender)

    try:
        with emulator_of(gateway) as emulator:
            redacted = asyncio.run(empty(dispatcher_of(gateway, emulator).open_carrier))
    except SettingsProblem as problem:
        return f"not asked ({problem}); when it is set right, run erase again"
    note(gateway.store, redacted)
    if redacted.problem:
        return f"{len(redacted.sids)} texts emptied, not all ({redacted.problem}); run erase again later"
    return f"{len(redacted.sids)} texts emptied"


@click.command()
@click.option("--dry-run", is_flag=True, help="Count what is due, and change nothing.")
def retention(dry_run: bool) -> None:
    """Cuts what has been kept as long as the settings say ([retention]): numbers, texts, comments, reports.

    The service does it every night by itself. Figures stay. Prints counts by kind.

    Example: python3 run.py retention --dry-run
    """
    from smsgateway.people.retention import Retention
    from smsgateway.server import dispatcher_of, emulator_of

    with opened() as gateway:
        job = Retention(gateway, gateway.clock())
        if dry_run:
            counts = job.due()
        else:
            with emulator_of(gateway) as emulator:
                counts = job.run(audit.operator(), dispatcher_of(gateway, emulator).open_carrier)
    click.echo(", ".join(f"{name} {count}" for name, count in counts.items()))


def meant(gateway: Gateway, phone: str) -> str:
    """The number as it is stored; also one that takes no texts, or a sender's name, if it once wrote to us."""
    from smsgateway.intake.organisation import load_organisation
    from smsgateway.intake.phones import NotMobile, mobile_number, possible_number

    with gateway.store.read() as transaction:
        country = load_organisation(transaction).country
        try:
            return mobile_number(phone, country)
        except NotMobile as problem:
            refusal = f"the number is refused: {problem}"
        written = [phone.strip(), possible_number(phone, country)]
        for number in filter(None, written):
            if transaction.one("contact_by_lookup", lookup=gateway.seal.lookup(number)):
                return number
    if written[1] is None:
        raise GatewayProblem(refusal)
    return written[1]
