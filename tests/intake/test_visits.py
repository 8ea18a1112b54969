from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsgateway.store import Row, Store
from smsgateway.store.sqlite import SqliteStore
from surveys.definition import Catalogue
from tests.intake.samples import HEADER, SEAL, Intake, decide, organised, stored_contacts, stored_visits

COLUMNS = f"{HEADER},language,survey_consent,service"


def line(visit_id: str = "V1", *, at: str = "10:00", phone: str = "0401234567", rest: str = "fi,yes,gp") -> str:
    return f"{visit_id},keskusta,2026-11-23T{at},{phone},{rest}\n"


def test_the_same_file_again_is_all_updates_and_changes_nothing(intake: Intake) -> None:
    content = f"{COLUMNS}\n{line()}{line('V2')}"
    assert intake.read(content).taken.accepted == 2
    before = stored_visits(intake.store)
    again = intake.read(content)
    assert (again.taken.accepted, again.taken.updated) == (0, 2)
    assert stored_visits(intake.store) == before
    assert intake.withdrawn == []


def test_the_second_copy_within_a_file_is_an_update_and_the_last_holds(intake: Intake) -> None:
    outcome = intake.read(f"{COLUMNS}\n{line()}{line('V2')}{line(phone='0509876543')}")
    assert (outcome.taken.accepted, outcome.taken.updated) == (2, 1)
    assert stored_visits(intake.store)[0]["lookup"] == SEAL.lookup("+358509876543")


def test_the_same_visit_id_in_another_unit_is_another_visit(intake: Intake) -> None:
    outcome = intake.read(f"{COLUMNS}\n{line()}{line().replace('keskusta', 'satama')}")
    assert outcome.taken.accepted == 2


CHANGES = {
    "ended_at": line(at="11:00"),
    "phone": line(phone="0509876543"),
    "language": line(rest="sv,yes,gp"),
    "consent": line(rest="fi,no,gp"),
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_a_change_that_matters_forgets_why_a_visit_was_not_invited(changed: str, intake: Intake) -> None:
    intake.read(f"{COLUMNS}\n{line()}")
    decide(intake.store, "cool_down")
    intake.read(f"{COLUMNS}\n{changed}")
    assert stored_visits(intake.store)[0]["decision"] is None
    assert intake.withdrawn == []


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_a_change_that_matters_asks_the_planner_to_withdraw_an_invitation(changed: str, intake: Intake) -> None:
    intake.read(f"{COLUMNS}\n{line()}{line('V2')}")
    decide(intake.store, "invited")
    intake.read(f"{COLUMNS}\n{changed}{line('V2')}")
    first, second = stored_visits(intake.store)
    assert intake.withdrawn == [first["visit_key"]]
    # The planner of this test withdraws nothing, as if a text had left: then the decision stays.
    assert first["decision"] == second["decision"] == "invited"


def test_a_change_that_only_describes_the_visit_leaves_the_decision(intake: Intake) -> None:
    intake.read(f"{COLUMNS}\n{line()}")
    decide(intake.store, "sampled_out")
    intake.read(f"{COLUMNS}\n{line(rest='fi,yes,dental')}")
    (visit,) = stored_visits(intake.store)
    assert (visit["service"], visit["decision"], intake.withdrawn) == ("dental", "sampled_out", [])


def test_the_way_a_number_is_written_is_no_change(intake: Intake) -> None:
    intake.read(f"{COLUMNS}\n{line()}")
    decide(intake.store, "cool_down")
    intake.read(f"{COLUMNS}\n{line(phone='+358 40 123 4567')}")
    assert stored_visits(intake.store)[0]["decision"] == "cool_down"
    assert stored_contacts(intake.store) == 1


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = SqliteStore(tmp_path_factory.mktemp("intake") / "gateway.db")
    store.migrate()
    yield store
    store.close()


def facts(rows: list[Row]) -> list[dict[str, object]]:
    own = ("visit_key", "contact_id")
    return [{name: value for name, value in row.items() if name not in own} for row in rows]


told = st.builds(
    line,
    st.sampled_from(["V1", "V2", "V3", "V4"]),
    at=st.sampled_from(["10:00", "11:30"]),
    phone=st.sampled_from(["0401234567", "0509876543", "09 1234567"]),
    rest=st.sampled_from(["fi,yes,gp", "sv,no,gp", ",,"]),
)


@given(first=st.lists(told, max_size=8), second=st.lists(told, max_size=8))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_files_split_or_repeated_give_the_same_visits_and_every_row_is_counted(
    first: list[str], second: list[str], embedded: Store, catalogue: Catalogue
) -> None:
    intake = Intake(embedded, organised(embedded, catalogue))

    def after(*files: list[str]) -> list[dict[str, object]]:
        for rows in files:
            outcome = intake.read("\n".join([COLUMNS, "".join(rows)]))
            assert outcome.taken.accepted + outcome.taken.updated + outcome.rejected.total() == len(rows)
        found = facts(stored_visits(embedded))
        embedded.write(lambda transaction: transaction.connection.execute("DELETE FROM visit").rowcount)
        return found

    assert after(first, second) == after(first + second) == after(first + second, first + second)
