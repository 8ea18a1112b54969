"""The visits of the simulated year, as a register would export them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from smsgateway.demo.county import Character

# Invented numbers: 555 after the prefix, a block of ten thousand each. No text ever leaves the machine.
SIMULATED_PREFIXES = ("040", "041", "044", "045", "046")
VISITORS_PREFIX = "050"
BLOCK = 10_000

VISITS_PER_PERSON = 1.8
LANDLINES, WITHOUT_CONSENT = 0.015, 0.03
LANGUAGES = {"fi": 0.81, "sv": 0.12, "en": 0.05, "ru": 0.01, "et": 0.01}
AGE_BANDS = {"0-17": 0.08, "18-34": 0.16, "35-49": 0.18, "50-64": 0.22, "65-79": 0.25, "80+": 0.11}
GENDERS = {"female": 0.57, "male": 0.42, "other": 0.01}
SUMMER = (6, 7)
SUMMERS_SHARE = 0.6
WEEKENDS_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Person:
    phone: str
    language: str
    age_band: str
    gender: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit. `phone` is E.164, and `written` the way the register has it."""

    visit_id: str
    unit: str
    ended_at: datetime
    person: Person
    written: str
    service: str
    visit_type: str
    consent: bool

    @property
    def phone(self) -> str:
        return self.person.phone


def visits_of_year(
    units: Mapping[str, Character], count: int, start: datetime, end: datetime, zone: ZoneInfo, seed: int
) -> list[Visit]:
    """`count` visits that end after `start` and until `end`, in their order; the same for the same arguments."""
    random = Random(seed)
    people = [person(random, place) for place in range(people_for(count))]
    days = [(start + timedelta(days=n)).date() for n in range((end - start).days + 2)]
    calendars = {unit: [weight(character, day) for day in days] for unit, character in units.items()}
    weights = [character.visits for character in units.values()]
    made: list[Visit] = []
    while len(made) < count:
        unit = random.choices(list(units), weights)[0]
        day = random.choices(days, calendars[unit])[0]
        ended_at = moment_of(random, units[unit], day, zone)
        if start < ended_at <= end:
            made.append(visit(random, unit, units[unit], ended_at, random.choice(people)))
    made.sort(key=lambda each: each.ended_at)
    return made


def people_for(visits: int) -> int:
    return min(max(1, round(visits / VISITS_PER_PERSON)), BLOCK * len(SIMULATED_PREFIXES))


def person(random: Random, place: int) -> Person:
    block, number = divmod(place, BLOCK)
    return Person(
        phone=f"+358{SIMULATED_PREFIXES[block][1:]}555{number:04}",
        language=drawn(random, LANGUAGES),
        age_band=drawn(random, AGE_BANDS),
        gender=drawn(random, GENDERS),
    )


def visit(random: Random, unit: str, character: Character, ended_at: datetime, who: Person) -> Visit:
    landline = f"019 555 {random.randrange(BLOCK):04}"
    return Visit(
        visit_id=f"V{random.getrandbits(40):010X}",
        unit=unit,
        ended_at=ended_at,
        person=who,
        written=landline if random.random() < LANDLINES else as_written(random, who.phone),
        service=random.choice(character.services),
        visit_type=random.choices(character.visit_types, range(3 * len(character.visit_types), 0, -3))[0],
        consent=random.random() >= WITHOUT_CONSENT,
    )


def weight(character: Character, day: date) -> float:
    """How busy a unit is on a day: shut on other weekdays, calmer in summer and at weekends."""
    if day.weekday() not in character.days:
        return 0.0
    weekend = WEEKENDS_SHARE if day.weekday() >= 5 else 1.0
    return weekend * (SUMMERS_SHARE if day.month in SUMMER else 1.0)


def moment_of(random: Random, character: Character, day: date, zone: ZoneInfo) -> datetime:
    opens, closes = character.open
    minute = random.randrange(60 * opens, 60 * closes)
    local = datetime.combine(day, time(minute // 60, minute % 60), zone)
    return local.astimezone(UTC)


def as_written(random: Random, phone: str) -> str:
    """The ways registers write a number."""
    national = "0" + phone.removeprefix("+358")
    ways = (
        phone,
        national,
        f"{national[:3]} {national[3:6]} {national[6:]}",
        f"{national[:3]}-{national[3:]}",
    )
    return random.choices(ways, (5, 3, 2, 1))[0]


def drawn(random: Random, shares: Mapping[str, float]) -> str:
    return random.choices(list(shares), list(shares.values()))[0]
