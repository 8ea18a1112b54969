"""What a text costs, and how it is made to fit."""

import json
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys import texting
from surveys.texting import (
    GSM_BASIC,
    GSM_EXTENSION,
    LOOKALIKES,
    Measured,
    fill,
    fit,
    measure,
    plain,
    short_date,
)

DATA = Path(__file__).parent.parent / "data"
SEGMENTS = json.loads((DATA / "segments.json").read_text("utf-8"))
TEXTS = json.loads((DATA / "texts.json").read_text("utf-8"))
SHORT_NAMES = {
    "unit": "Keskustan terveysasema",
    "sender": "Pohjan hyvinvointialue",
    "phone": "+35840123456",
    "hours": "8-15",
    "date": "23.11.",
}

GSM = "".join(sorted(GSM_BASIC | GSM_EXTENSION))
FLAG = "\U0001f1eb\U0001f1ee"  # 4 units
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # 8 units
THUMB = "\U0001f44d\U0001f3fd"  # 4 units: a thumb and its skin tone

# Characters without a rule of their own, so that texts of them can be compared with plain division.
ANY = st.text(alphabet=st.sampled_from(GSM + "".join(LOOKALIKES) + "šžáõЖ漢😀"), max_size=400)
ONE_FOR_ONE = "".join(char for char, instead in LOOKALIKES.items() if len(instead) <= 1)


@pytest.mark.parametrize("vector", SEGMENTS, ids=[f"{i}: {each['name']}" for i, each in enumerate(SEGMENTS)])
def test_a_text_takes_the_segments_that_others_count(vector: dict[str, object]) -> None:
    measured = measure(str(vector["text"]))
    assert (measured.encoding, measured.segments, measured.units) == (
        vector["encoding"],
        vector["segments"],
        vector["units"],
    )


@pytest.mark.parametrize("row", TEXTS, ids=[f"{each['key']}-{each['lang']}" for each in TEXTS])
def test_a_filled_text_has_the_length_that_was_counted(row: dict[str, object]) -> None:
    measured = measure(fill(str(row["text"]), SHORT_NAMES))
    assert (measured.encoding, measured.units, measured.segments) == (
        row["encoding"],
        row["max_len"],
        row["segments"],
    )
    assert list(measured.unsafe) == row["non_gsm"]


@pytest.mark.parametrize(
    ("text", "segments", "units"),
    [
        ("a" * 152 + "€" + "a" * 152, 3, 306),  # 306 would go into two, but the € may not be cut at 153
        ("a" * 151 + "€" + "a" * 153, 2, 306),  # here it ends with the first segment
        ("š" * 66 + "😀" + "š" * 66, 3, 134),  # a surrogate pair
        ("š" * 65 + "😀" + "š" * 67, 2, 134),
        ("š" * 64 + FLAG + "š" * 66, 3, 134),
        ("š" * 60 + FAMILY + "š" * 66, 3, 134),
        ("š" * 65 + THUMB + "š" * 65, 3, 134),
        ("š" * 66 + "e\u0301" + "š" * 66, 3, 134),  # a letter and its accent
        ("š" * 63 + FLAG + FLAG + "š" * 63, 2, 134),  # two flags are two characters
        ("š" * 66 + "1\ufe0f\u20e3" + "š" * 65, 3, 134),  # a keycap
        ("š" * 66 + "\r\n" + "š" * 66, 2, 134),  # a line's end may be cut
        ("š" + "a" + "\u0301" * 132, 2, 134),  # no segment holds it whole: filled like letters
    ],
)
def test_what_belongs_together_is_kept_whole_at_a_border(text: str, segments: int, units: int) -> None:
    measured = measure(text)
    assert (measured.segments, measured.units) == (segments, units)


def test_an_empty_text_is_one_empty_segment() -> None:
    assert measure("") == Measured("GSM-7", 1, 0, ())


def test_half_a_surrogate_pair_is_measured_and_not_refused() -> None:
    assert measure("\ud83d") == Measured("UCS-2", 1, 1, ("\ud83d",))


def test_unsafe_characters_are_named_once_each() -> None:
    assert measure("šaš – š").unsafe == ("š", "–")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("”Kiitos” – tämä ei ole ’halpa’…", "\"Kiitos\" - tämä ei ole 'halpa'..."),
        ("klo\u00a08\u201315", "klo 8-15"),
        ("hyvin\u00advointi\u200balue\ufeff", "hyvinvointialue"),
        (unicodedata.normalize("NFD", "Hyvää päivää, Åbo"), "Hyvää päivää, Åbo"),
        ("Šakki ja Aleksis Kivi", "Šakki ja Aleksis Kivi"),  # a letter is not a look-alike
        (FAMILY, FAMILY),
    ],
)
def test_lookalikes_become_plain_and_letters_stay(typed: str, sent: str) -> None:
    assert plain(typed) == sent


def test_every_lookalike_leaves_gsm_and_its_plain_form_does_not() -> None:
    for lookalike, instead in LOOKALIKES.items():
        assert len(lookalike) == 1
        assert measure(lookalike).unsafe == (lookalike,)
        assert measure(instead).unsafe == ()


@given(st.text(alphabet=st.sampled_from(GSM + ONE_FOR_ONE + "šžЖ漢😀"), max_size=400))
def test_plain_never_makes_a_text_dearer(text: str) -> None:
    assert measure(plain(text)).segments <= measure(text).segments


@given(st.text())
def test_plain_twice_is_plain_once(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(ANY)
def test_a_segment_loses_one_unit_at_most_to_a_pair_at_its_border(text: str) -> None:
    measured = measure(text)
    alone, joined = (160, 153) if measured.encoding == "GSM-7" else (70, 67)
    if measured.units <= alone:
        assert measured.segments == 1
    else:
        assert -(-measured.units // joined) <= measured.segments <= -(-measured.units // (joined - 1))


@given(ANY, ANY)
def test_a_longer_text_never_takes_fewer_segments(text: str, more: str) -> None:
    assert measure(text + more).segments >= measure(text).segments


@given(st.text(max_size=200))
def test_any_text_at_all_is_measured(text: str) -> None:
    measured = measure(text)
    if measured.encoding == "UCS-2":
        assert measured.units == len(text.encode("utf-16-le")) // 2
    else:
        assert len(text) <= measured.units <= 2 * len(text)


@pytest.mark.parametrize(
    "value",
    ["{phone}", "{0.__class__}", "{unit!r:>99}", "}{", "%s %(unit)s", "$unit", r"\1 \g<1>", "{{", "\\"],
)
def test_a_value_is_text_whatever_it_looks_like(value: str) -> None:
    assert fill("{unit}: {unit}", {"unit": value, "phone": "112"}) == f"{value}: {value}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hei {unitt}", "asks for {unitt}; the values there are: date, unit"),
        ("Hei {}", "asks for {}"),
        ("Hei {0}", "asks for {0}"),
        ("Hei {unit.__class__}", "asks for {unit.__class__}"),
        ("Hei {unit!r}", "asks for {unit!r}"),
        ("Hei {unit", 'a lone "{"'),
        ("Hei unit}", 'a lone "}"'),
        ("Hei {{unit}}", 'a lone "{"'),
    ],
)
def test_a_wrong_placeholder_is_told(text: str, told: str) -> None:
    with pytest.raises(texting.UnknownPlaceholder) as problem:
        fill(text, {"unit": "A", "date": "1.1."})
    assert told in str(problem.value)


def test_the_first_variant_that_fits_one_segment_is_taken() -> None:
    variants = ["Hei! " + "a" * 130 + " {unit}", "a" * 130 + " {unit}", "{unit}"]
    assert fit(variants, {"unit": "x" * 24}).startswith("Hei!")
    assert fit(variants, {"unit": "x" * 29}) == "a" * 130 + " " + "x" * 29
    assert fit(variants, {"unit": "x" * 30}) == "x" * 30


def test_the_last_variant_is_taken_when_none_fits() -> None:
    assert fit(["Hei {unit}", "{unit}"], {"unit": "x" * 161}) == "x" * 161


def test_a_text_is_made_plain_before_it_is_measured() -> None:
    assert fit(["“{unit}” – hei", "{unit}"], {"unit": "Lääkärit…"}) == '"Lääkärit..." - hei'


def test_no_variant_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one variant"):
        fit([], {})


@given(st.lists(st.sampled_from(["{unit}", " {date} ", "Hei! ", "käynti "]), min_size=1).map("".join), ANY)
def test_what_fits_has_no_unfilled_brace(variant: str, value: str) -> None:
    clean = value.replace("{", "").replace("}", "")
    assert not set("{}") & set(fit([variant, "{unit}"], {"unit": clean, "date": "1.1."}))


@pytest.mark.parametrize(
    ("language", "said"), [("fi", "9.3."), ("sv", "9.3"), ("en", "9 Mar"), ("et", "9.3"), ("se", "9.3")]
)
def test_a_day_is_said_as_the_language_writes_it(language: str, said: str) -> None:
    assert short_date(date(2027, 3, 9), language) == said


@given(st.dates(), st.sampled_from(["fi", "sv", "en"]))
def test_a_day_never_takes_more_than_six_septets(day: date, language: str) -> None:
    assert measure(short_date(day, language)).units <= 6
