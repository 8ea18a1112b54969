"""The words that stand around numbers and decide what each number is."""

from dataclasses import dataclass
from functools import cache

from surveys.reading import lexicon

_LISTED = (
    "announce", "subject", "either", "other_scale", "conjunctions", "best", "worst",
    "units", "labels", "negation", "bridge", "but", "doubt", "earlier", "now", "settle",
    "texting", "filler", "courtesy", "praise", "blame", "start", "points",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Around:
    """The words that decide about a number."""

    announce: lexicon.Words
    subject: lexicon.Words
    either: lexicon.Words
    other_scale: lexicon.Words
    conjunctions: lexicon.Words
    best: lexicon.Words
    worst: lexicon.Words
    units: lexicon.Words
    labels: lexicon.Words
    negation: lexicon.Words
    bridge: lexicon.Words
    but: lexicon.Words
    doubt: lexicon.Words
    earlier: lexicon.Words
    now: lexicon.Words
    settle: lexicon.Words
    texting: lexicon.Words
    filler: lexicon.Words
    courtesy: lexicon.Words
    praise: lexicon.Words
    blame: lexicon.Words
    start: lexicon.Words
    points: lexicon.Words
    empty: lexicon.Words
    silent: lexicon.Words
    opening: lexicon.Words


@cache
def around(languages: frozenset[str]) -> Around:
    """The words around numbers in some languages: one language's "on" is another's "is"."""
    chosen = sorted(languages)
    groups = {name: lexicon.words(f"around.{name}", *chosen) for name in _LISTED}
    empty = lexicon.joined([groups[name] for name in _EMPTY])
    silent = lexicon.joined([groups[name] for name in _SILENT])
    opening = lexicon.joined([empty, *(groups[name] for name in _OPENING)])
    return Around(**groups, empty=empty, silent=silent, opening=opening)


# Words beside a mark that do not make it another thing's number.
_EMPTY = (
    "filler", "courtesy", "points", "announce", "doubt", "negation", "now", "earlier", "but", "settle", "bridge",
    "subject", "either",
)  # fmt: skip
# Words beside a mark that are no comment.
_SILENT = (
    "filler", "courtesy", "points", "announce", "either", "but", "settle", "now", "doubt", "negation", "conjunctions",
)  # fmt: skip
# Words with which a comment may begin straight after the mark.
_OPENING = ("start", "conjunctions", "courtesy", "praise", "blame")


@cache
def command_words() -> frozenset[str]:
    """Commands of one word, which may stand beside a mark: "5 STOP"."""
    groups = ("commands.opt_out.alone", "commands.opt_out.whole", "commands.opt_in.alone")
    return frozenset(entry for group in groups for entry in lexicon.whole(group) if entry.isalpha())
