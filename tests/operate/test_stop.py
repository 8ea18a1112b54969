"""SIGTERM in the middle of traffic: what was acknowledged is on disk, and the process ends by itself."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from smsgateway.server import HEADERS_AT_MOST
from tests.webhooks.phone import PUBLIC, TOKEN, signature

ROOT = Path(__file__).resolve().parents[2]
FORM = "application/x-www-form-urlencoded"
SENDERS = 6


@contextmanager
def service(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`serve` as a process of its own, and where it listens."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SMSGATEWAY_DATABASE_URL": f"sqlite:///{folder}/gateway.db",
        "SMSGATEWAY_SECRET_KEY": "a key for tests alone",
        "SMSGATEWAY_PUBLIC_URL": PUBLIC,
        "SMSGATEWAY_TWILIO__ACCOUNT_SID": "AC" + "0" * 32,
        "SMSGATEWAY_TWILIO__AUTH_TOKEN": TOKEN,
        "SMSGATEWAY_TWILIO__API_BASE_URL": "http://127.0.0.1:9",
        "SMSGATEWAY_ORGANISATION": str(ROOT / "config" / "organisation.yaml"),
    }
    command = [sys.executable, "-m", "smsgateway.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            address = next(event["address"] for event in map(json.loads, process.stderr) if event["event"] == "serving")
            threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would hold it up
            yield process, urlsplit(address).netloc
        finally:
            process.kill()


class Sender(threading.Thread):
    """Sends text after text, each on its own connection as the carrier does, until nobody answers any more."""

    def __init__(self, netloc: str, name: str, acknowledged: list[str], enough: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.netloc, self.acknowledged, self.enough = netloc, acknowledged, enough
        self.refused = 0

    def run(self) -> None:
        for number in range(5_000):
            sid = f"SM{self.name}{number:06}"
            try:
                status = post(self.netloc, sid)
            except (OSError, http.client.HTTPException):
                return
            if status == 200:
                self.acknowledged.append(sid)
            else:
                self.refused += 1
            if len(self.acknowledged) >= 60:
                self.enough.set()


def fields(sid: str) -> dict[str, str]:
    return {"MessageSid": sid, "From": f"+35840{hash(sid) % 10_000_000:07}", "Body": "4 kiitos"}


def headers(sid: str) -> dict[str, str]:
    return {"X-Twilio-Signature": signature("/twilio/sms", fields(sid)), "Content-Type": FORM}


def post(netloc: str, sid: str) -> int:
    with closing(http.client.HTTPConnection(netloc, timeout=20)) as connection:
        connection.request("POST", "/twilio/sms", urlencode(fields(sid)), headers(sid))
        return connection.getresponse().status


def begin(netloc: str, sid: str) -> socket.socket:
    """A slow request: its head and half of its body."""
    body = urlencode(fields(sid)).encode()
    told = {**headers(sid), "Host": netloc, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    host, _, port = netloc.partition(":")
    slow = socket.create_connection((host, int(port)), timeout=20)
    slow.sendall(f"POST /twilio/sms HTTP/1.1\r\n{head}\r\n".encode() + body[: len(body) // 2])
    return slow


def test_every_acknowledged_text_is_on_disk_once(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    enough = threading.Event()
    with service(tmp_path) as (process, netloc):
        senders = [Sender(netloc, f"{each}", acknowledged, enough) for each in range(SENDERS)]
        slow = begin(netloc, "SMslow")
        for sender in senders:
            sender.start()
        assert enough.wait(30)

        process.send_signal(signal.SIGTERM)

        assert process.wait(30) == 0
        for sender in senders:
            sender.join(30)
        slow.close()

    assert sum(sender.refused for sender in senders) == 0
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as connection:
        heard = [sid for (sid,) in connection.execute("SELECT message_sid FROM inbound")]
    assert len(acknowledged) >= 60
    assert set(acknowledged) <= set(heard)
    assert len(heard) == len(set(heard))


def test_broken_requests_are_answered_without_words(tmp_path: Path) -> None:
    """By the server itself, before the application: the carrier could text a plain body to the person."""
    with service(tmp_path) as (process, netloc):
        for request, status in [
            (b"POST /twilio/sms HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"400"),
            (b"POST /twilio/sms HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
            (b"POST /twilio/sms HTTP/1.1\r\nX: ".ljust(HEADERS_AT_MOST, b"a"), b"431"),
        ]:
            host, _, port = netloc.partition(":")
            with socket.create_connection((host, int(port)), timeout=20) as connection:
                connection.sendall(request)
                answer = connection.makefile("rb").read()
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head.split()[1] == status
            assert b"Content-Type: text/xml" in head
            assert body.endswith(b"<Response />")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
