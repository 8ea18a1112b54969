"""Which number of a reply, if any, is the mark."""

from dataclasses import dataclass

from surveys.reading.normal import Folded
from surveys.reading.numbers import Number, looks_like_number
from surveys.reading.tongue import Tongue
from surveys.reading.weighing import Standing, Weighing
from surveys.scales import Scale


@dataclass(frozen=True, slots=True)
class Mark:
    """The outcome: a rating, or a reason to ask, or neither. `start` and `end` enclose the mark in the folded text."""

    rating: int | None
    ask: bool
    why: str
    start: int = 0
    end: int = 0


# More numbers than any answer to one question has; also bounds the time a text of numbers takes.
_MANY = 24
NOTHING = Mark(None, False, "")


def read_mark(folded: Folded, scale: Scale, tongue: Tongue) -> Mark:
    """The mark among the numbers of a reply on a scale, or why there is none."""
    sentence = Weighing(folded, scale, tongue)
    if len(sentence.numbers) > _MANY:
        return Mark(None, True, f"there are {len(sentence.numbers)} numbers, too many to tell the mark among them")
    weighed = _settled([(sentence.weigh(number), number) for number in sentence.numbers])
    for standing, number in weighed:
        if standing is Standing.ASK:
            return Mark(None, True, f'"{sentence.shown(number)}" is not one clear mark on {scale.name}')
    marks = [number for standing, number in weighed if standing in _MARKS]
    loose = [number for standing, number in weighed if standing is Standing.LOOSE and _rivals(number, scale)]
    if not marks:
        return _without_number(sentence, loose, [number for standing, number in weighed if standing is Standing.DENIED])
    announced = any(standing in _MARKS and standing is not Standing.MARK for standing, _ in weighed)
    rivals = marks if announced else marks + loose
    if len({number.value for number in rivals}) > 1:
        shown = " and ".join(f'"{sentence.shown(number)}"' for number in rivals[:3])
        return Mark(None, True, f"{shown} could both be the mark")
    number = marks[-1]
    start, end = sentence.tokens[number.first].start, sentence.tokens[number.last].end
    return Mark(number.value, False, f'"{sentence.shown(number)}" stands as the mark: {number.value}', start, end)


_MARKS = frozenset({Standing.SETTLED, Standing.ANNOUNCED, Standing.MARK})


def _settled(weighed: list[tuple[Standing, Number]]) -> list[tuple[Standing, Number]]:
    """Only the last word where one settles it: "5 vai 4? Sanotaan 4"."""
    settled = [pair for pair in weighed if pair[0] is Standing.SETTLED]
    if settled and weighed[-1][0] in {Standing.SETTLED, Standing.OTHER, Standing.LOOSE, Standing.DENIED}:
        return settled
    return weighed


def _rivals(number: Number, scale: Scale) -> bool:
    return number.digits and number.value is not None and number.value in scale


def _without_number(sentence: Weighing, loose: list[Number], denied: list[Number]) -> Mark:
    if denied:
        return Mark(None, True, f'"{sentence.shown(denied[0])}" is named as what the mark is not')
    if loose and sentence.word_count < 2:
        return Mark(None, True, f'"{sentence.shown(loose[0])}" may or may not be the mark')
    word = sentence.folded.text.strip()
    if sentence.word_count == 1 and len(sentence.tokens) == 1 and looks_like_number(word):
        return Mark(None, True, f'"{word}" looks like a mark, but misspelt')
    return NOTHING
