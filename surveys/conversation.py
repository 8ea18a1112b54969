"""The conversation after an invitation, as a pure state machine: (state, reading, late?) to (state, answers, texts).

A reply gets one text at most, and a conversation has a cap on all of them, so no sequence of replies and no
machine at the other end makes it write without end. Every word of a person is in an answer or was a command.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from surveys.definition import Question, Survey
from surveys.reading import Flag, Kind, Reading

AnswerKind = Literal["rating", "dont_know", "not_concerned", "comment", "late_rating", "late_comment"]

CLARIFICATIONS = 1
"""Times one question is asked again: after that the words are for a person to read (domain policy 4.2, 2)."""


class Effect(StrEnum):
    """What a reply asks of the service beyond an answer."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    WRONG_PERSON = "wrong_person"
    DECEASED = "deceased"
    CONTACT = "contact"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class State:
    """Where a conversation stands. `at` is the place in `questions` of the one that is open; past the end: none."""

    questions: tuple[str, ...]
    language: str
    at: int = 0
    clarified: int = 0
    texts: int = 0
    marks: tuple[tuple[str, int], ...] = ()
    commented: bool = False
    low: bool = False
    closed: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """One answer: a mark (`value`), a comment, or neither ("don't know")."""

    question: str
    kind: AnswerKind
    value: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """A text to send: a catalogue key, or `question` for the question of that id; `after_low` asks it gently."""

    key: str
    question: str | None = None
    after_low: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What one reply led to."""

    state: State
    answers: tuple[Given, ...] = ()
    say: Say | None = None
    effects: frozenset[Effect] = field(default_factory=frozenset)


def dump(state: State) -> str:
    """The state as JSON text, for keeping."""
    # Not dataclasses.asdict: it copies every value deeply, and this is written for each reply.
    return json.dumps({name: getattr(state, name) for name in State.__slots__}, separators=(",", ":"))


def load(text: str) -> State:
    """The state that `dump` wrote."""
    fields = json.loads(text)
    marks = tuple((name, mark) for name, mark in fields.pop("marks"))
    return State(questions=tuple(fields.pop("questions")), marks=marks, **fields)


def begin(questions: Sequence[Question], language: str) -> State:
    """The conversation that an invitation opens; its first question is in the invitation itself."""
    return State(tuple(question.id for question in questions), language)


def open_question(survey: Survey, state: State) -> Question | None:
    """The question that a reply now answers; None when all are through."""
    if state.closed or state.at >= len(state.questions):
        return None
    return survey.question(state.questions[state.at])


def last_rated(survey: Survey, state: State) -> Question | None:
    """The question of the last mark given: what "I meant 4" corrects."""
    given = [name for name in state.questions if name in dict(state.marks)]
    return survey.question(given[-1]) if given else None


def text_cap(state: State) -> int:
    """Texts one conversation may send: each question once more than its first asking, thanks, and two for help.

    One more is kept for the confirmation of an opt-out.
    """
    return 2 * len(state.questions) + 3


def step(survey: Survey, state: State, reading: Reading, *, late: bool = False) -> Step:
    """What `reading` makes of the conversation. `late`: it came after the window closed; kept, marked, not counted."""
    if Flag.MACHINE in reading.flags:
        return Step(state)
    state = replace(state, language=_language(survey, state, reading))
    if late:
        return _late(survey, state, reading)
    result = _ACTIONS.get(reading.kind, _answer)(survey, state, reading)
    result = replace(result, effects=result.effects | _effects(reading))
    return _within_cap(result)


def without_survey(reading: Reading) -> Step:
    """What a reply leads to that belongs to no invitation: commands and people are heard, nothing else is answered."""
    state = State((), reading.language, closed="none")
    says = {
        Kind.OPT_OUT: Say("opt_out_done"),
        Kind.OPT_IN: Say("opt_in_done"),
        Kind.HELP: Say("help"),
        Kind.URGENT: Say("urgent"),
        Kind.WRONG_PERSON: Say(_wrong_person_key(reading)),
    }
    if Flag.MACHINE in reading.flags:
        return Step(state)
    return Step(state, say=says.get(reading.kind), effects=_effects(reading))


# --- what each kind of reply leads to ---------------------------------------------------------------


def _answer(survey: Survey, state: State, reading: Reading) -> Step:
    question = open_question(survey, state)
    answers, state = _keep(survey, state, reading)
    if Flag.DECLINED in reading.flags:
        return Step(replace(state, closed=state.closed or "declined"), answers)
    if question is None or (Flag.CORRECTION in reading.flags and question.kind == "open" and not reading.comment):
        return Step(state, answers)
    if question.kind == "rating" and not _settled(question, state, reading):
        if state.clarified < CLARIFICATIONS:
            return Step(replace(state, clarified=state.clarified + 1), answers, Say("clarify"))
        # Asked once already: the words are kept, a person reads them, and the conversation ends in peace.
        return _finish(replace(state, at=len(state.questions)), answers)
    return _go_on(survey, state, answers)


def _go_on(survey: Survey, state: State, answers: tuple[Given, ...]) -> Step:
    """To the next question; an open one is skipped when the person has already said something."""
    state = replace(state, at=state.at + 1, clarified=0)
    following = open_question(survey, state)
    if following is not None and following.kind == "open" and state.commented:
        state = replace(state, at=state.at + 1)
        following = open_question(survey, state)
    if following is None:
        return _finish(state, answers)
    return Step(state, answers, Say("question", following.id, after_low=state.low))


def _finish(state: State, answers: tuple[Given, ...]) -> Step:
    return Step(replace(state, closed="finished"), answers, Say("thanks_low" if state.low else "thanks"))


def _opt_out(survey: Survey, state: State, reading: Reading) -> Step:
    answers, after = _keep(survey, state, reading, words=False)
    already = state.closed == "opted_out"
    return Step(replace(after, closed="opted_out"), answers, None if already else Say("opt_out_done"))


def _opt_in(survey: Survey, state: State, reading: Reading) -> Step:
    """Takes back a STOP: the conversation that it closed goes on where it stood."""
    answers, state = _keep(survey, state, reading)
    state = replace(state, closed=None if state.closed == "opted_out" else state.closed)
    return Step(state, answers, Say("opt_in_done"))


def _help(survey: Survey, state: State, reading: Reading) -> Step:
    answers, state = _keep(survey, state, reading)
    return Step(state, answers, Say("help"))


def _change_language(survey: Survey, state: State, reading: Reading) -> Step:
    """The open question again in the language asked for; a mark in the same text is taken."""
    if reading.rating is not None:
        return _answer(survey, state, reading)
    answers, state = _keep(survey, state, reading)
    question = open_question(survey, state)
    if question is None:
        return Step(state, answers, Say("language_changed"))
    first = state.at == 0 and question.kind == "rating"
    return Step(state, answers, Say("invitation") if first else Say("question", question.id, after_low=state.low))


def _wrong_person(survey: Survey, state: State, reading: Reading) -> Step:
    answers, after = _keep(survey, state, reading)
    already = state.closed in ("wrong_person", "deceased")
    key = _wrong_person_key(reading)
    return Step(replace(after, closed=key), answers, None if already else Say(key))


def _contact(survey: Survey, state: State, reading: Reading) -> Step:
    answers, state = _keep(survey, state, reading)
    return Step(_past_the_ratings(survey, state), answers, Say("contact"))


def _urgent(survey: Survey, state: State, reading: Reading) -> Step:
    answers, state = _keep(survey, state, reading)
    return Step(_past_the_ratings(survey, state), answers, Say("urgent"))


_ACTIONS = {
    Kind.OPT_OUT: _opt_out,
    Kind.OPT_IN: _opt_in,
    Kind.HELP: _help,
    Kind.LANGUAGE: _change_language,
    Kind.WRONG_PERSON: _wrong_person,
    Kind.CONTACT_REQUEST: _contact,
    Kind.URGENT: _urgent,
}


def _late(survey: Survey, state: State, reading: Reading) -> Step:
    """After the window: kept and marked, out of the figures. Commands and people count as ever; the rest hears once
    that the survey has closed, and nothing where the conversation had ended before."""
    if reading.kind in _ACTIONS and reading.kind is not Kind.LANGUAGE:
        result = _ACTIONS[reading.kind](survey, state, reading)
    else:
        answers, after = _keep(survey, state, reading)
        say = None if state.closed else Say("closed")
        result = Step(replace(after, closed=state.closed or "expired"), answers, say)
    kept = tuple(_as_late(answer) for answer in result.answers if not _known(survey, state, answer))
    result = replace(result, answers=kept, state=replace(result.state, marks=state.marks))
    return _within_cap(replace(result, effects=_effects(reading)))


# --- keeping what was said --------------------------------------------------------------------------


def _keep(survey: Survey, state: State, reading: Reading, *, words: bool = True) -> tuple[tuple[Given, ...], State]:
    """The answers in a reply, and the state that knows of them. `words`: keep its words as a comment as well."""
    answers: list[Given] = []
    question = _question_of_mark(survey, state, reading)
    if question is not None and reading.rating is not None:
        answers.append(Given(question.id, "rating", reading.rating))
        marks = {**dict(state.marks), question.id: reading.rating}
        state = replace(state, marks=tuple(sorted(marks.items())), low=_is_low(survey, marks))
    elif question is not None and reading.kind is Kind.DONT_KNOW:
        none: AnswerKind = "not_concerned" if Flag.NOT_CONCERNED in reading.flags else "dont_know"
        answers.append(Given(question.id, none))
    if words and reading.comment and reading.comment.strip():
        answers.append(Given(_question_of_words(survey, state), "comment", comment=reading.comment))
        state = replace(state, commented=True)
    return tuple(answers), state


def _question_of_mark(survey: Survey, state: State, reading: Reading) -> Question | None:
    """The rating a mark belongs to: the open one; else, for a correction, the last one given."""
    question = open_question(survey, state)
    if question is not None and question.kind == "rating":
        return question
    return last_rated(survey, state) if Flag.CORRECTION in reading.flags else None


def _question_of_words(survey: Survey, state: State) -> str:
    """Words belong to the survey's open question, whenever they come; without one, to the question asked."""
    names = [name for name in state.questions if survey.question(name).kind == "open"]
    return names[0] if names else state.questions[min(state.at, len(state.questions) - 1)]


def _is_low(survey: Survey, marks: dict[str, int]) -> bool:
    return any(survey.question(name).is_low(mark) for name, mark in marks.items())


def _settled(question: Question, state: State, reading: Reading) -> bool:
    return question.id in dict(state.marks) or reading.kind is Kind.DONT_KNOW


def _past_the_ratings(survey: Survey, state: State) -> State:
    """After a text of another kind went out in place of the next question: a rating that was never asked must not
    take a number that was not meant for it, so only words are waited for. One that was asked waits for its mark."""
    question = open_question(survey, state)
    if question is None or (question.kind == "rating" and question.id not in dict(state.marks)):
        return state
    waiting = range(state.at + 1, len(state.questions))
    words = (at for at in waiting if survey.question(state.questions[at]).kind == "open")
    at = next(words, len(state.questions))
    return replace(state, at=at, clarified=0, closed="finished" if at == len(state.questions) else None)


def _as_late(answer: Given) -> Given:
    kind: AnswerKind = "late_rating" if answer.kind == "rating" else "late_comment"
    return replace(answer, kind=kind)


def _known(survey: Survey, state: State, answer: Given) -> bool:
    """A late mark changes nothing that was given in time; "don't know" after the window says nothing new."""
    if answer.kind == "rating":
        return answer.question in dict(state.marks)
    return answer.kind != "comment"


def _effects(reading: Reading) -> frozenset[Effect]:
    """From the kind and from the second signals beneath it: both are honoured."""
    signals = {str(reading.kind), *map(str, reading.flags)}
    effects = {
        "opt_out": Effect.OPT_OUT,
        "opt_in": Effect.OPT_IN,
        "wrong_person": Effect.WRONG_PERSON,
        "deceased": Effect.DECEASED,
        "contact_request": Effect.CONTACT,
        "urgent": Effect.URGENT,
    }
    return frozenset(effect for signal, effect in effects.items() if signal in signals)


def _wrong_person_key(reading: Reading) -> str:
    return "deceased" if Flag.DECEASED in reading.flags else "wrong_person"


def _language(survey: Survey, state: State, reading: Reading) -> str:
    """The language asked for, else the one written in, as far as the survey speaks it."""
    wanted = reading.wanted_language or reading.language
    return wanted if getattr(survey.texts.clarify, wanted, None) else state.language


def _within_cap(result: Step) -> Step:
    """Counts the text, or keeps silent past the cap; the confirmation of an opt-out has a place of its own."""
    if result.say is None:
        return result
    confirmation = int(result.say.key == "opt_out_done")
    if result.state.texts >= text_cap(result.state) + confirmation:
        return replace(result, say=None)
    return replace(result, state=replace(result.state, texts=result.state.texts + 1))
