"""Takes what names a person out of a comment: identity codes, phone numbers, e-mail addresses, street addresses.

Where a pattern is in doubt it masks: a word lost is better than a person found. Names are not recognised. All patterns
are bounded and start at one place, so that the time grows with the length of the text and no faster.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

IDENTITY, PHONE, EMAIL, ADDRESS, NUMBER = "identity", "phone", "email", "address", "number"
"""What can be found; `NUMBER` is a long number of unknown kind."""

MARKERS: Mapping[str, Mapping[str, str]] = {
    "fi": {
        IDENTITY: "[henkilötunnus]",
        PHONE: "[puhelinnumero]",
        EMAIL: "[sähköposti]",
        ADDRESS: "[osoite]",
        NUMBER: "[numero]",
    },
    "sv": {
        IDENTITY: "[personbeteckning]",
        PHONE: "[telefonnummer]",
        EMAIL: "[e-post]",
        ADDRESS: "[adress]",
        NUMBER: "[nummer]",
    },
    "en": {
        IDENTITY: "[identity code]",
        PHONE: "[phone number]",
        EMAIL: "[e-mail]",
        ADDRESS: "[address]",
        NUMBER: "[number]",
    },
}
READERS_LANGUAGE = "fi"
"""Marks texts in any other language: who reads the comments works in Finnish."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A text with markers in place of what was `found` (the kinds above)."""

    text: str
    found: frozenset[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, at `start` to `end` of the text."""

    start: int
    end: int
    kind: str


Finder = Callable[[str], Iterator[Finding]]


def scrub(text: str, language: str = READERS_LANGUAGE) -> Scrubbed:
    """The text without what identifies a person; the markers are in its `language` (fi, sv, en; else Finnish)."""
    if not _SUSPICIOUS.search(text):
        return Scrubbed(text, frozenset())
    markers = MARKERS.get(language, MARKERS[READERS_LANGUAGE])
    found: set[str] = set()
    for finder in _FINDERS:
        pieces: list[str] = []
        done = 0
        for finding in finder(text):
            pieces += [text[done : finding.start], markers[finding.kind]]
            done = finding.end
            found.add(finding.kind)
        if done:
            text = "".join(pieces) + text[done:]
    return Scrubbed(text, frozenset(found))


# Everything that is looked for has a digit or an "at".
_SUSPICIOUS = re.compile(r"[\d@]|[(\[](?:at|ät)[)\]]", re.IGNORECASE)

# What stands between the digits of a number: also the invisible marks that a copied number brings along.
_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_DASH = "\\-\u2010-\u2015\u2212"
_BETWEEN = rf"[\s./(){_DASH}{_INVISIBLE}]{{0,3}}"
_SPACE = rf"[\s{_INVISIBLE}]{{0,2}}"

# --- identity codes ---------------------------------------------------------------------------------
# The code is ddmmyy, a sign of the century, three digits and a control character; the new signs are in use since
# 2023 (Government Decree on the personal identity code 690/2022). dvv.fi/en/personal-identity-code

CONTROL_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_SIGN = rf"[+{_DASH}A-FU-Y]"
_CONTROL = "[0-9A-FHJ-NPR-Y]"
_WRITTEN = re.compile(
    rf"(?<!\d)(\d\d)[.\s/]?(\d\d)[.\s/]?(?:19|20|18)??(\d\d){_SPACE}{_SIGN}?{_SPACE}(\d){_SPACE}(\d){_SPACE}(\d)"
    rf"{_SPACE}({_CONTROL})(?!\d)",
    re.IGNORECASE,
)
# The exact shape, be the control character right or mistyped; with four digits of the year too, and the Swedish code.
# Digits alone from 0 on are more often a phone number, which is masked as that.
_EXACT = re.compile(
    rf"(?<!\d)(?!0\d{{5}}[{_DASH}]\d{{4}})\d{{6}}(?:\d\d)?{_SIGN}\d{{3}}{_CONTROL}(?!\w)", re.IGNORECASE
)


def control_character(digits: str) -> str:
    """The last character of an identity code: its nine digits as one number, modulo 31."""
    return CONTROL_CHARACTERS[int(digits) % len(CONTROL_CHARACTERS)]


def _verified_codes(text: str) -> Iterator[Finding]:
    """However loosely it is written: the control character says that it is one."""
    for match in _WRITTEN.finditer(text):
        *digits, control = match.groups()
        if control_character("".join(digits)) == control.upper() and "01" <= digits[0] <= "31":
            yield Finding(match.start(), match.end(), IDENTITY)


def _exact_codes(text: str) -> Iterator[Finding]:
    for match in _EXACT.finditer(text):
        yield Finding(match.start(), match.end(), IDENTITY)


# --- e-mail addresses -------------------------------------------------------------------------------

_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]+(?:\s?@\s?|\s?[(\[](?:at|ät)[)\]]\s?)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)


def _emails(text: str) -> Iterator[Finding]:
    for match in _EMAIL.finditer(text):
        yield Finding(match.start(), match.end(), EMAIL)


# --- phone numbers ----------------------------------------------------------------------------------

_RUN = re.compile(rf"(?<!\d)(?:\+{_BETWEEN}[1-9]|(?:\((?=\d{{1,4}}\)))?0|358)(?:{_BETWEEN}\d){{5,17}}")
_FEWEST_DIGITS = 7

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_CLOCK = r"(?:(?:[01]?\d|2[0-4])[.:]|[01]\d|2[0-4])[0-5]\d"
_TO = rf"\s?[{_DASH}]\s?"
# What begins like a phone number and is a moment. Each ends where its digits do.
_MOMENT = re.compile(
    "|".join(
        (
            rf"{_DAY}\s?[./{_DASH}]\s?{_MONTH}\s?[./{_DASH}]\s?{_YEAR}(?!\d)",
            rf"{_DAY}\.{_MONTH}\.(?:\d\d)?{_TO}{_DAY}\.{_MONTH}\.(?:{_YEAR}|\d\d)?(?!\d)",
            rf"{_MONTH}[./]{_YEAR}(?!\d)",
            rf"{_CLOCK}{_TO}{_CLOCK}(?!\d)",
            rf"{_CLOCK}(?=\s+{_DAY}\.{_MONTH}\.)",
            rf"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2]){_YEAR}(?!{_BETWEEN}\d)",
        )
    )
)
_AFTER_A_YEAR = re.compile(rf"{_YEAR}-(?:\d\d-)?\Z")
_DIGITS = re.compile(r"\d+")


def _phones(text: str) -> Iterator[Finding]:
    at = 0
    while run := _RUN.search(text, at):
        if moment := _MOMENT.match(text, run.start()):
            at = moment.end()
        elif _AFTER_A_YEAR.search(text, max(run.start() - 8, 0), run.start()) or not (end := _end_of_number(run)):
            at = run.start() + 1
        else:
            yield Finding(run.start(), end, PHONE)
            at = end


def _end_of_number(run: re.Match[str]) -> int | None:
    """Where the number in a run of digits ends: after a whole one the next group is another thing ("…567 2 kertaa")."""
    written = run.group()
    whole = 13 if written.startswith("00") else 11 if written[0] in "+3" else 9
    count, end, length = 0, 0, 0
    for group in _DIGITS.finditer(written):
        if count >= whole and length > 1:
            break
        length = len(group.group())
        count, end = count + length, group.end()
    return run.start() + end if count >= _FEWEST_DIGITS else None


# A number without its prefix is known by the word before it; 112, 116117 and their like are everybody's.
_CALLED = re.compile(
    r"(?:puh(?:elin|\b)|kännykk|gsm|nro|numero|tel(?:efon|\b)|nummer|number|phone|mobil)\w{0,12}[\s.:]{0,3}"
    rf"(?!116{_SPACE}\d{{3}}(?!\d))(\d(?:{_BETWEEN}\d){{5,14}})",
    re.IGNORECASE,
)
_LONG = re.compile(rf"(?<!\d)(?!{_YEAR}\d{{4}}(?!\d))\d{{7,}}")


def _called(text: str) -> Iterator[Finding]:
    for match in _CALLED.finditer(text):
        if not _MOMENT.match(match[1]):
            yield Finding(match.start(1), match.end(1), PHONE)


def _long_numbers(text: str) -> Iterator[Finding]:
    for match in _LONG.finditer(text):
        if not _MOMENT.fullmatch(match.group()):
            yield Finding(match.start(), match.end(), NUMBER)


# --- street addresses -------------------------------------------------------------------------------

# Ways that are not streets: roads by their number, ways through the body, and paths of care.
_NO_STREETS = (
    "valta|kanta|maan|moottori|kehä|pää|oikea|hengitys|virtsa|sappi|ilma|synnytys|ruoka|hoito|palvelu|potilas|kunto|"
    "asiakas|umpi|luft|urin|gall|vård"
)
_CASE = "(?:n|l(?:l[aäe]|t[aä]))?"
_FINNISH_STREET = rf"(?:ka[td]u|tie|kuja|polk?u){_CASE}"
_FINNISH_NAMED = rf"(?:kaar[ei]|raitt?i|rinne|rintee|väylä|penger|penkeree|bulevardi|esplanadi|aukio|ran[tn]a){_CASE}"
_SWEDISH_STREET = r"(?:gatan?|väg(?:en)?|gränd(?:en)?|stig(?:en)?|all[eé]n?|torget)"
_QUANTITY = (
    r"(?!\s?(?:min|t\b|h\b|tunti|tim|pv|päiv|dag|dyg|viik|veck|kk|kuuk|mån|vuo|år|km|m\b|metr|eur|€|%|krt|kert|gång))"
)
_HOUSE = (
    rf"\s+\d{{1,3}}(?![\d:,.]\d|\d){_QUANTITY}(?:\s?[{_DASH}]\s?\d{{1,3}}(?!\d))?(?:\s?[a-zA-Z](?!\w))?"
    r"(?:(?<=[a-zA-Z])\s?\d{1,3}(?!\w)|\s(?:as|bst|lgh|apt)\.?\s?\d{1,3}(?!\w))?(?:,?\s+\d{5}(?:\s+[A-ZÅÄÖ][\w-]+)?(?!\d))?"
)
_CAPITAL = "[A-ZÅÄÖŠŽ]"
_NORDIC = re.compile(
    rf"(?<![\w-])(?:(?!(?i:{_NO_STREETS})(?i:tie|polk?u|kuja|väylä|väg|stig))"
    rf"(?:(?=\w)[\w-]{{2,30}}?(?i:{_FINNISH_STREET}|{_SWEDISH_STREET})"
    rf"|{_CAPITAL}[\w-]{{1,30}}?{_FINNISH_NAMED}"
    rf"|{_CAPITAL}[\w-]{{1,30}}n\s{_FINNISH_STREET}))(?!\w){_HOUSE}"
)
_ENGLISH = re.compile(
    rf"(?<!\w)\d{{1,4}}[A-Za-z]?\s(?:{_CAPITAL}[\w'’-]{{1,30}}\s){{1,3}}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court|Square)(?!\w)"
)


def _addresses(text: str) -> Iterator[Finding]:
    for match in _NORDIC.finditer(text):
        yield Finding(match.start(), match.end(), ADDRESS)


def _english_addresses(text: str) -> Iterator[Finding]:
    for match in _ENGLISH.finditer(text):
        yield Finding(match.start(), match.end(), ADDRESS)


# In this order: a verified code before a phone number of the same digits, phone numbers before the doors of an address.
_FINDERS: tuple[Finder, ...] = (
    _verified_codes,
    _emails,
    _exact_codes,
    _phones,
    _called,
    _long_numbers,
    _addresses,
    _english_addresses,
)
