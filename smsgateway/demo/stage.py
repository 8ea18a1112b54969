"""The demo put together: a county of its own in a folder of its own, whatever the environment says."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from smsgateway.carriers.emulator import Configuration, EmulatorServer
from smsgateway.demo.clock import DemoClock
from smsgateway.demo.county import ORGANISATION, characters, words
from smsgateway.demo.pages import demo_pages
from smsgateway.demo.patients import Patients
from smsgateway.demo.visits import visits_of_year
from smsgateway.demo.year import Year, moments
from smsgateway.gateway import Gateway, open_gateway
from smsgateway.intake.organisation import import_organisation, load_organisation
from smsgateway.intake.organisation_file import OrganisationFile, read_organisation
from smsgateway.outbox.dispatch import Dispatcher
from smsgateway.server import WebServer, dispatcher_of
from smsgateway.settings import Settings

SEED = 1
THREADS = 8
TICK = 1.0
"""Seconds between dispatch passes once the demo serves: a visitor waits for the text."""


@dataclass(frozen=True)
class Stage:
    """A running demo: web server and emulator up, the county imported, the clock standing at the year's start."""

    gateway: Gateway
    clock: DemoClock
    emulator: EmulatorServer
    dispatcher: Dispatcher
    start: datetime

    def year(self, visits: int, end: datetime, seed: int = SEED) -> tuple[Year, list[datetime]]:
        """The year from the stage's start to `end`, with so many visits, and the moments to live through."""
        with self.gateway.store.read() as transaction:
            zone = load_organisation(transaction).zone
        units = characters()
        patients = Patients(words(), units, end.date(), seed)
        made = visits_of_year(units, visits, self.start, end, zone, seed)
        year = Year(self.gateway, self.clock, self.emulator, self.dispatcher, patients, made)
        return year, list(moments(self.start, end, zone, seed))

    def open_to_visitors(self) -> None:
        """The present: no faults, running time, and schedules that send at once, at any hour."""
        self.emulator.clear_faults()
        self.clock.run()
        put_organisation(self.gateway, at_once(sample_county(self.gateway)))


@contextmanager
def stage(folder: Path, listening: socket.socket, start: datetime) -> Iterator[Stage]:
    """Opens a demo that listens there and keeps its database in the folder."""
    settings = settings_for(folder, listening)
    clock = DemoClock(start)
    with ExitStack() as stack:
        gateway = open_gateway(settings, clock)
        stack.callback(gateway.close)
        put_organisation(gateway, sample_county(gateway))
        emulator = stack.enter_context(EmulatorServer(emulated(settings), clock=clock))
        stack.enter_context(WebServer(gateway, listening, (demo_pages(gateway, emulator),)))
        yield Stage(gateway, clock, emulator, dispatcher_of(gateway, emulator), start)


def settings_for(folder: Path, listening: socket.socket) -> Settings:
    return Settings.model_validate(
        {
            "database_url": f"sqlite:///{folder}/demo.db",
            "carrier": "emulator",
            "public_url": f"http://127.0.0.1:{listening.getsockname()[1]}",
            "secret_key": secrets.token_urlsafe(48),
            "outbox": {"tick": TICK},
            "web": {"threads": THREADS},
        }
    )


def emulated(settings: Settings) -> Configuration:
    """An account like Twilio's; of the statuses it reports the last one, as a year has many."""
    return Configuration(
        account_sid=settings.twilio.account_sid,
        auth_token=settings.twilio.auth_token.get_secret_value(),
        inbound_url=f"{settings.public_url}/twilio/sms",
        callbacks=("delivered",),
        seed=SEED,
    )


def sample_county(gateway: Gateway) -> OrganisationFile:
    return read_organisation(ORGANISATION, gateway.catalogue)


def at_once(county: OrganisationFile) -> OrganisationFile:
    """The same county, whose texts go to everyone right after the visit: a visitor does not wait until morning."""
    now = {
        "delay": timedelta(0),
        "next_day_at": None,
        "window": None,
        "sample": 1.0,
        "cooldown": None,
        "reminder_after": None,
    }
    units = [
        unit.model_copy(update={"schedules": tuple(each.model_copy(update=now) for each in unit.schedules)})
        for unit in county.units
    ]
    return county.model_copy(update={"units": tuple(units)})


def put_organisation(gateway: Gateway, county: OrganisationFile) -> None:
    gateway.store.write(partial(import_organisation, file=county, now=gateway.clock()))
