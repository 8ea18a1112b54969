"""`figures` and `verify` on the command line."""

import csv
import io
import json
from collections.abc import Callable

import pytest

from smsgateway.cli import main
from smsgateway.store import Store
from tests.figures.builders import County, execute

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(database_address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command; answers its exit status, output and errors."""
    monkeypatch.setenv("SMSGATEWAY_DATABASE_URL", database_address)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(list(arguments))
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def county(store: Store) -> County:
    county = County(store)
    county.unit("keskusta")
    county.unit("neuvola")
    county.rated("keskusta", [5, 4])
    county.rated("neuvola", [1], day="2026-10-01")
    return county


def test_the_table_ends_with_all_units_together(command: Command, county: County) -> None:
    status, out, err = command("figures")
    lines = [line.split() for line in out.splitlines() if line.strip("─ ")]
    assert (status, err) == (0, "")
    assert [line[0] for line in lines] == ["unit", "keskusta", "neuvola", "all"]
    assert lines[-1][-4:] == ["3.33", "66.7", "%", "1/0/0/1/1"]


def test_no_cell_of_the_table_is_cut_off(command: Command, store: Store, county: County) -> None:
    long = "a-unit-whose-id-is-longer-than-any-terminal-is-wide-" * 4
    county.unit(long)
    county.rated(long, [5])
    _, out, _ = command("figures")
    assert long in out
    assert "…" not in out


def test_one_unit_needs_no_total(command: Command, county: County) -> None:
    _, out, _ = command("figures", "--unit", "keskusta")
    assert "all" not in out.split()


def test_a_table_without_figures_says_so(command: Command, county: County) -> None:
    status, out, _ = command("figures", "--from", "2030-01-01")
    assert (status, out) == (0, "no figures: nobody was invited in this period\n")


def test_csv_has_a_header_and_a_row_per_unit(command: Command, county: County) -> None:
    _, out, _ = command("figures", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["unit"], row["n"], row["mean"], row["mark_5"], row["nps"]) for row in rows] == [
        ("keskusta", "2", "4.5", "1", ""),
        ("neuvola", "1", "1.0", "0", ""),
    ]


@pytest.mark.parametrize("by", ["month", "unit,month"])
def test_json_is_a_list_of_objects_with_numbers_and_nulls(command: Command, county: County, by: str) -> None:
    _, out, _ = command("figures", "--by", by, "--format", "json")
    rows = json.loads(out)
    assert [(row["unit"], row["period"], row["n"], row["nps"]) for row in rows] == [
        ("keskusta", "2026-11", 2, None),
        ("neuvola", "2026-10", 1, None),
    ]
    assert rows[0]["response_rate"] == 1.0


def test_json_of_nothing_is_an_empty_list(command: Command, store: Store) -> None:
    assert json.loads(command("figures", "--format", "json")[1]) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--unit", "keskust"], 'no unit is called "keskust": did you mean keskusta?'),
        (["--from", "2026-11-02", "--to", "2026-11-01"], "the period begins on 2026-11-02 and ends before that"),
        (["--by", "year"], '"year" is not unit, day, week or month'),
        (["--by", "day,week"], "is not unit, day, week or month"),
        (["--from", "1.11.2026"], '"1.11.2026" is not a day; write it like 2026-11-23'),
    ],
)
def test_wrong_use_is_one_sentence_and_status_2(
    command: Command, county: County, arguments: list[str], sentence: str
) -> None:
    status, out, err = command("figures", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert sentence in err


def test_help_tells_the_formula_and_what_a_period_is(command: Command) -> None:
    _, out, _ = command("figures", "--help")
    told = " ".join(out.split())
    assert "answered / (sent - undelivered - ineligible)" in told
    assert "A period means the visits of that period" in told
    assert "Example: python3 run.py figures" in told


def test_verify_prints_how_many_counts_agree(command: Command, county: County) -> None:
    status, out, _ = command("verify")
    assert status == 0
    assert out.startswith("ok: ")
    assert out.endswith(" counts agree\n")


def test_verify_names_each_difference_and_fails(command: Command, store: Store, county: County) -> None:
    execute(store, "UPDATE rollup_total SET n = 9 WHERE unit_id = 'neuvola' AND measure = 'sent'")
    status, out, err = command("verify")
    assert (status, err) == (1, "")
    assert out == "unit neuvola, all time, survey visit, sent: expected 1, found 9\n"
