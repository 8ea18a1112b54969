"""What a reading promises beside its kind: flags, language, reasons, and that nothing makes it fail."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.reading import Flag, Kind, read
from surveys.reading.lexicon import LANGUAGES, PHRASES, WordFileError, compile_phrase, listed
from surveys.reading.table import replies_table
from surveys.scales import SCALES, scale

ONE_TO_FIVE = scale("1-5")
PIECES = ["4", "5", "½", "★", "/", "-", ".", ",", ":", "ei", "annan", "viis", "stop", "huone", "tuntia", "(1/2)", "\n"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("1 aivan loistava palvelu, kiitos!", Flag.FLIPPED),
        ("Hän on kuollut", Flag.DECEASED),
        ("Tarkoitin 4", Flag.CORRECTION),
        ("ei kiitos", Flag.DECLINED),
        ("STOP en jaksa elää", Flag.OPT_OUT),
        ("Tämä on automaattinen vastaus", Flag.MACHINE),
        ("4 vastaan äitini puolesta", Flag.PROXY),
        ("", Flag.EMPTY),
    ],
)
def test_what_a_person_must_know_is_flagged(text: str, flag: Flag) -> None:
    assert flag in read(text, ONE_TO_FIVE, "fi").flags


def test_zero_where_it_means_not_concerned_is_an_answer_without_a_rating() -> None:
    reading = read("0", scale("1-5/0"), "fi")
    assert (reading.kind, reading.rating) == (Kind.DONT_KNOW, None)
    assert Flag.NOT_CONCERNED in reading.flags


@pytest.mark.parametrize(
    ("text", "kind", "rating"),
    [
        ("Odotin 4 tuntia", Kind.COMMENT, None),
        ("Hoitaja oli ystävällinen", Kind.COMMENT, None),
        ("tarkoitin 5", Kind.RATING, 5),
        ("4", Kind.RATING, 4),
        ("STOP", Kind.OPT_OUT, None),
        ("haluan kuolla", Kind.URGENT, None),
    ],
)
def test_an_open_question_takes_words_and_corrections(text: str, kind: Kind, rating: int | None) -> None:
    reading = read(text, None, "fi")
    assert (reading.kind, reading.rating) == (kind, rating)
    assert (Flag.CORRECTION in reading.flags) == (rating is not None)


@pytest.mark.parametrize(
    ("text", "asked", "language"),
    [
        ("4", "sv", "sv"),
        ("tack för god vård", "fi", "sv"),
        ("Thank you, the staff were great", "fi", "en"),
        ("спасибо большое врачу", "fi", "ru"),
        ("дякую, все було добре", "fi", "uk"),
        ("kiitos hyvästä hoidosta", "sv", "fi"),
        ("xyzzy", None, "fi"),
        ("4", "xx", "fi"),
    ],
)
def test_the_answer_goes_in_the_language_of_the_words(text: str, asked: str | None, language: str) -> None:
    assert read(text, ONE_TO_FIVE, asked).language == language


def test_another_language_asked_for_is_named() -> None:
    reading = read("på svenska tack", ONE_TO_FIVE, "fi")
    assert (reading.kind, reading.wanted_language, reading.language) == (Kind.LANGUAGE, "sv", "sv")


@given(st.text(max_size=300), st.sampled_from([None, *SCALES.values()]), st.sampled_from([None, *LANGUAGES]))
def test_no_text_makes_reading_fail(text: str, on: object, language: str | None) -> None:
    reading = read(text, on, language)  # type: ignore[arg-type]  # sampled_from loses the union
    assert reading.why
    assert reading.rating is None or (on is not None and reading.rating in on) or Flag.CORRECTION in reading.flags  # type: ignore[operator]  # as above
    assert reading.comment is None or reading.comment in text


@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=12,
    )
)
def test_pieces_of_marks_in_any_order_do_no_harm(pieces: list[str]) -> None:
    reading = read(" ".join(pieces), ONE_TO_FIVE, "fi")
    assert reading.rating in {None, *range(1, 6)}


@pytest.mark.parametrize("size", [1_600, 100_000])
@pytest.mark.parametrize(
    "piece", ["5", "ei ", "en jaksa ", "4 tai ", "älkää lähettäkö ", "★ ", "😀", "9.", "lopeta a "]
)
def test_long_texts_take_no_time(piece: str, size: int) -> None:
    text = (piece * size)[:size]
    read(text, ONE_TO_FIVE, "fi")
    best = min(_seconds(text) for _ in range(5))
    assert best < 0.05  # ten times the limit of 5 ms: machines that run tests are busy


def _seconds(text: str) -> float:
    start = time.perf_counter()
    read(text, ONE_TO_FIVE, "fi")
    return time.perf_counter() - start


def test_a_long_text_is_kept_whole() -> None:
    text = "Kerron käynnistä. " * 500
    assert read(text, ONE_TO_FIVE, "fi").comment == text.strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_of_a_word_file_can_be_looked_for(language: str) -> None:
    for group in PHRASES:
        for entry in listed(language, group):
            assert compile_phrase(entry, language, group).keys


@pytest.mark.parametrize("entry", ["?vain ?valinnaisia", "ab* cd", "{ryhmä}"])
def test_a_phrase_that_cannot_be_found_is_refused_by_name(entry: str) -> None:
    with pytest.raises(WordFileError, match="words/fi"):
        compile_phrase(entry, "fi")


def test_the_coordinators_table_is_up_to_date() -> None:
    written = (ROOT / "docs" / "replies.md").read_text("utf-8")
    assert written == replies_table(), "run: python -m surveys.reading.table > docs/replies.md"
