"""What each number of a reply is: the mark, something to ask about, or another thing's number."""

import re
from bisect import bisect
from enum import Enum, auto
from functools import cache

from surveys.reading import lexicon
from surveys.reading.normal import Token
from surveys.reading.numbers import Number, Sentence
from surveys.reading.surroundings import command_words

# Words of a sentence on either side of a number that are weighed: bounds the time a text of numbers takes.
_REACH = 30
_MONEY = frozenset("€$£¥%°")
_NUMBER = "0"
_DOUBLED = re.compile(r"([a-z])\1")
_EQUATING = frozenset({"=", "eli", "elikka", "on", "is", "ar", "dvs", "alltsa", "(", "siis"})
# "osastolla 3", "huoneessa 4": a place, not a mark.
_LOCATIVE = re.compile(r"(?:ssa|lla|sta|lta|lle|seen|hin|aan)$")
_PARTITIVE = re.compile(r"(?:aa|oa|ua|ea|ia|ta|ya)$")


class Standing(Enum):
    """What a number is in its sentence."""

    SETTLED = auto()
    ANNOUNCED = auto()
    MARK = auto()
    ASK = auto()
    DENIED = auto()
    LOOSE = auto()
    OTHER = auto()


class Weighing(Sentence):
    """Weighs the numbers of a sentence by what stands around them."""

    def weigh(self, number: Number) -> Standing:
        """Whether the number is a mark, something to ask about, or something else."""
        before, after = self._clause(number)
        if self._told_of_earlier(before):
            return Standing.OTHER
        if self._counts_something(number, before, after):
            return Standing.ASK if self._score_of_something(number) else Standing.OTHER
        announced = self._announced(number, before, after)
        half = self._halved(after)
        if not (announced or half or self._placed_as_mark(number, before, after)):
            return Standing.LOOSE
        if self._denied(before, after):
            return Standing.DENIED
        if self._uncertain(number, before, after) or half:
            return Standing.ASK
        if any(word in self.around.settle for word in before[-4:]):
            return Standing.SETTLED
        return Standing.ANNOUNCED if announced else Standing.MARK

    def _uncertain(self, number: Number, before: list[str], after: list[str]) -> bool:
        return (
            number.value is None
            or number.value not in self.scale
            or self._doubted(before, after)
            or self._turned(number)
            or any(word in self.around.other_scale for word in before + after)
        )

    def _clause(self, number: Number) -> tuple[list[str], list[str]]:
        """The words before and after the number, up to the next punctuation; other numbers are shown as "0"."""
        place = bisect(self.bounds, number.first)
        start = self.bounds[place - 1] + 1 if place else 0
        place = bisect(self.bounds, number.last)
        end = self.bounds[place] if place < len(self.bounds) else len(self.tokens)
        start, end = max(start, number.first - _REACH), min(end, number.last + _REACH)
        return self._words(start, number.first), self._words(number.last + 1, end)

    def _words(self, start: int, end: int) -> list[str]:
        return [_NUMBER if index in self.inside else self.tokens[index].text for index in range(start, end)]

    def _counts_something(self, number: Number, before: list[str], after: list[str]) -> bool:
        if after and after[0] in self.around.units and after[0] not in self.around.points:
            return True
        if before and before[-1] in self.around.labels:
            return True
        return self._symbol_beside(number) or self._is_ordinal(number) or self._is_part_number(number)

    def _score_of_something(self, number: Number) -> bool:
        """ "kipu 4/5" may be the mark or not."""
        return (
            number.value is not None and self.tokens[number.first].sort == "score" and not self._is_part_number(number)
        )

    def _symbol_beside(self, number: Number) -> bool:
        """Money, degrees, "#3", and smileys such as ":3", "<3"."""
        previous = self.tokens[number.first - 1] if number.first else None
        following = self.tokens[number.last + 1] if number.last + 1 < len(self.tokens) else None
        if following and following.text in _MONEY:
            return True
        if previous is None or previous.sort != "mark":
            return False
        touching = previous.end == self.tokens[number.first].start
        smiley = previous.text in ":;=" and (number.first == 1 or self.tokens[number.first - 2].end < previous.start)
        return previous.text in _MONEY or (touching and (previous.text in "<#@&" or smiley))

    def _is_part_number(self, number: Number) -> bool:
        """ "(1/2) ..." numbers the parts of a long text."""
        return self.tokens[number.first].sort == "score" and number.first == 1 and self.tokens[0].text == "("

    def _is_ordinal(self, number: Number) -> bool:
        if not number.digits or number.last + 2 >= len(self.tokens):
            return False
        dot, word = self.tokens[number.last + 1], self.tokens[number.last + 2]
        touching = dot.start == self.tokens[number.last].end
        return dot.text == "." and touching and word.text in self.around.units and not self._capital(number.last + 2)

    def _capital(self, index: int) -> bool:
        """Whether the token was typed with a capital first letter and small ones after it."""
        typed = self._typed(self.tokens[index])
        return typed[:1].isupper() and (len(typed) == 1 or not typed.isupper())

    def _typed(self, token: Token) -> str:
        return self.folded.source[self.folded.origins[token.start] : self.folded.origins[token.end]]

    def _placed_as_mark(self, number: Number, before: list[str], after: list[str]) -> bool:
        if self._comes_first(number):
            return self._leads(number, after)
        if all(map(self.says_nothing, before)) and all(map(self.says_nothing, after)):
            return number.digits or not before or number.noun or self.word_count < 5
        if number.noun and not number.digits and not after and len(before) == 1:
            return before[0] in self.around.praise or before[0] in self.around.blame
        return self._closes(number, before)

    def _comes_first(self, number: Number) -> bool:
        return number.first <= self._content[0]

    def _comes_last(self, number: Number) -> bool:
        return number.last >= self._content[1]

    @property
    def _content(self) -> tuple[int, int]:
        """The first and the last token that are more than marks and words that say nothing."""
        if self._content_bounds is None:
            said = [
                index
                for index, token in enumerate(self.tokens)
                if token.sort not in {"mark", "newline"} and not self.says_nothing(token.text)
            ]
            self._content_bounds = (said[0], said[-1]) if said else (len(self.tokens), 0)
        return self._content_bounds

    def says_nothing(self, word: str) -> bool:
        """Whether a word beside a mark makes it no other thing's number."""
        return word == _NUMBER or word in self.around.empty or word in command_words()

    def _announced(self, number: Number, before: list[str], after: list[str]) -> bool:
        if after and not self._may_follow(number, after):
            return False
        for word in reversed(before[-4:]):
            if word in self.around.announce or word in self.around.but:
                return True
            if not self.says_nothing(word):
                break
        return bool(after) and after[0] in self.around.announce

    def _leads(self, number: Number, after: list[str]) -> bool:
        """A mark first, then words: "5 ihana hoitaja", "nelonen koska ...", "5. Great care"."""
        if after:
            return self._may_follow(number, after)
        rest = [index for index in range(number.last + 1, len(self.tokens)) if self.tokens[index].sort == "word"]
        if not rest or self._opens_comment(self.tokens[rest[0]].text):
            return True
        listed = self.tokens[number.last + 1].text in {".", ")"}
        return "en" not in self.tongue.spoken and (self.tongue.best is not None or not listed or len(rest) > 2)

    def _may_follow(self, number: Number, after: list[str]) -> bool:
        """Whether the words after a number can be a comment on it rather than what it counts."""
        word = after[0]
        if not number.digits or number.value is None:
            if word in self.around.subject and not number.noun:
                return False
            return word in self.around.conjunctions or all(map(self.says_nothing, after))
        if "en" in self.tongue.spoken:
            return self._english_comment(number, after)
        if self._opens_comment(word) or self._capital(number.last + 1):
            return True
        if "fi" in self.tongue.spoken and _looks_counted(word):
            return False
        return self.tongue.sure and word.isalpha()

    def _english_comment(self, number: Number, after: list[str]) -> bool:
        """English counts with a plural ("3 nice girls") and chats with numerals ("4 me")."""
        capital = self._capital(number.last + 1)
        if not self._opens_comment(after[0]):
            return False
        if number.value in {2, 4} and after[0] in self.around.texting and not capital:
            return False
        if number.value == 1 and after[0] in self.around.praise and not capital:
            return False
        return not any(_is_plural(word) and word not in self.around.points for word in after[:4])

    def _opens_comment(self, word: str) -> bool:
        return word in self.around.opening or word in command_words()

    def _closes(self, number: Number, before: list[str]) -> bool:
        """Words of quality, then a mark: "hyvä palvelu 5"."""
        if not self._comes_last(number) or not before or not number.digits:
            return False
        around = self.around
        word = next((word for word in reversed(before) if word not in around.filler), before[-1])
        if "fi" in self.tongue.spoken and not _LOCATIVE.search(before[-1]):
            return any(word in around.praise or word in around.blame for word in before)
        return word in around.praise or word in around.blame or word in around.courtesy or word in around.subject

    def _denied(self, before: list[str], after: list[str]) -> bool:
        around = self.around
        announced = False
        for word in reversed(before):
            announced = announced or word in around.announce
            if word in around.but:
                return False
            if word in around.negation:
                return True
            if not (announced or word in around.bridge or word in around.filler):
                break
        return bool(after) and after[0] in around.negation and any(word in around.announce for word in after[1:3])

    def _doubted(self, before: list[str], after: list[str]) -> bool:
        doubt = self.around.doubt
        return any(word in doubt for word in before[-2:]) or (bool(after) and after[0] in doubt)

    def _halved(self, after: list[str]) -> bool:
        following = " ".join(after[:4]) + " "
        return any(following.startswith(half) for half in halves())

    def _turned(self, number: Number) -> bool:
        """ "1 eli paras": the scale taken the other way round."""
        words = [token.text for token in self.tokens[number.last + 1 : number.last + 4]]
        if not words or words[0] not in _EQUATING:
            return False
        if self.tokens[-1].text == "?":
            return True
        if number.value == self.scale.low:
            return any(word in self.around.best for word in words)
        return number.value == self.scale.high and any(word in self.around.worst for word in words)

    def _told_of_earlier(self, before: list[str]) -> bool:
        for word in reversed(before):
            if word in self.around.now:
                return False
            if word in self.around.earlier:
                return True
        return False

    def shown(self, number: Number) -> str:
        """The number as it was typed."""
        origins = self.folded.origins
        start, end = self.tokens[number.first].start, self.tokens[number.last].end
        return self.folded.source[origins[start] : origins[end]].strip()


def _looks_counted(word: str) -> bool:
    """Finnish counts things in the partitive: "4 henkea", "3 hoitajaa"; a comment seldom begins with one."""
    return bool(_PARTITIVE.search(word))


_NO_PLURALS = frozenset(
    {"was", "is", "as", "thanks", "always", "this", "has", "us", "its", "yes", "perhaps", "his", "does"}
)
_PLURALS = frozenset({"people", "men", "women", "children", "guys", "ppl"})


def _is_plural(word: str) -> bool:
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us"))
    return word in _PLURALS or (plural and word not in _NO_PLURALS)


@cache
def halves() -> tuple[str, ...]:
    """How half a mark is said after the whole one."""
    return tuple(f"{half} " for language in lexicon.LANGUAGES for half in lexicon.listed(language, "numbers.half"))
