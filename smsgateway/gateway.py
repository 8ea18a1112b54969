"""What the parts of the service are handed: settings, store, seal, clock and surveys, put together once."""

from dataclasses import dataclass, field
from functools import cached_property

from smsgateway.clock import Clock, system_clock
from smsgateway.people.keys import check_keys, seal_of
from smsgateway.people.seal import Seal
from smsgateway.pulse import Pulse
from smsgateway.settings import Settings
from smsgateway.store import Store, open_store
from surveys.definition import Catalogue, load_catalogue


class GatewayProblem(Exception):
    """Something a person can put right; the sentence says what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Gateway:
    settings: Settings
    store: Store
    catalogue: Catalogue
    clock: Clock = system_clock
    pulse: Pulse = field(default_factory=Pulse)

    @cached_property
    def seal(self) -> Seal:
        """Raises `SettingsProblem` where no secret key is set: only what touches numbers needs one."""
        return seal_of(self.settings)

    def close(self) -> None:
        self.store.close()


def open_gateway(settings: Settings, clock: Clock = system_clock) -> Gateway:
    """The gateway on an open, migrated store. Raises `SettingsProblem` where a secret key is set, and not the
    database's."""
    gateway = Gateway(settings, open_store(settings.database_url), load_catalogue(), clock)
    try:
        if settings.secret_key.get_secret_value():
            check_keys(gateway.store, gateway.seal, clock())
    except BaseException:
        gateway.close()
        raise
    return gateway
