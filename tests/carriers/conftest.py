"""An emulated Twilio, and a service that listens to its webhooks, both over real HTTP on 127.0.0.1."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl

import pytest

from smsgateway.carriers.emulator import EmulatorServer


@dataclass
class Heard:
    """One request the listening service got."""

    path: str
    fields: list[tuple[str, str]]
    signature: str | None

    def __getitem__(self, name: str) -> str:
        return dict(self.fields)[name]


@dataclass
class Receiver:
    """A service that keeps what it hears and says what it was told to say."""

    base_url: str = ""
    heard: list[Heard] = field(default_factory=list)
    status: int = 200
    content_type: str = "text/xml"
    says: str = "<Response/>"


@pytest.fixture
def emulator() -> Iterator[EmulatorServer]:
    with EmulatorServer() as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = parse_qsl(body, keep_blank_values=True)
            told.heard.append(Heard(self.path, fields, self.headers["X-Twilio-Signature"]))
            answer = told.says.encode()
            self.send_response(told.status)
            self.send_header("Content-Type", told.content_type)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # its own 5 would make the sixth of many callers wait a second

    with Server(("127.0.0.1", 0), Listener) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        told.base_url = f"http://127.0.0.1:{server.server_address[1]}"
        yield told
        server.shutdown()
        thread.join()
