"""Repeats from every side, while the process dies; replies while it was down; clocks that disagree."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from bench.fault_points import AFTER_COMMIT, BEFORE_COMMIT, Crash
from smsgateway.carriers.emulator.messages import Message
from smsgateway.store.values import moment_text
from tests.chaos.life import PUBLIC_URL, SENDER, Life, said_by

PRIMARY, FALLBACK = f"{PUBLIC_URL}/twilio/sms", f"{PUBLIC_URL}/twilio/sms?again=1"
TIMES = 50


def storm(posts: Sequence[Callable[[], str]]) -> list[str]:
    """All at once; those whose process died under them get no answer."""

    def post(one: Callable[[], str]) -> str:
        try:
            return one()
        except Crash:
            return ""

    with ThreadPoolExecutor(TIMES) as pool:
        return list(pool.map(post, posts))


def webhooks(life: Life, message: Message) -> list[Callable[[], str]]:
    """The same text again and again, at the first address and at the fallback."""
    form = said_by(message)
    return [
        lambda address=address: life.post(address, form)  # type: ignore[misc] # a default binds it
        for address in (PRIMARY, FALLBACK) * (TIMES // 2)
    ]


def texts(life: Life, body: str) -> Message:
    return life.network.twilio.receive_unheard(life.visits[0].number, SENDER, body)


@pytest.mark.parametrize("point", [BEFORE_COMMIT, AFTER_COMMIT])
def test_fifty_repeats_over_a_death_are_one_answer(life: Life, point: str) -> None:
    message = texts(life, "4")
    life.fate.arm(point, 1)
    while_dying = storm(webhooks(life, message))
    life.gateway.close()
    life.start()

    answers = storm(webhooks(life, message))

    assert "" in while_dying
    assert len({*answers, *while_dying} - {""}) == 1
    assert "Kiitos" in answers[0]
    assert [(row["kind"], row["value"]) for row in life.rows("SELECT kind, value FROM answer")] == [("rating", 4)]
    life.settle()
    assert life.differences() == []


def test_fifty_repeats_of_each_delivery_status_count_once(life: Life) -> None:
    callbacks = life.network.callbacks * (TIMES // 2)
    storm([lambda each=each: life.post(each.address, each.form) for each in callbacks])  # type: ignore[misc] # a default binds it

    assert [row["delivery"] for row in life.rows("SELECT delivery FROM outbox")] == ["delivered"]
    life.settle()
    assert life.differences() == []


def test_a_status_that_comes_before_our_own_commit_is_not_lost(life: Life) -> None:
    """The process dies with the text sent and nothing written down; the carrier reports delivery to the next one."""
    life.visits_arrive()
    life.planned()
    life.network.callbacks.clear()
    life.fate.arm("after the carrier has the text", 1)
    with pytest.raises(Crash):
        life.dispatched()
    life.gateway.close()
    life.start()

    while life.network.callbacks:
        life.status_arrives()

    reported = {row["carrier_sid"] for row in life.rows("SELECT carrier_sid FROM outbox WHERE delivery = 'delivered'")}
    assert len(reported) == 1
    life.settle()
    assert life.differences() == []


def test_reports_that_overtake_our_own_commits_are_all_taken(life: Life) -> None:
    for _ in range(20):
        life.visits_arrive()
    life.planned()
    with ThreadPoolExecutor(8) as carrier:
        life.network.report = lambda each: carrier.submit(life.post, each.address, each.form)
        outcomes = life.dispatcher.run_pass()

    texts = len(life.visits)
    assert outcomes["sent"] >= texts - 1
    (row,) = life.rows("SELECT COUNT(*) AS n FROM outbox WHERE status = 'sent' AND delivery = 'delivered'")
    assert row["n"] >= texts - 1  # the first was sent before, and is reported on at the end
    life.settle()
    assert life.differences() == []


def test_a_reply_from_while_the_service_was_down_is_fetched_and_heard_once(life: Life) -> None:
    message = texts(life, "5")
    life.clock.advance(minutes=30)
    life.compared()
    life.compared()

    assert [row["value"] for row in life.rows("SELECT value FROM answer")] == [5]
    late = storm(webhooks(life, message))

    assert len(set(late)) == 1
    assert "<Message>" not in late[0]  # nobody waits for an answer half an hour later
    assert [row["value"] for row in life.rows("SELECT value FROM answer")] == [5]
    life.settle()
    assert life.differences() == []


def test_replies_are_fetched_in_the_order_they_were_said(life: Life) -> None:
    for body in ("2", "odotus oli pitkä"):
        texts(life, body)
        life.clock.advance(seconds=20)
    life.compared()

    rows = life.rows("SELECT kind, value FROM answer ORDER BY answered_at")
    assert [(row["kind"], row["value"]) for row in rows] == [("rating", 2), ("comment", None)]


@pytest.mark.parametrize("behind", [timedelta(milliseconds=1), timedelta(minutes=4)], ids=str)
def test_a_reply_that_by_the_carriers_clock_came_before_its_question_answers_it(life: Life, behind: timedelta) -> None:
    life.clock.now -= behind
    texts(life, "3")
    life.clock.now += timedelta(minutes=10)

    life.compared()

    assert [row["value"] for row in life.rows("SELECT value FROM answer")] == [3]


def test_an_opt_out_that_missed_the_webhook_is_kept_from_the_next_text(life: Life) -> None:
    texts(life, "STOP")
    life.compared()
    life.take_in([replace(life.visits[0], visit_id="again", ended_at=moment_text(life.clock.now))])
    life.planned()

    decisions = {row["decision"] for row in life.rows("SELECT decision FROM visit")}
    assert "opted_out" in decisions
