"""A reply is heard once and answered once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from smsgateway.carriers.base import OurBug
from smsgateway.webhooks.inbound import Inbound, receive
from tests.outbox.county import NUMBER, County, refused
from tests.webhooks.phone import EMPTY, Line, texts_in

OTHER = "+358402222222"


def test_rating_question_thanks(county_on_both: County) -> None:
    county = county_on_both
    county.invited()
    line = Line(county.gateway)

    (question,) = line.says("5")
    (thanks,) = line.says("Ystävällinen hoitaja, kiitos siitä")

    assert "omin sanoin" in question
    assert "Kiitos palautteestasi" in thanks
    assert county.answers() == [
        ("rating", "rating", 5, None),
        ("comment", "comment", None, "Ystävällinen hoitaja, kiitos siitä"),
    ]
    assert county.counts() == {("invited", 0): 1, ("sent", 0): 1, ("answered", 0): 1, ("answer:rating", 5): 1}
    assert county.differences() == []


def test_a_low_rating_is_met_gently(county: County) -> None:
    county.invited()
    line = Line(county.gateway)

    assert "Ikävä kuulla" in line.says("1")[0]
    assert "Kiitos, että kerroit" in line.says("Odotin tunnin turhaan")[0]


def test_rating_and_comment_in_one_skips_the_open_question(county: County) -> None:
    county.invited()

    (thanks,) = Line(county.gateway).says("5, hoitaja oli ystävällinen")

    assert "Kiitos palautteestasi" in thanks
    assert [answer[1] for answer in county.answers()] == ["rating", "comment"]


def test_a_replay_gets_the_same_answer_and_changes_nothing(county: County) -> None:
    county.invited()
    line = Line(county.gateway)
    first = line.sms("4", MessageSid="SM1")
    before = county.answers(), county.counts(), county.ask("SELECT * FROM inbound")
    county.clock.advance(days=400)

    again = line.sms("4", MessageSid="SM1")
    with_another_body = line.sms("1", MessageSid="SM1")

    assert first.text == again.text == with_another_body.text
    assert before == (county.answers(), county.counts(), county.ask("SELECT * FROM inbound"))


def test_eight_repeats_at_once_are_one_answer(county_on_both: County) -> None:
    county = county_on_both
    county.invited()
    line = Line(county.gateway)

    with ThreadPoolExecutor(8) as pool:
        answers = {response.text for response in pool.map(lambda _: line.sms("4", MessageSid="SM1"), range(8))}

    assert len(answers) == 1
    assert county.answers() == [("rating", "rating", 4, None)]
    assert county.differences() == []


def test_many_people_at_once_are_all_heard(county_on_both: County) -> None:
    county = county_on_both
    numbers = [f"+35840{place:07}" for place in range(24)]
    for place, number in enumerate(numbers):
        county.visit(f"v{place}", number=number)
    county.plan()
    county.send()
    line = Line(county.gateway)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: line.says("4", number, MessageSid=f"SM{number[-2:]}"), numbers))

    assert county.counts()["answer:rating", 4] == 24
    assert county.differences() == []


@pytest.mark.parametrize(
    ("first", "then", "left"),
    [("5", "tarkoitin 2", 2), ("2", "Tarkoitin 4", 4), ("5 hyvä hoitaja", "tarkoitin 1", 1)],
)
def test_a_correction_replaces_the_mark_and_the_counts_follow(county: County, first: str, then: str, left: int) -> None:
    county.invited()
    line = Line(county.gateway)
    line.says(first)
    line.says(then)

    assert [answer[2] for answer in county.answers() if answer[1] == "rating"] == [left]
    assert {measure: n for measure, n in county.counts().items() if measure[0].startswith("answer:")} == {
        ("answer:rating", left): 1
    }
    assert county.differences() == []


def test_a_number_in_the_words_is_no_correction(county: County) -> None:
    county.invited()
    line = Line(county.gateway)
    line.says("5")
    line.says("Odotin vain 2 minuuttia ja hoitaja oli mukava")

    assert county.counts()["answer:rating", 5] == 1


def test_what_is_not_understood_is_asked_once_and_then_kept(county: County) -> None:
    county.invited()
    line = Line(county.gateway)

    assert "Emme ymmärtäneet" in line.says("Ihan tavallinen käynti siellä")[0]
    assert "Kiitos" in line.says("No en minä tiedä numeroista mitään muuta")[0]
    assert line.says("Vielä yksi asia: parkkipaikka puuttui") == []
    assert len([answer for answer in county.answers() if answer[1] == "comment"]) >= 2
    assert county.differences() == []


@pytest.mark.parametrize("body", ["", "   ", "\n"])
def test_an_empty_text_is_met_with_a_question(county: County, body: str) -> None:
    county.invited()

    assert "1-5" in Line(county.gateway).says(body, NumMedia="1")[0]
    assert county.ask("SELECT media FROM inbound") == [{"media": 1}]


def test_a_text_without_body_is_taken(county: County) -> None:
    county.invited()

    response = Line(county.gateway).post("/twilio/sms", {"MessageSid": "SM1", "From": NUMBER})

    assert response.status_code == 200
    assert len(county.ask("SELECT message_sid FROM inbound")) == 1


def test_1600_characters_are_kept_whole(county: County) -> None:
    county.invited()
    line = Line(county.gateway)
    line.says("4")
    words = ("Hoitaja oli mukava ja " * 80)[:1600].strip()
    line.says(words)

    assert county.answers()[-1][3] == words


NUL_AND_HALVES = ["4\x00", "\x00", "hyvä\x00hoito", "hyvä \ud83d hoito", "\udcff"]


@pytest.mark.parametrize("body", NUL_AND_HALVES, ids=ascii)
def test_characters_that_databases_cannot_keep_do_not_lose_the_text(county_on_both: County, body: str) -> None:
    county = county_on_both
    county.invited()
    line = Line(county.gateway)
    line.says("5")

    # Over HTTP half characters arrive as replacement marks; fetched as JSON from the carrier they arrive as they are.
    assert line.sms(body.encode("utf-8", "replace").decode()).status_code == 200
    receive(county.gateway, Inbound("SMraw", NUMBER, body))

    assert len(county.ask("SELECT message_sid FROM inbound")) == 3
    assert county.differences() == []


@pytest.mark.parametrize("sender", ["Posti", "12345", "+1", "anonymous"])
def test_any_sender_is_heard(county: County, sender: str) -> None:
    line = Line(county.gateway)

    assert line.says("Tere tulemast", number=sender) == []
    assert len(county.ask("SELECT message_sid FROM inbound")) == 1


def test_an_unknown_number_is_not_answered_and_not_counted(county: County) -> None:
    county.invited()

    assert Line(county.gateway).says("5", number=OTHER) == []
    assert county.answers() == []
    assert county.counts() == {("invited", 0): 1, ("sent", 0): 1}


STOPS = [("STOP", "fi"), ("stop", "fi"), ("LOPETA", "fi"), ("Sluta", "sv"), ("Stop", "en")]
DONE = {
    "fi": "Et saa meiltä enää palautekyselyjä",
    "sv": "Du får inga fler responsenkäter",
    "en": "You will get no more",
}


@pytest.mark.parametrize(("word", "language"), STOPS)
def test_stop_holds_for_all_units_and_is_confirmed_once(county_on_both: County, word: str, language: str) -> None:
    county = county_on_both
    county.invited(language=language)
    line = Line(county.gateway)

    (confirmation,) = line.says(word)
    assert any(done in confirmation for done in DONE.values())
    assert line.says(word) == []
    assert county.opted_out() == ["reply"]
    county.clock.advance(days=60)
    county.visit("v2", unit="satama")
    assert county.plan() == {"opted_out": 1}
    assert county.differences() == []


def test_stop_from_somebody_we_never_asked_holds_too(county: County) -> None:
    line = Line(county.gateway)

    assert len(line.says("STOP", number=OTHER)) == 1
    assert line.says("STOP", number=OTHER) == []
    assert county.opted_out() == ["reply"]


def test_start_takes_the_stop_back_and_the_conversation_goes_on(county: County) -> None:
    county.invited()
    line = Line(county.gateway)
    line.says("STOP")

    assert "palautekyselyn" in line.says("ALOITA")[0] or "survey" in line.says("START")[0]
    assert county.opted_out() == []
    line.says("4")
    assert county.counts()["answer:rating", 4] == 1
    assert len(line.says("STOP")) == 1
    assert county.opted_out() == ["reply"]


def test_a_rating_beside_stop_counts(county: County) -> None:
    county.invited()
    Line(county.gateway).says("5 STOP")

    assert county.opted_out() == ["reply"]
    assert county.counts()["answer:rating", 5] == 1


@pytest.mark.parametrize(
    ("word", "language", "phrase"),
    [("apua", "fi", "Esimerkkialue"), ("hjälp", "sv", "Exempelområdet"), ("HELP", "en", "Example county")],
)
def test_help_says_who_asks(county: County, word: str, language: str, phrase: str) -> None:
    county.invited(language=language)

    assert phrase in Line(county.gateway).says(word)[0]


@pytest.mark.parametrize(("kind", "listed"), [("STOP", ["carrier"]), ("START", []), ("HELP", [])])
def test_what_the_carrier_has_answered_is_not_answered_again(county: County, kind: str, listed: list[str]) -> None:
    county.invited()

    response = Line(county.gateway).sms(kind, OptOutType=kind)

    assert response.text == EMPTY
    assert len(county.opted_out()) == len(listed)


def test_a_language_that_is_asked_for_is_answered_in(county: County) -> None:
    county.invited()

    (again,) = Line(county.gateway).says("In English please")

    assert "How was your visit" in again


def test_whoever_writes_in_another_language_is_answered_in_it(county: County) -> None:
    county.invited()

    assert "Tack" in Line(county.gateway).says("5, sköterskan var mycket vänlig")[0]


@pytest.mark.parametrize(("body", "source"), [("Väärä numero", "wrong_person"), ("Hän on kuollut", "deceased")])
def test_a_number_that_is_not_the_patients_is_left_alone(county: County, body: str, source: str) -> None:
    county.invited()
    line = Line(county.gateway)

    assert len(line.says(body)) == 1
    assert county.opted_out() == [source]
    assert county.counts()["ineligible", 0] == 1
    assert line.says(body) == []


def late(county: County) -> Line:
    county.invited()
    county.clock.advance(days=7, seconds=1)
    return Line(county.gateway)


def test_a_late_reply_is_kept_and_marked_and_not_counted(county: County) -> None:
    line = late(county)

    assert "päättynyt" in line.says("4, mukava hoitaja")[0]
    assert line.says("Ja kahvi oli hyvää") == []
    assert [answer[1] for answer in county.answers()] == ["late_rating", "late_comment", "late_comment"]
    assert county.counts() == {("invited", 0): 1, ("sent", 0): 1}
    assert county.ask("SELECT DISTINCT late FROM inbound") == [{"late": 1}]
    assert county.differences() == []


def test_a_late_stop_counts_as_ever(county: County) -> None:
    line = late(county)

    assert len(line.says("STOP")) == 1
    assert line.says("Kiitos vain kovasti teille") == []
    assert county.opted_out() == ["reply"]


def test_a_late_mark_does_not_touch_the_one_that_came_in_time(county: County) -> None:
    county.invited()
    line = Line(county.gateway)
    line.says("5")
    county.clock.advance(days=8)
    line.says("1")

    assert county.counts()["answer:rating", 5] == 1
    assert county.differences() == []


def test_with_two_open_invitations_the_reply_belongs_to_the_newest(county: County) -> None:
    county.invited("v1", unit="heti")
    county.clock.advance(hours=1)
    county.invited("v2", unit="neuvola")

    Line(county.gateway).says("4")

    assert county.ask("SELECT unit_id FROM answer") == [{"unit_id": "neuvola"}]


def test_an_invitation_that_never_reached_its_phone_does_not_take_the_reply(county: County) -> None:
    county.invited("v1", unit="heti")
    county.clock.advance(hours=1)
    county.visit("v2", unit="neuvola")
    county.plan()
    county.send(refused(OurBug("no_body", 21602)))

    Line(county.gateway).says("4")

    assert county.ask("SELECT unit_id FROM answer") == [{"unit_id": "heti"}]
    assert county.differences() == []


def test_two_machines_do_not_talk_for_ever(county: County) -> None:
    line = Line(county.gateway)
    heard = [line.says("HELP", number=OTHER) for _ in range(15)]

    assert [len(texts) for texts in heard] == [1] * 10 + [0] * 5
    county.clock.advance(days=1)
    assert len(line.says("HELP", number=OTHER)) == 1


def test_an_automatic_answer_is_not_answered(county: County) -> None:
    county.invited()

    assert Line(county.gateway).says("Olen lomalla, automaattinen vastaus") == []
    assert county.answers() == []


def test_the_statements_of_the_national_survey_are_asked_one_by_one(county: County) -> None:
    county.invited(unit="neuvola")
    line = Line(county.gateway)
    line.says("4")
    line.says("2")
    line.says("Kaikki hyvin muuten")

    kinds = [answer[1] for answer in county.answers()]
    assert kinds == ["rating", "rating", "comment"]
    assert len({answer[0] for answer in county.answers()}) == 3
    assert county.differences() == []


def test_people_hear_from_us_in_texts_that_are_xml(county: County) -> None:
    county.invited()
    response = Line(county.gateway).sms("5")

    assert texts_in(response)
    assert response.headers["X-Request-Id"]
