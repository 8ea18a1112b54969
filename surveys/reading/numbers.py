"""The number-like expressions of a reply: digits of all kinds, numerals, stars, "4 out of 5"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from surveys.reading import lexicon
from surveys.reading.normal import Folded, Token
from surveys.reading.surroundings import around
from surveys.reading.tongue import Tongue, number_words
from surveys.scales import Scale

_POINTS = re.compile(r"^(\d+)[:-]?(?:p|pts?|pist\w*|st|nen|sen|n|en|ksi|seksi|sta|balla|b|б|points?|poang)$")
_DOUBLED = re.compile(r"([a-z])\1")
_BIG = 10**6


@dataclass(frozen=True, slots=True)
class Number:
    """A number-like expression: token `first`..`last`; `value` is None where it cannot be one whole mark."""

    value: int | None
    first: int
    last: int
    digits: bool
    noun: bool = False


class Sentence:
    """A reply's tokens with the numbers among them, on one scale."""

    def __init__(self, folded: Folded, scale: Scale, tongue: Tongue) -> None:
        self.folded = folded
        self.tokens = folded.tokens
        self.scale = scale
        self.tongue = tongue
        self.word_count = sum(token.sort == "word" for token in self.tokens)
        self.around = around(tongue.spoken)
        self._content_bounds: tuple[int, int] | None = None
        self.bounds = [index for index, token in enumerate(self.tokens) if token.sort in {"mark", "newline"}]
        self.numbers = list(self._merge_out_of(list(self._numbers())))
        self.inside = {i for number in self.numbers for i in range(number.first, number.last + 1)}

    def _numbers(self) -> Iterator[Number]:
        for index, token in enumerate(self.tokens):
            if token.sort == "word":
                known = number_words().get(token.text) or self._stretched(token.text)
                if known and (known[1] & self.tongue.spoken or self.word_count == 1):
                    yield Number(known[0], index, index, digits=False, noun=known[2])
            elif token.sort not in {"mark", "newline", "date", "phone", "time", "percent"}:
                number = self._numeric(index, token)
                if number:
                    yield number

    def _stretched(self, word: str) -> tuple[int, frozenset[str], bool] | None:
        """A numeral with letters doubled by a slow finger: "viissi", "neljjä"."""
        if len(word) < 4 or not _DOUBLED.search(word):
            return None
        return next((known for single in _single(word) if (known := number_words().get(single))), None)

    def _numeric(self, index: int, token: Token) -> Number | None:
        text = token.text
        if token.sort == "number":
            return Number(None if text[0] == "-" else _small(text), index, index, digits=True)
        if token.sort == "score":
            reached, bound = (_small(part.strip()) for part in text.split("/"))
            return Number(reached if bound == self.scale.high else None, index, index, digits=True)
        if token.sort == "range":
            return self._range(index, text)
        if token.sort == "decimal":
            whole, part = re.split("[.,]", text)
            return Number(None if part.strip("0") else _small(whole), index, index, digits=True)
        if token.sort == "stars":
            return Number(text.count("★") or None, index, index, digits=True, noun=True)
        if token.sort == "glued":
            return self._glued(index, text)
        return Number(None, index, index, digits=True)

    def _range(self, index: int, text: str) -> Number | None:
        echo = [_small(part) for part in re.findall(r"\d+", text)] == [self.scale.low, self.scale.high]
        return None if echo and len(self.tokens) > 1 else Number(None, index, index, digits=True)

    def _glued(self, index: int, text: str) -> Number | None:
        points = _POINTS.match(text)
        if points:
            return Number(_small(points[1]), index, index, digits=True)
        digits = re.match(r"\d+", text)
        word = text[digits.end() :].lstrip(":-") if digits else ""
        if digits and len(word) > 3 and (word in self.around.praise or word in self.around.courtesy):
            return Number(_small(digits[0]), index, index, digits=True)
        return None

    def _merge_out_of(self, numbers: list[Number]) -> Iterator[Number]:
        """Joins "4 viidestä", "fyra av fem", "4 out of 5" into one number; of another scale it is asked about."""
        reached = -1
        for number in numbers:
            if number.first <= reached:
                continue
            last, bound = self._bound_after(number)
            reached = last
            if bound is None:
                yield number
            else:
                value = number.value if bound == self.scale.high else None
                yield Number(value, number.first, last, number.digits, noun=True)

    def _bound_after(self, number: Number) -> tuple[int, int | None]:
        place = number.last + 1
        words = [token.text for token in self.tokens[place : place + 6]]
        while words and words[0] in self.around.points:
            words, place = words[1:], place + 1
        bound = out_of_bounds().get(words[0]) if words else None
        if bound:
            return place, bound
        for connective in out_of_connectives():
            size = len(connective)
            if tuple(words[:size]) == connective and len(words) > size:
                known = number_words().get(words[size])
                bound = _small(words[size]) if words[size].isdigit() else known[0] if known else None
                if bound is not None and bound >= (number.value or 0):
                    return place + size, bound
        return number.last, None


def _small(digits: str) -> int:
    return int(digits) if len(digits) < 7 else _BIG


@cache
def out_of_bounds() -> dict[str, int]:
    """Inflected numerals that give the scale's top: "viidestä"."""
    return {
        word: int(str(value))
        for language in lexicon.LANGUAGES
        for value in lexicon.mapping(language, "numbers.out_of")
        for word in lexicon.listed(language, f"numbers.out_of.{value}")
    }


@cache
def out_of_connectives() -> tuple[tuple[str, ...], ...]:
    """Words between a mark and the scale's top: "out of"."""
    entries = [entry for language in lexicon.LANGUAGES for entry in lexicon.listed(language, "numbers.out_of_words")]
    return (*(tuple(entry.split()) for entry in entries), ("/",))


def _single(word: str) -> Iterator[str]:
    """The word with one of its doubled letters, and with all of them, written once."""
    for found in _DOUBLED.finditer(word):
        yield word[: found.start()] + word[found.start() + 1 :]
    yield re.sub(r"(.)\1+", r"\1\1", word)
    yield re.sub(r"(.)\1+", r"\1", word)


def looks_like_number(word: str) -> bool:
    """Whether a lone word is a numeral in an unusual case, one slip of the finger away from one, or a Roman one."""
    if word in lexicon.words("numbers.unusual"):
        return True
    return bool(re.fullmatch("[ivx]{1,4}", word)) or (3 < len(word) < 15 and not _slips().isdisjoint(_slips_of(word)))


def _slips_of(word: str) -> set[str]:
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


@cache
def _slips() -> frozenset[str]:
    known = [word for word, (_, languages, _) in number_words().items() if "fi" in languages and len(word) > 3]
    return frozenset(slip for word in known for slip in _slips_of(word))
