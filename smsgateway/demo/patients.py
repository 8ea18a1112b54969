"""What the simulated patients do with a text: whether they reply, after how long, and in which words.

Everything follows from the seed, the visit and the purpose of the text: the same demo has the same patients.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp
from random import Random

from smsgateway.demo.county import Character, Mood, Words
from smsgateway.demo.visits import Visit
from surveys.definition import Survey
from surveys.scales import Scale, scale

LANGUAGES_REPLY = {"fi": 1.0, "sv": 1.12, "en": 0.8}
"""How readily people reply, by the language they are asked in, beside their unit's share."""

AGES_REPLY = {"0-17": 1.0, "18-34": 0.75, "35-49": 0.9, "50-64": 1.05, "65-79": 1.25, "80+": 0.9}
REMINDERS_REPLY = 0.2
"""Of those who kept silent, the share of the first reply's that a reminder wins."""

MEDIAN_WAIT, WIDTH_OF_WAIT = timedelta(minutes=50), 1.4
LONGEST_WAIT = timedelta(days=2)
LATE_WAIT = timedelta(days=9)
BETWEEN_TURNS = timedelta(minutes=3)

SPREAD = 0.25
"""Standard deviation of satisfaction within a unit, on 0..1."""
CONCERNS_NOT = 0.03

COMMENTS = {"good": 0.36, "mixed": 0.45, "bad": 0.6}
"""Who answers the open question, by the mood of the visit: the unhappy have more to say."""

MANNERS = {
    "bare": 0.74,
    "word": 0.06,
    "dressed": 0.07,
    "beside": 0.07,
    "unclear": 0.015,
    "opt_out": 0.014,
    "wrong_number": 0.006,
    "contact": 0.006,
    "late": 0.012,
}
"""How people reply, as shares."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One text of a patient, so long after the last one it answers; `rating` is the mark that it means."""

    wait: timedelta
    text: str
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Patients:
    """The patients of units with these characters; `last` is the last day of the year that they live through."""

    words: Mapping[str, Words]
    characters: Mapping[str, Character]
    last: date
    seed: int

    def script(self, visit: Visit, survey: Survey, purpose: str) -> list[Turn]:
        """What the patient will text once the text of this purpose has come; nothing for most.

        A turn after the first is sent only when the service has answered the one before it.
        """
        random = Random(f"{self.seed}/{visit.visit_id}/{purpose}")
        language = visit.person.language if visit.person.language in self.words else "en"
        if random.random() >= self._readiness(visit, language, purpose):
            return []
        wait = min(MEDIAN_WAIT * exp(random.gauss(0, WIDTH_OF_WAIT)), LONGEST_WAIT)
        return Writer(self.words[language], visit.unit, survey, random).turns(wait, self._mood(visit, random))

    def _readiness(self, visit: Visit, language: str, purpose: str) -> float:
        share = self.characters[visit.unit].answers * LANGUAGES_REPLY[language] * AGES_REPLY[visit.person.age_band]
        return share if purpose == "invitation" else share * REMINDERS_REPLY

    def _mood(self, visit: Visit, random: Random) -> float:
        """How the visit was, from 0 to 1."""
        centre = self.characters[visit.unit].satisfaction_on(visit.ended_at.date(), self.last)
        return min(max(random.gauss(centre, SPREAD), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Writer:
    """One patient at the phone."""

    words: Words
    unit: str
    survey: Survey
    random: Random

    def turns(self, wait: timedelta, mood: float) -> list[Turn]:
        manner = self.random.choices(list(MANNERS), list(MANNERS.values()))[0]
        if manner in ("opt_out", "wrong_number"):
            return [Turn(wait, self.random.choice(getattr(self.words, manner)))]
        asked = self.survey.draw or len(self.survey.ratings)
        scales = [scale(question.scale or "1-5") for question in self.survey.ratings[:asked]]
        marks = [self._mark(each, mood) for each in scales]
        first = self._first(manner, wait, marks[0], scales[0])
        further = [bare(BETWEEN_TURNS, *each) for each in zip(marks, scales, strict=True)][1:]
        if manner == "late":
            return first
        if manner in ("beside", "contact"):
            return [*first, *further]
        return [*first, *further, *self._comment(mark_mood(marks[0], scales[0]))]

    def _mark(self, on: Scale, mood: float) -> int:
        if on.zero_means_none:
            return 0 if self.random.random() < CONCERNS_NOT else 1 + round(mood * (on.high - 1))
        return on.low + round(mood * (on.high - on.low))

    def _first(self, manner: str, wait: timedelta, mark: int, on: Scale) -> list[Turn]:
        if mark == 0 and on.zero_means_none:
            return [bare(wait, mark, on)]
        match manner:
            case "late":
                return [Turn(LATE_WAIT, str(mark))]
            case "unclear" if on.high == 5:
                low = min(max(mark, 1), 4)
                wavering = self.random.choice(self.words.unclear).format(low=low, high=low + 1)
                return [Turn(wait, wavering), Turn(BETWEEN_TURNS, str(mark), mark)]
            case "word":
                return [Turn(wait, self.random.choice(self.words.words[mark]), mark)]
            case "dressed" | "contact":
                return [Turn(wait, self.random.choice(getattr(self.words, manner)).format(n=mark), mark)]
            case "beside":
                lines = self.words.beside_the_mark.of(mark_mood(mark, on))
                return [Turn(wait, self.random.choice(lines).format(n=mark), mark)]
        return [bare(wait, mark, on)]

    def _comment(self, mood: Mood) -> list[Turn]:
        if self.random.random() >= COMMENTS[mood]:
            return []
        return [Turn(BETWEEN_TURNS, self.random.choice(self.words.comments_at(self.unit, mood)))]


def bare(wait: timedelta, mark: int, on: Scale) -> Turn:
    return Turn(wait, str(mark), None if mark == 0 and on.zero_means_none else mark)


def mark_mood(mark: int, on: Scale) -> Mood:
    if mark not in on:
        return "mixed"  # it does not concern them
    share = (mark - on.low) / (on.high - on.low)
    return "good" if share >= 0.7 else "mixed" if share >= 0.45 else "bad"
