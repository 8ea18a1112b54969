"""When texts go, against worked-out vectors, a slow but plain reckoning, and the rules' invariants."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from surveys.schedule import WEEKDAYS, Schedule, Window
from surveys.timing import (
    SPREAD,
    NotAMoment,
    Plan,
    UnknownCountry,
    cooling_down,
    eves,
    first_allowed,
    in_window,
    local_moment,
    next_window,
    plan_send,
    public_holidays,
    sampled_in,
)

HELSINKI = ZoneInfo("Europe/Helsinki")
VECTORS = json.loads((Path(__file__).parents[1] / "data" / "send_times.json").read_text("utf-8"))

# Clock changes at night, at midnight, by half an hour, on other dates, and never.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Helsinki",
        "Europe/Stockholm",
        "Atlantic/Azores",
        "America/Nuuk",
        "America/Santiago",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "America/New_York",
        "Pacific/Chatham",
        "Asia/Kathmandu",
        "UTC",
    )
]

zones = st.sampled_from(ZONES)
countries = st.sampled_from(["FI", "SE"])
moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 hypothesis wants bare bounds
keys = st.text(max_size=20)

unhurried = settings(deadline=None)  # the first plan of a country loads its holidays


@st.composite
def windows(draw: st.DrawFn) -> Window:
    quarters = draw(st.sets(st.integers(0, 95), min_size=2, max_size=2))
    opens, closes = (time(quarter // 4, quarter % 4 * 15) for quarter in sorted(quarters))
    return Window(
        opens=opens,
        closes=draw(st.sampled_from([closes, time(0)])),
        days=draw(st.frozensets(st.sampled_from(WEEKDAYS), min_size=1)),
        holidays=draw(st.booleans()),
        eves=draw(st.booleans()),
    )


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    next_day_at = draw(st.none() | st.times().map(lambda clock: clock.replace(microsecond=0)))
    hours = st.integers(0, 100).map(lambda count: timedelta(hours=count))
    return Schedule(
        survey="visit",
        delay=draw(hours) if next_day_at is None else None,
        next_day_at=next_day_at,
        window=draw(st.none() | windows()),
        max_age=timedelta(hours=draw(st.integers(1, 400))),
    )


def helsinki(text: str) -> datetime:
    return local_moment(text, HELSINKI)


def planned(ended_at: str, schedule: Schedule, key: str = "keskusta:1") -> Plan:
    return plan_send(helsinki(ended_at), schedule, HELSINKI, "FI", key)


# --- vectors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
@pytest.mark.parametrize(("column", "eves_allowed"), [("send_local", True), ("send_local_eves_off", False)])
def test_texts_go_when_the_vectors_say(vector: dict[str, str], column: str, eves_allowed: bool) -> None:
    ended_at = datetime.fromisoformat(vector["visit_end_local"]).replace(tzinfo=HELSINKI, fold=int(vector["fold"]))
    delay = timedelta(hours=int(vector["delay_hours"]))
    schedule = Schedule(survey="visit", delay=delay, window=Window(eves=eves_allowed))
    plan = plan_send(ended_at, schedule, HELSINKI, "FI", "keskusta:1")
    candidate = datetime.fromisoformat(vector["candidate"])
    assert plan.not_before == datetime.fromisoformat(vector[column])
    assert plan.reason == ("on_time" if plan.not_before == candidate else "held_by_window")
    assert ended_at.astimezone(UTC) + delay == candidate


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["fold"] == 0], ids=lambda vector: vector["case"])
def test_local_times_without_offset_are_read_as_the_vectors_do(vector: dict[str, str]) -> None:
    candidate = helsinki(vector["visit_end_local"]) + timedelta(hours=int(vector["delay_hours"]))
    assert candidate == datetime.fromisoformat(vector["candidate"])


# --- moments -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-23T10:00", "2026-11-23T08:00"),
        ("2026-11-23 10:00:30", "2026-11-23T08:00:30"),
        ("2026-11-23T10:00:30,5", "2026-11-23T08:00:30.5"),
        ("2026-11-23T10:00Z", "2026-11-23T10:00"),
        ("2026-11-23t10:00z", "2026-11-23T10:00"),
        ("2026-11-23T10:00-05:30", "2026-11-23T15:30"),
        ("2026-11-23T10:00+0200", "2026-11-23T08:00"),
        ("2026-11-23T10:00+02", "2026-11-23T08:00"),
        (" 2026-07-01T10:00 ", "2026-07-01T07:00"),
        ("2026-10-25T03:30", "2026-10-25T00:30"),  # comes twice: the first
        ("2026-10-25T03:30+02:00", "2026-10-25T01:30"),  # comes twice: the second, said by its offset
        ("2026-03-29T03:30", "2026-03-29T01:30"),  # never shown: 04:30 summer time
    ],
)
def test_moments_are_read(text: str, utc: str) -> None:
    moment = helsinki(text)
    assert moment == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-11-23", "without its time of day"),
        ("", "not a date and time"),
        ("yesterday", "not a date and time"),
        ("23.11.2026 10:00", "not a date and time"),
        ("2026-11-23T10", "not a date and time"),
        ("2026-11-23x10:00", "not a date and time"),
        ("2026-11-23T10:00 EET", "not a date and time"),
        ("2026-W48-1T10:00", "not a date and time"),
        ("2026-02-30T10:00", "no such date"),
        ("2026-11-23T24:30", "no such date"),
        ("2026-11-23T10:00+99:00", "no such date"),
        ("0001-01-01T00:00", "the year 0001"),
        ("9999-12-31T23:59", "the year 9999"),
    ],
)
def test_what_is_no_moment_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(NotAMoment, match=sentence):
        helsinki(text)


def test_a_phone_number_in_the_wrong_column_is_not_repeated() -> None:
    with pytest.raises(NotAMoment) as refused:
        helsinki("+358401234567")
    assert "4012" not in str(refused.value)


@given(st.text())
def test_any_text_is_a_moment_or_refused_by_name(text: str) -> None:
    try:
        moment = helsinki(text)
    except NotAMoment:
        return
    assert moment.tzinfo is UTC


# --- days off ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "movable"),
    [
        (2026, ["04-03", "04-05", "04-06", "05-14", "05-24", "06-20", "10-31"]),
        (2027, ["03-26", "03-28", "03-29", "05-06", "05-16", "06-26", "11-06"]),
        (2028, ["04-14", "04-16", "04-17", "05-25", "06-04", "06-24", "11-04"]),
        (2029, ["03-30", "04-01", "04-02", "05-10", "05-20", "06-23", "11-03"]),
    ],
)
def test_finnish_public_holidays_are_the_almanacs_and_no_eve_is_among_them(year: int, movable: list[str]) -> None:
    fixed = ["01-01", "01-06", "05-01", "12-06", "12-25", "12-26"]
    assert public_holidays("FI", year) == {date.fromisoformat(f"{year}-{day}") for day in fixed + movable}


@pytest.mark.parametrize("country", ["FI", "SE"])
@pytest.mark.parametrize(("year", "midsummer"), [(2026, 19), (2027, 25), (2028, 23), (2029, 22)])
def test_eves_are_midsummer_and_christmas(country: str, year: int, midsummer: int) -> None:
    assert eves(country, year) == {date(year, 6, midsummer), date(year, 12, 24)}
    assert not eves(country, year) & public_holidays(country, year)


def test_an_unknown_country_is_refused_by_name() -> None:
    with pytest.raises(UnknownCountry, match='"XX"'):
        public_holidays("XX", 2026)


@pytest.mark.parametrize(
    ("moment", "window", "open_then"),
    [
        ("2026-12-24T12:00", Window(holidays=True), False),
        ("2026-12-24T12:00", Window(eves=True), True),
        ("2026-12-25T12:00", Window(eves=True), False),
        ("2026-12-25T12:00", Window(holidays=True), True),
        ("2026-11-22T12:00", Window(holidays=True, eves=True), False),  # a Sunday
        ("2026-11-22T12:00", Window(days=frozenset({"sun"})), True),
        ("2026-12-06T12:00", Window(days=frozenset({"sun"})), False),  # Independence Day on a Sunday
        ("2026-12-06T12:00", Window(days=frozenset({"sun"}), holidays=True), True),
    ],
)
def test_sundays_holidays_and_eves_have_each_their_own_setting(moment: str, window: Window, open_then: bool) -> None:
    assert in_window(helsinki(moment), window, HELSINKI, "FI") is open_then


# --- windows -------------------------------------------------------------------------------------


def plainly_open(moment: datetime, window: Window, zone: ZoneInfo, country: str) -> bool:
    local = moment.astimezone(zone)
    day, minute = local.date(), local.hour * 60 + local.minute
    return (
        WEEKDAYS[day.weekday()] in window.days
        and (window.holidays or day not in public_holidays(country, day.year))
        and (window.eves or day not in eves(country, day.year))
        and window.opens.hour * 60 + window.opens.minute <= minute
        and minute < (window.closes.hour * 60 + window.closes.minute or 24 * 60)
    )


def clock_changes(zone: ZoneInfo) -> list[datetime]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=count) for count in range(2 * 8766)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [hours[at] for at in range(1, len(hours)) if offsets[at] != offsets[at - 1]]


CHANGES = [(zone, change) for zone in ZONES for change in clock_changes(zone)]


@unhurried
@given(st.sampled_from(CHANGES), st.integers(-8, 8), windows())
def test_on_the_night_of_a_clock_change_no_open_quarter_is_passed_over(
    night: tuple[ZoneInfo, datetime], quarters: int, window: Window
) -> None:
    zone, change = night
    moment = change + timedelta(minutes=15 * quarters)
    found = first_allowed(moment, window, zone, "FI")
    assert found is not None
    later = (moment + timedelta(minutes=15 * count) for count in range(200 * 96))
    assert found == next(quarter for quarter in later if plainly_open(quarter, window, zone, "FI"))


@unhurried
@given(moments, windows(), zones, countries)
def test_the_first_allowed_moment_is_open_not_earlier_and_stays(
    moment: datetime, window: Window, zone: ZoneInfo, country: str
) -> None:
    found = first_allowed(moment, window, zone, country)
    assert found is not None
    assert found >= moment
    assert plainly_open(found, window, zone, country)
    assert in_window(found, window, zone, country)
    assert first_allowed(found, window, zone, country) == found


@unhurried
@given(moments, moments, windows(), zones)
def test_a_later_moment_is_never_allowed_earlier(
    one: datetime, other: datetime, window: Window, zone: ZoneInfo
) -> None:
    earlier, later = (first_allowed(moment, window, zone, "FI") for moment in sorted((one, other)))
    assert earlier is not None
    assert later is not None
    assert earlier <= later


def test_a_window_in_an_hour_that_comes_twice_opens_twice() -> None:
    window = Window(opens=time(3, 10), closes=time(3, 50), days=frozenset({"sun"}))
    first, shut = helsinki("2026-10-25T03:10+03:00"), helsinki("2026-10-25T03:50+03:00")
    second = helsinki("2026-10-25T03:10+02:00")
    assert first_allowed(first - timedelta(hours=1), window, HELSINKI, "FI") == first
    assert first_allowed(shut, window, HELSINKI, "FI") == second


def test_a_window_in_an_hour_that_is_skipped_opens_the_next_time() -> None:
    window = Window(opens=time(3, 10), closes=time(3, 50), days=frozenset({"sun"}))
    assert first_allowed(helsinki("2026-03-29T01:00"), window, HELSINKI, "FI") == helsinki("2026-04-12T03:10")


def test_a_window_opening_in_the_skipped_hour_opens_with_the_change() -> None:
    window = Window(opens=time(3, 30), days=frozenset({"sun"}))
    assert first_allowed(helsinki("2026-03-29T01:00"), window, HELSINKI, "FI") == helsinki("2026-03-29T04:00")


def test_without_a_window_any_moment_is_allowed() -> None:
    night = helsinki("2026-12-25T03:00")
    assert in_window(night, None, HELSINKI, "FI")
    assert first_allowed(night, None, HELSINKI, "FI") == night


def test_a_moment_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        first_allowed(datetime(2026, 11, 23, 10), None, HELSINKI, "FI")  # noqa: DTZ001 the mistake under test


# --- plans ---------------------------------------------------------------------------------------


def test_next_day_is_by_the_clock_on_the_wall() -> None:
    schedule = Schedule(survey="visit", delay=None, next_day_at=time(12), window=Window(days=frozenset(WEEKDAYS)))
    assert planned("2026-10-24T10:00", schedule).send_at == helsinki("2026-10-25T12:00+02:00")
    assert planned("2026-10-24T23:59", schedule).send_at == helsinki("2026-10-25T12:00+02:00")
    assert planned("2026-10-25T00:00", schedule).send_at == helsinki("2026-10-26T12:00")


def test_a_visit_in_working_hours_is_asked_on_the_minute() -> None:
    at_noon = helsinki("2026-11-23T12:00")
    assert planned("2026-11-23T10:00", Schedule(survey="visit")) == Plan(at_noon, at_noon, "on_time")


def test_a_visit_too_old_when_the_window_opens_is_not_asked() -> None:
    three_days = Schedule(survey="visit", max_age=timedelta(days=3))
    four_days = Schedule(survey="visit", max_age=timedelta(days=4))
    assert planned("2026-12-24T10:00", three_days) == Plan(None, None, "too_old")
    assert planned("2026-12-24T10:00", four_days).not_before == helsinki("2026-12-28T09:00")


def test_a_visit_just_old_enough_is_asked_the_second_the_window_opens() -> None:
    schedule = Schedule(survey="visit", max_age=timedelta(hours=15))
    opening = helsinki("2026-11-24T09:00")
    assert planned("2026-11-23T18:00", schedule) == Plan(opening, opening, "held_by_window")


def test_the_night_s_visits_leave_evenly_over_half_an_hour() -> None:
    schedule = Schedule(survey="visit")
    plans = [planned("2026-11-23T21:00", schedule, f"keskusta:{number}") for number in range(3000)]
    opening = helsinki("2026-11-24T09:00")
    minutes = [(plan.send_at - opening) // timedelta(minutes=1) for plan in plans if plan.send_at]
    per_minute = [minutes.count(minute) for minute in range(30)]
    assert sum(per_minute) == 3000
    assert min(per_minute) > 50
    assert max(per_minute) < 160


def test_a_short_window_holds_its_whole_spread() -> None:
    schedule = Schedule(survey="visit", window=Window(opens=time(9), closes=time(9, 10)))
    sent = [planned("2026-11-23T21:00", schedule, str(number)).send_at for number in range(200)]
    assert all(moment and in_window(moment, schedule.window, HELSINKI, "FI") for moment in sent)
    assert len(set(sent)) > 100


def test_a_text_that_missed_its_window_waits_for_the_next_one() -> None:
    schedule = Schedule(survey="visit")
    ended_at, late = helsinki("2026-11-21T15:00"), helsinki("2026-11-21T20:30")
    plan = next_window(late, ended_at, schedule, HELSINKI, "FI", "keskusta:1")
    assert plan.not_before == helsinki("2026-11-23T09:00")
    assert plan.reason == "held_by_window"
    old = next_window(late + timedelta(days=7), ended_at, schedule, HELSINKI, "FI", "keskusta:1")
    assert old == Plan(None, None, "too_old")


@unhurried
@given(moments, schedules(), zones, countries, keys)
def test_every_plan_keeps_the_rules(
    ended_at: datetime, schedule: Schedule, zone: ZoneInfo, country: str, key: str
) -> None:
    plan = plan_send(ended_at, schedule, zone, country, key)
    if plan.not_before is None or plan.send_at is None:
        assert plan == Plan(None, None, "too_old")
        return
    assert plan.not_before <= plan.send_at <= ended_at + schedule.max_age
    assert plan.send_at - plan.not_before < SPREAD
    assert in_window(plan.send_at, schedule.window, zone, country)
    assert plan.send_at == plan.not_before or plan.reason == "held_by_window"
    if schedule.delay is not None:
        assert plan.not_before >= ended_at + schedule.delay
        assert (plan.not_before == ended_at + schedule.delay) == (plan.reason == "on_time")
    again = next_window(plan.send_at, ended_at, schedule, zone, country, key)
    assert again == Plan(plan.send_at, plan.send_at, "on_time")


@unhurried
@given(moments, st.timedeltas(timedelta(0), timedelta(days=10)), schedules(), zones)
def test_a_later_visit_is_never_asked_earlier(
    ended_at: datetime, after: timedelta, schedule: Schedule, zone: ZoneInfo
) -> None:
    one = plan_send(ended_at, schedule, zone, "FI", "a").not_before
    other = plan_send(ended_at + after, schedule, zone, "FI", "b").not_before
    assume(one is not None and other is not None)
    assert one is not None
    assert other is not None
    assert one <= other


@unhurried
@given(moments, schedules(), keys)
def test_a_plan_does_not_depend_on_how_the_moment_was_written(ended_at: datetime, schedule: Schedule, key: str) -> None:
    elsewhere = ended_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert plan_send(ended_at, schedule, HELSINKI, "FI", key) == plan_send(elsewhere, schedule, HELSINKI, "FI", key)


# --- whom to ask ---------------------------------------------------------------------------------


@given(keys, st.floats(0, 1), st.floats(0, 1))
def test_whoever_is_in_a_small_sample_is_in_a_larger_one(key: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert sampled_in(key, large) or not sampled_in(key, small)


@given(keys)
def test_a_full_sample_asks_everyone_and_an_empty_one_nobody(key: str) -> None:
    assert sampled_in(key, 1.0)
    assert not sampled_in(key, 0.0)


def test_a_sample_is_of_its_share_and_the_same_on_every_machine() -> None:
    chosen = [number for number in range(10_000) if sampled_in(f"keskusta:{number}", 0.3)]
    assert 2850 < len(chosen) < 3150
    assert chosen[:5] == FIRST_FIVE_OF_THE_SAMPLE


def test_a_key_with_broken_bytes_is_decided_too() -> None:
    assert sampled_in("keskusta:\udce4", 1.0)


# Written down once: a change here would decide differently about visits that were already decided.
FIRST_FIVE_OF_THE_SAMPLE = [4, 8, 10, 14, 18]


@pytest.mark.parametrize(
    ("other", "too_close"),
    [
        ("2026-11-23T12:00", True),
        ("2026-10-24T12:00:01", True),
        ("2026-10-24T12:00:00", False),
        ("2026-12-23T11:59:59", True),
        ("2026-12-23T12:00:00", False),
    ],
)
def test_cool_down_looks_both_ways(other: str, too_close: bool) -> None:
    day = timedelta(days=1)
    send_at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    others = [send_at - 90 * day, datetime.fromisoformat(other).replace(tzinfo=UTC), send_at + 90 * day]
    assert cooling_down(send_at, others, 30 * day) is too_close


def test_no_cool_down_and_no_others_hold_nobody_back() -> None:
    send_at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert not cooling_down(send_at, [send_at], None)
    assert not cooling_down(send_at, [], timedelta(days=30))
