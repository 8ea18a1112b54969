"""Simulated weeks go through the very code path, and nothing of them is lost or made up."""

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from smsgateway.demo.county import characters, words
from smsgateway.demo.patients import Patients
from smsgateway.demo.visits import Visit, visits_of_year
from smsgateway.figures.summary import figures
from smsgateway.figures.verify import verify
from smsgateway.intake.phones import NotMobile, mobile_number
from smsgateway.store.values import moment
from surveys.definition import Catalogue
from tests.demo.conftest import END, VISITS, Lived

HELSINKI = ZoneInfo("Europe/Helsinki")


def test_every_count_agrees_with_the_tables(lived: Lived) -> None:
    with lived.stage.gateway.store.read() as transaction:
        assert verify(transaction) == []


def test_the_figures_hold_exactly_the_ratings_that_patients_meant(lived: Lived) -> None:
    with lived.stage.gateway.store.read() as transaction:
        counted = Counter(
            {
                (row["unit_id"], row["value"]): row["n"]
                for row in transaction.connection.execute(
                    "SELECT r.unit_id, r.value, SUM(r.n) AS n FROM rollup r"
                    " WHERE r.measure LIKE 'answer:%' AND r.day <= :last GROUP BY 1, 2",
                    {"last": END.date().isoformat()},
                )
            }
        )
    assert len(lived.year.meant) > VISITS / 10
    assert +counted == Counter(lived.year.meant)


def test_every_visit_that_the_intake_took_has_one_fate(lived: Lived) -> None:
    mobile = [visit for visit in lived.year.visits if is_mobile(visit)]
    taken = {visit.visit_id for visit in lived.year.visits}
    with lived.stage.gateway.store.read() as transaction:
        rows = list(transaction.connection.execute("SELECT visit_id, decision FROM visit"))
    fates = {row["visit_id"]: row["decision"] for row in rows if row["visit_id"] in taken}
    assert fates.keys() == {visit.visit_id for visit in mobile}
    assert None not in fates.values()
    assert {"invited", "sampled_out"} <= set(fates.values())


def test_texts_went_only_by_day(lived: Lived) -> None:
    with lived.stage.gateway.store.read() as transaction:
        sent = [
            moment(row["sent_at"]).astimezone(HELSINKI)
            for row in transaction.connection.execute("SELECT sent_at FROM outbox WHERE sent_at < '2026-11-20T12'")
        ]
    assert sent
    assert all(9 <= each.hour < 20 for each in sent)


def test_people_replied_in_words_too_and_to_each_survey(lived: Lived) -> None:
    with lived.stage.gateway.store.read() as transaction:
        kinds = {row["kind"] for row in transaction.rows("replies_by_kind")}
        rows = figures(transaction, lived.stage.gateway.catalogue)
    assert {"rating", "comment"} <= kinds
    assert {"visit", "recommend", "thl"} == {row.survey for row in rows}


def weeks_of_visits(seed: int) -> list[Visit]:
    return visits_of_year(characters(), 200, END - timedelta(days=30), END, HELSINKI, seed)


def test_the_same_seed_makes_the_same_visits() -> None:
    assert weeks_of_visits(1) == weeks_of_visits(1)
    assert weeks_of_visits(1) != weeks_of_visits(2)


def test_the_same_seed_makes_the_same_replies(catalogue: Catalogue) -> None:
    def scripts() -> list[object]:
        patients = Patients(words(), characters(), END.date(), 7)
        return [patients.script(visit, catalogue.survey("visit"), "invitation") for visit in weeks_of_visits(1)]

    assert scripts() == scripts()
    assert any(scripts())


def test_visits_end_within_the_year_and_in_their_order() -> None:
    ends = [visit.ended_at for visit in weeks_of_visits(1)]
    assert ends == sorted(ends)
    assert END - timedelta(days=30) < ends[0]
    assert ends[-1] <= END


def test_numbers_are_invented_ones_that_the_intake_takes_however_they_are_written() -> None:
    for visit in weeks_of_visits(1):
        if is_mobile(visit):
            assert mobile_number(visit.written, "FI") == visit.phone
            assert visit.phone[6:9] == "555"


def is_mobile(visit: Visit) -> bool:
    try:
        mobile_number(visit.written, "FI")
    except NotMobile:
        return False
    return True


@pytest.mark.parametrize(("unit", "better"), [("keskusta", True), ("paivystys", False)])
def test_a_unit_changes_in_the_course_of_the_year(unit: str, better: bool) -> None:
    character = characters()[unit]
    then, now = (character.satisfaction_on(day, END.date()) for day in ((END - timedelta(days=364)).date(), END.date()))
    assert (now > then) is better
