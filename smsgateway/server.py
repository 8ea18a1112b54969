"""The service as a process: web server, scheduler, and the emulator where it carries."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import structlog
from flask import Blueprint
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask
from waitress.utilities import Error

from smsgateway.app import create_app
from smsgateway.carriers.choosing import carrier_of, speed_of
from smsgateway.carriers.emulator import Configuration, EmulatorServer
from smsgateway.gateway import Gateway, GatewayProblem
from smsgateway.outbox.dispatch import Dispatcher
from smsgateway.outbox.schedule import start_ticking
from smsgateway.webhooks.twiml import CONTENT_TYPE, SAYS_NOTHING
from surveys.reading import read as read_reply

log = structlog.get_logger(__name__)

CONNECTIONS_AT_MOST = 500
"""Open at the same time in one process; further ones wait in the backlog."""
SILENT_CONNECTION = 30
"""Seconds after which a connection that says nothing is closed; the carrier gives up after 15."""
RECEIVED_AT_MOST = 1024 * 1024
"""Bytes of a body beyond which it is not even received; between `web.body_limit` and this the application answers."""
HEADERS_AT_MOST = 32 * 1024


@contextmanager
def emulator_of(gateway: Gateway) -> Iterator[EmulatorServer | None]:
    """The emulator, running, where the settings say that it carries."""
    settings = gateway.settings
    if settings.carrier != "emulator":
        yield None
        return
    configuration = Configuration(
        account_sid=settings.twilio.account_sid,
        auth_token=settings.twilio.auth_token.get_secret_value(),
        api_key_sid=settings.twilio.api_key_sid,
        api_key_secret=settings.twilio.api_key_secret.get_secret_value(),
        latency=settings.emulator.latency,
        inbound_url=f"{settings.public_url}/twilio/sms" if settings.public_url else "",
    )
    server = EmulatorServer(configuration, clock=gateway.clock, port=settings.emulator.port)
    try:
        running = server.__enter__()
    except OSError as error:
        raise GatewayProblem(
            f"the emulator cannot listen on port {settings.emulator.port} ({error.strerror}): set another in "
            "SMSGATEWAY_EMULATOR__PORT, or 0 for any free one"
        ) from error
    try:
        yield running
    finally:
        server.__exit__()


def dispatcher_of(
    gateway: Gateway, emulator: EmulatorServer | None, stopping: Callable[[], bool] = lambda: False
) -> Dispatcher:
    settings = gateway.settings
    carrier = carrier_of(settings, emulator.base_url if emulator else None)
    return Dispatcher(gateway, carrier, speed_of(settings), settings.twilio.in_flight, stopping)


@dataclass
class WebServer:
    """Waitress around our application, on a socket of ours, in a thread of its own."""

    gateway: Gateway
    listening: socket.socket
    pages: tuple[Blueprint, ...] = ()

    def __post_init__(self) -> None:
        self._connections: dict[int, Any] = {}  # waitress's, by file descriptor
        self._stopped = threading.Event()
        server = create_server(
            create_app(self.gateway, *self.pages),
            map=self._connections,
            sockets=[self.listening],
            threads=self.gateway.settings.web.threads,
            ident="",
            connection_limit=CONNECTIONS_AT_MOST,
            channel_timeout=SILENT_CONNECTION,
            max_request_body_size=RECEIVED_AT_MOST,
            max_request_header_size=HEADERS_AT_MOST,
            **proxy_settings(self.gateway.settings.web.trusted_proxy),
        )
        assert isinstance(server, BaseWSGIServer)  # one socket, one server
        server.channel_class = CarefulChannel
        self._server = server
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def address(self) -> str:
        host, port = self.listening.getsockname()[:2]
        return f"http://{host}:{port}"

    def __enter__(self) -> "WebServer":
        read_reply("4", None)  # the word files are compiled now, and not while the first patient waits
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Takes no new requests, and lets those under way finish."""
        self._in_loop(lambda: wasyncore.dispatcher.close(self._server))
        self._server.task_dispatcher.shutdown(timeout=15)
        self._in_loop(self._stopped.set)
        self._thread.join(timeout=5)

    def _in_loop(self, work: Callable[[], None]) -> None:
        """Sockets are closed by the thread that waits on them: closed by another they make it fail."""
        self._server.trigger.pull_trigger(work)  # type: ignore[attr-defined] # waitress makes it in its constructor

    def _run(self) -> None:
        while not self._stopped.is_set() or self._unsent():
            # poll and not select, which fails from the 1,024th open file on
            wasyncore.loop(timeout=1.0, use_poll=True, map=self._connections, count=1)
        wasyncore.close_all(self._connections, ignore_all=True)

    def _unsent(self) -> int:
        """Bytes of answers that have not left yet."""
        return sum(each.total_outbufs_len for each in self._connections.values() if isinstance(each, HTTPChannel))


def proxy_settings(trusted: str) -> dict[str, Any]:
    """Whose word counts about who calls: the proxy's that is named, and nobody else's."""
    if not trusted:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": trusted,
        "trusted_proxy_headers": {"x-forwarded-for"},
        "clear_untrusted_proxy_headers": True,
    }


class WordlessError(ErrorTask):
    """Waitress's own refusals (a broken request, too large a one) without its plain text, which the carrier could text
    to the person."""

    def execute(self) -> None:
        refusal: Error = self.request.error  # type: ignore[attr-defined] # the stubs take the request for the error
        status, _, _ = refusal.to_response()
        body = SAYS_NOTHING.encode()
        self.status = status
        self.response_headers = [("Content-Type", CONTENT_TYPE)]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class CarefulChannel(HTTPChannel):
    error_task_class = WordlessError


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise GatewayProblem(
            f"cannot listen on {host} port {port} ({error.strerror}): choose another with --port, or stop what uses it"
        ) from error


def serve(gateway: Gateway, listening: socket.socket, *, scheduler: bool) -> None:
    """Serves until SIGTERM or SIGINT; then finishes what is in flight."""
    stop = stop_event()
    with ExitStack() as stack:
        emulator = stack.enter_context(emulator_of(gateway))
        web = stack.enter_context(WebServer(gateway, listening))
        if scheduler:
            stack.callback(start_ticking(dispatcher_of(gateway, emulator, stop.is_set)))
        log.info("serving", address=web.address, scheduler=scheduler, process=os.getpid())
        stop.wait()
        log.info("stopping")


def work(gateway: Gateway) -> None:
    """The scheduler alone, until SIGTERM or SIGINT."""
    stop = stop_event()
    with emulator_of(gateway) as emulator:
        stop_ticking = start_ticking(dispatcher_of(gateway, emulator, stop.is_set))
        stop.wait()
        stop_ticking()


def stop_event() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop
