"""The emulator as a process of its own, as the benchmarks use it."""

import asyncio
import subprocess
import sys

from smsgateway.carriers.base import Accepted
from smsgateway.carriers.twilio import Credentials, TwilioCarrier
from tests.carriers.doing import text

ACCOUNT, TOKEN = "AC" + "5" * 32, "a token of its own"


def test_it_says_its_address_and_serves_the_account_it_was_given() -> None:
    command = [sys.executable, "-m", "smsgateway.carriers.emulator", "--account", ACCOUNT, "--token", TOKEN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        try:
            accepted = asyncio.run(_send(base_url))
        finally:
            process.terminate()

    assert accepted.status == "queued"


async def _send(base_url: str) -> Accepted:
    async with TwilioCarrier(Credentials(ACCOUNT, TOKEN), base_url=base_url) as carrier:
        return await carrier.send(text())
