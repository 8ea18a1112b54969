"""Every route: it stands behind a guard, and no request of any kind makes it fail."""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from flask import Blueprint, Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from smsgateway.app import BLUEPRINTS, create_app
from smsgateway.guards import guards_of, public, refuse_the_unguarded, register, signed
from tests.outbox.conftest import county, county_on_both
from tests.outbox.county import County
from tests.webhooks.phone import EMPTY, Line, signature

__all__ = ["county", "county_on_both"]

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
PLACES = st.text("abc/?&=%;.+ \0äß日", max_size=12)


def rules_of(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Each rule with the name of its blueprint ("" where it has none)."""
    for rule in app.url_map.iter_rules():
        yield rule, rule.endpoint.rpartition(".")[0]


def unguarded(app: Flask) -> list[str]:
    return [rule.rule for rule, blueprint in rules_of(app) if blueprint not in guards_of(app)]


def test_every_route_states_its_guard(county: County) -> None:
    app = create_app(county.gateway)

    assert unguarded(app) == []
    assert set(guards_of(app).values()) == {guard for guard, _ in BLUEPRINTS}


def test_a_route_without_a_guard_is_found_and_not_served(county: County) -> None:
    app = create_app(county.gateway)
    stray = Blueprint("stray", __name__)
    stray.add_url_rule("/stray", "stray", lambda: "secret")
    app.register_blueprint(stray)
    app.add_url_rule("/bare", "bare", lambda: "secret")

    assert unguarded(app) == ["/stray", "/bare"]
    assert [app.test_client().get(path).status_code for path in ("/stray", "/bare")] == [404, 404]


def test_a_guard_covers_routes_whose_views_ask_nothing(county: County) -> None:
    app = Flask("guarded")
    refuse_the_unguarded(app)
    pages = Blueprint("pages", __name__)
    pages.add_url_rule("/pages", "page", lambda: "secret")
    register(app, signed, pages, county.gateway)
    open_pages = Blueprint("open", __name__)
    open_pages.add_url_rule("/open", "page", lambda: "hello")
    register(app, public, open_pages, county.gateway)

    assert app.test_client().get("/pages").status_code == 403
    assert app.test_client().get("/open").text == "hello"


def test_every_signed_route_refuses_what_the_carrier_did_not_sign(county: County) -> None:
    app = create_app(county.gateway)
    found = 0
    for rule, blueprint in rules_of(app):
        if guards_of(app)[blueprint] is signed:
            for method in (rule.methods or set()) - {"OPTIONS"}:
                response = app.test_client().open(rule.rule, method=method, data={"MessageSid": "SM1", "From": "+1"})
                assert (response.status_code, response.text) == (403, EMPTY)
                found += 1
    assert found >= 2


# Whatever comes

BODIES = st.one_of(
    st.binary(max_size=200),
    st.dictionaries(
        st.sampled_from(["MessageSid", "From", "Body", "MessageStatus", "ErrorCode", "NumMedia", "OptOutType", "x"]),
        st.one_of(st.text(max_size=40), st.sampled_from(["STOP", "5", "+358401111111", "delivered", "9" * 30, "-1"])),
        max_size=8,
    ).map(lambda fields: urlencode(fields, errors="surrogatepass").encode()),
)
TYPES = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "text/plain", ""]
HEADERS = st.dictionaries(
    st.sampled_from(["X-Twilio-Signature", "X-Forwarded-For", "Host", "Accept", "Range", "Cookie", "Content-Encoding"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    max_size=4,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, 20),
    elsewhere=st.one_of(st.just(""), PLACES),
    method=st.sampled_from(METHODS),
    query=PLACES,
    body=BODIES,
    kind=st.sampled_from(TYPES),
    headers=HEADERS,
)
def test_no_request_makes_a_route_fail(
    county_on_both: County,
    place: int,
    elsewhere: str,
    method: str,
    query: str,
    body: bytes,
    kind: str,
    headers: dict[str, str],
) -> None:
    app = create_app(county_on_both.gateway)
    paths = sorted({rule.rule for rule, _ in rules_of(app)})
    path = paths[place % len(paths)] + elsewhere

    response = app.test_client().open(
        quote(path), method=method, query_string=quote(query), data=body, content_type=kind, headers=headers
    )

    assert response.status_code < 500
    if response.status_code >= 400 and path.startswith("/twilio/"):
        assert response.content_type == "text/xml; charset=utf-8"


FIELDS = st.dictionaries(
    st.sampled_from(["MessageSid", "SmsSid", "From", "To", "Body", "MessageStatus", "ErrorCode", "NumMedia", "x"]),
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(["SM1", "SM2", "+358401111111", "STOP", "4 kiitos", "delivered", "failed", "30005", "1" * 40]),
    ),
    max_size=9,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/twilio/sms", "/twilio/status"]), fields=FIELDS, text=st.text("abc-0123456789", max_size=70)
)
@example(path="/twilio/sms", fields={"MessageSid": "SM1", "From": "+358401111111", "Body": "\0\ufffd"}, text="")
@example(path="/twilio/status", fields={"MessageSid": "SM1", "MessageStatus": "sent", "ErrorCode": "²"}, text="a")
def test_whatever_the_carrier_signs_is_taken_or_refused_as_twiml(
    county_on_both: County, path: str, fields: dict[str, str], text: str
) -> None:
    query = f"?text={text}" if text else ""

    response = Line(county_on_both.gateway).post(path + query, fields, signature(path + query, fields))

    assert response.status_code in (200, 400, 403)
    assert response.content_type == "text/xml; charset=utf-8"
