"""A schedule reads from and writes to the organisation file's shape, and says what is wrong with one."""

from datetime import UTC, time, timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from surveys.schedule import (
    WEEKDAYS,
    BadDuration,
    Schedule,
    Window,
    format_duration,
    parse_duration,
)

EXAMPLE = """
survey: visit
delay: 2h
window: {from: "09:00", to: "20:00", days: [mon, tue, wed, thu, fri, sat], holidays: false, eves: false}
sample: 1.0
cooldown: 30d
reminder_after: 48h
expires_after: 7d
max_age: 7d
"""


def read(**given: object) -> Schedule:
    return Schedule.model_validate({"survey": "visit", **given})


def complaint(**given: object) -> str:
    with pytest.raises(ValidationError) as refused:
        read(**given)
    assert refused.value.error_count() == 1
    return refused.value.errors()[0]["msg"].removeprefix("Value error, ")


def test_the_example_is_what_the_defaults_say_and_comes_back_word_for_word() -> None:
    example = yaml.safe_load(EXAMPLE)
    schedule = Schedule.model_validate(example)
    assert schedule == Schedule(survey="visit")
    written = schedule.model_dump(mode="json", by_alias=True)
    assert written == example
    assert list(written) == list(example)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1800),
        ("2h", 7200),
        ("7d", 604_800),
        ("90s", 90),
        ("2h30m", 9000),
        ("1d12h", 129_600),
        (" 2H ", 7200),
        ("0m", 0),
        ("3650d", 315_360_000),
    ],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("30", "needs its unit: write 30m, 30h or 30d"),
        ("", "is not a duration"),
        ("h", "is not a duration"),
        ("2 h", "is not a duration"),
        ("-2h", "is not a duration"),
        ("1.5h", "is not a duration"),
        ("30m2h", "is not a duration"),
        ("2h2h", "is not a duration"),
        ("2w", "is not a duration"),
        ("٢h", "is not a duration"),
        ("3651d", "at most 3650d"),
        ("99999999999999999999d", "at most 3650d"),
    ],
)
def test_what_is_no_duration_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadDuration, match=sentence):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0m", "30m", "1m30s", "2h30m", "24h", "48h", "3d", "30d", "2d1h", "2d30m"])
def test_durations_are_written_as_people_write_them(text: str) -> None:
    assert format_duration(parse_duration(text)) == text


durations = st.integers(0, 3650 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
longer_than_nothing = durations.filter(bool)


@given(durations)
def test_a_duration_survives_being_written(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


clocks = st.times().map(lambda clock: clock.replace(microsecond=0))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    opens, closes = sorted(draw(st.sets(clocks, min_size=2, max_size=2)))
    return Window(
        opens=opens,
        closes=draw(st.sampled_from([closes, time(0)])),
        days=draw(st.frozensets(st.sampled_from(WEEKDAYS), min_size=1)),
        holidays=draw(st.booleans()),
        eves=draw(st.booleans()),
    )


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    next_day_at = draw(st.none() | clocks)
    return Schedule(
        survey=draw(st.text("abcåäö-_ 1", min_size=1)),
        delay=draw(durations) if next_day_at is None else None,
        next_day_at=next_day_at,
        window=draw(st.none() | windows()),
        sample=draw(st.floats(0, 1)),
        cooldown=draw(st.none() | durations),
        reminder_after=draw(st.none() | longer_than_nothing),
        expires_after=draw(longer_than_nothing),
        max_age=draw(longer_than_nothing),
    )


@settings(max_examples=40)  # YAML is slow
@given(schedules())
def test_a_schedule_survives_being_written_as_yaml(schedule: Schedule) -> None:
    written = yaml.safe_dump(schedule.model_dump(mode="json", by_alias=True), allow_unicode=True)
    assert Schedule.model_validate(yaml.safe_load(written)) == schedule


def test_next_day_at_takes_the_place_of_the_delay() -> None:
    schedule = read(next_day_at="12:00")
    assert schedule.delay is None
    assert schedule.next_day_at == time(12)
    written = schedule.model_dump(mode="json", by_alias=True)
    assert written["next_day_at"] == "12:00"
    assert "delay" not in written


def test_no_window_is_any_time() -> None:
    assert read(window=None).window is None
    assert read(window=None).model_dump(mode="json", by_alias=True)["window"] is None


def test_a_window_may_last_to_the_end_of_the_day() -> None:
    window = Window.model_validate({"from": "09:00", "to": "24:00"})
    assert window.covers(time(23, 59, 59))
    assert not window.covers(time(8, 59, 59))
    assert window.model_dump(mode="json", by_alias=True)["to"] == "24:00"


@pytest.mark.parametrize(("clock", "open_then"), [("09:00", True), ("19:59", True), ("08:59", False), ("20:00", False)])
def test_a_window_opens_with_its_first_minute_and_closes_before_its_last(clock: str, open_then: bool) -> None:
    assert Window().covers(time.fromisoformat(clock)) is open_then


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"delay": "2h", "next_day_at": "12:00"},
            "delay and next_day_at exclude each other; keep one of them",
        ),
        ({"delay": None}, "say when texts go"),
        ({"delay": 30}, "needs its unit"),
        ({"delay": "30"}, "needs its unit"),
        ({"delay": True}, "needs its unit"),
        ({"delay": timedelta(seconds=-1)}, "from 0 to 3650 days"),
        ({"delay": timedelta(milliseconds=1)}, "whole seconds"),
        ({"max_age": "0d"}, "longer than nothing"),
        ({"expires_after": "0s"}, "longer than nothing"),
        ({"next_day_at": 720}, "in quotes"),
        ({"next_day_at": "noon"}, "is not a clock time"),
        ({"next_day_at": "24:00"}, "is not a clock time"),
        ({"next_day_at": time(12, tzinfo=UTC)}, "local time"),
        (
            {"window": {"from": "20:00", "to": "09:00"}},
            "closes at 09:00, which is not after it opens at 20:00",
        ),
        ({"window": {"from": "09:00", "to": "09:00"}}, "not after it opens"),
        ({"window": {"to": "00:00"}}, 'closes at "24:00"'),
        ({"window": {"to": 1200}}, "in quotes"),
        ({"window": {"from": "9"}}, "is not a clock time"),
        ({"window": {"from": "09:60"}}, "is not a clock time"),
        ({"window": {"days": []}}, "has no days"),
        ({"window": {"days": ["monday"]}}, "'mon', 'tue'"),
        ({"window": {"form": "09:00"}}, "not permitted"),
        ({"window": "always"}, "dictionary"),
        ({"sample": 1.01}, "less than or equal to 1"),
        ({"sample": -0.1}, "greater than or equal to 0"),
        ({"sample": float("nan")}, "equal to"),
        ({"sample": "50%"}, "valid number"),
        ({"sample": True}, "valid number"),
        ({"survey": ""}, "at least 1 character"),
        ({"dealy": "2h"}, "not permitted"),
    ],
)
def test_a_mistake_is_told_in_one_clear_sentence(given: dict[str, object], sentence: str) -> None:
    assert sentence in complaint(**given)


def test_a_schedule_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Schedule(survey="visit").__setattr__("sample", 0.5)
