"""What is due is judged once more at the moment of sending."""

from datetime import timedelta

import pytest

from smsgateway.carriers.base import AccountProblem, Retry
from smsgateway.people.opt_outs import opt_out
from smsgateway.store.values import moment, moment_text
from smsgateway.webhooks.inbound import Inbound, receive
from tests.outbox.county import NOON, NUMBER, SENDER, County, ScriptedCarrier, refused


def planned(county: County, unit: str = "heti") -> None:
    county.visit(unit=unit)
    county.plan()


def test_a_text_goes_when_it_is_due_and_not_before(county: County) -> None:
    planned(county, "keskusta")

    assert county.send() == {}
    county.clock.advance(hours=2)
    assert county.send() == {"sent": 1}
    (text,) = county.carrier.sent
    assert (text.to, text.sender) == (NUMBER, SENDER)
    assert text.callback == f"https://survey.example/twilio/status?text={county.text()['text_id']}"
    assert "Keskusta" in text.body
    assert "23.11." in text.body


def test_an_opt_out_since_planning_stops_the_text(county_on_both: County) -> None:
    county = county_on_both
    planned(county)
    lookup = county.gateway.seal.lookup(NUMBER)
    county.gateway.store.write(lambda transaction: opt_out(transaction, lookup, "reply", NOON))

    assert county.send() == {"not_sent": 1}
    assert (county.text()["status"], county.text()["reason"]) == ("cancelled", "opted_out")
    assert county.carrier.sent == []
    assert county.differences() == []


@pytest.mark.parametrize("state", ["landline", "invalid_number"])
def test_a_number_found_dead_meanwhile_stops_the_text(county: County, state: str) -> None:
    planned(county)
    county.run(f"UPDATE contact SET number_state = '{state}'")  # noqa: S608 (the test's own word)

    assert county.send() == {"not_sent": 1}
    assert county.text()["reason"] == state


def test_a_text_that_missed_its_window_goes_in_the_next_one(county: County) -> None:
    planned(county, "keskusta")
    county.clock.advance(hours=11)  # 23:00 in Helsinki: the service was down all day

    assert county.send() == {"not_sent": 1}
    due = moment(county.text()["due_at"])
    opening = NOON + timedelta(hours=21)
    assert opening <= due < opening + timedelta(minutes=30)
    county.clock.now = due
    assert county.send() == {"sent": 1}


def test_a_text_older_than_its_visit_may_be_is_ended(county: County) -> None:
    planned(county, "keskusta")
    county.clock.advance(days=7, seconds=1)

    assert county.send() == {"not_sent": 1}
    assert (county.text()["status"], county.text()["reason"]) == ("cancelled", "too_old")
    assert county.counts() == {}
    assert county.differences() == []


def test_a_cancelled_invitation_frees_the_visit_that_it_held_back(county: County) -> None:
    county.visit("v1", unit="keskusta", ended_at=NOON - timedelta(days=6, hours=23))
    county.visit("v2", unit="satama")
    county.plan()
    county.clock.advance(hours=3)
    county.send()

    assert county.plan() == {"invited": 1}
    assert county.decisions() == {"v1": "invited", "v2": "invited"}
    assert county.differences() == []


def test_a_paused_units_text_waits_and_then_expires(county_on_both: County) -> None:
    county = county_on_both
    planned(county)
    county.run("UPDATE unit SET paused = 1")

    assert county.send() == {}
    assert county.text()["status"] == "planned"
    county.clock.advance(days=7, seconds=1)
    assert county.send() == {"not_sent": 1}
    assert county.text()["reason"] == "too_old"


def test_when_the_pause_ends_the_text_goes(county: County) -> None:
    planned(county)
    county.run("UPDATE unit SET paused = 1")
    county.send()
    county.run("UPDATE unit SET paused = 0")

    assert county.send() == {"sent": 1}


def test_a_reminder_goes_once_when_nobody_replied(county: County) -> None:
    planned(county, "muistutus")
    county.send()
    county.clock.advance(hours=47, minutes=59)
    assert county.send() == {}
    county.clock.advance(minutes=1)

    assert county.send() == {"sent": 1}
    assert "muistuta" in county.carrier.sent[1].body
    county.clock.advance(days=30)
    assert county.send() == {}


@pytest.mark.parametrize("body", ["5", "hyvä oli", "Väärä numero", "?"])
def test_whoever_replied_is_not_reminded(county: County, body: str) -> None:
    planned(county, "muistutus")
    county.send()
    receive(county.gateway, Inbound("SM1", NUMBER, body))
    county.clock.advance(hours=49)

    assert county.send()["sent"] == 0
    assert county.text("reminder")["status"] == "cancelled"
    assert county.differences() == []


def test_a_reminder_held_by_the_night_may_go_after_the_age_at_which_an_invitation_may_not(county: County) -> None:
    window = '"window":{"from":"09:00","to":"20:00","days":["mon","tue","wed","thu","fri","sat","sun"]}'
    planned(county, "muistutus")
    county.run(f"UPDATE invitation SET schedule = REPLACE(schedule, '\"window\": null', '{window}')")  # noqa: S608
    county.send()
    county.run(f"UPDATE outbox SET due_at = '{moment_text(NOON + timedelta(days=6.5))}' WHERE purpose = 'reminder'")  # noqa: S608
    county.run('UPDATE invitation SET schedule = REPLACE(schedule, \'"max_age": "7d"\', \'"max_age": "1d"\')')
    county.clock.advance(days=6.5)  # 00:00 in Helsinki

    county.send()

    assert county.text("reminder")["status"] == "planned"


def test_a_reminder_does_not_go_after_the_conversation_has_closed(county: County) -> None:
    planned(county, "muistutus")
    county.send()
    county.clock.advance(days=7, seconds=1)

    assert county.send() == {"not_sent": 1}
    assert county.text("reminder")["reason"] == "too_old"


@pytest.mark.parametrize(("language", "word"), [("fi", "käyntisi"), ("sv", "besök"), ("en", "visit"), ("ar", "visit")])
def test_the_text_is_in_the_patients_language(county: County, language: str, word: str) -> None:
    county.visit(language=language)
    county.plan()
    county.send()

    assert word in county.carrier.sent[0].body


def test_an_account_problem_halts_the_queue_and_burns_nobody(county_on_both: County) -> None:
    county = county_on_both
    for place in range(20):
        county.visit(f"v{place}", number=f"+3584000000{place:02}")
    county.plan()
    broken = refused(AccountProblem("not_authorised", 20003))

    county.send(broken)

    assert {text["status"] for text in county.texts()} == {"planned"}
    assert {text["attempts"] for text in county.texts()} == {0}
    (halt,) = county.halts()
    assert "not_authorised" in halt["reason"]
    assert "20003" in halt["reason"]
    tried = len(broken.sent)
    assert county.send(broken) == {}
    assert len(broken.sent) == tried
    assert county.differences() == []


def halted(county: County) -> None:
    for place in range(5):
        county.visit(f"v{place}", number=f"+3584000000{place:02}")
    county.plan()
    county.send(refused(AccountProblem("not_authorised", 20003)))


def test_while_halted_one_text_every_five_minutes_tries_again(county: County) -> None:
    halted(county)
    broken = refused(AccountProblem("not_authorised", 20003))
    county.clock.advance(minutes=4, seconds=59)
    assert county.send(broken) == {}
    county.clock.advance(seconds=1)

    county.send(broken)
    county.send(broken)

    assert len(broken.sent) == 1


def test_a_probe_that_proves_nothing_leaves_the_queue_halted(county: County) -> None:
    halted(county)
    county.clock.advance(minutes=5)
    busy = refused(Retry("rate_limited", 20429))

    county.send(busy)

    assert len(busy.sent) == 1
    assert len(county.halts()) == 1


def test_a_probe_that_is_accepted_sets_the_queue_going(county: County) -> None:
    halted(county)
    county.clock.advance(minutes=5)
    carrier = ScriptedCarrier()

    sent = county.send(carrier) + county.send(carrier)

    assert sent == {"sent": 5}
    assert county.halts() == []


def test_a_halt_of_another_kind_stops_everything(county: County) -> None:
    planned(county)
    county.run(f"INSERT INTO halt VALUES ('everything', 'a drill', '{moment_text(NOON)}')")  # noqa: S608
    county.clock.advance(days=1)

    assert county.send() == {}
