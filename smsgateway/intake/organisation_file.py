"""The organisation file: a county, its units and their schedules, checked to the line."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Self
from zoneinfo import ZoneInfo

from phonenumbers import SUPPORTED_REGIONS
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from smsgateway.intake.phones import possible_number
from surveys import texting, yamlfile
from surveys.definition import Catalogue, PerLanguage
from surveys.schedule import Schedule
from surveys.timing import public_holidays

Location = tuple[int | str, ...]

LANGUAGES = tuple(PerLanguage.model_fields)

LONGEST_NAME = 30
"""Characters for which every text of the catalogue fits one segment."""

A_SURE_YEAR = 2026
"""Any year will do: whether a country's holidays are known is asked before a visit depends on it."""


_MESSAGING_SERVICE = re.compile(r"MG[0-9a-f]{32}")


def _known_country(country: str) -> str:
    if country not in SUPPORTED_REGIONS:
        raise ValueError(f'there is no country "{country}"; write its two-letter code, like FI')
    public_holidays(country, A_SURE_YEAR)
    return country


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, a folder of zones, a path
        raise ValueError(f'there is no time zone "{name}"; write it like Europe/Helsinki') from None
    return name


def _spoken(languages: tuple[str, ...]) -> tuple[str, ...]:
    for language in languages:
        if language not in LANGUAGES:
            raise ValueError(f'there are no texts in "{language}"; there are: {", ".join(LANGUAGES)}')
    if len(set(languages)) < len(languages):
        raise ValueError("a language is named twice; name each once, the fallback first")
    return languages


def _number_as_text(given: object) -> object:
    """YAML reads an id such as 1204 as a number."""
    return str(given) if type(given) is int else given


def _plain(text: str) -> str:
    if unsafe := texting.measure(text).unsafe:
        raise ValueError(f"has characters that make texts longer: {' '.join(unsafe)}; leave them out")
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Names = dict[str, Text]
UnitId = Annotated[str, BeforeValidator(_number_as_text), StringConstraints(pattern=r"^\w[\w.:-]{0,63}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Header(_Part):
    """The organisation itself; `phone` and `hours` are what texts name for those who want to talk."""

    name: Names = Field(title="name", description="who the texts are from, in each language")
    country: Annotated[str, AfterValidator(_known_country)]
    timezone: Annotated[str, AfterValidator(_known_zone)]
    languages: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_spoken)]
    sender: str = Field(title="sender", description="the number texts come from, or a messaging service SID")
    phone: Annotated[Text, StringConstraints(max_length=16), AfterValidator(_plain)] | None = None
    hours: Annotated[Text, StringConstraints(max_length=16), AfterValidator(_plain)] | None = None

    @field_validator("sender")
    @classmethod
    def _sender_in_one_form(cls, sender: str, others: ValidationInfo) -> str:
        if _MESSAGING_SERVICE.fullmatch(sender):
            return sender
        number = possible_number(sender, others.data.get("country", ""))
        if number is None:
            raise ValueError("must be a phone number like +358401234567, or a messaging service SID (MG...)")
        return number


class UnitEntry(_Part):
    """A unit; `paused` is the operators' business and kept as it is unless the file says it."""

    id: UnitId
    name: Names
    parent: UnitId | None = None
    paused: bool | None = None
    schedules: tuple[Schedule, ...] = ()


class OrganisationFile(_Part):
    known_surveys: ClassVar[Collection[str]] = ()

    organisation: Header
    units: tuple[UnitEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        """What needs more than one field to see, told at the line of the one that is wrong."""
        wrong = [_mistake(at, sentence) for at, sentence in self._contradictions()]
        if wrong:
            raise ValidationError.from_exception_data("organisation", wrong)
        return self

    def _contradictions(self) -> Iterator[tuple[Location, str]]:
        languages = self.organisation.languages
        yield from _names_wrong(self.organisation.name, languages, ("organisation", "name"))
        parents: dict[str, str | None] = {}
        for place, unit in enumerate(self.units):
            yield from _names_wrong(unit.name, languages, ("units", place, "name"))
            if unit.id in parents:
                told = f'the unit "{unit.id}" is here twice; give each unit an id of its own'
                yield ("units", place, "id"), told
            parents.setdefault(unit.id, unit.parent)
            for number, schedule in enumerate(unit.schedules):
                if schedule.survey not in self.known_surveys:
                    known = ", ".join(self.known_surveys)
                    told = f'no survey is called "{schedule.survey}"; there are: {known}'
                    yield ("units", place, "schedules", number, "survey"), told
        for place, unit in enumerate(self.units):
            if told := _parent_wrong(unit, parents):
                yield ("units", place, "parent"), told


def _mistake(at: Location, sentence: str) -> InitErrorDetails:
    error = PydanticCustomError("value_error", "{error}", {"error": sentence})
    return InitErrorDetails(type=error, loc=at, input=None)


def _names_wrong(names: Names, languages: tuple[str, ...], at: Location) -> Iterator[tuple[Location, str]]:
    if languages[0] not in names:
        yield at, f"the name in {languages[0]}, the first language, is missing; the others fall back to it"
    for language in names:
        if language not in languages:
            yield (*at, language), f"this organisation speaks {', '.join(languages)}, not {language}"


def _parent_wrong(unit: UnitEntry, parents: Mapping[str, str | None]) -> str:
    if unit.parent is not None and unit.parent not in parents:
        return f'there is no unit "{unit.parent}" in this file'
    if _is_own_ancestor(unit.id, parents):
        return "the units are each other's parents in a circle; remove one parent"
    return ""


def _is_own_ancestor(unit_id: str, parents: Mapping[str, str | None]) -> bool:
    """Whether one comes back to the unit; a circle further up is its members' mistake."""
    above, steps = parents[unit_id], 0
    while above is not None and above != unit_id and steps <= len(parents):
        above, steps = parents.get(above), steps + 1
    return above == unit_id


def read_organisation(source: Path | str, catalogue: Catalogue) -> OrganisationFile:
    """The organisation of a file (`Path`) or YAML text (`str`); raises `yamlfile.FileProblem`."""

    class File(OrganisationFile):
        known_surveys: ClassVar[Collection[str]] = tuple(catalogue.surveys)

    return yamlfile.load(source, File)


def long_names(file: OrganisationFile) -> list[str]:
    """Sentences about names that make a text longer, and dearer, than one segment."""
    whose = [("the organisation", file.organisation.name)]
    whose += [(f'the unit "{unit.id}"', unit.name) for unit in file.units]
    return [
        f"{who}: its name in {language} {fault}"
        for who, names in whose
        for language, name in names.items()
        if (fault := _fault_of(name))
    ]


def _fault_of(name: str) -> str | None:
    if unsafe := texting.measure(name).unsafe:
        return f"has characters that make texts twice as long: {' '.join(unsafe)}"
    if len(name) > LONGEST_NAME:
        return f"has {len(name)} characters; over {LONGEST_NAME}, texts may take two segments"
    return None
