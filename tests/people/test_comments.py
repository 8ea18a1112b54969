"""The comment that is kept and shown is the scrubbed one; what was written stays under seal."""

import io

from smsgateway.exports.export import export
from smsgateway.figures.selection import Selection
from tests.people.register import Register

WROTE = "5 Kiitos! Soittakaa 040 1111111 tai matti@example.fi, hetu 010190-901R, Kotikuja 3"
SHOWN = "Kiitos! Soittakaa [puhelinnumero] tai [sähköposti], hetu [henkilötunnus], [osoite]"


def test_what_identifies_is_not_in_the_answer_and_a_flag_says_so(register: Register) -> None:
    register.invited()
    register.says(WROTE)
    (comment,) = register.ask("SELECT comment, flags FROM answer WHERE kind = 'comment'")
    assert SHOWN in comment["comment"]
    assert "scrubbed" in comment["flags"].split()


def test_what_was_written_stays_under_seal(register: Register) -> None:
    register.invited()
    register.says(WROTE)
    (reply,) = register.ask("SELECT sealed_body FROM inbound")
    assert register.gateway.seal.open(reply["sealed_body"]) == WROTE


def test_a_comment_that_names_nobody_is_kept_to_the_letter_and_has_no_flag(register: Register) -> None:
    register.invited()
    register.says("4 Odotin klo 8.30-9.15, 3. kerros")
    (comment,) = register.ask("SELECT comment, flags FROM answer WHERE kind = 'comment'")
    assert "Odotin klo 8.30-9.15, 3. kerros" in comment["comment"]
    assert comment["flags"] == ""


def test_the_markers_are_in_the_language_that_was_written(register: Register) -> None:
    register.invited(language="sv")
    register.says("4 Tack för hjälpen, ring mig gärna 040 1111111")
    (comment,) = register.ask("SELECT comment FROM answer WHERE kind = 'comment'")
    assert "[telefonnummer]" in comment["comment"]


def test_the_sentence_that_explains_a_reading_has_no_number_either(register: Register) -> None:
    register.invited()
    for words in ("040 1111111", "0401111111 tai 0402222222", "soittakaa 040 1111111"):
        register.says(words)
    assert not [row for row in register.ask("SELECT why FROM inbound") if "1111111" in row["why"]]


def test_an_export_shows_the_scrubbed_comment_alone(register: Register) -> None:
    register.invited()
    register.says(WROTE)
    out = io.StringIO()
    with register.gateway.store.read() as transaction:
        export(transaction, register.gateway.catalogue, "answers", "json", Selection(), out)
    assert SHOWN in out.getvalue()
    assert "1111111" not in out.getvalue()
