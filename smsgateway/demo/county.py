"""What the sample county is like: its units in the simulated year, and what its patients write; both are YAML."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from surveys import yamlfile

HERE = Path(__file__).parent
ORGANISATION = HERE.parent.parent / "config" / "organisation.yaml"

Mood = Literal["good", "mixed", "bad"]
Share = Annotated[float, Field(ge=0, le=1)]
Lines = tuple[str, ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(_Part):
    """From that day of the year on, a unit's satisfaction is so much better or worse."""

    starts: Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$")] = Field(alias="from")
    by: Annotated[float, Field(ge=-1, le=1)]


class Character(_Part):
    """A unit in the simulated year; the fields are explained in county.yaml."""

    visits: Annotated[float, Field(ge=0)]
    open: tuple[int, int]
    days: tuple[int, ...]
    satisfaction: Share
    answers: Share
    services: Lines
    visit_types: Lines
    changes: tuple[Change, ...] = ()

    def satisfaction_on(self, day: date, last: date) -> float:
        """Of the year that ends with `last`: a change holds from its day in that year."""
        return self.satisfaction + sum(each.by for each in self.changes if in_year(each.starts, last) <= day)


def in_year(month_and_day: str, last: date) -> date:
    """That day of the year that ends with `last`."""
    this = date.fromisoformat(f"{last.year}-{month_and_day}")
    return this if this <= last else date.fromisoformat(f"{last.year - 1}-{month_and_day}")


class Moods(_Part):
    good: Lines = ()
    mixed: Lines = ()
    bad: Lines = ()

    def of(self, mood: Mood) -> Lines:
        lines: Lines = getattr(self, mood)
        return lines


class Words(_Part):
    """What patients write in one language."""

    words: Mapping[int, Lines]
    dressed: Lines
    unclear: Lines
    opt_out: Lines
    wrong_number: Lines
    contact: Lines
    beside_the_mark: Moods
    comments: Moods
    at: Mapping[str, Moods]

    def comments_at(self, unit: str, mood: Mood) -> Lines:
        """The county's general comments, and twice the unit's own: people speak of what they came for."""
        own = self.at.get(unit, Moods()).of(mood)
        return (*self.comments.of(mood), *own, *own)


class _County(_Part):
    units: Mapping[str, Character]


@cache
def characters() -> Mapping[str, Character]:
    """The units' characters by id."""
    return yamlfile.load(HERE / "county.yaml", _County).units


@cache
def words() -> Mapping[str, Words]:
    """What patients write, by language."""
    return {path.stem: yamlfile.load(path, Words) for path in sorted((HERE / "replies").glob("*.yaml"))}
