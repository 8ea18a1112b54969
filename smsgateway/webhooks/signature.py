"""Whether a webhook was signed by our Twilio account.

The signature is base64(HMAC-SHA1(auth token, address + sorted parameters)); see
https://www.twilio.com/docs/usage/webhooks/webhooks-security. twilio's `RequestValidator` computes it. Around
it stand the things it leaves to its caller: the address is built from the configured public one and not
from the request's host, a missing signature and a body that nobody signed are answered and not raised,
several tokens count during a rotation, and the comparison takes constant time.
"""

import hmac
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

FORM: Final = "application/x-www-form-urlencoded"
PORTS: Final = {"https": 443, "http": 80}


def is_genuine(
    public_url: str,
    raw_path_and_query: str,
    form: MultiDict[str, str] | Iterable[tuple[str, str]],
    raw_body: bytes,
    content_type: str | None,
    signature: str | None,
    tokens: Sequence[str],
) -> bool:
    """Whether `signature` (the X-Twilio-Signature header) is right for this request under any of `tokens`.

    `public_url` is the address at which the carrier reaches us, with or without a path; its fragment and
    last slash do not count. `raw_path_and_query` is what follows it, exactly as it came: not decoded, not
    sorted. `form` holds the form's fields, blank and unknown ones included. A body of any other type must be
    vouched for by `bodySHA256` in the query. An empty token never counts: anyone could sign with it.
    """
    is_form = _is_form(content_type, raw_body)
    if not signature or not (is_form or _vouched_for(raw_body, raw_path_and_query)):
        return False
    fields = MultiDict(form) if is_form else MultiDict[str, str]()
    given = signature.encode("utf-8", "replace")
    try:
        matches = [
            hmac.compare_digest(_signature(token, address, fields), given)
            for token in tokens
            if token
            for address in _ways_to_write(public_url, raw_path_and_query)
        ]
    except ValueError:  # an address or a field that cannot be read or encoded was never signed by Twilio
        return False
    return any(matches)


def _is_form(content_type: str | None, raw_body: bytes) -> bool:
    kind = (content_type or "").partition(";")[0].strip().lower()
    return kind == FORM or (not kind and not raw_body)


def _vouched_for(body: bytes, raw_path_and_query: str) -> bool:
    """A body that is no form is signed through its hash in the query, in hexadecimal."""
    stated = parse_qs(raw_path_and_query.partition("?")[2]).get("bodySHA256")
    if not stated:
        return not body
    return hmac.compare_digest(sha256(body).hexdigest().encode(), stated[0].lower().encode())


def _signature(token: str, url: str, fields: MultiDict[str, str]) -> bytes:
    validator = RequestValidator(token)
    return str(validator.compute_signature(url, fields)).encode()


def _ways_to_write(public_url: str, raw_path_and_query: str) -> Iterator[str]:
    """The addresses Twilio may have signed: with and without the port, an apostrophe as it is and as %27."""
    public = urlsplit(public_url.partition("#")[0].rstrip("/"))
    bare = public.netloc if public.port is None else public.netloc.removesuffix(f":{public.port}")
    path, mark, query = raw_path_and_query.partition("?")
    for netloc in (bare, f"{bare}:{public.port or PORTS.get(public.scheme)}"):
        for written in {query, query.replace("'", "%27"), query.replace("%27", "'")}:
            yield f"{public.scheme}://{netloc}{public.path}{path}{mark}{written}"
