import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgateway.intake.phones import NotMobile, _common_forms, _judged, mobile_number, possible_number


@pytest.mark.parametrize(
    "written",
    [
        "+358401234567",
        "0401234567",
        "040 123 4567",
        "040-123 4567",
        "(040) 1234567",
        "+358 40 123 4567",
        "+358 (0)40 123 4567",
        "00358 40 1234567",
        "358401234567",
        "401234567",  # a spreadsheet took the zero
        "'0401234567",  # or the apostrophe that was to save it
        "tel:+358401234567",
        "040\u00a0123\u00a04567",
        "０４０１２３４５６７",
    ],
)
def test_every_usual_way_of_writing_gives_the_same_number(written: str) -> None:
    assert mobile_number(written, "FI") == "+358401234567"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+46 70 123 45 67", "+46701234567"),
        ("+372 5123 4567", "+37251234567"),
        ("+1 212 555 0123", "+12125550123"),
    ],
)
def test_a_mobile_number_of_another_country_is_taken(written: str, number: str) -> None:
    assert mobile_number(written, "FI") == number


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "missing_phone"),
        ("   ", "missing_phone"),
        ("no phone", "not_a_number"),
        ("-", "not_a_number"),
        ("maija@example.org", "not_a_number"),
        ("09 123 4567", "landline"),
        ("+358 19 555 0100", "landline"),
        ("+46 8 123 456 78", "landline"),
        ("0800 123456", "service_number"),
        ("020 123 4567", "service_number"),
        ("112", "too_short"),
        ("040", "too_short"),
        ("040 1234 5678 9012", "too_long"),
        ("0" * 300, "too_long"),
        ("+358 40 12", "too_short"),
        ("+999 1234 5678", "no_such_number"),
    ],
)
def test_what_takes_no_texts_is_refused_with_its_reason(written: str, reason: str) -> None:
    with pytest.raises(NotMobile) as refused:
        mobile_number(written, "FI")
    assert refused.value.reason == reason


def test_the_refusal_never_repeats_the_number() -> None:
    with pytest.raises(NotMobile) as refused:
        mobile_number("09 123 4567", "FI")
    assert not any(character.isdigit() for character in str(refused.value))


@given(
    country=st.sampled_from(["FI", "SE", "EE", "NO", "DE"]),
    start=st.sampled_from(["+358", "0", "+46", "+372", "+47", "+49", "+"]),
    rest=st.from_regex(r"[0-9]{4,12}", fullmatch=True),
)
def test_the_short_way_for_common_forms_agrees_with_the_library(country: str, start: str, rest: str) -> None:
    def outcome(judge: object) -> str:
        assert callable(judge)
        try:
            return str(judge(start + rest, country))
        except NotMobile as refused:
            return refused.reason

    assert outcome(mobile_number) == outcome(_judged)


@given(rest=st.from_regex(r"(4[0-8]|50)[0-9]{4,8}", fullmatch=True))
def test_the_common_forms_of_finnish_mobiles_take_the_short_way(rest: str) -> None:
    common = _common_forms("FI")
    assert common is not None
    assert common.written.fullmatch("0" + rest)
    assert mobile_number("0" + rest, "FI") == mobile_number("+358" + rest, "FI") == _judged("0" + rest, "FI")


@pytest.mark.parametrize(
    ("written", "number"),
    [("+358401234567", "+358401234567"), ("0457 12345", "+35845712345"), ("+15005550006", "+15005550006")],
)
def test_a_sender_may_be_any_possible_number(written: str, number: str) -> None:
    assert possible_number(written, "FI") == number


@pytest.mark.parametrize("written", ["", "county", "12", "+"])
def test_what_cannot_be_a_number_is_no_sender(written: str) -> None:
    assert possible_number(written, "FI") is None
