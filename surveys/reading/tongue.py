"""Which language a reply is written in, well enough to answer in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from surveys.reading import lexicon
from surveys.reading.normal import Folded

# Less than one word that only few languages share tells nothing.
_FAINT = 0.5
_UKRAINIAN = frozenset("іїєґ")
_PERSIAN = frozenset("پچژگ")


@cache
def _known() -> dict[str, frozenset[str]]:
    """Folded word -> the languages it is common in."""
    found: dict[str, set[str]] = {}
    for language in lexicon.LANGUAGES:
        for word in lexicon.listed(language, "common"):
            found.setdefault(word, set()).add(language)
    for word, (_, languages, _) in number_words().items():
        found.setdefault(word, set()).update(languages)
    return {word: frozenset(languages) for word, languages in found.items()}


@dataclass(frozen=True, slots=True)
class Tongue:
    """`best` is the language of the words (None: they do not tell); `spoken` may decide about numbers; `possible`
    are the languages whose phrases are looked for; `sure` that it is the language asked in, or that much was known."""

    best: str | None
    spoken: frozenset[str]
    possible: frozenset[str]
    sure: bool = True


def recognise(folded: Folded, given: str) -> Tongue:
    """The language of a reply that was asked in the `given` one.

    Every known word counts for its languages, less where several share it; the given language wins a tie.
    """
    script = _by_script(folded.source)
    if script is not None:
        best = _sibling(script, folded, given)
        both = frozenset({"ru", "uk"} if script == "ru" else {"ar", "fa"})
        return Tongue(best, frozenset({best}), both | {given})
    scores = _scores(folded)
    if not scores or (max(scores.values()) < _FAINT and given not in scores):
        return Tongue(None, frozenset({given}), frozenset(lexicon.LANGUAGES), sure=False)
    top = max(scores.values())
    leaders = [language for language in lexicon.LANGUAGES if scores.get(language, 0.0) > top - 0.01]
    best = given if given in leaders else "en" if "en" in leaders else leaders[0]
    near = frozenset(language for language, score in scores.items() if score >= top / 2)
    possible = near | {given} if len(folded.tokens) > 3 else frozenset(lexicon.LANGUAGES)
    return Tongue(best, frozenset({best}), possible, sure=best == given or top >= 2)


def _scores(folded: Folded) -> dict[str, float]:
    scores: dict[str, float] = {}
    for token in folded.tokens:
        if token.sort == "word" and len(token.text) > 1:
            languages = _known().get(token.text, ())
            for language in languages:
                scores[language] = scores.get(language, 0.0) + 1.0 / len(languages)
    return scores


def _by_script(source: str) -> str | None:
    for character in source:
        if "\u0400" <= character <= "\u052f":
            return "ru"
        if "\u0600" <= character <= "\u06ff" and character.isalpha():
            return "ar"
    return None


def _sibling(script: str, folded: Folded, given: str) -> str:
    """Ukrainian or Russian, Persian or Arabic: by letters only one has, then by words, then as given."""
    lowered = set(folded.source.lower())
    sibling, letters = ("uk", _UKRAINIAN) if script == "ru" else ("fa", _PERSIAN)
    if lowered & letters:
        return sibling
    words = [_known().get(token.text, frozenset()) for token in folded.tokens]
    first, second = (sum(one in languages and other not in languages for languages in words)
                     for one, other in ((script, sibling), (sibling, script)))  # fmt: skip
    if first != second:
        return script if first > second else sibling
    return given if given in {script, sibling} else script


@cache
def number_words() -> dict[str, tuple[int, frozenset[str], bool]]:
    """Folded word -> (value, languages, whether it names a mark as "nelonen" does).

    A word that means different numbers in different languages is left to the language of the reply.
    """
    found: dict[str, tuple[int, frozenset[str], bool]] = {}
    for language in lexicon.LANGUAGES:
        for word, value, noun in _number_words(language):
            known = found.get(word)
            if known is None:
                found[word] = (value, frozenset({language}), noun)
            elif known[0] == value:
                found[word] = (value, known[1] | {language}, noun or known[2])
    return found


def _number_words(language: str) -> Iterator[tuple[str, int, bool]]:
    for value in lexicon.mapping(language, "numbers.cardinal"):
        for word in lexicon.listed(language, f"numbers.cardinal.{value}"):
            yield word, int(str(value)), False
    for value in lexicon.mapping(language, "numbers.noun"):
        for word in lexicon.listed(language, f"numbers.noun.{value}"):
            yield word, int(str(value)), True
    endings = lexicon.listed(language, "numbers.noun_endings")
    for value in lexicon.mapping(language, "numbers.noun_stems"):
        for stem in lexicon.listed(language, f"numbers.noun_stems.{value}"):
            for ending in endings:
                yield stem + ending, int(str(value)), True
