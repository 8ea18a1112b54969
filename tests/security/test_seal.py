"""Numbers and texts under seal: what opens them, and what finds them."""

import base64
import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgateway.people.seal import BrokenSeal, Seal

NUMBER = "+358401111111"
OLD, NEW = Seal("the old key"), Seal("the new key", ["the old key"])


def sealed_before_texts_named_their_key(seal: Seal, text: str) -> str:
    nonce = os.urandom(12)
    return "1." + base64.b64encode(nonce + seal.key.cipher.encrypt(nonce, text.encode(), None)).decode()


@given(st.text())
def test_what_is_sealed_opens_to_the_same_text(text: str) -> None:
    assert OLD.open(OLD.close(text)) == text


def test_a_sealed_text_names_its_key_and_says_nothing_else() -> None:
    sealed = OLD.close(NUMBER)

    assert sealed.startswith(f"2.{OLD.key.key_id}.")
    assert "401111111" not in sealed
    assert sealed != OLD.close(NUMBER)


@pytest.mark.parametrize("seal", [OLD, NEW], ids=["its key", "its key as a previous one"])
def test_the_first_format_still_opens(seal: Seal) -> None:
    assert seal.open(sealed_before_texts_named_their_key(OLD, NUMBER)) == NUMBER


def test_a_new_key_opens_what_the_previous_one_sealed_and_seals_with_itself() -> None:
    assert NEW.open(OLD.close(NUMBER)) == NUMBER
    with pytest.raises(BrokenSeal, match="SMSGATEWAY_PREVIOUS_SECRET_KEYS"):
        OLD.open(NEW.close(NUMBER))


@pytest.mark.parametrize("harm", [lambda text: text[:-6] + "AAAA==", lambda text: "3" + text[1:], lambda text: "2.x"])
def test_what_was_changed_does_not_open(harm: Callable[[str], str]) -> None:
    with pytest.raises(BrokenSeal):
        OLD.open(harm(OLD.close(NUMBER)))


@pytest.mark.parametrize("text", ["", "1", "1.", "2.", "1.%%%", "2..", "+358401111111"])
def test_what_is_no_sealed_text_is_one_situation(text: str) -> None:
    with pytest.raises(BrokenSeal):
        NEW.open(text)


def test_each_key_has_its_own_hash_of_a_number() -> None:
    assert NEW.former_lookups(NUMBER) == [OLD.lookup(NUMBER)]
    assert NEW.lookup(NUMBER) != OLD.lookup(NUMBER)


def test_a_key_listed_among_its_previous_ones_is_not_previous() -> None:
    assert Seal("key", ["key", "older", "older"]).previous == Seal("x", ["older"]).previous


def test_no_repr_tells_a_key() -> None:
    assert "key" not in repr(NEW)
    assert "new" not in repr(NEW.key)
