"""Which number of a reply, if any, is the mark: numbers are weighed by what stands around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from surveys.reading import lexicon
from surveys.reading.normal import Folded, Token
from surveys.reading.tongue import Tongue, number_words
from surveys.scales import Scale

_POINTS = re.compile(r"^(\d+)[:-]?(?:p|pts?|pist\w*|st|nen|sen|n|en|ksi|seksi|sta|balla|b|б|points?|poang)$")
_MONEY = frozenset("€$£¥%°")
_BIG = 10**6


class Standing(Enum):
    """What a number is in its sentence."""

    SETTLED = auto()
    ANNOUNCED = auto()
    MARK = auto()
    ASK = auto()
    DENIED = auto()
    LOOSE = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Number:
    """A number-like expression: token `first`..`last`; `value` is None where it cannot be one whole mark."""

    value: int | None
    first: int
    last: int
    digits: bool
    noun: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """The outcome: a rating, or a reason to ask, or neither. `start` and `end` enclose the mark in the folded text."""

    rating: int | None
    ask: bool
    why: str
    start: int = 0
    end: int = 0


NOTHING = Mark(None, False, "")


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


@cache
def around(languages: frozenset[str]) -> Around:
    """The words around numbers in some languages: one language's "on" is another's "is"."""
    chosen = sorted(languages)
    return Around(**{name: lexicon.words(f"around.{name}", *chosen) for name in Around.__dataclass_fields__})


class Sentence:
    """A reply's tokens with the numbers among them, on one scale."""

    def __init__(self, folded: Folded, scale: Scale, tongue: Tongue) -> None:
        self.folded = folded
        self.tokens = folded.tokens
        self.scale = scale
        self.tongue = tongue
        self.around = around(tongue.spoken)
        self._empty_groups = self._find_empty_groups()
        self.word_count = sum(token.sort == "word" for token in self.tokens)
        self.bounds = [index for index, token in enumerate(self.tokens) if token.sort in {"mark", "newline"}]
        self.numbers = list(self._merge_out_of(list(self._numbers())))
        self.inside = {i for number in self.numbers for i in range(number.first, number.last + 1)}

    # ------------------------------------------------------------------------------------ finding numbers

    def _numbers(self) -> Iterator[Number]:
        for index, token in enumerate(self.tokens):
            if token.sort == "word":
                known = number_words().get(token.text) or self._stretched(token.text)
                if known and (known[1] & self.tongue.spoken or self.word_count == 1):
                    yield Number(known[0], index, index, digits=False, noun=known[2])
            elif token.sort not in {"mark", "newline", "date", "phone", "time", "percent"}:
                number = self._numeric(index, token)
                if number:
                    yield number

    def _stretched(self, word: str) -> tuple[int, frozenset[str], bool] | None:
        """A numeral with letters doubled by a slow finger: "viissi", "neljjä"."""
        if len(word) < 4 or not _DOUBLED.search(word):
            return None
        return next((known for single in _single(word) if (known := number_words().get(single))), None)

    def _numeric(self, index: int, token: Token) -> Number | None:
        text = token.text
        if token.sort == "number":
            return Number(None if text[0] == "-" else _small(text), index, index, digits=True)
        if token.sort == "score":
            reached, bound = (_small(part.strip()) for part in text.split("/"))
            return Number(reached if bound == self.scale.high else None, index, index, digits=True)
        if token.sort == "range":
            return self._range(index, text)
        if token.sort == "decimal":
            whole, part = re.split("[.,]", text)
            return Number(None if part.strip("0") else _small(whole), index, index, digits=True)
        if token.sort == "stars":
            return Number(text.count("★") or None, index, index, digits=True, noun=True)
        if token.sort == "glued":
            return self._glued(index, text)
        return Number(None, index, index, digits=True)

    def _range(self, index: int, text: str) -> Number | None:
        echo = [_small(part) for part in re.findall(r"\d+", text)] == [self.scale.low, self.scale.high]
        return None if echo and len(self.tokens) > 1 else Number(None, index, index, digits=True)

    def _glued(self, index: int, text: str) -> Number | None:
        points = _POINTS.match(text)
        if points:
            return Number(_small(points[1]), index, index, digits=True)
        digits = re.match(r"\d+", text)
        word = text[digits.end() :].lstrip(":-") if digits else ""
        if digits and len(word) > 3 and (word in self.around.praise or word in self.around.courtesy):
            return Number(_small(digits[0]), index, index, digits=True)
        return None

    def _merge_out_of(self, numbers: list[Number]) -> Iterator[Number]:
        """Joins "4 viidestä", "fyra av fem", "4 out of 5" into one number; of another scale it is asked about."""
        reached = -1
        for number in numbers:
            if number.first <= reached:
                continue
            last, bound = self._bound_after(number)
            reached = last
            if bound is None:
                yield number
            else:
                value = number.value if bound == self.scale.high else None
                yield Number(value, number.first, last, number.digits, noun=True)

    def _bound_after(self, number: Number) -> tuple[int, int | None]:
        place = number.last + 1
        words = [token.text for token in self.tokens[place : place + 6]]
        while words and words[0] in self.around.points:
            words, place = words[1:], place + 1
        bound = out_of_bounds().get(words[0]) if words else None
        if bound:
            return place, bound
        for connective in out_of_connectives():
            size = len(connective)
            if tuple(words[:size]) == connective and len(words) > size:
                known = number_words().get(words[size])
                bound = _small(words[size]) if words[size].isdigit() else known[0] if known else None
                if bound is not None and bound >= (number.value or 0):
                    return place + size, bound
        return number.last, None

    # ------------------------------------------------------------------------------------ weighing numbers

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
        start = max((bound + 1 for bound in self.bounds if bound < number.first), default=0)
        end = min((bound for bound in self.bounds if bound > number.last), default=len(self.tokens))
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
        first = self.tokens[: number.first]
        return all(token.sort in {"mark", "newline"} or self.says_nothing(token.text) for token in first)

    def says_nothing(self, word: str) -> bool:
        """Whether a word beside a mark neither makes it another thing's number nor a comment."""
        return word == _NUMBER or word in command_words() or any(word in group for group in self._empty_groups)

    def _find_empty_groups(self) -> tuple[lexicon.Words, ...]:
        around = self.around
        return (
            around.filler, around.courtesy, around.points, around.announce, around.doubt, around.negation,
            around.now, around.earlier, around.but, around.settle, around.bridge, around.subject, around.either,
        )  # fmt: skip

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
        return "en" not in self.tongue.spoken and (self.tongue.best is not None or not listed)

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
        if not self._opens_comment(after[0]) or (after[0] in self.around.texting and not capital):
            return False
        if number.value == 1 and after[0] in self.around.praise and not capital:
            return False
        return not any(map(_is_plural, after[:4]))

    def _opens_comment(self, word: str) -> bool:
        around = self.around
        return any(
            word in group
            for group in (around.start, around.conjunctions, around.courtesy, around.praise, around.blame)
        ) or self.says_nothing(word)

    def _closes(self, number: Number, before: list[str]) -> bool:
        """Words of quality, then a mark: "hyvä palvelu 5"."""
        rest = self.tokens[number.last + 1 :]
        last = all(token.sort in {"mark", "newline"} or self.says_nothing(token.text) for token in rest)
        if not last or not before or not number.digits:
            return False
        word = next((word for word in reversed(before) if word not in self.around.filler), before[-1])
        around = self.around
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


def read_mark(folded: Folded, scale: Scale, tongue: Tongue) -> Mark:
    """The mark among the numbers of a reply on a scale, or why there is none."""
    sentence = Sentence(folded, scale, tongue)
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


def _without_number(sentence: Sentence, loose: list[Number], denied: list[Number]) -> Mark:
    if denied:
        return Mark(None, True, f'"{sentence.shown(denied[0])}" is named as what the mark is not')
    if loose and sentence.word_count < 2:
        return Mark(None, True, f'"{sentence.shown(loose[0])}" may or may not be the mark')
    word = sentence.folded.text.strip()
    if sentence.word_count == 1 and len(sentence.tokens) == 1 and looks_like_number(word):
        return Mark(None, True, f'"{word}" looks like a mark, but misspelt')
    return NOTHING


def _single(word: str) -> Iterator[str]:
    """The word with one of its doubled letters, and with all of them, written once."""
    for found in _DOUBLED.finditer(word):
        yield word[: found.start()] + word[found.start() + 1 :]
    yield re.sub(r"(.)\1+", r"\1\1", word)
    yield re.sub(r"(.)\1+", r"\1", word)


def looks_like_number(word: str) -> bool:
    """Whether a lone word is a numeral in an unusual case, one slip of the finger away from one, or a Roman one."""
    if word in lexicon.words("numbers.unusual"):
        return True
    return bool(re.fullmatch("[ivx]{1,4}", word)) or (3 < len(word) < 15 and not _slips().isdisjoint(_slips_of(word)))


def _slips_of(word: str) -> set[str]:
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


@cache
def _slips() -> frozenset[str]:
    known = [word for word, (_, languages, _) in number_words().items() if "fi" in languages and len(word) > 3]
    return frozenset(slip for word in known for slip in _slips_of(word))


@cache
def command_words() -> frozenset[str]:
    """Commands of one word, which may stand beside a mark: "5 STOP"."""
    groups = ("commands.opt_out.alone", "commands.opt_out.whole", "commands.opt_in.alone")
    return frozenset(entry for group in groups for entry in lexicon.whole(group) if entry.isalpha())


def _small(digits: str) -> int:
    return int(digits) if len(digits) < 7 else _BIG


_NUMBER = "0"
_DOUBLED = re.compile(r"([a-z])\1")
_EQUATING = frozenset({"=", "eli", "elikka", "on", "is", "ar", "dvs", "alltsa", "(", "siis"})
_PARTITIVE = re.compile(r"(?:aa|oa|ua|ea|ia|ta|ya)$")


def _looks_counted(word: str) -> bool:
    """Finnish counts things in the partitive: "4 henkea", "3 hoitajaa"; a comment seldom begins with one."""
    return bool(_PARTITIVE.search(word))


_NO_PLURALS = frozenset({"was", "is", "as", "thanks", "always", "this", "has", "us", "its", "yes", "perhaps", "his", "does"})
_PLURALS = frozenset({"people", "men", "women", "children", "guys", "ppl"})


def _is_plural(word: str) -> bool:
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us"))
    return word in _PLURALS or (plural and word not in _NO_PLURALS)


@cache
def halves() -> tuple[str, ...]:
    """How half a mark is said after the whole one."""
    return tuple(f"{half} " for language in lexicon.LANGUAGES for half in lexicon.listed(language, "numbers.half"))


@cache
def out_of_bounds() -> dict[str, int]:
    """Inflected numerals that give the scale's top: "viidestä"."""
    return {
        word: int(str(value))
        for language in lexicon.LANGUAGES
        for value in lexicon.mapping(language, "numbers.out_of")
        for word in lexicon.listed(language, f"numbers.out_of.{value}")
    }


@cache
def out_of_connectives() -> tuple[tuple[str, ...], ...]:
    """Words between a mark and the scale's top: "out of"."""
    return tuple(
        tuple(entry.split())
        for language in lexicon.LANGUAGES
        for entry in lexicon.listed(language, "numbers.out_of_words")
    ) + (("/",),)
