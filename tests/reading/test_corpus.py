"""The corpus of realistic replies, and replies of our own, with the reading a fair person gives them."""

from pathlib import Path

import pytest

from bench.read import Reply, corpus, fair, invented
from surveys.reading import Flag, read
from surveys.scales import scale

IMAGINED = [
    line.split("\t")
    for line in (Path(__file__).parent / "imagined.tsv").read_text("utf-8").splitlines()
    if line.strip()
]


@pytest.mark.parametrize("reply", [reply for reply in corpus() if not reply["ambiguous"]], ids=lambda r: r["text"][:30])
def test_a_clear_reply_is_read_as_a_fair_coordinator_would(reply: Reply) -> None:
    reading = read(reply["text"], scale(reply["scale"]), reply["lang"])
    assert fair(reply, reading), reading


@pytest.mark.parametrize("reply", corpus(), ids=lambda r: r["text"][:30])
def test_no_rating_is_ever_invented(reply: Reply) -> None:
    assert not invented(reply, read(reply["text"], scale(reply["scale"]), reply["lang"]))


@pytest.mark.parametrize("reply", corpus(), ids=lambda r: r["text"][:30])
def test_the_comment_keeps_the_persons_words(reply: Reply) -> None:
    reading = read(reply["text"], scale(reply["scale"]), reply["lang"])
    wanted = reply["expected"].get("comment")
    if wanted is not None and reading.kind == reply["expected"]["kind"]:
        assert " ".join(wanted.split()) in " ".join((reading.comment or "").split())


@pytest.mark.parametrize("reply", [reply for reply in corpus() if reply["also"]], ids=lambda r: r["text"][:30])
def test_a_second_signal_is_not_lost(reply: Reply) -> None:
    reading = read(reply["text"], scale(reply["scale"]), reply["lang"])
    assert all(signal == reading.kind or Flag(signal) in reading.flags for signal in reply["also"])


@pytest.mark.parametrize("row", IMAGINED, ids=lambda row: row[4][:30])
def test_an_imagined_reply_is_read_as_meant(row: list[str]) -> None:
    language, on, kind, rating, text, *either = row
    reading = read(text, scale(on), language)
    assert reading.rating == (None if rating == "-" else int(rating))
    assert reading.kind == kind or either == ["any"] or (either == ["withcomment"] and reading.kind == "rating+comment")
