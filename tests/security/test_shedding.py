"""Load that nobody vouches for is shed; what the carrier signed is heard, however much it is."""

from dataclasses import replace
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from smsgateway.gateway import Gateway
from smsgateway.shedding import ADDRESSES_AT_MOST, RateLimit, network_of
from tests.outbox.county import NUMBER, County
from tests.webhooks.phone import EMPTY, Line

FIELDS = {"MessageSid": "SM1", "From": NUMBER, "Body": "5"}


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def limited(county: County, per_minute: int) -> Gateway:
    web = county.gateway.settings.web.model_copy(update={"unsigned_per_minute": per_minute})
    return replace(county.gateway, settings=county.gateway.settings.model_copy(update={"web": web}))


def test_beyond_its_share_an_address_is_asked_to_wait(county: County) -> None:
    line = Line(limited(county, 2))

    with capture_logs() as logged:
        answers = [line.post("/twilio/sms", FIELDS, "wrong") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [403, 403, 429, 429, 429]
    assert {answer.text for answer in answers} == {EMPTY}
    assert answers[-1].headers["Retry-After"] == "60"
    assert [entry["event"].partition(":")[0] for entry in logged] == ["webhook refused"] * 2 + ["webhooks refused"]


def test_what_the_carrier_signed_is_never_limited(county: County) -> None:
    line = Line(limited(county, 0))
    assert line.post("/twilio/sms", FIELDS, "wrong").status_code == 429

    assert [line.sms("5").status_code for _ in range(20)] == [200] * 20


def test_one_address_does_not_use_up_the_share_of_another() -> None:
    limit = RateLimit(1, Seconds())

    assert [limit.exceeded_by(each) for each in ("192.0.2.1", "192.0.2.1", "192.0.2.2")] == [0, 1, 0]


def test_a_minute_later_the_share_is_new() -> None:
    seconds = Seconds()
    limit = RateLimit(1, seconds)
    limit.exceeded_by("192.0.2.1")
    assert limit.exceeded_by("192.0.2.1") == 1

    seconds.now = 60.0

    assert limit.exceeded_by("192.0.2.1") == 0


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_the_addresses_of_one_ipv6_customer_share_one_count(one: int, other: int) -> None:
    network = 0x20010DB8_00000000 << 64

    assert network_of(str(IPv6Address(network | one))) == network_of(str(IPv6Address(network | other)))


@pytest.mark.parametrize("address", ["", "unix", "192.0.2.1"])
def test_other_addresses_are_their_own(address: str) -> None:
    assert network_of(address) == address


def test_memory_is_bounded_and_late_addresses_share_a_count() -> None:
    limit = RateLimit(1, Seconds())
    for number in range(ADDRESSES_AT_MOST):
        limit.exceeded_by(str(number))

    assert [limit.exceeded_by(each) for each in ("one more", "and another")] == [0, 1]
    assert limit.exceeded_by("0") == 1


@pytest.mark.parametrize("path", ["/twilio/nothing-here", "/twilio/sms/", "/twilio/"])
def test_a_wrong_address_under_twilio_is_refused_as_twiml(county: County, path: str) -> None:
    response = Line(county.gateway).client.post(path, data=FIELDS)

    assert (response.status_code, response.text) == (404, EMPTY)


def test_elsewhere_a_wrong_address_is_a_plain_404(county: County) -> None:
    assert Line(county.gateway).client.get("/nothing-here").status_code == 404
