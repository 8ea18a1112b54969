"""What a unit's system tells of a visit, judged field by field; the same rules for every way in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from smsgateway.intake.organisation import Organisation
from smsgateway.intake.phones import NotMobile, mobile_number
from smsgateway.store.values import moment_text
from surveys.timing import NotAMoment, local_moment

REQUIRED = ("visit_id", "unit", "ended_at", "phone")
BACKGROUND = ("age_band", "gender", "service", "visit_type")
OPTIONAL = ("language", *BACKGROUND, "survey_consent")

LONGEST_VISIT_ID, LONGEST_TEXT = 200, 100

CONSENT = {
    **dict.fromkeys(("", "yes", "y", "1", "true", "kyllä", "k", "joo", "ja", "j"), True),
    **dict.fromkeys(("no", "n", "0", "false", "ei", "e", "nej"), False),
}

# What systems write in place of the two-letter codes of ISO 639-1: its three-letter codes, and the words.
LANGUAGE_CODES = {
    **dict.fromkeys(("fin", "suomi", "finska", "finnish"), "fi"),
    **dict.fromkeys(("swe", "ruotsi", "svenska", "swedish"), "sv"),
    **dict.fromkeys(("eng", "englanti", "engelska", "english"), "en"),
    **dict.fromkeys(("est", "viro", "estniska", "estonian"), "et"),
    **dict.fromkeys(("rus", "venäjä", "ryska", "russian"), "ru"),
    **dict.fromkeys(("sme", "pohjoissaame", "nordsamiska"), "se"),
}


class Refused(ValueError):
    """A visit that is not taken: `reason` is the code, the message a sentence that repeats no value."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit that can be taken in: `number` in E.164, `ended_at` as stored moment, `day` the unit's local day."""

    unit_id: str
    visit_id: str
    number: str = field(repr=False)
    ended_at: str
    day: str
    language: str | None
    age_band: str | None
    gender: str | None
    service: str | None
    visit_type: str | None
    consent: bool


def visit_row(told: Mapping[str, str], organisation: Organisation) -> VisitRow:
    """The visit that the fields `REQUIRED` and `OPTIONAL` tell of; raises `Refused`."""
    ended_at = _ended_at(told["ended_at"], organisation)
    return VisitRow(
        unit_id=_unit_id(told["unit"], organisation),
        visit_id=_visit_id(told["visit_id"]),
        number=_number(told["phone"], organisation.country),
        ended_at=moment_text(ended_at),
        day=ended_at.astimezone(organisation.zone).date().isoformat(),
        language=_language(told.get("language", "")),
        **{name: _text(told.get(name, ""), name) for name in BACKGROUND},
        consent=_consent(told.get("survey_consent", "")),
    )


def _unit_id(told: str, organisation: Organisation) -> str:
    unit_id = told.strip()
    if unit_id not in organisation.units:
        raise Refused("unknown_unit", "the organisation has no unit of this id")
    return unit_id


def _visit_id(told: str) -> str:
    visit_id = told.strip()
    if not visit_id:
        raise Refused("missing_visit_id", "there is no visit_id, by which a visit is known again")
    if len(visit_id) > LONGEST_VISIT_ID:
        raise Refused("overlong", f"visit_id has more than {LONGEST_VISIT_ID} characters")
    return visit_id


def _ended_at(told: str, organisation: Organisation) -> datetime:
    try:
        return local_moment(told, organisation.zone)
    except NotAMoment as error:
        raise Refused("bad_ended_at", f"ended_at is {error}") from None


def _number(told: str, country: str) -> str:
    try:
        return mobile_number(told, country)
    except NotMobile as error:
        raise Refused(error.reason, str(error)) from None


def _language(told: str) -> str | None:
    text = _text(told, "language")
    return text and LANGUAGE_CODES.get(text.lower(), text)


def _text(told: str, name: str) -> str | None:
    if not told:
        return None
    text = " ".join(told.split())
    if len(text) > LONGEST_TEXT:
        raise Refused("overlong", f"{name} has more than {LONGEST_TEXT} characters")
    return text or None


def _consent(told: str) -> bool:
    try:
        return CONSENT[told.strip().lower()]
    except KeyError:
        raise Refused("bad_survey_consent", "survey_consent is neither yes nor no") from None
