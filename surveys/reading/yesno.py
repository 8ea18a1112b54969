"""Yes and no, where a question asks for them: 1 is yes, 0 is no."""

from functools import cache

from surveys.reading import lexicon
from surveys.reading.marks import NOTHING, Mark
from surveys.reading.normal import Folded
from surveys.reading.signals import Signals
from surveys.reading.surroundings import around


def read_yes_no(signals: Signals) -> Mark:
    """Yes, no, or neither: the whole reply or what stands before its first punctuation."""
    if signals.typed in {"1", "0"}:
        return Mark(int(signals.typed), False, f'"{signals.typed}" is {"yes" if signals.typed == "1" else "no"}')
    if signals.alone("answers.mixed"):
        return Mark(None, True, f'"{signals.typed}" is neither yes nor no')
    if _both(signals):
        return Mark(None, True, f'"{signals.typed}" says both yes and no')
    for said in _sayings(signals):
        for path, rating in (("answers.yes", 1), ("answers.no", 0)):
            if said in _sayings_of(path):
                return Mark(rating, False, f'"{said}" is {"yes" if rating else "no"}', 0, _length(signals.folded, said))
    return _led_by_yes(signals)


def _both(signals: Signals) -> bool:
    """ "Ei vai kyllä", "joo ja ei": a choice not made, or two answers in two clauses."""
    either = around(signals.tongue.spoken).either
    words = signals.words_only.split()
    plain = [{entry for entry in _sayings_of(path) if " " not in entry} for path in ("answers.yes", "answers.no")]
    if len(words) == 3 and words[1] in either and words[0] != words[2]:
        return all(word in plain[0] | plain[1] for word in (words[0], words[2]))
    if len(signals.clauses) < 2 or signals.clauses[0].count(" "):
        return False
    first, second = signals.clauses[0], signals.clauses[1].split()[0]
    return any(first in one and second in other for one, other in (plain, plain[::-1]))


def _led_by_yes(signals: Signals) -> Mark:
    """ "Joo ihan hyvin meni": yes, and more, so long as nothing is denied."""
    words = signals.words_only.split()
    quality = around(signals.tongue.spoken)
    first = {entry for language in signals.tongue.spoken for entry in lexicon.listed(language, "answers.yes")[:3]}
    if len(words) < 2 or words[0] not in first or any(word in quality.negation for word in words):
        return NOTHING
    return Mark(1, False, f'"{words[0]}" is yes', 0, _length(signals.folded, words[0]))


def _sayings(signals: Signals) -> list[str]:
    sayings = [signals.words_only, signals.whole]
    if signals.clauses:
        sayings.extend((signals.clauses[0], signals.clauses[-1]))
    return sayings


@cache
def _sayings_of(path: str) -> dict[str, str]:
    return {entry.replace("_", " "): language for entry, language in lexicon.whole(path).items()}


def _length(folded: Folded, said: str) -> int:
    words = [token for token in folded.tokens if token.sort == "word"]
    count = len(said.split())
    return words[count - 1].end if len(words) >= count else len(folded.text)
