"""A text of unknown fate is asked about, and never sent again blindly."""

from dataclasses import replace
from datetime import timedelta

from smsgateway.carriers.base import AccountProblem, Outgoing, Retry, Uncertain
from smsgateway.intake.organisation import load_organisation
from smsgateway.outbox.claim import Claimed, Desk
from smsgateway.outbox.texts import Voice
from smsgateway.store.values import moment
from smsgateway.webhooks.delivery import DeliveryStatus, take_status
from tests.outbox.county import NUMBER, County, ScriptedCarrier, refused


def uncertain(county: County) -> None:
    county.visit()
    county.plan()
    assert county.send(refused(Uncertain("timed_out"))) == {"uncertain": 1}


def killed(county: County) -> list[Claimed]:
    """A process that has claimed what is due, and says nothing more."""
    county.visit()
    county.plan()
    with county.gateway.store.read() as transaction:
        voice = Voice(county.gateway.catalogue, load_organisation(transaction))
    desk = Desk(voice, county.gateway.seal, timedelta(seconds=60))
    claimed, _ = county.gateway.store.write(lambda transaction: desk.claim(transaction, county.clock.now, 10))
    return claimed


def keeps_ours(county: County, carrier: ScriptedCarrier, sid: str = "SM7") -> None:
    """The carrier has the text that the killed or cut-off request carried."""
    with county.gateway.store.read() as transaction:
        (row,) = [dict(row) for row in transaction.connection.execute("SELECT body, sender, sending_at FROM outbox")]
    carrier.keeps(Outgoing(NUMBER, row["sender"], row["body"], ""), sid, moment(row["sending_at"]))


def test_nothing_is_asked_before_its_time(county: County) -> None:
    uncertain(county)
    county.clock.advance(seconds=119)

    assert county.send() == {}
    assert county.carrier.asked == 0


def test_a_text_that_the_carrier_has_is_sent_and_does_not_go_again(county_on_both: County) -> None:
    county = county_on_both
    uncertain(county)
    keeps_ours(county, county.carrier)
    county.clock.advance(seconds=120)

    assert county.send() == {"sent": 1}
    assert county.carrier.sent == []
    assert (county.text()["status"], county.text()["carrier_sid"]) == ("sent", "SM7")
    assert county.differences() == []


def test_a_text_that_the_carrier_has_not_goes_again(county: County) -> None:
    uncertain(county)
    county.clock.advance(seconds=120)

    assert county.send() == {"put_back": 1, "sent": 1}
    assert len(county.carrier.sent) == 1


def test_a_carrier_that_does_not_answer_leaves_the_text_in_doubt(county: County) -> None:
    uncertain(county)
    county.clock.advance(seconds=120)
    county.carrier.listing = Retry("not_connected")

    assert county.send() == {}
    assert county.text()["status"] == "uncertain"
    county.carrier.listing = None
    assert county.send()["sent"] == 1


def test_a_carrier_that_refuses_our_account_halts_sending(county: County) -> None:
    uncertain(county)
    county.clock.advance(seconds=120)
    county.carrier.listing = AccountProblem("not_authorised", 20003)
    county.send()

    assert len(county.halts()) == 1
    assert county.text()["status"] == "uncertain"


def test_a_callback_settles_a_text_in_doubt(county_on_both: County) -> None:
    county = county_on_both
    uncertain(county)

    take_status(county.gateway, DeliveryStatus("SM7", "delivered", county.text()["text_id"]))

    text = county.text()
    assert (text["status"], text["delivery"], text["carrier_sid"]) == ("sent", "delivered", "SM7")
    county.clock.advance(hours=1)
    assert county.send() == {}
    assert county.differences() == []


def test_a_callback_that_comes_after_the_text_was_put_back_keeps_it_from_going_again(county: County) -> None:
    uncertain(county)
    county.clock.advance(seconds=120)
    county.send(refused(Retry("rate_limited")))
    assert county.text()["status"] == "planned"

    take_status(county.gateway, DeliveryStatus("SM7", "sent", county.text()["text_id"]))

    county.clock.advance(hours=1)
    assert county.send() == {}
    assert county.text()["carrier_sid"] == "SM7"


def test_a_killed_process_leaves_a_text_that_nobody_else_sends(county_on_both: County) -> None:
    county = county_on_both
    (claimed,) = killed(county)

    assert county.send() == {}
    county.clock.advance(seconds=60)
    assert county.send() == {"uncertain": 1}
    assert county.carrier.sent == []
    assert county.text()["text_id"] == claimed.text_id


def test_what_a_killed_process_had_sent_is_found(county: County) -> None:
    killed(county)
    keeps_ours(county, county.carrier)
    county.clock.advance(seconds=60)

    assert county.send() == {"sent": 1}
    assert county.carrier.sent == []
    assert county.differences() == []


def test_what_a_killed_process_had_not_sent_goes_after_the_wait(county: County) -> None:
    killed(county)
    county.clock.advance(seconds=60)
    county.send()
    county.clock.advance(seconds=59)
    assert county.send() == {}
    county.clock.advance(seconds=1)

    assert county.send() == {"put_back": 1, "sent": 1}
    assert len(county.carrier.sent) == 1


def test_another_texts_message_is_not_taken_for_ours(county: County) -> None:
    county.invited()
    county.clock.advance(minutes=1)
    county.visit("v2")
    county.plan()
    county.send(refused(Uncertain("timed_out")))
    # Both texts have the same words; the carrier has one message, and it is the first text's.
    (first,) = county.carrier.sent
    carrier = ScriptedCarrier(sids="SN")
    carrier.keeps(first, "SM" + "1".zfill(32), county.clock.now)
    county.clock.advance(seconds=120)

    assert county.send(carrier) == {"put_back": 1, "sent": 1}
    assert len(carrier.sent) == 1
    assert county.differences() == []


def test_a_reply_to_us_is_not_taken_for_our_text(county: County) -> None:
    uncertain(county)
    keeps_ours(county, county.carrier)
    county.carrier.has = [replace(record, direction="inbound") for record in county.carrier.has]
    county.clock.advance(seconds=120)

    assert county.send()["put_back"] == 1
