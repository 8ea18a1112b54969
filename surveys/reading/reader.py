"""From a reply's text to its reading: signals by priority, then the mark, then the words."""

import re
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from surveys.reading import lexicon
from surveys.reading.marks import NOTHING, Mark, read_mark
from surveys.reading.model import Flag, Kind, Reading
from surveys.reading.normal import Folded, examined, fold
from surveys.reading.signals import Signals
from surveys.reading.surroundings import around
from surveys.reading.tongue import number_words, recognise
from surveys.reading.yesno import read_yes_no
from surveys.scales import Scale

FALLBACK = "fi"


@dataclass
class _Draft:
    """What is known of a reply while it is read."""

    text: str
    signals: Signals
    scale: Scale | None
    language: str
    mark: Mark
    flags: set[Flag] = field(default_factory=set)

    def reading(self, kind: Kind, why: str, comment: str | None, wanted: str | None = None) -> Reading:
        return Reading(
            kind, self.mark.rating, comment, self.language, why, frozenset(self.flags), wanted_language=wanted
        )


def read(text: str, scale: Scale | None, language: str | None = None) -> Reading:
    """What a reply says on a scale (None: an open question was asked), in the language asked (None: unknown).

    Never raises for any text; the comment is always cut from the text as typed.
    """
    plain = _plain(text, scale, language)
    if plain is not None:
        return plain
    return _read_short(text, scale, language) if len(text) <= _SHORT else read_anew(text, scale, language)


# People answer alike: short replies are kept, up to a number, since most texts of a day have been read before.
_SHORT, _KEPT = 40, 4096


@lru_cache(maxsize=_KEPT)
def _read_short(text: str, scale: Scale | None, language: str | None) -> Reading:
    return read_anew(text, scale, language)


def read_anew(text: str, scale: Scale | None, language: str | None = None) -> Reading:
    """`read` without its short ways."""
    body = without_signature(text)
    folded = Folded(examined(body))
    given = language if language in lexicon.LANGUAGES else FALLBACK
    tongue = recognise(folded, given)
    signals = Signals(folded, tongue)
    draft = _Draft(body.strip(), signals, scale, tongue.best or given, _mark(signals, scale))
    return _machine(draft) or _signalled(draft) or _answered(draft)


def _plain(text: str, scale: Scale | None, language: str | None) -> Reading | None:
    """The short way for the most usual reply: one number on the scale and nothing else."""
    digits = text[:6].strip(" .!\n") if len(text) < 6 else ""
    if scale is None or scale.name == "yes-no" or not (digits.isascii() and digits.isdigit()):
        return None
    if int(digits) not in scale:
        return None
    spoken = language if language in lexicon.LANGUAGES and language else FALLBACK
    return Reading(Kind.RATING, int(digits), None, spoken, f'"{digits}" stands as the mark: {int(digits)}')


_SIGNATURE_REACH = 160


def without_signature(text: str) -> str:
    """The text without a phone's signature ("Sent from my iPhone") at its end."""
    cut = max(len(text) - _SIGNATURE_REACH, 0)
    found = _signatures().search(fold(text[cut:]))
    if not found:
        return text
    return text[: cut + Folded(text[cut:]).origins[found.start()]]


@cache
def _signatures() -> re.Pattern[str]:
    entries = [entry for language in lexicon.LANGUAGES for entry in lexicon.listed(language, "machines.signatures")]
    return re.compile(rf"(?:^|[\s.!?-])(?:{'|'.join(map(re.escape, entries))})\b.{{0,60}}$", re.DOTALL)


def _mark(signals: Signals, scale: Scale | None) -> Mark:
    if scale is None:
        return _mark_without_scale(signals)
    if scale.name == "yes-no":
        return read_yes_no(signals)
    mark = read_mark(signals.folded, scale, signals.tongue)
    full = None if mark.ask or mark.rating is not None else signals.full_marks()
    if full is None:
        return mark
    start = max(signals.folded.text.find(full), 0)
    return Mark(scale.high, False, f'"{full}" is the highest mark: {scale.high}', start, start + len(full))


_ANY = Scale("open", 0, 10)


def _mark_without_scale(signals: Signals) -> Mark:
    """To an open question a lone digit, or an unmistakable "tarkoitin 5", corrects the mark given before."""
    if signals.correction() or (signals.typed.isdigit() and len(signals.typed) < 3):
        return replace(read_mark(signals.folded, _ANY, signals.tongue), ask=False)
    return NOTHING


def _machine(draft: _Draft) -> Reading | None:
    found = draft.signals.machine()
    if not found or (draft.mark.rating is not None and not draft.signals.whole):
        return None
    draft.mark = NOTHING
    draft.flags.add(Flag.MACHINE)
    return draft.reading(Kind.UNCLEAR, f'"{found}" is what a phone or an operator sends, not a person', None)


def _signalled(draft: _Draft) -> Reading | None:
    """The kinds that go before a mark, the most pressing first."""
    signals = draft.signals
    found = {
        Kind.URGENT: signals.urgent(),
        Kind.OPT_OUT: signals.opt_out(),
        Kind.WRONG_PERSON: signals.wrong_person() or signals.deceased(),
        Kind.CONTACT_REQUEST: signals.contact(),
    }
    if signals.deceased():
        draft.flags.add(Flag.DECEASED)
    if signals.proxy():
        draft.flags.add(Flag.PROXY)
    kinds = [kind for kind, words in found.items() if words]
    for kind in kinds[1:]:
        draft.flags.add(Flag(kind.value))
    if kinds:
        kind = kinds[0]
        why = f'"{found[kind]}" makes this {_NAMES[kind]}'
        return draft.reading(kind, why, draft.text if _worded(draft) else None)
    return _asked(draft)


_NAMES = {
    Kind.URGENT: "urgent",
    Kind.OPT_OUT: "a request to get no more texts",
    Kind.WRONG_PERSON: "a message from somebody else than the patient",
    Kind.CONTACT_REQUEST: "a wish to be contacted or served",
}


def _asked(draft: _Draft) -> Reading | None:
    signals = draft.signals
    wanted = signals.language()
    if wanted:
        draft.language = wanted[0]
        return draft.reading(Kind.LANGUAGE, f'"{wanted[1]}" asks for another language', None, wanted[0])
    helped = signals.help()
    if helped and draft.mark.rating is None:
        return draft.reading(Kind.HELP, f'"{helped}" asks for help with the survey', None)
    begun = signals.opt_in()
    if begun and draft.mark.rating is None:
        return draft.reading(Kind.OPT_IN, f'"{begun}" asks for texts again', None)
    return None


def _worded(draft: _Draft) -> bool:
    return bool(draft.signals.words_only)


def _answered(draft: _Draft) -> Reading:
    mark, signals = draft.mark, draft.signals
    if mark.rating is not None:
        return _rated(draft)
    if draft.scale is not None and draft.scale.zero_means_none and signals.typed.strip(" .!") == "0":
        draft.flags.add(Flag.NOT_CONCERNED)
        return draft.reading(Kind.DONT_KNOW, '"0" says that the question does not concern the person', None)
    unknown = signals.dont_know()
    if unknown:
        return draft.reading(Kind.DONT_KNOW, f'"{unknown}" says there is no opinion', None)
    if signals.declined():
        draft.flags.add(Flag.DECLINED)
        return draft.reading(Kind.UNCLEAR, "declines this survey, and only this one", draft.text)
    if mark.ask:
        return draft.reading(Kind.UNCLEAR, mark.why, draft.text if _worded(draft) else None)
    stray = signals.astray()
    if stray:
        return draft.reading(Kind.UNCLEAR, f'"{stray}" is meant for somebody else', draft.text)
    if signals.idle():
        if not signals.typed:
            draft.flags.add(Flag.EMPTY)
        return draft.reading(Kind.UNCLEAR, "there is neither a mark nor a comment", None)
    return draft.reading(Kind.COMMENT, "words without a mark", draft.text)


def _rated(draft: _Draft) -> Reading:
    mark, signals = draft.mark, draft.signals
    if signals.correction() or draft.scale is None:
        draft.flags.add(Flag.CORRECTION)
    comment = _comment(draft)
    if comment is None or draft.scale is None:
        return draft.reading(Kind.RATING, mark.why, None)
    if _flipped(draft):
        draft.flags.add(Flag.FLIPPED)
    return draft.reading(Kind.RATING_COMMENT, f"{mark.why}, with a comment", comment)


def _comment(draft: _Draft) -> str | None:
    """The words beside the mark, or None where they say nothing of the visit."""
    words = around(draft.signals.tongue.spoken)
    silent = words.silent
    kept = [
        token
        for token in draft.signals.folded.tokens
        if token.sort in {"word", "glued"}
        and len(token.text) > 1
        and not (draft.mark.start <= token.start < draft.mark.end)
        and number_words().get(token.text, (None,))[0] != draft.mark.rating
        and token.text not in silent
    ]
    if len(kept) == 1 and draft.text.endswith(")") and (kept[0].text in words.best or kept[0].text in words.worst):
        return None
    return draft.text if kept else None


def _flipped(draft: _Draft) -> bool:
    scale, rating, words = draft.scale, draft.mark.rating, draft.signals.words_only.split()
    if scale is None or rating is None:
        return False
    quality = around(draft.signals.tongue.spoken)
    good = sum(word in quality.praise for word in words)
    bad = sum(word in quality.blame for word in words)
    return (rating == scale.low and good > bad) or (rating == scale.high and bad > good)
