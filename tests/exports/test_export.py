"""What is exported is what is stored, on both engines, and never whose phone it was."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from smsgateway.cli import main
from smsgateway.exports.export import ANSWERS, INVITATIONS, export
from smsgateway.figures.listing import COLUMNS
from smsgateway.figures.rollups import Standing
from smsgateway.figures.selection import Selection
from smsgateway.store import Store
from surveys.definition import Catalogue
from tests.figures.builders import NOON, County

PERSON: dict[str, Any] = {"age_band": "35-44", "gender": "f", "service": "=danger", "visit_type": "remote"}


@pytest.fixture
def county(store: Store) -> County:
    county = County(store)
    county.unit("region")
    county.unit("keskusta", "region")
    county.unit("neuvola")
    return county


def exported(
    store: Store, catalogue: Catalogue, what: str, layout: str = "csv", selection: Selection | None = None
) -> str:
    out = io.StringIO(newline="")
    with store.read() as transaction:
        written = export(transaction, catalogue, what, layout, selection or Selection(), out)
    assert written == (len(json.loads(out.getvalue())) if layout == "json" else len(table(out.getvalue())))
    return out.getvalue()


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_answers_come_out_as_they_were_stored(store: Store, catalogue: Catalogue, county: County) -> None:
    invitation = county.invitation("keskusta", **PERSON)
    rating = county.answer(invitation, "rating", "rating", 4)
    comment = county.answer(invitation, "comment", "comment", comment='=1+1, "hyvä"\nkiitos 😀')
    shared = {
        "invitation_id": invitation,
        "unit": "keskusta",
        "survey": "visit",
        "survey_version": "1",
        "language": "fi",
        "channel": "sms",
        "visit_ended_at": NOON,
        "answered_at": NOON,
        **PERSON,
        "service": "'=danger",
    }
    rows = table(exported(store, catalogue, "answers"))
    assert rows == [
        {**shared, "answer_id": rating, "question": "rating", "kind": "rating", "value": "4", "comment": ""},
        {
            **shared,
            "answer_id": comment,
            "question": "comment",
            "kind": "comment",
            "value": "",
            "comment": '\'=1+1, "hyvä"\nkiitos 😀',
        },
    ]
    assert tuple(rows[0]) == ANSWERS


def test_json_has_numbers_nulls_and_the_text_as_it_was(store: Store, catalogue: Catalogue, county: County) -> None:
    county.answer(county.invitation("keskusta", **PERSON), "rating", "rating", 4)
    (row,) = json.loads(exported(store, catalogue, "answers", "json"))
    assert tuple(row) == ANSWERS
    assert (row["value"], row["comment"], row["service"], row["survey_version"]) == (4, None, "=danger", 1)


def test_the_interface_names_the_columns_of_answers() -> None:
    assert ", ".join(ANSWERS) == (
        "answer_id, invitation_id, unit, survey, survey_version, question, kind, value, comment, language, channel, "
        "visit_ended_at, answered_at, age_band, gender, service, visit_type"
    )


def test_every_visit_has_a_row_with_what_became_of_it(store: Store, catalogue: Catalogue, county: County) -> None:
    county.invitation("keskusta", Standing("sent", "delivered", True))
    county.invitation("keskusta", Standing("failed"))
    county.visit("keskusta", "no_consent", language="sv")
    county.visit("keskusta", None)
    rows = table(exported(store, catalogue, "invitations"))
    assert tuple(rows[0]) == INVITATIONS
    assert sorted((row["decision"], row["status"], row["delivery"], row["language"]) for row in rows) == [
        ("", "", "", ""),
        ("invited", "failed", "", "fi"),
        ("invited", "sent", "delivered", "fi"),
        ("no_consent", "", "", "sv"),
    ]


def test_no_export_names_a_person_or_the_visit_in_the_source(
    store: Store, catalogue: Catalogue, county: County
) -> None:
    county.rated("keskusta", [5])
    county.visit("keskusta", "landline")
    for what in ("answers", "invitations", "figures"):
        text = exported(store, catalogue, what) + exported(store, catalogue, what, "json")
        for secret in ("contact", "sealed", "source-", "visit-"):
            assert secret not in text, what


def test_a_selection_keeps_units_and_days(store: Store, catalogue: Catalogue, county: County) -> None:
    county.rated("keskusta", [1], day="2026-11-20")
    county.rated("keskusta", [2], day="2026-11-21")
    county.rated("neuvola", [3], day="2026-11-21")

    def values(selection: Selection) -> list[str]:
        return [row["value"] for row in table(exported(store, catalogue, "answers", "csv", selection))]

    assert sorted(values(Selection())) == ["1", "2", "3"]
    assert values(Selection("region")) == ["1", "2"]
    assert values(Selection("region", date(2026, 11, 21))) == ["2"]
    assert values(Selection(None, None, date(2026, 11, 20))) == ["1"]
    assert len(table(exported(store, catalogue, "invitations", "csv", Selection("neuvola")))) == 1


def test_figures_come_by_unit_and_month(store: Store, catalogue: Catalogue, county: County) -> None:
    county.rated("keskusta", [5], day="2026-10-31")
    county.rated("keskusta", [3], day="2026-11-01")
    rows = table(exported(store, catalogue, "figures"))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["period"], row["mean"]) for row in rows] == [("2026-10", "5.0"), ("2026-11", "3.0")]
    assert [row["period"] for row in json.loads(exported(store, catalogue, "figures", "json"))] == [
        "2026-10",
        "2026-11",
    ]


def test_nothing_to_export_is_a_header_or_an_empty_array(store: Store, catalogue: Catalogue) -> None:
    assert exported(store, catalogue, "answers").strip() == ",".join(ANSWERS)
    assert json.loads(exported(store, catalogue, "answers", "json")) == []


def test_rows_are_streamed_and_not_gathered(store: Store, catalogue: Catalogue, county: County) -> None:
    """The first row is out before the last one is asked for."""
    county.rated("keskusta", [1, 2, 3])

    class Full(Exception):
        pass

    class Small(io.StringIO):
        def write(self, text: str, /) -> int:
            if self.getvalue().count("\n") == 2:
                raise Full
            return super().write(text)

    out = Small(newline="")
    with store.read() as transaction, pytest.raises(Full):
        export(transaction, catalogue, "answers", "csv", Selection(), out)
    assert len(table(out.getvalue())) == 1


# --- on the command line -------------------------------------------------------------------------


def test_the_command_writes_the_file_and_says_how_much(
    county: County,
    database_address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SMSGATEWAY_DATABASE_URL", database_address)
    county.rated("keskusta", [5, 4])
    out = tmp_path / "answers.csv"
    assert main(["export", "answers", "--format", "csv", "--out", str(out)]) == 0
    assert [row["value"] for row in table(out.read_text("utf-8"))] == ["5", "4"]
    assert capsys.readouterr().out == f"wrote 2 rows to {out}\n"


def test_a_dash_is_standard_output_and_nothing_but_the_rows(
    county: County, database_address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMSGATEWAY_DATABASE_URL", database_address)
    county.rated("keskusta", [5])
    assert main(["export", "answers", "--format", "json", "--out", "-"]) == 0
    assert [row["value"] for row in json.loads(capsys.readouterr().out)] == [5]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["answers", "--format", "xlsx", "--out", "-"], "'xlsx' is not one of 'csv', 'json'"),
        (["letters", "--out", "-"], "'letters' is not one of 'answers', 'invitations', 'figures'"),
        (["answers"], "Missing option '--out'"),
        (["answers", "--out", "-", "--unit", "neuvol"], "did you mean neuvola?"),
    ],
)
def test_wrong_use_is_one_sentence_and_status_2(
    county: County,
    database_address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.setenv("SMSGATEWAY_DATABASE_URL", database_address)
    assert main(["export", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert sentence in err


def test_an_unknown_unit_leaves_the_file_that_was_there(
    county: County, database_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSGATEWAY_DATABASE_URL", database_address)
    (tmp_path / "out.csv").write_text("yesterday")
    assert main(["export", "answers", "--out", str(tmp_path / "out.csv"), "--unit", "nowhere"]) == 2
    assert (tmp_path / "out.csv").read_text() == "yesterday"
