"""A phone and a carrier between it and us: signed posts, and the texts in the TwiML that comes back."""

from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from smsgateway.app import create_app
from smsgateway.gateway import Gateway
from tests.conftest import StandingClock
from tests.outbox.county import NUMBER, SENDER

PUBLIC = "https://survey.example"
TOKEN = "token"
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response />'


def signature(path: str, fields: dict[str, str], token: str = TOKEN) -> str:
    validator = RequestValidator(token)
    return str(validator.compute_signature(PUBLIC + path, MultiDict(fields)))


def texts_in(response: TestResponse) -> list[str]:
    assert response.content_type == "text/xml; charset=utf-8"
    return [message.text or "" for message in ET.fromstring(response.text)]  # noqa: S314 (our own answer)


@dataclass
class Line:
    """The carrier's line to one gateway."""

    gateway: Gateway
    client: FlaskClient = field(init=False)
    _sids: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.client = create_app(self.gateway).test_client()

    def post(self, path: str, fields: dict[str, str], signed: str | None = None) -> TestResponse:
        headers = {"X-Twilio-Signature": signed if signed is not None else signature(path, fields)}
        # As the carrier writes it: werkzeug's own `data=` would drop what cannot be encoded.
        return self.client.post(
            path,
            data=urlencode(fields, errors="surrogatepass"),
            headers=headers,
            content_type="application/x-www-form-urlencoded",
        )

    def sms(self, body: str, number: str = NUMBER, **more: str) -> TestResponse:
        fields = {"MessageSid": f"SM{next(self._sids):032}", "From": number, "To": SENDER, "Body": body, **more}
        return self.post("/twilio/sms", fields)

    def says(self, body: str, number: str = NUMBER, **more: str) -> list[str]:
        """The phone sends a text; what it gets back. A second goes by: answers keep their order."""
        if isinstance(self.gateway.clock, StandingClock):
            self.gateway.clock.advance(seconds=1)
        response = self.sms(body, number, **more)
        assert response.status_code == 200
        return texts_in(response)

    def status(self, sid: str, status: str, text_id: str = "", **more: str) -> TestResponse:
        path = "/twilio/status" + (f"?text={text_id}" if text_id else "")
        return self.post(path, {"MessageSid": sid, "MessageStatus": status, **more})
