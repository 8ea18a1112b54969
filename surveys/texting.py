"""What a text costs on its way: encoding, segments, and the variant that fits one segment.

Encoding and sizes are those of 3GPP TS 23.038: 160 septets in one segment or 153 in each of several
(GSM-7), else 70 or 67 UTF-16 units (UCS-2). Nothing that belongs together is cut at a segment's border,
which is why dividing the length by 153 or 67 is sometimes too low.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

# 3GPP TS 23.038, 6.2.1 (one septet each) and 6.2.1.1 (escape and character: two septets).
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM = GSM_BASIC | GSM_EXTENSION

# What word processors and phones put in place of plain characters: one of these turns a whole text to UCS-2
# and 160 characters to 70. Letters (š, á, õ) are no look-alikes: changing them would misspell a name.
LOOKALIKES: dict[str, str] = {
    **dict.fromkeys("‘’‚‛′`´", "'"),  # "smart" apostrophes, and the accents typed in their place
    **dict.fromkeys("“”„‟″«»", '"'),  # "smart" and Finnish book quotation marks
    **dict.fromkeys("‐‑‒–—―−•", "-"),  # dashes that replace "-" by themselves, the minus sign, list bullets
    "…": "...",  # three full stops typed in a row
    # spaces that do not break or have a width of their own (copied web pages), and the tabulator
    **dict.fromkeys("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005", " "),
    **dict.fromkeys("\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t", " "),
    **dict.fromkeys("\u2028\u2029", "\n"),  # line and paragraph separators of word processors
    **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),  # soft hyphen, zero-width space and joiner, stray BOM
}
_LOOKALIKE = re.compile("[" + "".join(map(re.escape, LOOKALIKES)) + "]")

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")
_ZERO_WIDTH_JOINER = "\u200d"
_PICTOGRAPH = re.compile("[©®\u203c-\u2bff〰〽㊗㊙\U0001f000-\U0001f1e5\U0001f201-\U0001f3fa\U0001f400-\U0001fffd]")
# What continues a character: zero-width (non-)joiner, Thai and Lao AM, skin tones, tag letters of flags.
_EXTENDER = re.compile("[\u200c\u200d\u0e33\u0eb3\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_FLAG_HALF = re.compile("[\U0001f1e6-\U0001f1ff]")

_ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class UnknownPlaceholder(ValueError):
    """A text asks for a value that nobody handed in, or has a brace that belongs to no placeholder."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A text's size: `units` are septets in GSM-7 and UTF-16 units in UCS-2; `unsafe` the characters
    outside GSM-7, each once, in the order of the character table."""

    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    units: int
    unsafe: tuple[str, ...]


def measure(text: str) -> Measured:
    """The size of `text` as given, nothing normalised; an empty text is one segment of 0 units."""
    unsafe = tuple(sorted(set(text) - _GSM))
    if unsafe:
        units = sum(map(_utf16_units, text))
        lengths = (sum(map(_utf16_units, piece)) for piece in _pieces(text))
        return Measured("UCS-2", 1 if units <= 70 else _segments(lengths, 67), units, unsafe)
    units = len(text) + sum(map(text.count, GSM_EXTENSION))
    lengths = (2 if char in GSM_EXTENSION else 1 for char in text)
    return Measured("GSM-7", 1 if units <= 160 else _segments(lengths, 153), units, ())


def plain(text: str) -> str:
    """`text` composed (NFC: a + ¨ becomes ä, which GSM-7 has) and its look-alikes made plain."""
    return _LOOKALIKE.sub(lambda found: LOOKALIKES[found.group()], unicodedata.normalize("NFC", text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every `{name}` replaced, in one pass: braces inside a value stay what they are.

    Raises `UnknownPlaceholder` for a name without a value and for a brace that stands alone.
    """

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            lone = f'a lone "{found.group()}" in the text "{text}"; a value is written {{name}}'
            raise UnknownPlaceholder(lone)
        if name not in values:
            known = ", ".join(sorted(values)) or "none"
            raise UnknownPlaceholder(f'the text "{text}" asks for {{{name}}}; the values there are: {known}')
        return values[name]

    return _PLACEHOLDER.sub(value, text)


def fit(variants: Sequence[str], values: Mapping[str, str]) -> str:
    """The first of `variants` (from warm to terse) that, filled and made plain, is one segment; else the last.

    A variant that names a value which is not given (a county without a phone number) is passed over.
    """
    if not variants:
        raise ValueError("there is no text to choose from; give at least one variant")
    for variant in [variant for variant in variants if placeholders(variant) <= set(values)] or variants:
        text = plain(fill(variant, values))
        if measure(text).segments == 1:
            break
    return text


def placeholders(text: str) -> set[str]:
    """The names of the values that a text asks for."""
    return {found.group(1) for found in _PLACEHOLDER.finditer(text) if found.group(1)}


def short_date(day: date, language: str) -> str:
    """A day as a text says it, in at most six characters: 23.11. (fi), 23 Nov (en), 23.11 (sv and others)."""
    if language == "en":
        return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]}"
    return f"{day.day}.{day.month}" + ("." if language == "fi" else "")


def _utf16_units(char: str) -> int:
    return 2 if ord(char) > 0xFFFF else 1


def _segments(lengths: Iterable[int], size: int) -> int:
    """How many segments of `size` take pieces of these lengths, none of them cut."""
    count, room = 1, size
    for length in lengths:
        if length > room:
            count, room = count + 1, size
        room -= length
    return count


def _pieces(text: str) -> Iterator[str]:
    """Grapheme clusters; one that no segment could hold whole is given character by character."""
    cluster = ""
    for char in text:
        if cluster and not _continues(cluster, char):
            yield from _whole(cluster)
            cluster = ""
        cluster += char
    yield from _whole(cluster)


def _whole(cluster: str) -> Sequence[str]:
    return cluster if sum(map(_utf16_units, cluster)) > 67 else (cluster,)


def _continues(cluster: str, char: str) -> bool:
    """Does `char` belong to the character that `cluster` begins?

    Unicode's UAX #29 without Hangul jamo (NFC composes them), Indic conjuncts and prepended marks; CR and LF
    stay apart, as carriers count them.
    """
    if unicodedata.category(cluster[-1]) == "Cc":
        return False
    if _EXTENDER.match(char) or unicodedata.category(char) in ("Mn", "Me", "Mc"):
        return True
    if _FLAG_HALF.match(char):
        return len(cluster) == 1 and _FLAG_HALF.match(cluster) is not None
    joined = cluster[-1] == _ZERO_WIDTH_JOINER and _PICTOGRAPH.match(cluster) is not None
    return joined and _PICTOGRAPH.match(char) is not None
