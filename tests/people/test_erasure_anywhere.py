"""Whatever happened before and comes after: an erasure leaves nothing of the person, and the figures right."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsgateway.carriers.base import AccountProblem, CarrierError, Dead, Retry, Uncertain
from smsgateway.webhooks.delivery import DeliveryStatus, take_status
from tests.outbox.county import County, ScriptedCarrier, always
from tests.people.register import WORDS, Register

UNITS = ("heti", "muistutus", "keskusta", "neuvola", "tauolla")
REPLIES = (
    "5",
    "2",
    f"1 {WORDS}",
    f"{WORDS}, soittakaa 040 1111111",
    "en osaa sanoa",
    "tarkoitin 4",
    "LOPETA",
    "ALOITA",
    "väärä numero",
    "Soittakaa minulle, Virtanen",
    "en jaksa enää elää, ystävällinen Virtanen",
    "hän on kuollut",
    "på svenska tack",
    "9/10",
    "",
)
FATES: tuple[CarrierError | None, ...] = (
    None,
    Uncertain("timed_out"),
    Retry("rate_limited"),
    Dead("landline"),
    AccountProblem("not_authorised"),
)


@dataclass(frozen=True)
class Happening:
    """Something that happens to one person: a visit, a round of sending, a reply, a report, a while."""

    what: str
    which: int


HAPPENINGS = st.one_of(
    st.builds(Happening, st.just("visit"), st.integers(0, len(UNITS) - 1)),
    st.builds(Happening, st.just("plan"), st.just(0)),
    st.builds(Happening, st.just("send"), st.integers(0, len(FATES) - 1)),
    st.builds(Happening, st.just("reply"), st.integers(0, len(REPLIES) - 1)),
    st.builds(Happening, st.just("report"), st.integers(0, 1)),
    st.builds(Happening, st.just("wait"), st.sampled_from([1, 50, 200, 1000])),
)
# Most ways begin so; without it few conversations would come far.
BEGUN = [Happening("visit", 0), Happening("plan", 0), Happening("send", 0)]


@dataclass
class Life:
    """One person's; everything of it bears their own number and ids."""

    register: Register
    person: int

    @property
    def number(self) -> str:
        return f"+35840{self.person:07}"

    def live(self, happenings: Sequence[Happening], begin: int = 0) -> None:
        for place, happening in enumerate(happenings, begin):
            self._meet(happening, f"{self.person}-{place}")

    def _meet(self, happening: Happening, ever_new: str) -> None:
        register, which = self.register, happening.which
        match happening.what:
            case "visit":
                register.described_visit(ever_new, UNITS[which], self.number)
            case "plan":
                register.plan()
            case "send":
                fate = FATES[which]
                carrier = ScriptedCarrier(always(fate) if fate else None, sids=f"SM{ever_new}")
                register.send(carrier)
                register.run("DELETE FROM halt")
            case "reply":
                register.says(REPLIES[which], self.number)
            case "report":
                report(register, ("delivered", "undelivered")[which])
            case "wait":
                register.clock.advance(hours=which)

    def traces(self) -> list[str]:
        """The opt-out's keyed hash is what is meant to stay."""
        found = self.register.trace_of(self.number)
        return [line for line in found if not line.startswith("opt_out.lookup=")]


def report(register: Register, status: str) -> None:
    for text in register.texts():
        if text["carrier_sid"]:
            take_status(register.gateway, DeliveryStatus(text["carrier_sid"], status, text["text_id"]))


@pytest.fixture
def county_of_many(county: County) -> Register:
    """One county for all examples: whoever was erased before must not be found in it either."""
    return Register(county.gateway, county.clock)


PEOPLE = count(1)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.booleans(), st.lists(HAPPENINGS, max_size=10), st.lists(HAPPENINGS, max_size=4))
def test_an_erasure_at_any_point_leaves_no_trace_and_the_figures_right(
    county_of_many: Register, begun: bool, before: list[Happening], after: list[Happening]
) -> None:
    register = county_of_many
    life = Life(register, next(PEOPLE))
    life.live([*BEGUN, *before] if begun else before)
    marks = given_marks(register)
    register.erase(life.number)
    assert life.traces() == []
    assert register.differences() == []
    assert given_marks(register) == marks
    life.live(after, begin=100)
    register.erase(life.number)
    assert life.traces() == []
    assert register.differences() == []


def given_marks(register: Register) -> dict[tuple[str, int], int]:
    return {key: n for key, n in register.counts().items() if key[0].startswith(("answer:", "none:"))}


@pytest.mark.parametrize("reply", REPLIES)
def test_after_each_kind_of_reply_nothing_is_left_on_either_engine(register: Register, reply: str) -> None:
    life = Life(register, 1)
    life.live([*BEGUN, Happening("reply", REPLIES.index(reply)), Happening("report", 0)])
    register.erase(life.number)
    assert life.traces() == []
    assert register.differences() == []
