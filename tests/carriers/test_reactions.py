"""The carrier's codes and statuses, as data."""

from itertools import product

import pytest

from smsgateway.carriers import base
from smsgateway.carriers.base import (
    AccountProblem,
    Dead,
    OptedOutAtCarrier,
    OurBug,
    Retry,
    SendError,
    Uncertain,
)
from smsgateway.carriers.reactions import (
    FINAL,
    REACTIONS,
    STATUS_RANK,
    UNKNOWN,
    advances,
    reaction_to,
    refusal,
)

BY_SITUATION: list[tuple[type[SendError], list[int]]] = [
    (Dead, [21211, 21614, 30004, 30005, 30006, 21612, 30007]),
    (OptedOutAtCarrier, [21610]),
    (Retry, [20429, 21611, 30001, 30003, 30008, 30036, 30450, 60728, 63038]),
    (AccountProblem, [20003, 20005, 20006, 21212, 21408, 21601, 21603, 21606, 21608]),
    (AccountProblem, [21701, 21702, 21703, 21704, 30002, 30018, 30042]),
    (OurBug, [21602, 21604, 21609, 21617, 21619]),
    (Uncertain, [30410]),
]
CODES = [(code, situation) for situation, codes in BY_SITUATION for code in codes]


@pytest.mark.parametrize(("code", "situation"), CODES)
def test_every_known_code_says_what_to_do(code: int, situation: type[SendError]) -> None:
    error = reaction_to(code).as_error(code)

    assert type(error) is situation
    assert error.code == code
    assert error.reason


def test_no_code_is_left_out_of_that_table() -> None:
    assert sorted(REACTIONS) == sorted(code for code, _ in CODES)


@pytest.mark.parametrize("code", [None, 99999])
def test_an_unknown_code_is_tried_a_few_times(code: int | None) -> None:
    error = reaction_to(code).as_error(code)

    assert isinstance(error, Retry)
    assert error.tries == UNKNOWN.tries == 3


@pytest.mark.parametrize("code", [21614, 30006])
def test_a_landline_is_dead_for_that_reason(code: int) -> None:
    error = reaction_to(code).as_error(code)

    assert isinstance(error, Dead)
    assert (error.reason, error.lasting) == ("landline", True)


@pytest.mark.parametrize("code", [30004, 30007, 21612])
def test_a_number_that_may_work_again_is_not_marked(code: int) -> None:
    error = reaction_to(code).as_error(code)

    assert isinstance(error, Dead)
    assert not error.lasting


@pytest.mark.parametrize("code", [21612, 30007])
def test_a_route_or_filter_that_hits_many_is_an_alarm(code: int) -> None:
    assert reaction_to(code).alarm_if_many


@pytest.mark.parametrize(
    ("status", "code", "situation", "reason"),
    [
        (500, 21211, Uncertain, "carrier_failed"),
        (503, None, Uncertain, "carrier_failed"),
        (408, None, Uncertain, "carrier_failed"),
        (200, None, Uncertain, "unexpected_answer"),
        (429, None, Retry, "rate_limited"),
        (429, 21611, Retry, "queue_full"),
        (429, 20003, Retry, "rate_limited"),
        (400, 21614, Dead, "landline"),
        (403, 21610, OptedOutAtCarrier, "opted_out"),
        (401, None, AccountProblem, "not_authorised"),
        (403, 99999, AccountProblem, "access_denied"),
        (404, 20404, AccountProblem, "unknown_account"),
        (301, None, AccountProblem, "redirected"),
        (400, 99999, Retry, "unknown_code"),
        (400, None, Retry, "unknown_code"),
    ],
)
def test_a_refusal_is_read_from_status_and_code(
    status: int, code: int | None, situation: type[SendError], reason: str
) -> None:
    error = refusal(status, code)

    assert (type(error), error.reason, error.code) == (situation, reason, code)


def test_an_error_says_its_reason_and_code() -> None:
    assert str(Dead("landline", 21614)) == "landline (carrier code 21614)"
    assert str(Uncertain("timed_out")) == "timed_out"


def test_every_error_is_told_in_the_tree() -> None:
    kinds = [kind for kind in vars(base).values() if isinstance(kind, type) and issubclass(kind, Exception)]

    assert len(kinds) == 10
    assert all(kind.__name__ in (base.__doc__ or "") for kind in kinds)


@pytest.mark.parametrize(
    ("current", "reported", "moves"),
    [
        (None, "queued", True),
        ("queued", "sent", True),
        ("sent", "delivered", True),
        ("sent", "failed", True),
        ("sent", "queued", False),
        ("sent", "sent", False),
        ("delivered", "sent", False),
        ("undelivered", "delivered", False),
        ("sent", "received", False),
        ("a word of our own", "queued", True),
    ],
)
def test_a_status_only_moves_on(current: str | None, reported: str, moves: bool) -> None:
    assert advances(current, reported) is moves


def test_a_final_status_stays() -> None:
    assert not any(advances(final, reported) for final, reported in product(FINAL, STATUS_RANK))
    assert {status for status in STATUS_RANK if not any(advances(status, each) for each in STATUS_RANK)} == FINAL
