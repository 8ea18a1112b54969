"""A webhook is believed when, and only when, our Twilio account signed exactly it."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from smsgateway.webhooks.signature import is_genuine

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "data" / "signatures.json").read_text("utf-8")
)
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
PUBLIC = "https://sms.example.fi"
FIELDS = [("From", "+358401234567"), ("Body", "5 kiitos"), ("MessageSid", "SM1"), ("FromCity", "")]
TOKEN = "the-token"


def signed(url: str, fields: list[tuple[str, str]], token: str = TOKEN) -> str:
    validator = RequestValidator(token)
    return str(validator.compute_signature(url, MultiDict(fields)))


def genuine(
    signature: str | None,
    *,
    public_url: str = PUBLIC,
    raw: str = "/twilio/sms",
    fields: list[tuple[str, str]] = FIELDS,
    body: bytes = b"",
    content_type: str | None = FORM,
    tokens: tuple[str, ...] = (TOKEN,),
) -> bool:
    return is_genuine(public_url, raw, fields, body, content_type, signature, tokens)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_it_agrees_with_the_known_signatures(vector: dict[str, Any]) -> None:
    parts = urlsplit(vector["url"])
    public_url = f"{parts.scheme}://{parts.netloc}"
    is_json = vector["body"] is not None

    believed = is_genuine(
        public_url,
        vector["url"].removeprefix(public_url),
        [(name, value) for name, value in vector["params"] or ()],
        (vector["body"] or "").encode(),
        JSON if is_json else FORM,
        vector["signature"],
        [vector["token"]],
    )

    assert believed is vector["valid"]


@pytest.mark.parametrize(
    "public_url",
    [PUBLIC, f"{PUBLIC}/", f"{PUBLIC}:443", f"{PUBLIC}/#rc=3&rp=ct,rt,5xx", f"{PUBLIC}#rc=3"],
)
def test_the_ways_to_write_the_public_address_are_one(public_url: str) -> None:
    assert genuine(signed(f"{PUBLIC}/twilio/sms", FIELDS), public_url=public_url)


def test_a_public_address_with_a_path_is_part_of_what_is_signed() -> None:
    signature = signed("https://example.fi/gateway/twilio/sms", FIELDS)

    assert genuine(signature, public_url="https://example.fi/gateway/")
    assert not genuine(signature, public_url="https://example.fi")


def test_an_address_with_an_ipv6_host_and_a_port_is_understood() -> None:
    assert genuine(signed("http://[::1]:8080/twilio/sms", FIELDS), public_url="http://[::1]:8080")
    assert genuine(signed("http://[::1]/twilio/sms", FIELDS), public_url="http://[::1]:8080")


@pytest.mark.parametrize(
    "raw", ["/twilio/status?i=0190%2Ba", "/twilio/status?b=2&a=1", "/twilio/status?", "/twilio//status"]
)
def test_path_and_query_count_exactly_as_they_came(raw: str) -> None:
    signature = signed(PUBLIC + raw, FIELDS)

    assert genuine(signature, raw=raw)
    assert not genuine(signature, raw=raw + "x")


@pytest.mark.parametrize("signature", [None, "", "ä", "\udc80", "AAAA"])
def test_a_missing_or_senseless_signature_is_refused(signature: str | None) -> None:
    assert not genuine(signature)


def test_both_tokens_count_while_one_is_rotated() -> None:
    old, new = (signed(f"{PUBLIC}/twilio/sms", FIELDS, token) for token in ("old", "new"))

    assert genuine(old, tokens=("new", "old"))
    assert genuine(new, tokens=("new", "old"))
    assert not genuine(old, tokens=("new",))


def test_without_a_token_nothing_is_believed() -> None:
    forged = signed(f"{PUBLIC}/twilio/sms", FIELDS, "")

    assert not genuine(forged, tokens=("",))
    assert not genuine(forged, tokens=())


def test_a_blank_field_is_part_of_what_is_signed() -> None:
    signature = signed(f"{PUBLIC}/twilio/sms", FIELDS)

    assert not genuine(signature, fields=FIELDS[:-1])


def test_a_body_that_is_no_form_needs_its_hash_in_the_address() -> None:
    signature = signed(f"{PUBLIC}/twilio/sms", [])

    assert not genuine(signature, fields=[], body=b'{"Body": "5"}', content_type=JSON)
    assert not genuine(signature, fields=[], body=b"--x", content_type="multipart/form-data; boundary=x")
    assert not genuine(signature, fields=[], body=b"Body=5", content_type=None)


def test_a_json_body_other_than_the_one_hashed_is_refused() -> None:
    raw = "/twilio/sms?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    signature = signed(PUBLIC + raw, [])

    assert genuine(signature, raw=raw, fields=[], body=b"{}", content_type=JSON)
    assert not genuine(signature, raw=raw, fields=[], body=b"[]", content_type=JSON)


def test_fields_that_cannot_be_encoded_are_refused_and_not_raised() -> None:
    assert not genuine("AAAA", fields=[("Body", "\udc80")])


def test_a_public_address_with_a_senseless_port_is_refused_and_not_raised() -> None:
    assert not genuine("AAAA", public_url="https://example.fi:port")


@given(
    fields=st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20), min_size=1, max_size=6),
    drawn=st.data(),
)
def test_a_changed_field_is_never_believed(fields: dict[str, str], drawn: st.DataObject) -> None:
    signature = signed(f"{PUBLIC}/twilio/sms", [*fields.items()])
    name = drawn.draw(st.sampled_from(sorted(fields)))

    assert genuine(signature, fields=[*fields.items()])
    assert not genuine(signature, fields=[*{**fields, name: fields[name] + "!"}.items()])
