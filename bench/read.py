"""How fast and how well replies are read: replies a second on one core, accuracy by language and kind.

`python -m bench.read` prints the figures and a confusion table of tests/data/replies.jsonl.
"""

import json
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NotRequired, TypedDict

from surveys.reading import Reading, read
from surveys.reading.reader import read_anew
from surveys.scales import Scale, scale

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "data" / "replies.jsonl"


class Answer(TypedDict):
    kind: str
    rating: int | None
    comment: NotRequired[str | None]


class Reply(TypedDict):
    """A line of the corpus."""

    text: str
    lang: str
    scale: str
    expected: Answer
    accept: list[Answer]
    also: list[str]
    ambiguous: bool


def corpus() -> list[Reply]:
    """All lines of the corpus, with `accept` and `ambiguous` filled in."""
    with CORPUS.open(encoding="utf-8") as lines:
        return [_reply(json.loads(line)) for line in lines]


def _reply(line: Reply) -> Reply:
    line.setdefault("accept", [])
    line.setdefault("also", [])
    line.setdefault("ambiguous", False)
    return line


def fair(reply: Reply, reading: Reading) -> bool:
    """Whether kind and rating are as expected, or defensible; asking about an ambiguous reply always is."""
    if reply["ambiguous"] and reading.kind == "unclear":
        return True
    given = (str(reading.kind), reading.rating)
    return any((answer["kind"], answer["rating"]) == given for answer in (reply["expected"], *reply["accept"]))


def invented(reply: Reply, reading: Reading) -> bool:
    """Whether a rating was read that no fair reader would."""
    fair_ratings = {answer["rating"] for answer in (reply["expected"], *reply["accept"])}
    return reading.rating is not None and reading.rating not in fair_ratings


def run() -> Iterator[dict[str, object]]:
    """Rows of name, value, unit, floor and ratio; the floor is folding and one search, measured in this run."""
    replies = corpus()
    texts = [(reply["text"], scale(reply["scale"]), reply["lang"]) for reply in replies if len(reply["text"]) < 200]
    speed, floor = _replies_a_second(_read, texts), _replies_a_second(_fold_and_search, texts)
    yield _speed("read.speed", speed, floor)
    yield _speed("read.speed.first_time", _replies_a_second(_read_anew, texts), floor)
    readings = [read(reply["text"], scale(reply["scale"]), reply["lang"]) for reply in replies]
    both = list(zip(replies, readings, strict=True))
    yield _share("read.accuracy.all", both)
    for language in dict.fromkeys(reply["lang"] for reply in replies):
        yield _share(f"read.accuracy.{language}", [pair for pair in both if pair[0]["lang"] == language])
    for kind in dict.fromkeys(reply["expected"]["kind"] for reply in replies):
        yield _share(f"read.accuracy.{kind}", [pair for pair in both if pair[0]["expected"]["kind"] == kind])
    wrong = sum(invented(reply, reading) for reply, reading in both)
    yield {"name": "read.wrong_ratings", "value": wrong, "unit": "replies", "floor": 0, "ratio": None}


def _speed(name: str, value: float, floor: float) -> dict[str, object]:
    return {"name": name, "value": round(value), "unit": "replies/s", "floor": round(floor), "ratio": value / floor}


def _share(name: str, both: list[tuple[Reply, Reading]]) -> dict[str, object]:
    """Fair readings of the unambiguous replies, in percent; the goal is the floor."""
    clear = [fair(reply, reading) for reply, reading in both if not reply["ambiguous"]]
    share = 100 * sum(clear) / len(clear) if clear else None
    return {"name": name, "value": share, "unit": "%", "floor": 98, "ratio": share / 98 if share else None}


def _read(text: str, on: Scale, language: str) -> object:
    return read(text, on, language)


def _read_anew(text: str, on: Scale, language: str) -> object:
    return read_anew(text, on, language)


_SEARCH = re.compile(r"\b\d+\b")


def _fold_and_search(text: str, _on: Scale, _language: str) -> object:
    return _SEARCH.search(unicodedata.normalize("NFKC", text).casefold())


def _replies_a_second(reader: Callable[[str, Scale, str], object], texts: list[tuple[str, Scale, str]]) -> float:
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for text, on, language in texts:
            reader(text, on, language)
        best = min(best, time.perf_counter() - start)
    return len(texts) / best


def confusion() -> str:
    """Expected kinds down, read kinds across, for the unambiguous replies."""
    counts: Counter[tuple[str, str]] = Counter()
    for reply in corpus():
        if not reply["ambiguous"]:
            reading = read(reply["text"], scale(reply["scale"]), reply["lang"])
            counts[reply["expected"]["kind"], str(reading.kind)] += 1
    kinds = sorted({kind for pair in counts for kind in pair})
    lines = ["expected \\ read".ljust(18) + "".join(kind[:9].rjust(11) for kind in kinds)]
    for expected in kinds:
        cells = "".join(str(counts[expected, kind] or "·").rjust(11) for kind in kinds)
        lines.append(expected.ljust(18) + cells)
    return "\n".join(lines)


if __name__ == "__main__":
    for row in run():
        print(json.dumps(row))
    print(confusion())
