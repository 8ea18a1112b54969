"""The word files, read once: sets of words and phrases ready to be looked up."""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

import yaml

from surveys.reading.normal import KEY, fold

LANGUAGES = ("fi", "sv", "en", "ru", "et", "se", "ar", "so", "uk", "fa")
# Words looked up are remembered up to this number for each group.
_REMEMBERED = 4096
PHRASES = (
    "numbers.full",
    "numbers.lowest",
    *(f"commands.{name}.phrases" for name in ("opt_out", "opt_in", "help", "dont_know", "declined", "correction")),
    "commands.opt_out.unless",
    *(f"commands.language_phrases.{name}" for name in LANGUAGES),
    *(f"people.{name}.phrases" for name in ("urgent", "wrong_person", "deceased", "proxy", "contact")),
    *(f"people.{name}.unless" for name in ("urgent", "wrong_person", "contact")),
    "machines.phrases",
    "astray.phrases",
)
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

WordFile: TypeAlias = Mapping[str, object]


class WordFileError(ValueError):
    """A word file holds something the reader cannot use."""


@cache
def word_file(language: str) -> WordFile:
    """The parsed words/LANGUAGE.yaml."""
    source = files("surveys.reading").joinpath("words", f"{language}.yaml").read_text("utf-8")
    loaded = yaml.load(source, Loader=_LOADER)  # noqa: S506 - base loaders make nothing but strings, lists and mappings
    if not isinstance(loaded, dict):
        raise WordFileError(f"words/{language}.yaml must be a mapping of groups")
    return loaded


def listed(language: str, path: str) -> list[str]:
    """The folded entries of a group such as `numbers` or `commands.opt_out.phrases`; empty if absent."""
    return [fold(str(entry)) for entry in raw(language, path)]


def raw(language: str, path: str) -> list[object]:
    """The entries of a group as written."""
    found = group(language, path)
    if found is None:
        return []
    if not isinstance(found, list):
        raise WordFileError(f"words/{language}.yaml: {path} must be a list")
    return found


def mapping(language: str, path: str) -> dict[object, object]:
    """A group of groups, such as `numbers.cardinal`; empty if absent."""
    found = group(language, path)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise WordFileError(f"words/{language}.yaml: {path} must be a mapping")
    return found


def group(language: str, path: str) -> object:
    """Whatever stands under a dotted path, or None."""
    found: object = word_file(language)
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


class Words:
    """A set of words, some of them stems written `stem*` that stand for every word beginning so."""

    def __init__(self, exact: Iterable[str], stems: Iterable[str] = ()) -> None:
        self.exact = frozenset(exact)
        self.stems = frozenset(stems)
        self._lengths = tuple(sorted({len(stem) for stem in self.stems}))
        self._known: dict[str, bool] = {}

    def __contains__(self, word: str) -> bool:
        known = self._known.get(word)
        if known is None:
            known = word in self.exact or any(word[:length] in self.stems for length in self._lengths)
            if len(self._known) < _REMEMBERED:
                self._known[word] = known
        return known


def joined(groups: Iterable[Words]) -> Words:
    """All the words of several groups."""
    groups = list(groups)
    return Words(frozenset().union(*(group.exact for group in groups)), frozenset().union(*(g.stems for g in groups)))


@cache
def words(path: str, *languages: str) -> Words:
    """The words of one group in the named languages, by default all."""
    entries = [entry for language in languages or LANGUAGES for entry in listed(language, path)]
    stems = [entry[:-1] for entry in entries if entry.endswith("*")]
    return Words((entry for entry in entries if not entry.endswith("*")), stems)


# ---------------------------------------------------------------------------------------------- phrases


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern of words. `keys` are the beginnings of the words it cannot do without, one set for each."""

    written: str
    language: str
    group: str
    pattern: re.Pattern[str]
    keys: tuple[frozenset[str], ...]


class Phrasebook:
    """All phrases, indexed by how they begin, so that a text is tried only against those it could hold."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_key: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            for key in phrase.keys[0]:
                self._by_key.setdefault(key, []).append(phrase)

    def possible(self, heads: Set[str], languages: Set[str]) -> dict[str, list[Phrase]]:
        """By group, the phrases of these languages whose words' beginnings are all among `heads`."""
        possible: dict[str, list[Phrase]] = {}
        for head in heads & self._by_key.keys():
            for phrase in self._by_key[head]:
                if phrase.language in languages and not any(map(heads.isdisjoint, phrase.keys)):
                    possible.setdefault(phrase.group, []).append(phrase)
        return possible


def compile_phrase(written: str, language: str, group: str = "") -> Phrase:
    """A `Phrase` from its written form; raises `WordFileError` naming the entry.

    Word by word: `word`, `stem*`, `one|other|third*`, `{group}` (a list of the same file), `...` (up to four other
    words of the sentence), `?` before an optional word, `^` and `$` for the edges of a sentence.
    """
    parts = fold(written).split()
    keys: list[frozenset[str]] = []
    pattern = ""
    for part in parts:
        if part == "...":
            pattern += r"(?:(?![.!?;…] )[^ ]+ ){0,4}?"
        elif part == "^":
            pattern += r"(?:(?<=^ )|(?<=[.!?;,:\-)(] ))"
        elif part == "$":
            pattern += r"(?=[.!?;,:\-)(]|$)"
        else:
            optional = part.startswith("?")
            alternatives = _alternatives(part.lstrip("?"), language)
            _refuse_short_stems(alternatives, written, language)
            pattern += f"(?:{'|'.join(map(_word_pattern, alternatives))})" + ("?" if optional else "")
            if not optional:
                keys.append(frozenset(alternative.split("_")[0].rstrip("*")[:KEY] for alternative in alternatives))
    if not keys:
        raise WordFileError(f'words/{language}.yaml: the phrase "{written}" has no word to begin with')
    return Phrase(written, language, group, re.compile(r"(?<= )" + pattern), tuple(keys))


def _alternatives(part: str, language: str) -> list[str]:
    alternatives: list[str] = []
    for alternative in part.split("|"):
        if alternative.startswith("{"):
            entries = listed(language, f"groups.{alternative.strip('{}')}")
            if not entries:
                raise WordFileError(f"words/{language}.yaml has no group {alternative}")
            alternatives.extend(entries)
        else:
            alternatives.append(alternative)
    return alternatives


def _word_pattern(alternative: str) -> str:
    written = alternative.replace("_", " ")
    if written.endswith("*"):
        return re.escape(written[:-1]) + r"[^ ]* "
    return re.escape(written) + " "


def _refuse_short_stems(alternatives: Iterable[str], written: str, language: str) -> None:
    """A stem below the index's length would never be looked up."""
    for alternative in alternatives:
        if alternative.endswith("*") and "_" not in alternative and len(alternative) <= KEY:
            raise WordFileError(f'words/{language}.yaml: "{alternative}" in "{written}" is too short for a stem')


@cache
def phrasebook() -> Phrasebook:
    """The phrases of all groups in all languages."""
    return Phrasebook(
        compile_phrase(entry, language, path)
        for path in PHRASES
        for language in LANGUAGES
        for entry in listed(language, path)
    )


@cache
def whole(path: str) -> dict[str, str]:
    """Entries that must be all a sentence says, with the language each belongs to."""
    return {entry: language for language in reversed(LANGUAGES) for entry in listed(language, path)}
