"""What else a reply says: commands, people, machines. Each group of phrases is looked for in all languages."""

import re
from functools import cache

from surveys.reading import lexicon
from surveys.reading.lexicon import LANGUAGES
from surveys.reading.normal import Folded
from surveys.reading.surroundings import around
from surveys.reading.tongue import Tongue

# Laughter, humming, a single letter, keys hit without a vowel among them.
_NOISE = re.compile(
    r"(?:(?:[hae]{2,}|(?:ha|he|hi|ho|lo|ja)+h?|l+o+l+|h+m+|x+d+|m+|o+h*|a+h*|u+h*)(?: |$))+"
    r"|[a-z]|[bcdfghjklmnpqrstvwxz]{2,12}"
)


class Signals:
    """The signals of one reply: each method gives the words that told, or None.

    `clauses` and `whole` are what its clauses, and all of it, say when politeness and numbers are left aside;
    `words_only` leaves nothing aside but marks; `typed` is the text itself, for replies of marks alone ("?").
    """

    __slots__ = ("_possible", "clauses", "folded", "tongue", "typed", "whole", "words_only")

    def __init__(self, folded: Folded, tongue: Tongue) -> None:
        self.folded = folded
        self.tongue = tongue
        self.typed = folded.text.strip()
        self._possible = lexicon.phrasebook().possible(folded.heads, tongue.possible)
        parts: list[list[str]] = [[]]
        for token in folded.tokens:
            if token.sort == "word":
                parts[-1].append(token.text)
            elif token.sort in {"mark", "newline", "stars"}:
                parts.append([])
        words = [word for part in parts for word in part]
        self.words_only = " ".join(words)
        self.whole = _core(words, tongue)
        self.clauses = tuple(said for part in parts if (said := _core(part, tongue)))

    def alone(self, path: str) -> str | None:
        """An entry of the group that is all the reply says."""
        entries = lexicon.whole(path)
        for said in (self.words_only, self.whole, self.typed):
            if said in entries:
                return said
        return None

    def phrase(self, path: str, unless: str | None = None) -> str | None:
        """A phrase of the group anywhere in the reply, unless another takes its meaning away."""
        for phrase in self._possible.get(path, ()):
            found = phrase.pattern.search(self.folded.line)
            if found:
                return None if unless and self.phrase(unless) else found.group().strip()
        return None

    # ------------------------------------------------------------------------------------ commands

    def opt_out(self) -> str | None:
        return (
            self.alone("commands.opt_out.whole")
            or self._opt_out_clause()
            or self.phrase("commands.opt_out.phrases", "commands.opt_out.unless")
        )

    def _opt_out_clause(self) -> str | None:
        if self._shouted_stop() and not self.phrase("commands.opt_out.unless"):
            return "STOP"
        entries = lexicon.whole("commands.opt_out.alone")
        if self.whole in entries or self.words_only in entries:
            return self.whole or self.words_only
        first = "" if self.tongue.best == "en" else self.clauses[0] if self.clauses else ""
        last = self.clauses[-1] if self.clauses else ""
        return next((said for said in (last, first) if said and said in entries), None)

    def _shouted_stop(self) -> bool:
        """STOP in capitals opening or closing a text that is not all in capitals is the keyword of our invitations."""
        if "stop" not in self.words_only or self.folded.source.isupper():
            return False
        words = re.findall(r"\w+", self.folded.source)
        return words[-1] == "STOP" or (words[0] == "STOP" and self.tongue.best != "en")

    def opt_in(self) -> str | None:
        return self.alone("commands.opt_in.alone") or self.phrase("commands.opt_in.phrases")

    def help(self) -> str | None:
        return self.alone("commands.help.alone") or self.phrase("commands.help.phrases")

    def language(self) -> tuple[str, str] | None:
        """The language asked for, and the words that ask."""
        return self._language_alone() or self._language_phrase()

    def _language_alone(self) -> tuple[str, str] | None:
        for said in (self.words_only, self.whole):
            wanted = language_names().get(said)
            if wanted and not (said == "en" and self.folded.text.strip() == self.folded.source.strip()):
                return wanted, said
        return None

    def _language_phrase(self) -> tuple[str, str] | None:
        for wanted in LANGUAGES:
            found = self.phrase(f"commands.language_phrases.{wanted}")
            if found:
                return wanted, found
        return None

    def dont_know(self) -> str | None:
        return self.alone("commands.dont_know.alone") or self.phrase("commands.dont_know.phrases")

    def declined(self) -> str | None:
        return self.alone("commands.declined.alone") or self.phrase("commands.declined.phrases")

    def correction(self) -> str | None:
        return self.phrase("commands.correction.phrases")

    # ------------------------------------------------------------------------------------ people

    def urgent(self) -> str | None:
        return self.phrase("people.urgent.phrases", "people.urgent.unless")

    def wrong_person(self) -> str | None:
        return self.alone("people.wrong_person.alone") or self.phrase(
            "people.wrong_person.phrases", "people.wrong_person.unless"
        )

    def deceased(self) -> str | None:
        return self.phrase("people.deceased.phrases")

    def proxy(self) -> str | None:
        return self.phrase("people.proxy.phrases")

    def contact(self) -> str | None:
        return self.phrase("people.contact.phrases", "people.contact.unless")

    # ------------------------------------------------------------------------------------ marks and machines

    def full_marks(self) -> str | None:
        return self.phrase("numbers.full")

    def machine(self) -> str | None:
        return self.phrase("machines.phrases")

    def astray(self) -> str | None:
        return self.phrase("astray.phrases")

    def idle(self) -> bool:
        """Whether the reply is a greeting, an acknowledgement, a noise or nothing at all."""
        if not self.words_only or self.alone("idle") is not None or not self.whole:
            return True
        return bool(_NOISE.fullmatch(self.words_only))


@cache
def language_names() -> dict[str, str]:
    """How each language is asked for by its name alone, in all languages."""
    return {
        name: wanted
        for language in LANGUAGES
        for wanted in LANGUAGES
        for name in lexicon.listed(language, f"commands.language.{wanted}")
    }


def _core(words: list[str], tongue: Tongue) -> str:
    if not words:
        return ""
    courtesy = around(tongue.possible).courtesy
    kept = [word for word in words if word not in courtesy] or words
    return " ".join(word for place, word in enumerate(kept) if place == 0 or kept[place - 1] != word)
