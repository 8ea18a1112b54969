"""What the demo's patients write is read as they mean it, and its pages say everything in three languages."""

import re
from pathlib import Path

import pytest

from smsgateway import demo
from smsgateway.demo.county import Mood, Words, words
from smsgateway.demo.words import LANGUAGES, Speech, _words
from surveys.reading import Kind, read
from surveys.scales import scale

MOODS: tuple[Mood, ...] = ("good", "mixed", "bad")
TEMPLATES = Path(demo.__file__).parent / "templates" / "demo"
SCALES = {"1-5": range(1, 6), "0-10": range(11), "1-5/0": range(1, 6)}


def with_a_mark(said: Words) -> list[str]:
    return [*said.dressed, *said.contact, *(line for mood in MOODS for line in said.beside_the_mark.of(mood))]


@pytest.mark.parametrize("language", sorted(words()))
@pytest.mark.parametrize("name", SCALES)
def test_a_mark_among_words_is_read_as_that_mark(language: str, name: str) -> None:
    said = words()[language]
    for mark in SCALES[name]:
        for line in [*with_a_mark(said), *said.words[mark]]:
            text = line.format(n=mark)
            assert read(text, scale(name), language).rating == mark, text


@pytest.mark.parametrize("language", sorted(words()))
def test_a_comment_is_read_as_a_comment(language: str) -> None:
    said = words()[language]
    units = [said.comments, *said.at.values()]
    for comment in [line for moods in units for mood in MOODS for line in moods.of(mood)]:
        reading = read(comment, None, language)
        assert (reading.kind, reading.flags) == (Kind.COMMENT, frozenset()), comment


@pytest.mark.parametrize("language", sorted(words()))
def test_commands_and_wavering_are_read_as_such(language: str) -> None:
    said, asked = words()[language], scale("1-5")
    assert {read(line, asked, language).kind for line in said.opt_out} == {Kind.OPT_OUT}
    assert {read(line, asked, language).kind for line in said.wrong_number} == {Kind.WRONG_PERSON}
    assert {read(line.format(low=4, high=5), asked, language).rating for line in said.unclear} == {None}


def test_the_pages_use_every_text_and_only_texts_that_there_are() -> None:
    sources = [path.read_text("utf-8") for path in [*TEMPLATES.glob("*.html"), *TEMPLATES.parent.parent.glob("*.py")]]
    used = {key for source in sources for key in re.findall(r"""\b(?:t|speech)\(\s*['"](\w+)['"]""", source)}
    by_condition = {"visits", "delivered", "answers", "response_rate", "nps", "mean"}
    assert used | by_condition == set(_words().page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_reply_has_a_name(language: str) -> None:
    assert all(Speech(language).kind(kind) for kind in Kind)


@pytest.mark.parametrize(("language", "written"), [("fi", "1\u00a0234,5"), ("sv", "1\u00a0234,5"), ("en", "1,234.5")])
def test_numbers_are_written_as_the_language_does(language: str, written: str) -> None:
    assert Speech(language).number(1234.5, 1) == written
