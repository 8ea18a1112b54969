"""The conversation as a state machine: hand-made readings in, states, answers and texts out."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.conversation import (
    Effect,
    State,
    Step,
    begin,
    dump,
    last_rated,
    load,
    open_question,
    step,
    text_cap,
    without_survey,
)
from surveys.definition import Survey, drawn_questions, load_catalogue
from surveys.reading import Flag, Kind, Reading

CATALOGUE = load_catalogue()
SURVEYS = sorted(CATALOGUE.surveys)
MARK = {"visit": 4, "recommend": 9, "thl": 4, "fft": 4}
LOW = {"visit": 1, "recommend": 3, "thl": 2, "fft": 1}


def heard(
    kind: Kind = Kind.UNCLEAR,
    rating: int | None = None,
    comment: str | None = None,
    *flags: Flag,
    language: str = "fi",
    wanted: str | None = None,
) -> Reading:
    return Reading(kind, rating, comment, language, "", frozenset(flags), wanted)


def begun(survey_id: str) -> tuple[Survey, State]:
    survey = CATALOGUE.survey(survey_id)
    return survey, begin(drawn_questions(survey, "an invitation"), "fi")


def rated(survey_id: str, mark: int | None = None) -> tuple[Survey, State]:
    """All ratings given: the open question is open."""
    survey, state = begun(survey_id)
    while (question := open_question(survey, state)) is not None and question.kind == "rating":
        state = step(survey, state, heard(Kind.RATING, MARK[survey_id] if mark is None else mark)).state
    return survey, state


def situation(name: str, survey_id: str) -> tuple[Survey, State]:
    survey, state = begun(survey_id)
    if name == "open question":
        survey, state = rated(survey_id)
    if name == "closed":
        survey, state = rated(survey_id)
        state = step(survey, state, heard(Kind.COMMENT, None, "hyvä")).state
        assert state.closed == "finished"
    return survey, state


def said(result: Step) -> str | None:
    return result.say.key if result.say else None


def kinds(result: Step) -> list[str]:
    return [answer.kind for answer in result.answers]


# Kind: the reading, and by situation what is said and the answers kept. "next" is the following question, or
# the thanks where there is none.
WORDS = "omia sanoja"
TABLE: dict[Kind, tuple[Reading, dict[str, tuple[str | None, list[str]]]]] = {
    Kind.RATING: (
        heard(Kind.RATING, 4),
        {
            "rating question": ("question", ["rating"]),
            "open question": ("thanks", []),
            "closed": (None, []),
            "late": ("closed", ["late_rating"]),
        },
    ),
    Kind.RATING_COMMENT: (
        heard(Kind.RATING_COMMENT, 4, WORDS),
        {
            "rating question": ("next", ["rating", "comment"]),
            "open question": ("thanks", ["comment"]),
            "closed": (None, ["comment"]),
            "late": ("closed", ["late_rating", "late_comment"]),
        },
    ),
    Kind.COMMENT: (
        heard(Kind.COMMENT, None, WORDS),
        {
            "rating question": ("clarify", ["comment"]),
            "open question": ("thanks", ["comment"]),
            "closed": (None, ["comment"]),
            "late": ("closed", ["late_comment"]),
        },
    ),
    Kind.DONT_KNOW: (
        heard(Kind.DONT_KNOW),
        {
            "rating question": ("question", ["dont_know"]),
            "open question": ("thanks", []),
            "closed": (None, []),
            "late": ("closed", []),
        },
    ),
    Kind.OPT_OUT: (
        heard(Kind.OPT_OUT, None, "STOP"),
        {
            "rating question": ("opt_out_done", []),
            "open question": ("opt_out_done", []),
            "closed": ("opt_out_done", []),
            "late": ("opt_out_done", []),
        },
    ),
    Kind.OPT_IN: (
        heard(Kind.OPT_IN),
        {
            "rating question": ("opt_in_done", []),
            "open question": ("opt_in_done", []),
            "closed": ("opt_in_done", []),
            "late": ("opt_in_done", []),
        },
    ),
    Kind.HELP: (
        heard(Kind.HELP),
        {
            "rating question": ("help", []),
            "open question": ("help", []),
            "closed": ("help", []),
            "late": ("help", []),
        },
    ),
    Kind.LANGUAGE: (
        heard(Kind.LANGUAGE, wanted="en"),
        {
            "rating question": ("invitation", []),
            "open question": ("question", []),
            "closed": ("language_changed", []),
            "late": ("closed", []),
        },
    ),
    Kind.WRONG_PERSON: (
        heard(Kind.WRONG_PERSON, None, WORDS),
        {
            "rating question": ("wrong_person", ["comment"]),
            "open question": ("wrong_person", ["comment"]),
            "closed": ("wrong_person", ["comment"]),
            "late": ("wrong_person", ["late_comment"]),
        },
    ),
    Kind.CONTACT_REQUEST: (
        heard(Kind.CONTACT_REQUEST, None, WORDS),
        {
            "rating question": ("contact", ["comment"]),
            "open question": ("contact", ["comment"]),
            "closed": ("contact", ["comment"]),
            "late": ("contact", ["late_comment"]),
        },
    ),
    Kind.URGENT: (
        heard(Kind.URGENT, None, WORDS),
        {
            "rating question": ("urgent", ["comment"]),
            "open question": ("urgent", ["comment"]),
            "closed": ("urgent", ["comment"]),
            "late": ("urgent", ["late_comment"]),
        },
    ),
    Kind.UNCLEAR: (
        heard(),
        {
            "rating question": ("clarify", []),
            "open question": ("thanks", []),
            "closed": (None, []),
            "late": ("closed", []),
        },
    ),
}
CASES = [
    (survey, kind, name, *expected)
    for survey in SURVEYS
    for kind, (_, by_situation) in TABLE.items()
    for name, expected in by_situation.items()
]


def test_the_table_has_every_kind() -> None:
    assert set(TABLE) == set(Kind)


@pytest.mark.parametrize(("survey_id", "kind", "name", "key", "kept"), CASES)
def test_each_kind_of_reply_in_each_situation(
    survey_id: str, kind: Kind, name: str, key: str | None, kept: list[str]
) -> None:
    survey, state = situation(name, survey_id)
    if key == "next":  # the person has said something already: only a further rating is asked
        key = "question" if survey_id == "thl" else "thanks"
    reading = TABLE[kind][0]
    if reading.rating is not None and survey_id == "recommend":
        reading = replace(reading, rating=9)

    result = step(survey, state, reading, late=name == "late")

    assert said(result) == key
    assert kinds(result) == kept


@pytest.mark.parametrize("survey_id", SURVEYS)
def test_a_low_mark_is_met_gently_to_the_end(survey_id: str) -> None:
    survey, state = rated(survey_id, LOW[survey_id])

    assert state.low
    assert said(step(survey, state, heard(Kind.COMMENT, None, WORDS))) == "thanks_low"


def test_the_open_question_after_a_low_mark_is_the_gentle_one() -> None:
    survey, state = begun("visit")

    result = step(survey, state, heard(Kind.RATING, 1))

    assert result.say is not None
    assert (result.say.question, result.say.after_low) == ("comment", True)


def test_a_question_is_asked_again_once() -> None:
    survey, state = begun("visit")
    first = step(survey, state, heard())
    second = step(survey, first.state, heard())

    assert (said(first), said(second)) == ("clarify", "thanks")
    assert second.state.closed == "finished"


def test_each_rating_may_be_asked_again_once() -> None:
    survey, state = begun("thl")
    keys = []
    for reading in (heard(), heard(Kind.RATING, 4), heard(), heard(Kind.RATING, 4)):
        result = step(survey, state, reading)
        state = result.state
        keys.append(said(result))

    assert keys == ["clarify", "question", "clarify", "question"]


@pytest.mark.parametrize("closed", [False, True])
def test_a_correction_replaces_the_last_mark_and_asks_nothing(closed: bool) -> None:
    survey, state = situation("closed" if closed else "open question", "visit")

    result = step(survey, state, heard(Kind.RATING, 2, None, Flag.CORRECTION))

    assert [(answer.question, answer.value) for answer in result.answers] == [("rating", 2)]
    assert result.say is None
    assert dict(result.state.marks) == {"rating": 2}
    assert result.state.low


def test_words_of_praise_beside_a_correction_are_the_comment() -> None:
    survey, state = situation("open question", "visit")

    result = step(survey, state, heard(Kind.RATING_COMMENT, 5, WORDS, Flag.CORRECTION))

    assert kinds(result) == ["rating", "comment"]
    assert said(result) == "thanks"


def test_a_mark_without_the_word_of_a_correction_is_none() -> None:
    survey, state = situation("open question", "visit")

    assert dict(step(survey, state, heard(Kind.RATING, 2)).state.marks) == {"rating": 4}


def test_who_declines_is_left_in_peace_and_not_opted_out() -> None:
    survey, state = begun("visit")

    result = step(survey, state, heard(Kind.UNCLEAR, None, "en halua", Flag.DECLINED))

    assert (result.say, result.state.closed, result.effects) == (None, "declined", frozenset())


def test_does_not_concern_me_is_no_mark() -> None:
    survey, state = begun("fft")

    result = step(survey, state, heard(Kind.DONT_KNOW, None, None, Flag.NOT_CONCERNED))

    assert kinds(result) == ["not_concerned"]
    assert last_rated(survey, result.state) is None


def test_a_machine_is_not_talked_to() -> None:
    survey, state = begun("visit")
    reading = heard(Kind.UNCLEAR, None, None, Flag.MACHINE)

    assert step(survey, state, reading) == Step(state)
    assert without_survey(reading).say is None


@pytest.mark.parametrize(
    ("flags", "kind", "effects"),
    [
        ((), Kind.OPT_OUT, {Effect.OPT_OUT}),
        ((Flag.OPT_OUT,), Kind.URGENT, {Effect.URGENT, Effect.OPT_OUT}),
        ((Flag.CONTACT_REQUEST,), Kind.WRONG_PERSON, {Effect.WRONG_PERSON, Effect.CONTACT}),
        ((Flag.DECEASED,), Kind.WRONG_PERSON, {Effect.WRONG_PERSON, Effect.DECEASED}),
        ((), Kind.OPT_IN, {Effect.OPT_IN}),
        ((), Kind.RATING, set()),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_every_signal_in_a_reply_is_honoured(
    flags: tuple[Flag, ...], kind: Kind, effects: set[Effect], late: bool
) -> None:
    survey, state = begun("visit")

    assert step(survey, state, heard(kind, None, None, *flags), late=late).effects == effects


def test_news_of_a_death_is_met_with_sympathy() -> None:
    survey, state = begun("visit")

    assert said(step(survey, state, heard(Kind.WRONG_PERSON, None, WORDS, Flag.DECEASED))) == "deceased"
    assert said(without_survey(heard(Kind.WRONG_PERSON, None, WORDS, Flag.DECEASED))) == "deceased"


def test_start_reopens_what_stop_had_closed_and_a_second_stop_is_confirmed() -> None:
    survey, state = begun("visit")
    state = step(survey, state, heard(Kind.OPT_OUT)).state
    state = step(survey, state, heard(Kind.OPT_IN)).state

    assert said(step(survey, state, heard(Kind.RATING, 4))) == "question"
    assert said(step(survey, state, heard(Kind.OPT_OUT))) == "opt_out_done"


def test_after_a_wish_to_be_called_a_rating_that_was_never_asked_takes_no_number() -> None:
    survey, state = begun("thl")
    state = step(survey, state, heard(Kind.CONTACT_REQUEST, 2, "soittakaa")).state

    result = step(survey, state, heard(Kind.RATING, 5))

    assert kinds(result) == []


def test_after_a_wish_to_be_called_the_rating_that_was_asked_still_waits() -> None:
    survey, state = begun("visit")
    state = step(survey, state, heard(Kind.CONTACT_REQUEST, None, "soittakaa")).state

    assert kinds(step(survey, state, heard(Kind.RATING, 5))) == ["rating"]


@pytest.mark.parametrize("closed", ["finished", "opted_out", "wrong_person", "declined"])
def test_a_conversation_that_has_ended_hears_nothing_about_the_survey_closing(closed: str) -> None:
    survey, state = begun("visit")
    state = replace(state, closed=closed)

    result = step(survey, state, heard(Kind.COMMENT, None, WORDS), late=True)

    assert (result.say, result.state.closed) == (None, closed)


def test_the_survey_answers_in_the_language_it_is_written_to_in() -> None:
    survey, state = begun("visit")

    assert step(survey, state, heard(language="sv")).state.language == "sv"
    assert step(survey, state, heard(language="sv"), late=True).state.language == "sv"
    assert step(survey, state, heard(Kind.LANGUAGE, wanted="et")).state.language == "fi"


# --- what holds for every conversation ---------------------------------------------------------------

READINGS = st.builds(
    Reading,
    kind=st.sampled_from(Kind),
    rating=st.none() | st.integers(1, 5),
    comment=st.none() | st.sampled_from([WORDS, "muuta sanottavaa"]),
    language=st.sampled_from(["fi", "sv", "en", "et"]),
    why=st.just(""),
    flags=st.frozensets(st.sampled_from([flag for flag in Flag if flag is not Flag.MACHINE]), max_size=2),
    wanted_language=st.none() | st.sampled_from(["en", "sv", "se"]),
)
REPLIES = st.lists(st.tuples(READINGS, st.booleans()), max_size=12)


@settings(max_examples=60)
@given(survey_id=st.sampled_from(SURVEYS), replies=REPLIES)
def test_no_sequence_of_replies_makes_it_send_more_than_its_cap(
    survey_id: str, replies: list[tuple[Reading, bool]]
) -> None:
    survey, state = begun(survey_id)
    texts = 0
    for reading, late in replies:
        result = step(survey, state, reading, late=late)
        texts += result.say is not None
        state = result.state

    assert texts <= text_cap(state) + 1  # one more is kept for the confirmation of an opt-out


@settings(max_examples=60)
@given(survey_id=st.sampled_from(SURVEYS), replies=REPLIES, reading=READINGS, late=st.booleans())
def test_no_reading_loses_its_words(
    survey_id: str, replies: list[tuple[Reading, bool]], reading: Reading, late: bool
) -> None:
    survey, state = begun(survey_id)
    for earlier, was_late in replies:
        state = step(survey, state, earlier, late=was_late).state

    result = step(survey, state, reading, late=late)

    if reading.comment and reading.kind is not Kind.OPT_OUT:
        assert reading.comment in [answer.comment for answer in result.answers]


@settings(max_examples=60)
@given(survey_id=st.sampled_from(SURVEYS), replies=REPLIES)
def test_each_question_is_clarified_once_at_most(survey_id: str, replies: list[tuple[Reading, bool]]) -> None:
    survey, state = begun(survey_id)
    clarified: list[int] = []
    for reading, late in replies:
        result = step(survey, state, reading, late=late)
        if said(result) == "clarify":
            clarified.append(state.at)
        state = result.state

    assert len(clarified) == len(set(clarified))


@settings(max_examples=60)
@given(survey_id=st.sampled_from(SURVEYS), replies=REPLIES)
def test_every_reachable_state_ends(survey_id: str, replies: list[tuple[Reading, bool]]) -> None:
    survey, state = begun(survey_id)
    for reading, late in replies:
        state = step(survey, state, reading, late=late).state
    for _ in range(2 * len(state.questions)):
        state = step(survey, state, heard()).state

    assert state.closed is not None
    assert open_question(survey, state) is None


@settings(max_examples=60)
@given(survey_id=st.sampled_from(SURVEYS), replies=REPLIES, reading=READINGS)
def test_the_same_reply_again_leaves_the_marks_as_they_are(
    survey_id: str, replies: list[tuple[Reading, bool]], reading: Reading
) -> None:
    survey, state = begun(survey_id)
    for earlier, late in replies:
        state = step(survey, state, earlier, late=late).state
    once = step(survey, state, reading).state
    if open_question(survey, once) is not open_question(survey, state):
        return  # another question is open: the same words are an answer to it

    assert step(survey, once, reading).state.marks == once.marks


@settings(max_examples=60)
@given(survey_id=st.sampled_from(SURVEYS), replies=REPLIES)
def test_a_mark_always_belongs_to_a_question_that_was_asked(
    survey_id: str, replies: list[tuple[Reading, bool]]
) -> None:
    survey, state = begun(survey_id)
    for reading, late in replies:
        result = step(survey, state, reading, late=late)
        for answer in result.answers:
            assert answer.question in state.questions
            assert (answer.value is not None) == (answer.kind in ("rating", "late_rating"))
            assert not late or answer.kind.startswith("late_")
        state = result.state


@settings(max_examples=60)
@given(survey_id=st.sampled_from(SURVEYS), replies=REPLIES)
def test_a_state_is_read_back_as_it_was_written(survey_id: str, replies: list[tuple[Reading, bool]]) -> None:
    survey, state = begun(survey_id)
    for reading, late in replies:
        state = step(survey, state, reading, late=late).state

    assert load(dump(state)) == state
