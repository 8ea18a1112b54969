"""Which carrier the settings name, and how fast its senders are."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from smsgateway.carriers.base import Carrier
from smsgateway.carriers.twilio import Credentials, TwilioCarrier
from smsgateway.settings import Settings, SettingsProblem

OpenCarrier = Callable[[], AbstractAsyncContextManager[Carrier]]


def carrier_of(settings: Settings, emulator_address: str | None = None) -> OpenCarrier:
    """Opens the carrier for one pass. The emulator is reached as Twilio is: the same client, over HTTP.

    Raises `SettingsProblem` where credentials are missing.
    """
    twilio = settings.twilio
    address = emulator_address or twilio.api_base_url
    try:
        credentials = Credentials(
            twilio.account_sid,
            twilio.auth_token.get_secret_value(),
            twilio.api_key_sid,
            twilio.api_key_secret.get_secret_value(),
        )
    except ValueError as problem:
        raise SettingsProblem(f"{problem}; or set SMSGATEWAY_CARRIER=emulator to send nothing") from None
    return lambda: TwilioCarrier(credentials, base_url=address, at_once=twilio.in_flight, total=twilio.timeout)


def speed_of(settings: Settings) -> float:
    """Segments per second of a sender."""
    if settings.carrier == "emulator":
        return settings.emulator.segments_per_second
    return settings.twilio.segments_per_second
