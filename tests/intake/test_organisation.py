import time
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from smsgateway.gateway import GatewayProblem
from smsgateway.intake.organisation import (
    Changes,
    export_organisation,
    import_organisation,
    load_organisation,
)
from smsgateway.intake.organisation_file import long_names, read_organisation
from smsgateway.store import Store
from surveys.definition import Catalogue
from surveys.schedule import Schedule
from surveys.yamlfile import FileProblem
from tests.intake.samples import NOW, ORGANISATION, organised

SAMPLE = Path(__file__).parents[2] / "config" / "organisation.yaml"


def imported(store: Store, catalogue: Catalogue, text: str) -> Changes:
    file = read_organisation(text, catalogue)
    return store.write(lambda transaction: import_organisation(transaction, file, NOW))


def exported(store: Store) -> str:
    with store.read() as transaction:
        return export_organisation(transaction)


def test_what_is_imported_is_loaded(store: Store, catalogue: Catalogue) -> None:
    organisation = organised(store, catalogue)
    assert organisation.zone.key == "Europe/Helsinki"
    assert organisation.country == "FI"
    assert organisation.languages == ("fi", "sv", "en")
    assert organisation.sender == "+358401234567"
    assert (organisation.phone, organisation.hours) == (None, None)
    assert organisation.name_in("sv") == "Exempels välfärdsområde"
    assert list(organisation.units) == ["keskusta", "satama", "1.2.246.10.1"]
    satama = organisation.units["satama"]
    assert satama.parent == "keskusta"
    assert satama.name_in("sv") == "Sataman terveysasema"
    assert satama.schedules == (Schedule.model_validate({"survey": "recommend", "next_day_at": "12:00"}),)
    assert not satama.paused


def test_an_empty_store_says_what_to_do(store: Store) -> None:
    with store.read() as transaction, pytest.raises(GatewayProblem, match="organisation import FILE"):
        load_organisation(transaction)


def test_importing_the_same_file_twice_changes_nothing(store: Store, catalogue: Catalogue) -> None:
    assert imported(store, catalogue, ORGANISATION) == Changes(True, 3, 0, 0, ())
    again = imported(store, catalogue, ORGANISATION)
    assert again == Changes(False, 0, 0, 3, ())
    assert again.nothing


def test_a_changed_unit_is_the_only_one_that_changes(store: Store, catalogue: Catalogue) -> None:
    imported(store, catalogue, ORGANISATION)
    changes = imported(store, catalogue, ORGANISATION.replace('"12:00"', '"13:00"'))
    assert changes == Changes(False, 0, 1, 2, ())


def test_a_unit_that_the_file_no_longer_has_is_kept_behind_the_others(store: Store, catalogue: Catalogue) -> None:
    imported(store, catalogue, ORGANISATION)
    shorter = yaml.safe_load(ORGANISATION)
    del shorter["units"][1]
    changes = imported(store, catalogue, yaml.safe_dump(shorter))
    assert changes.kept == ("satama",)
    with store.read() as transaction:
        assert list(load_organisation(transaction).units) == ["keskusta", "1.2.246.10.1", "satama"]
    assert imported(store, catalogue, exported(store)).nothing


def test_children_may_stand_before_their_parents(store: Store, catalogue: Catalogue) -> None:
    turned = yaml.safe_load(ORGANISATION)
    turned["units"].reverse()
    organisation = organised(store, catalogue, yaml.safe_dump(turned, sort_keys=False))
    assert list(organisation.units) == ["1.2.246.10.1", "satama", "keskusta"]


def test_the_export_imports_back_to_the_same(store: Store, catalogue: Catalogue) -> None:
    imported(store, catalogue, SAMPLE.read_text("utf-8"))
    text = exported(store)
    assert imported(store, catalogue, text).nothing
    assert exported(store) == text


def test_a_pause_of_the_operators_outlives_an_import_that_does_not_speak_of_it(
    store: Store, catalogue: Catalogue
) -> None:
    paused = ORGANISATION.replace("parent: keskusta", "parent: keskusta\n    paused: true")
    imported(store, catalogue, paused)
    assert imported(store, catalogue, ORGANISATION).nothing
    assert "paused: true" in exported(store)
    imported(store, catalogue, paused.replace("paused: true", "paused: false"))
    assert "paused" not in exported(store)


@pytest.mark.parametrize(
    ("written", "instead", "line", "says"),
    [
        ("sender:", "sendr:", 7, 'did you mean "sender"?'),
        ("survey: visit", "survy: visit", 11, 'did you mean "survey"?'),
        ("survey: visit", "survey: vist", 11, "there are: fft, recommend, thl, visit"),
        ("parent: keskusta", "parent: keskus", 14, 'no unit "keskus"'),
        ("parent: keskusta", "parent: satama", 14, "circle"),
        ("id: satama", "id: keskusta", 12, "twice"),
        ("id: satama", "id: sata ma", 12, "id"),
        ("{fi: Neuvola}", "{sv: Rådgivning}", 17, "the name in fi"),
        ("{fi: Neuvola}", "{fi: Neuvola, ru: Neuvola}", 17, "speaks fi, sv, en, not ru"),
        ("[fi, sv, en]", "[fi, xx]", 6, "there are: fi, sv, en"),
        ("[fi, sv, en]", "[fi, fi]", 6, "twice"),
        ("Europe/Helsinki", "Europe/Helsingfors", 5, "no time zone"),
        ("country: FI", "country: Finland", 4, "two-letter code"),
        ('"+358401234567"', "county", 7, "messaging service SID"),
        ('"12:00"', '"25:00"', 15, "clock time"),
        ('"12:00"', '"12:00", delay: 2h', 15, "exclude each other"),
        ('sender: "+358401234567"', 'sender: "+358401234567"\n  phone: "0123456789 0123456789"', 8, "16"),
        ('sender: "+358401234567"', 'sender: "+358401234567"\n  hours: "8–15"', 8, "–"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    written: str, instead: str, line: int, says: str, catalogue: Catalogue
) -> None:
    with pytest.raises(FileProblem) as refused:
        read_organisation(ORGANISATION.replace(written, instead, 1), catalogue)
    assert refused.value.line == line, refused.value
    assert says in str(refused.value)


@pytest.mark.parametrize("sender", ["040 123 4567", "+358 40 1234567", "00358401234567"])
def test_a_senders_number_is_kept_in_one_form(sender: str, catalogue: Catalogue) -> None:
    file = read_organisation(ORGANISATION.replace("+358401234567", sender), catalogue)
    assert file.organisation.sender == "+358401234567"


def test_a_sender_may_be_a_messaging_service(catalogue: Catalogue) -> None:
    service = "MG" + "0a" * 16
    file = read_organisation(ORGANISATION.replace("+358401234567", service), catalogue)
    assert file.organisation.sender == service


def test_a_unit_id_that_yaml_takes_for_a_number_is_a_text(catalogue: Catalogue) -> None:
    file = read_organisation(ORGANISATION.replace('"1.2.246.10.1"', "1204"), catalogue)
    assert file.units[2].id == "1204"


def test_names_that_make_texts_longer_are_warned_about_and_taken(catalogue: Catalogue) -> None:
    text = ORGANISATION.replace("{fi: Neuvola}", "{fi: Äitiys- ja lastenneuvola keskustassa, sv: Čáhci}")
    warnings = long_names(read_organisation(text, catalogue))
    assert len(warnings) == 2
    assert "36 characters" in warnings[0]
    assert "Č" in warnings[1]


def test_the_sample_county_needs_no_warning_and_has_every_language(catalogue: Catalogue) -> None:
    file = read_organisation(SAMPLE, catalogue)
    assert long_names(file) == []
    assert len(file.units) >= 12
    assert all(set(unit.name) == {"fi", "sv", "en"} for unit in file.units)
    assert {schedule.survey for unit in file.units for schedule in unit.schedules} == {"visit", "recommend", "thl"}


def test_a_county_of_two_hundred_units_loads_in_milliseconds(store: Store, catalogue: Catalogue) -> None:
    document = yaml.safe_load(ORGANISATION)
    document["units"] = [
        {"id": f"u{n}", "name": {"fi": f"Yksikkö {n}"}, "schedules": [{"survey": "visit"}]} for n in range(200)
    ]
    organised(store, catalogue, yaml.safe_dump(document))
    with store.read() as transaction:
        start = time.perf_counter()
        organisation = load_organisation(transaction)
    assert len(organisation.units) == 200
    assert timedelta(seconds=time.perf_counter() - start) < timedelta(milliseconds=100)
