"""A Twilio of the tests' own, written against Twilio's documentation and not against our emulator.

It creates messages (201 and JSON), lists them, and signs what it posts to us. Nothing else.
"""

import base64
import hashlib
import hmac
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

ACCOUNT, TOKEN = "AC" + "7" * 32, "the mock's token"


@dataclass
class MockTwilio:
    address: str = ""
    refusal: int | None = None
    messages: list[dict[str, str]] = field(default_factory=list)

    def created(self, form: dict[str, str]) -> dict[str, object]:
        now = format_datetime(datetime.now(UTC))
        self.messages.append({**form, "Sid": f"SM{len(self.messages):032x}", "Created": now})
        return shown(self.messages[-1])

    def listed(self, to: str | None) -> dict[str, object]:
        found = [shown(message) for message in self.messages if to in (None, message["To"])]
        return {"messages": found, "next_page_uri": None, "uri": "/", "page": 0, "page_size": 50}


def shown(message: dict[str, str]) -> dict[str, object]:
    return {
        "sid": message["Sid"],
        "to": message["To"],
        "from": message.get("From"),
        "body": message["Body"],
        "status": "queued",
        "direction": "outbound-api",
        "error_code": None,
        "date_created": message["Created"],
        "date_sent": None,
        "account_sid": ACCOUNT,
    }


@contextmanager
def mock_twilio() -> Iterator[MockTwilio]:
    twilio = MockTwilio()
    messages = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    login = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()

    class Api(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            assert self.path == messages
            assert self.headers["Authorization"] == login
            if twilio.refusal is not None:
                self.answer(400, {"code": twilio.refusal, "message": f"refused: {body}", "status": 400})
                return
            self.answer(201, twilio.created(dict(parse_qsl(body))))

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            self.answer(200, twilio.listed(query.get("To", [None])[0]))

        def answer(self, status: int, content: dict[str, object]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        twilio.address = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield twilio
        finally:
            server.shutdown()
            thread.join()


def signed_post(address: str, public: str, fields: dict[str, str], token: str = TOKEN) -> tuple[int, str]:
    """Posts to `address` what Twilio would post to `public`, signed as its documentation says."""
    signed = public + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    request = urllib.request.Request(  # noqa: S310 (our own address)
        address,
        urlencode(fields).encode(),
        {"X-Twilio-Signature": base64.b64encode(digest).decode()},
    )
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310 (our own address)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()
