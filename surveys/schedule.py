"""When a unit's texts may go: the `schedules` of an organisation file, as values.

A schedule reads from and writes to exactly the shape of the YAML: durations as `2h`, clock times as
`"09:00"`, weekdays as `mon`. What the rules make of a visit is worked out in `surveys.timing`.
"""

import re
from datetime import time, timedelta
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)  # in the order of date.weekday()

MIDNIGHT = time(0)
LONGEST = timedelta(days=3650)  # longer is a typing error, and would run off the calendar

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)


class BadDuration(ValueError):
    """A text that is not a duration such as `30m`, `2h` or `7d`."""


class BadClockTime(ValueError):
    """A text that is not a clock time such as `09:00`."""


def parse_duration(text: str) -> timedelta:
    """`30m`, `2h`, `7d`, `90s`, `2h30m` as a timedelta; raises `BadDuration` with a sentence."""
    cleaned = text.strip().lower()
    found = _DURATION.fullmatch(cleaned)
    if cleaned.isdigit():
        raise BadDuration(f"a duration needs its unit: write {cleaned}m, {cleaned}h or {cleaned}d")
    if not cleaned or found is None:
        raise BadDuration(f'"{text}" is not a duration; write it like 30m, 2h, 2h30m or 7d')
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        duration = timedelta.max
    if duration > LONGEST:
        raise BadDuration(f'"{text}" is too long; a duration is at most {LONGEST.days}d')
    return duration


def format_duration(duration: timedelta) -> str:
    """The shortest text that `parse_duration` reads back; up to two days in hours, as people say them."""
    in_days = duration > timedelta(days=2)
    minutes, seconds = divmod(duration // timedelta(seconds=1), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24) if in_days else (0, hours)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0m"


def _read_duration(given: object) -> timedelta:
    if isinstance(given, str):
        return parse_duration(given)
    if not isinstance(given, timedelta):
        raise BadDuration(f"a duration needs its unit, like 30m, 2h or 7d; {given} has none")
    if given % timedelta(seconds=1) or not timedelta(0) <= given <= LONGEST:
        raise BadDuration(f"a duration is whole seconds from 0 to {LONGEST.days} days, not {given}")
    return given


def _more_than_none(duration: timedelta) -> timedelta:
    if not duration:
        raise BadDuration("this duration must be longer than nothing")
    return duration


def _read_clock(given: object) -> time:
    if isinstance(given, time):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        # YAML 1.1 reads an unquoted 20:00 as the number 1200 (base sixty).
        raise BadClockTime('put clock times in quotes, like "20:00"; without them YAML reads a number')
    found = _CLOCK.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is not None:
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        if hours < 24 and minutes < 60 and seconds < 60:
            return time(hours, minutes, seconds)
    raise BadClockTime(f'"{given}" is not a clock time; write it like "09:00"')


def _read_closing(given: object) -> time:
    """A closing clock time; the end of the day is written `24:00` and kept as midnight."""
    if given in ("24:00", "24:00:00"):
        return MIDNIGHT
    closing = _read_clock(given)
    if closing == MIDNIGHT and not isinstance(given, time):
        raise BadClockTime('a window that lasts to the end of the day closes at "24:00"')
    return closing


def _write_clock(clock: time) -> str:
    return clock.isoformat("minutes" if clock.second == 0 else "seconds")


def _write_closing(closing: time) -> str:
    return "24:00" if closing == MIDNIGHT else _write_clock(closing)


def _whole_second(clock: time) -> time:
    if clock.tzinfo or clock.microsecond:
        raise BadClockTime("a clock time is the unit's local time, to the second")
    return clock


def _in_week_order(days: frozenset[Weekday]) -> list[Weekday]:
    return [day for day in WEEKDAYS if day in days]


def _write_optional(duration: timedelta | None) -> str | None:
    return None if duration is None else format_duration(duration)


_AsText = PlainSerializer(_write_optional, return_type=str | None, when_used="json")
Duration = Annotated[timedelta, BeforeValidator(_read_duration), _AsText]
PositiveDuration = Annotated[timedelta, AfterValidator(_more_than_none), BeforeValidator(_read_duration), _AsText]
Clock = Annotated[
    time,
    BeforeValidator(_read_clock),
    AfterValidator(_whole_second),
    PlainSerializer(_write_clock, return_type=str, when_used="json"),
]
Closing = Annotated[
    time,
    BeforeValidator(_read_closing),
    AfterValidator(_whole_second),
    PlainSerializer(_write_closing, return_type=str, when_used="json"),
]
Weekdays = Annotated[frozenset[Weekday], PlainSerializer(_in_week_order, return_type=list[Weekday], when_used="json")]

_SHAPE = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Window(BaseModel):
    """The hours and days on which texts may go: [opens, closes) in the unit's local time.

    `closes` at midnight is the end of the day, written `24:00`. A public holiday needs `holidays`, an
    eve (Midsummer, Christmas) needs `eves`, and each of them must also be one of `days`.
    """

    model_config = _SHAPE

    opens: Clock = Field(default=time(9), validation_alias="from", serialization_alias="from")
    closes: Closing = Field(default=time(20), validation_alias="to", serialization_alias="to")
    days: Weekdays = frozenset(WEEKDAYS[:6])
    holidays: bool = False
    eves: bool = False

    @model_validator(mode="after")
    def _opens_at_all(self) -> Self:
        if not self.days:
            raise ValueError("the window has no days; name at least one, or write window: null for any time")
        if self.closes <= self.opens and self.closes != MIDNIGHT:
            opens, closes = _write_clock(self.opens), _write_closing(self.closes)
            raise ValueError(f"the window closes at {closes}, which is not after it opens at {opens}")
        return self

    def covers(self, clock: time) -> bool:
        """Whether the window is open at this local clock time, on a day that allows texts."""
        return self.opens <= clock and (clock < self.closes or self.closes == MIDNIGHT)


class Schedule(BaseModel):
    """One survey of a unit: whom to ask, when, and for how long.

    The first moment of a text is `delay` after the visit (elapsed time) or, instead, the next day at
    `next_day_at` (local clock time); with neither, two hours after. `window=None` is any time,
    `cooldown=None` and `reminder_after=None` are none.
    """

    model_config = _SHAPE

    survey: str = Field(min_length=1)
    delay: Duration | None = timedelta(hours=2)
    next_day_at: Clock | None = None
    window: Window | None = Window()
    sample: float = Field(default=1.0, ge=0, le=1, strict=True)
    cooldown: Duration | None = timedelta(days=30)
    reminder_after: PositiveDuration | None = timedelta(hours=48)
    expires_after: PositiveDuration = timedelta(days=7)
    max_age: PositiveDuration = timedelta(days=7)

    @model_validator(mode="before")
    @classmethod
    def _next_day_replaces_the_default_delay(cls, given: object) -> object:
        if isinstance(given, dict) and given.get("next_day_at") is not None and "delay" not in given:
            return {**given, "delay": None}
        return given

    @model_validator(mode="after")
    def _one_way_to_wait(self) -> Self:
        if self.delay is not None and self.next_day_at is not None:
            raise ValueError("delay and next_day_at exclude each other; keep one of them")
        if self.delay is None and self.next_day_at is None:
            raise ValueError('say when texts go: a delay such as 2h, or next_day_at such as "12:00"')
        return self

    @model_serializer(mode="wrap")
    def _without_the_other_way_to_wait(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        written: dict[str, object] = write(self)
        written.pop("next_day_at" if self.next_day_at is None else "delay", None)
        return written
