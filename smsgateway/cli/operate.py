"""`migrate` and `doctor`: what an operator asks of an installation."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import click

from smsgateway.gateway import GatewayProblem
from smsgateway.settings import Settings, SettingsProblem, load_settings, unknown_variables
from smsgateway.store import Store, StoreProblem, open_store


@click.command()
def migrate() -> None:
    """Bring the database to this version's schema. Every start does it too, safely, under a lock.

    Example: python3 run.py migrate
    """
    store = open_store(load_settings(os.environ).database_url, migrate=False)
    try:
        steps = store.migrate()
    finally:
        store.close()
    click.echo(f"applied: {', '.join(steps)}" if steps else "the schema is up to date")


Check = Callable[[Settings, Store], str]


@click.command()
def doctor() -> int:
    """Settings, database, carrier, webhook address, organisation and clock: one line each, with what to do.

    Exits 1 if something needs doing.

    Example: python3 run.py doctor
    """
    problems = 0
    for well, line in examined():
        click.echo(f"{'✓' if well else '✗'} {line}")
        problems += not well
    return 1 if problems else 0


def examined() -> Iterator[tuple[bool, str]]:
    try:
        settings = load_settings(os.environ)
        unknown = unknown_variables(os.environ)
        yield not unknown, f"settings: no setting is called {', '.join(unknown)}" if unknown else "settings"
        store = open_store(settings.database_url)
    except (SettingsProblem, StoreProblem) as problem:
        yield False, str(problem)
        return
    try:
        yield True, f"database: {store.engine}, schema up to date"
        for check in (secret_key, carrier, webhook, organisation, sending, clock):
            try:
                yield True, check(settings, store)
            except (SettingsProblem, GatewayProblem, StoreProblem) as problem:
                yield False, str(problem)
    finally:
        store.close()


def secret_key(settings: Settings, store: Store) -> str:
    from smsgateway.people.keys import require_keys, require_opening, seal_of

    if len(settings.needed_secret_key()) < 32:
        raise SettingsProblem(
            "secret key: shorter than 32 characters; make a longer one before numbers are sealed with it"
        )
    seal = seal_of(settings)
    with store.read() as transaction:
        require_keys(transaction, seal)
        require_opening(transaction, seal)
    return "secret key"


def carrier(settings: Settings, store: Store) -> str:
    from smsgateway.carriers.choosing import carrier_of

    carrier_of(settings)
    return f"carrier: {settings.carrier}, credentials are set"


def webhook(settings: Settings, store: Store) -> str:
    address = urlsplit(settings.public_url)
    if not settings.public_url:
        raise SettingsProblem(
            "webhook: SMSGATEWAY_PUBLIC_URL is not set; the carrier's signatures are checked against it"
        )
    if address.scheme != "https" and settings.carrier == "twilio":
        raise SettingsProblem(f"webhook: {settings.public_url} is not https; the carrier should reach us over TLS")
    retrying = "#rc=3&rp=ct,rt,5xx&ct=2000&rt=4000"
    return f"webhook: give the carrier {settings.public_url}/twilio/sms{retrying}"


def organisation(settings: Settings, store: Store) -> str:
    from smsgateway.intake.organisation import load_organisation

    with store.read() as transaction:
        found = load_organisation(transaction)
    return f"organisation: {len(found.units)} units"


def sending(settings: Settings, store: Store) -> str:
    with store.read() as transaction:
        halts = transaction.rows("halts")
    if halts:
        raise GatewayProblem(
            f"sending stands still since {halts[0]['since']}: {halts[0]['reason']}; mend it, then run send"
        )
    return "sending: not halted"


def clock(settings: Settings, store: Store) -> str:
    return f"clock: {datetime.now(UTC).isoformat(timespec='seconds')}"
