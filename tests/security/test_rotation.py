"""One secret key takes another's place: nobody is forgotten, least of all who opted out."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from functools import partial
from typing import TypeVar
from uuid import uuid4

import pytest
from pydantic import SecretStr

from smsgateway.gateway import Gateway
from smsgateway.outbox.schedule import tick
from smsgateway.people.keys import check_keys
from smsgateway.people.opt_outs import opt_out
from smsgateway.people.requests import erase
from smsgateway.people.rotation import Rotated, Rotation
from smsgateway.settings import Settings, SettingsProblem, load_settings
from smsgateway.store import Store, Transaction
from tests.outbox.county import NUMBER, County
from tests.webhooks.phone import Line

OLD = "a key for tests alone"
OTHER_NUMBER = "+358401111112"
T = TypeVar("T")


def with_keys(gateway: Gateway, key: str, *previous: str) -> Gateway:
    keys = {"secret_key": SecretStr(key), "previous_secret_keys": tuple(map(SecretStr, previous))}
    return replace(gateway, settings=gateway.settings.model_copy(update=keys))


def noted(county: County) -> None:
    check_keys(county.gateway.store, county.gateway.seal, county.clock.now)
    county.clock.advance(minutes=1)


def given_a_new_key(county: County) -> County:
    """The service was restarted with a new key; the old one is a previous one."""
    noted(county)
    gateway = with_keys(county.gateway, "new", OLD)
    renewed = County(gateway, county.clock, county.carrier)
    noted(renewed)
    return renewed


def rotate(county: County, batch: int = 500) -> Rotated:
    return Rotation(county.gateway, batch).run("operator test")


def without_old_key(county: County) -> County:
    gateway = with_keys(county.gateway, "new")
    check_keys(gateway.store, gateway.seal, county.clock.now)
    return County(gateway, county.clock, county.carrier)


def says(gateway: Gateway, text: str, number: str = NUMBER) -> None:
    Line(gateway).says(text, number, MessageSid=f"SM{uuid4().hex}")


def lookups(county: County) -> set[str]:
    return {row["lookup"] for row in county.ask("SELECT lookup FROM contact UNION SELECT lookup FROM opt_out")}


def test_everybody_is_brought_under_the_new_key_and_the_old_one_is_needed_no_more(county_on_both: County) -> None:
    county_on_both.invited()
    says(county_on_both.gateway, "4 kiitos")
    says(county_on_both.gateway, "STOP", OTHER_NUMBER)
    county = given_a_new_key(county_on_both)

    rotated = rotate(county)

    assert rotated == Rotated(contacts=2, texts=2, unreadable=0, opt_outs_without_number=0, marks=0)
    alone = without_old_key(county)
    seal = alone.gateway.seal
    assert lookups(alone) == {seal.lookup(NUMBER), seal.lookup(OTHER_NUMBER)}
    assert {seal.open(row["sealed"]) for row in alone.ask("SELECT sealed FROM contact")} == {NUMBER, OTHER_NUMBER}
    assert {seal.open(row["sealed_body"]) for row in alone.ask("SELECT sealed_body FROM inbound")} == {
        "4 kiitos",
        "STOP",
    }


def test_rotating_again_finds_nothing_to_do(county_on_both: County) -> None:
    county_on_both.invited()
    county = given_a_new_key(county_on_both)
    rotate(county)

    assert rotate(county).contacts == 0


def test_a_reply_before_the_rotation_reaches_the_question_that_was_asked_under_the_old_key(
    county_on_both: County,
) -> None:
    county_on_both.invited()
    county = given_a_new_key(county_on_both)

    says(county.gateway, "5")

    assert [answer[2] for answer in county.answers()] == [5]
    assert lookups(county) == {county.gateway.seal.lookup(NUMBER)}


@pytest.mark.parametrize("rotated", [False, True])
def test_who_opted_out_under_the_old_key_is_not_texted_under_the_new_one(county_on_both: County, rotated: bool) -> None:
    says(county_on_both.gateway, "STOP")
    county = given_a_new_key(county_on_both)
    if rotated:
        rotate(county)

    county.visit()

    assert county.plan() == {"opted_out": 1}


@pytest.mark.parametrize("rotated", [False, True])
def test_an_opt_out_without_a_number_is_honoured_the_moment_the_number_is_met(
    county_on_both: County, rotated: bool
) -> None:
    county_on_both.invited()
    says(county_on_both.gateway, "STOP")
    seal, now = county_on_both.gateway.seal, county_on_both.clock.now
    county_on_both.gateway.store.write(
        lambda transaction: erase(transaction, seal, NUMBER, "operator test", now) and None
    )
    county = given_a_new_key(county_on_both)
    if rotated:
        assert rotate(county).opt_outs_without_number == 1
        with pytest.raises(SettingsProblem, match=seal.key.key_id):
            without_old_key(county)

    county.visit("v2")

    assert county.plan() == {"opted_out": 1}


def test_start_takes_an_old_opt_out_off_the_list(county_on_both: County) -> None:
    says(county_on_both.gateway, "STOP")
    county = given_a_new_key(county_on_both)

    says(county.gateway, "START")

    assert county.opted_out() == []


def test_a_start_with_a_key_missing_is_refused(county_on_both: County) -> None:
    noted(county_on_both)

    with pytest.raises(SettingsProblem, match="SMSGATEWAY_PREVIOUS_SECRET_KEYS"):
        without_old_key(county_on_both)


def test_a_database_from_before_keys_were_noted_shows_a_wrong_key_by_its_numbers(county_on_both: County) -> None:
    county_on_both.visit()

    with pytest.raises(SettingsProblem, match="cannot be opened"):
        without_old_key(county_on_both)


def test_a_process_that_lacks_the_key_another_began_with_sends_nothing(county_on_both: County) -> None:
    county_on_both.visit()
    given_a_new_key(county_on_both)

    tick(county_on_both.dispatcher())

    assert county_on_both.carrier.sent == []
    assert county_on_both.decisions() == {"v1": None}


def test_contacts_that_two_keys_made_of_one_number_become_one(county_on_both: County) -> None:
    """One node had the new key already, while another went on with the old one alone."""
    county_on_both.invited()
    new = with_keys(county_on_both.gateway, "new")
    says(new, "STOP")
    county = given_a_new_key(county_on_both)

    rotate(county)

    assert len(county.ask("SELECT * FROM contact")) == 1
    county.visit("v2")
    assert county.plan() == {"opted_out": 1}
    says(county.gateway, "5")
    assert [answer[2] for answer in county.answers()] == [5]


def test_what_no_key_opens_stays_and_is_counted(county_on_both: County) -> None:
    county_on_both.visit()
    county_on_both.visit("v2", number=OTHER_NUMBER)
    county = given_a_new_key(county_on_both)
    lost = with_keys(county.gateway, "lost").seal.close(NUMBER)
    county.run(f"UPDATE contact SET sealed = '{lost}' WHERE contact_id = (SELECT MIN(contact_id) FROM contact)")  # noqa: S608

    rotated = rotate(county)

    assert (rotated.contacts, rotated.unreadable, rotated.finished) == (1, 1, False)
    assert lost in [row["sealed"] for row in county.ask("SELECT sealed FROM contact")]


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("interruptions", [[0], [1], [2], [3], [4], [1, 1], [2, 0, 2], [1, 1, 1, 1, 1]])
def test_interrupted_anywhere_it_goes_on_where_it_was(county: County, interruptions: list[int]) -> None:
    """After so many batches of three each time."""
    numbers = [f"+35840111{place:04}" for place in range(12)]
    for place, number in enumerate(numbers):
        county.visit(f"v{place}", number=number)
    renewed = given_a_new_key(county)

    for batches in interruptions:
        with suppress(Interrupted):
            Rotation(replace(renewed.gateway, store=Breaking(renewed.gateway.store, batches)), 3).run("operator test")
    rotate(renewed, batch=3)

    seal = renewed.gateway.seal
    assert lookups(renewed) == {seal.lookup(number) for number in numbers}
    assert len(renewed.ask("SELECT * FROM contact")) == len(numbers)


class Breaking(Store):
    """A store that is interrupted after so many changes."""

    def __init__(self, store: Store, after: int) -> None:
        self._store, self._left = store, after

    def write(self, work: Callable[[Transaction], T]) -> T:
        if not self._left:
            raise Interrupted
        self._left -= 1
        return self._store.write(work)

    def read(self) -> AbstractContextManager[Transaction]:
        return self._store.read()

    def migrate(self) -> list[str]:
        return []

    def close(self) -> None:
        """The other one stays open."""


def test_the_rotation_is_in_the_audit_log(county_on_both: County) -> None:
    county = given_a_new_key(county_on_both)
    rotate(county)

    (entry,) = county.ask("SELECT actor, action, subject FROM audit")
    key_id = county.gateway.seal.key.key_id
    assert (entry["actor"], entry["action"], entry["subject"]) == ("operator test", "key.rotate", f"key {key_id}")


def test_an_opt_out_of_a_number_never_met_keeps_the_old_key_needed(county_on_both: County) -> None:
    gateway, now = county_on_both.gateway, county_on_both.clock.now
    gateway.store.write(
        partial(opt_out, lookup=gateway.seal.lookup(OTHER_NUMBER), source="operator", now=now, reason="asked")
    )
    county = given_a_new_key(county_on_both)

    assert rotate(county).opt_outs_without_number == 1


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ("one,two", ["one", "two"]),
        ("one, two words", ["one", "two words"]),
        ("one\ntwo\n", ["one", "two"]),
        ('["with, comma", "two"]', ["with, comma", "two"]),
        ("", []),
    ],
)
def test_previous_keys_come_from_the_environment_as_a_list(given: str, keys: list[str]) -> None:
    settings = load_settings({"SMSGATEWAY_PREVIOUS_SECRET_KEYS": given})

    assert [key.get_secret_value() for key in settings.previous_secret_keys] == keys
    assert "two" not in repr(settings)


@pytest.mark.parametrize("given", ["[one", "[1]", '["one", null]'])
def test_what_is_no_list_of_keys_is_a_sentence_that_tells_none(given: str) -> None:
    with pytest.raises(SettingsProblem, match="SMSGATEWAY_PREVIOUS_SECRET_KEYS") as refused:
        load_settings({"SMSGATEWAY_PREVIOUS_SECRET_KEYS": given})
    assert "one" not in str(refused.value)


def test_there_are_no_previous_keys_by_default() -> None:
    assert Settings().previous_secret_keys == ()
