"""One way of writing for all ways of typing: letters, digits and spaces are folded before words are looked up."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

# The longest examined stretch, in characters: the end is kept as well, since marks often close a long text.
HEAD, TAIL = 1000, 300

_APOSTROPHES = "'’‘`´ʼʻ′"
_HALVES = {"½": "½", "¼": "½", "¾": "½"}
_STARS = {"⭐": "★", "🌟": "★", "✭": "★", "✮": "★", "🌠": "★", "✰": "☆", "✩": "☆", "⛤": "☆"}
_DASHES = "‐‑‒–—―−﹘﹣－"
# Letters that Unicode does not decompose, and Arabic letters that phones write in two ways.
_LETTERS = {
    "ø": "o", "ð": "d", "đ": "d", "ŧ": "t", "ŋ": "n", "ł": "l", "æ": "a", "œ": "o", "ı": "i",
    "ی": "ي", "ى": "ي", "ک": "ك", "ة": "ه", "ـ": "",
}  # fmt: skip
_CACHED = 4096
# Letters of a word by which phrases are indexed.
KEY = 3


def _fold_character(character: str) -> str:
    if character in _HALVES:
        return _HALVES[character]
    if character in _STARS:
        return _STARS[character]
    if character in _APOSTROPHES:
        return ""
    if character in _DASHES:
        return "-"
    if character.isspace():
        return "\n" if character in "\n\r\u2028\u2029\x0b\x0c\x85" else " "
    folded = "".join(_fold_part(part) for part in unicodedata.normalize("NFKD", character).casefold())
    return folded if folded.strip() or character in folded else " " * bool(folded)


def _fold_part(part: str) -> str:
    category = unicodedata.category(part)
    if category in {"Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn"}:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(part))
    return _LETTERS.get(part, part)


class _Folding(dict[int, str]):
    """A translation table that learns characters as they come, up to a bound."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < _CACHED:
            self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Lower case, without diacritics, apostrophes and invisible characters; digits of all scripts as 0-9."""
    return text.translate(_FOLDING)


def examined(text: str) -> str:
    """The stretch of a text that is read for signals; the whole text stays the comment."""
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"


_TOKEN = re.compile(
    r"""
      (?P<date>\d{1,2}\.[ ]?\d{1,2}\.(?:[ ]?\d{4}|\d\d)?(?![\d.])|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/-]\d{1,2}[/-]\d{2,4})
    | (?P<phone>\+?\d(?:[ -]?\d){6,24})
    | (?P<time>\d{1,2}[:.]\d\d(?![\d.,]))
    | (?P<score>\d{1,9}[ ]?/[ ]?\d{1,9}(?![\d/]))
    | (?P<range>\d{1,9}[ ]?(?:-|\.\.\.?)[ ]?\d{1,9})
    | (?P<decimal>\d{1,9}[.,]\d{1,9})
    | (?P<half>\d{0,9}[ ]?½)
    | (?P<percent>\d{1,9}[ ]?%)
    | (?P<glued>\d{1,9}(?:[:-]|ª|º)?[^\W\d_][\w]*(?:-\w+)*)
    | (?P<number>(?<![\w-])-?\d{1,400}|\d{1,400})
    | (?P<word>n:o(?!\w)|[^\W\d_](?:[^\W_]|-(?=[^\W\d_]))*)
    | (?P<stars>[★☆](?:[ ]?[★☆])*)
    | (?P<newline>\n)
    | (?P<mark>[^\w\s])
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """A word, a number-like expression or a mark, at `start`..`end` of the folded text."""

    sort: str
    text: str
    start: int
    end: int


class Folded:
    """A reply's examined stretch in folded form, with the way back to what was typed.

    `line` has all tokens set apart by single spaces, so that phrases can be looked for; `heads` tells how they
    begin, which is what phrasebooks are searched by.
    """

    __slots__ = ("_origins", "heads", "line", "source", "text", "tokens")

    def __init__(self, source: str) -> None:
        self.source = source
        self.text = fold(source)
        self.tokens = [
            Token(found.lastgroup or "mark", found.group(), found.start(), found.end())
            for found in _TOKEN.finditer(self.text)
        ]
        said = ["." if token.sort == "newline" else token.text for token in self.tokens]
        self.line = f" {' '.join(said)} "
        self.heads = {word[:KEY] for word in said}
        self._origins: Sequence[int] | None = None

    @property
    def origins(self) -> Sequence[int]:
        """For each folded character (and the end) the index of the typed one."""
        if self._origins is None:
            if self.source.isascii() and len(self.source) == len(self.text):
                self._origins = range(len(self.source) + 1)
                return self._origins
            origins: list[int] = []
            for index, character in enumerate(self.source):
                origins.extend([index] * len(fold(character)))
            self._origins = (*origins, len(self.source))
        return self._origins
