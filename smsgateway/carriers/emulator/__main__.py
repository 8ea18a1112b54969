"""The emulator as a process of its own: `python -m smsgateway.carriers.emulator --port 4010`."""

import asyncio
import contextlib

import click

from smsgateway.carriers.emulator.server import serving
from smsgateway.carriers.emulator.service import ACCOUNT, TOKEN, Configuration, EmulatedTwilio


@click.command()
@click.option("--port", default=0, show_default="any free one", help="TCP port on 127.0.0.1.")
@click.option("--latency", default=0.0, show_default=True, help="Seconds before each answer.")
@click.option("--account", default=ACCOUNT, show_default=True, help="Account SID.")
@click.option("--token", default=TOKEN, show_default=True, help="Auth token.")
@click.option("--inbound-url", default="", help="Where texts from phones are posted.")
@click.option("--keep", default=100_000, show_default=True, help="How many messages are remembered.")
def main(port: int, latency: float, account: str, token: str, inbound_url: str, keep: int) -> None:
    """Serve a Twilio-compatible REST API; its address is the first line of the output.

    Example: python -m smsgateway.carriers.emulator --port 4010 --latency 0.05
    """
    configuration = Configuration(
        account_sid=account, auth_token=token, latency=latency, inbound_url=inbound_url, keep=keep
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(configuration, port))


async def _serve(configuration: Configuration, port: int) -> None:
    async with EmulatedTwilio(configuration) as twilio, serving(twilio, "127.0.0.1", port) as base_url:
        click.echo(base_url)
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
