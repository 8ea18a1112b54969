"""Which numbers take texts, however they are written: phonenumbers' rules and metadata."""

import re
from dataclasses import dataclass
from functools import lru_cache

from phonenumbers import (
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
    country_code_for_region,
    format_number,
    is_possible_number,
    is_possible_number_with_reason,
    number_type,
    parse,
    region_code_for_country_code,
)

TAKES_TEXTS = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}

REASONS = {
    "missing_phone": "there is no phone number",
    "not_a_number": "this is not a phone number; write its digits, with + before a country code",
    "too_short": "this phone number has too few digits",
    "too_long": "this phone number has too many digits",
    "landline": "this is a landline number, which takes no texts",
    "service_number": "this is a service or company number, which takes no texts",
    "no_such_number": "no phone has a number like this; check its digits",
}

_UNPARSED = {
    NumberParseException.TOO_SHORT_NSN: "too_short",
    NumberParseException.TOO_SHORT_AFTER_IDD: "too_short",
    NumberParseException.TOO_LONG: "too_long",
}
_SIZES = {ValidationResult.TOO_SHORT: "too_short", ValidationResult.TOO_LONG: "too_long"}

_OTHER_KINDS = (
    "fixed_line",
    "premium_rate",
    "toll_free",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
_SPACES_AND_HYPHENS = str.maketrans("", "", " \u00a0-")


@dataclass(frozen=True, slots=True)
class CommonForms:
    """How a country writes most mobile numbers; the first group is what follows `prefix` in E.164."""

    written: re.Pattern[str]
    prefix: str


class NotMobile(ValueError):
    """No text can go to this: `reason` is the code, the message a sentence that never repeats the number."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason])
        self.reason = reason


def mobile_number(text: str, country: str) -> str:
    """The E.164 form of a mobile number of any country; without `+` or `00` it is one of `country`'s.

    Raises `NotMobile`. Costs 55 µs through phonenumbers and 1 µs in the two forms that files are full of.
    """
    common = _common_forms(country)
    if common and (found := common.written.fullmatch(text.translate(_SPACES_AND_HYPHENS))):
        return f"{common.prefix}{found[1]}"
    return _judged(text, country)


def possible_number(text: str, country: str) -> str | None:
    """The E.164 form of what could be a number of any kind, such as a sender's; None where it cannot."""
    try:
        number = parse(text, country)
    except NumberParseException:
        return None
    return format_number(number, PhoneNumberFormat.E164) if is_possible_number(number) else None


def _judged(text: str, country: str) -> str:
    if not text.strip():
        raise NotMobile("missing_phone")
    try:
        number = parse(text, country)
    except NumberParseException as error:
        raise NotMobile(_UNPARSED.get(error.error_type, "not_a_number")) from None
    kind = number_type(number)
    if kind not in TAKES_TEXTS:
        raise NotMobile(_why_not(number, kind))
    return format_number(number, PhoneNumberFormat.E164)


def _why_not(number: PhoneNumber, kind: int) -> str:
    if kind == PhoneNumberType.UNKNOWN:
        return _SIZES.get(is_possible_number_with_reason(number), "no_such_number")
    return "landline" if kind == PhoneNumberType.FIXED_LINE else "service_number"


@lru_cache(maxsize=32)
def _common_forms(country: str) -> CommonForms | None:
    """`+358 mobile` and `0 mobile` as one expression of the library's own metadata for the country.

    None for a country whose national prefix is more than a few digits to leave out, or whose code another
    country leads.
    """
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None or metadata.mobile is None or not metadata.national_prefix:
        return None
    code = country_code_for_region(country)
    leads = region_code_for_country_code(code) == country
    if not leads or metadata.national_prefix_for_parsing != metadata.national_prefix:
        return None
    kinds = (getattr(metadata, kind) for kind in _OTHER_KINDS)
    others = "|".join(kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern)
    mobile = metadata.mobile.national_number_pattern
    pattern = rf"(?:\+{code}|{metadata.national_prefix})(?!(?:{others})\Z)({mobile})"
    return CommonForms(re.compile(pattern, re.ASCII), f"+{code}")
