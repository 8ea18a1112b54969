"""When a text may go: delays, windows, weekdays, public holidays, eves, daylight saving.

Every moment in and out is an aware datetime, those out in UTC. Sums and comparisons are made in UTC,
because Python reckons by the wall clock between datetimes of one zone.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

from surveys.schedule import MIDNIGHT, WEEKDAYS, Schedule, Window

SPREAD = timedelta(minutes=30)  # texts held by the night leave over this long, not all in one second
SEARCH_DAYS = 400  # ends the search; a window of one weekday opens long before, holidays or not

_EARLIEST_YEAR, _LATEST_YEAR = 1970, 2199  # a visit outside these is a typing error
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ISO_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII | re.IGNORECASE
)

Reason = Literal["on_time", "held_by_window", "too_old"]


class NotAMoment(ValueError):
    """A text that does not say a date and a time of day in ISO 8601."""


class UnknownCountry(ValueError):
    """A country code whose public holidays nobody here knows."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rules make of a text: both moments in UTC, or both None when it is `too_old`.

    `not_before` is the first moment the rules allow; `send_at` adds the spread of those held back.
    """

    not_before: datetime | None
    send_at: datetime | None
    reason: Reason


# --- moments -------------------------------------------------------------------------------------


def local_moment(text: str, zone: ZoneInfo) -> datetime:
    """An ISO 8601 date and time as a moment in UTC; without an offset it is the zone's local time.

    Of an hour that the clocks show twice it is the first; a time that they skip is read with the offset
    before the change (PEP 495, fold=0), so 03:30 on the spring night in Helsinki is 04:30 summer time.
    Raises `NotAMoment` with a sentence that never repeats the text: columns get mixed up, and a phone
    number would end in a log.
    """
    cleaned = text.strip()
    if _ISO_DATE.fullmatch(cleaned):
        raise NotAMoment("a date without its time of day; write it like 2026-11-23T10:00")
    if not _ISO_MOMENT.fullmatch(cleaned):
        raise NotAMoment("not a date and time; write it like 2026-11-23T10:00")
    try:
        said = datetime.fromisoformat(cleaned.upper().replace(",", "."))
    except ValueError:
        raise NotAMoment("no such date and time; check the day, the hour and the offset") from None
    if not _EARLIEST_YEAR <= said.year <= _LATEST_YEAR:
        raise NotAMoment(f"the year {said.year:04} is not between {_EARLIEST_YEAR} and {_LATEST_YEAR}")
    return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)


# --- days off ------------------------------------------------------------------------------------


def _midsummer_eve(year: int) -> date:
    """The Friday of 19–25 June."""
    first = date(year, 6, 19)
    return first + timedelta(days=(4 - first.weekday()) % 7)


def _christmas_eve(year: int) -> date:
    return date(year, 12, 24)


# Eves on which a country rests though its law does not make them public holidays.
EVES: dict[str, tuple[Callable[[int], date], ...]] = {
    # Days off by collective agreement; the University Almanac Office's list of public holidays has neither
    # (almanakka.helsinki.fi/liputus-ja-juhlapaivat). Midsummer Day is the Saturday of 20–26 June.
    "FI": (_midsummer_eve, _christmas_eve),
    # Not in lag (1989:253) om allmänna helgdagar; equal to Sundays in semesterlagen (1977:480) 7 §.
    "SE": (_midsummer_eve, _christmas_eve),
}


@lru_cache(maxsize=512)
def eves(country: str, year: int) -> frozenset[date]:
    """The eves of that year; empty for a country whose eves are not listed in `EVES`."""
    return frozenset(eve(year) for eve in EVES.get(country, ()))


@lru_cache(maxsize=512)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of that year, without eves (the library counts Finland's among them).

    `country` is an ISO 3166-1 alpha-2 code; raises `UnknownCountry`.
    """
    try:
        known = holidays.country_holidays(country, years=year, expand=False)
    except NotImplementedError:
        raise UnknownCountry(
            f'no public holidays are known for country "{country}"; write its two-letter code, like FI'
        ) from None
    return frozenset(known) - eves(country, year)


def _allows_day(window: Window, day: date, country: str) -> bool:
    if WEEKDAYS[day.weekday()] not in window.days:
        return False
    if not window.holidays and day in public_holidays(country, day.year):
        return False
    return window.eves or day not in eves(country, day.year)


# --- windows -------------------------------------------------------------------------------------


def in_window(moment: datetime, window: Window | None, zone: ZoneInfo, country: str) -> bool:
    """Whether the window is open at that moment: an allowed day, [opens, closes) on the local clock."""
    if window is None:
        return True
    local = moment.astimezone(zone)
    return window.covers(local.time()) and _allows_day(window, local.date(), country)


def first_allowed(moment: datetime, window: Window | None, zone: ZoneInfo, country: str) -> datetime | None:
    """The first moment, in UTC, from `moment` on at which the window is open.

    None when it stays shut for `SEARCH_DAYS` days.
    """
    moment = _in_utc(moment)
    if window is None or in_window(moment, window, zone, country):
        return moment
    today = moment.astimezone(zone).date()
    for day in (today + timedelta(days=ahead) for ahead in range(SEARCH_DAYS)):
        if _allows_day(window, day, country):
            for start in _possible_starts(window.opens, day, zone):
                if start >= moment and in_window(start, window, zone, country):
                    return start
    return None


@lru_cache(maxsize=8192)
def _possible_starts(opens: time, day: date, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The moments of a day, in order, at which a window may turn from shut to open.

    One as a rule. On the night of a clock change it can be two (an hour that comes twice), or the change
    itself (an hour that is skipped).
    """
    first = datetime.combine(day, opens, zone)
    starts = {first.astimezone(UTC), first.replace(fold=1).astimezone(UTC), *_clock_changes(day, zone)}
    return tuple(sorted(start for start in starts if start.astimezone(zone).date() == day))


def _clock_changes(day: date, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The moment, in UTC, at which the zone's offset changes on that day, if it does."""
    midnight = datetime.combine(day, MIDNIGHT, zone).astimezone(UTC)
    before, after = midnight - timedelta(hours=3), midnight + timedelta(hours=27)
    old = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == old:
        return ()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // timedelta(seconds=2) * timedelta(seconds=1)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return (after,)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone; read texts with local_moment")
    return moment.astimezone(UTC)


# --- plans ---------------------------------------------------------------------------------------


def plan_send(ended_at: datetime, schedule: Schedule, zone: ZoneInfo, country: str, spread_key: str) -> Plan:
    """When the text on a visit that ended then may go, by its unit's schedule.

    `spread_key` (the visit's identity) decides the place among those that the window held back, so that
    the same visit is always planned alike.
    """
    candidate = _after_the_visit(_in_utc(ended_at), schedule, zone)
    return next_window(candidate, ended_at, schedule, zone, country, spread_key)


def next_window(
    moment: datetime, ended_at: datetime, schedule: Schedule, zone: ZoneInfo, country: str, spread_key: str
) -> Plan:
    """When a text may go that cannot go before `moment`: at once, held by the window, or too old.

    Also for a text that missed its window at sending time (a stop, a holiday declared late).
    """
    window, candidate = schedule.window, _in_utc(moment)
    deadline = _in_utc(ended_at) + schedule.max_age
    not_before = first_allowed(candidate, window, zone, country)
    if not_before is None or not_before > deadline:
        return Plan(None, None, "too_old")
    if window is None or not_before == candidate:
        return Plan(not_before, not_before, "on_time")
    room = min(SPREAD, deadline - not_before, _until_close(window, not_before.astimezone(zone).time()))
    send_at = not_before + timedelta(seconds=_spread_seconds(spread_key, room))
    # A clock change can close the window earlier than the clock on the wall says.
    return Plan(not_before, send_at if in_window(send_at, window, zone, country) else not_before, "held_by_window")


def _after_the_visit(ended_at: datetime, schedule: Schedule, zone: ZoneInfo) -> datetime:
    if schedule.next_day_at is None:
        return ended_at + (schedule.delay or timedelta(0))
    next_day = ended_at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(next_day, schedule.next_day_at, zone).astimezone(UTC)


def _until_close(window: Window, clock: time) -> timedelta:
    end_of_day = timedelta(days=1)
    closes = end_of_day if window.closes == MIDNIGHT else _since_midnight(window.closes)
    return closes - _since_midnight(clock)


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)


def _spread_seconds(spread_key: str, room: timedelta) -> int:
    """Whole seconds in [0, room), even over keys and stable for one."""
    return _hash64(spread_key, b"spread") * (room // timedelta(seconds=1)) >> 64


# --- whom to ask ---------------------------------------------------------------------------------


def sampled_in(key: str, share: float) -> bool:
    """Whether a visit belongs to the invited share (0..1), decided alike each time and on each machine.

    Monotone: a visit that is in at 0.3 is in at 0.5.
    """
    return _hash64(key, b"sample") < share * 2**64


def cooling_down(send_at: datetime, others: Iterable[datetime], cooldown: timedelta | None) -> bool:
    """Whether another invitation of the same person is closer than `cooldown`, before or after.

    The day the cool-down ends is free again: exactly `cooldown` apart is far enough.
    """
    if cooldown is None:
        return False
    moment = _in_utc(send_at)
    return any(abs(moment - _in_utc(other)) < cooldown for other in others)


def _hash64(key: str, purpose: bytes) -> int:
    """64 even bits of a text; the purpose keeps the choice of a visit apart from its place in the spread."""
    encoded = key.encode("utf-8", "surrogatepass")  # a key read from a file with broken bytes counts too
    return int.from_bytes(blake2b(encoded, digest_size=8, person=purpose).digest())
