"""The service as it runs in production, in a process that kills itself at a named point."""

import logging
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bench.fault_points import CrashingCarrier, CrashingStore, Fate
from smsgateway.carriers.base import Carrier
from smsgateway.carriers.choosing import OpenCarrier
from smsgateway.gateway import open_gateway
from smsgateway.logs import configure_logs
from smsgateway.outbox.schedule import start_ticking
from smsgateway.server import WebServer, dispatcher_of, listen, stop_event
from smsgateway.settings import load_settings


@dataclass
class Kill(Fate):
    """Dies as from `kill -9`: no handler runs, no buffer is written, no connection is said goodbye to."""

    def die(self, point: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def serve(environment: Mapping[str, str], port: int, point: str | None, times: int) -> None:
    """Serves on 127.0.0.1 until SIGTERM, or until `point` is reached for the `times`th time."""
    settings = load_settings(environment)
    configure_logs("error")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # ticks this short are often still running
    fate = Kill()
    plain = open_gateway(settings)
    gateway = replace(plain, store=CrashingStore(plain.store, fate))
    dispatcher = dispatcher_of(gateway, None)
    dispatcher = replace(dispatcher, open_carrier=dying(dispatcher.open_carrier, fate))
    stop = stop_event()
    with WebServer(gateway, listen("127.0.0.1", port)):
        stop_ticking = start_ticking(dispatcher)
        if point is not None:
            fate.arm(point, times)
        stop.wait()
        stop_ticking()
    gateway.close()


def dying(open_carrier: OpenCarrier, fate: Fate) -> OpenCarrier:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Carrier]:
        async with open_carrier() as carrier:
            yield CrashingCarrier(carrier, fate)

    return opened
