"""The commands as an operator calls them, on both engines."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from smsgateway.cli import commands
from tests.intake.samples import HEADER, ORGANISATION

ROWS = (
    "V1,keskusta,2026-11-23T10:00,040 123 4567\n"
    "V2,nowhere,2026-11-23T10:00,040 123 4568\n"
    "V3,keskusta,2026-11-23T10:00,09 123 4567\n"
    "V1,keskusta,2026-11-23T10:00,040 123 4567\n"
)


class Shell:
    """Runs commands on one database, in one folder."""

    def __init__(self, address: str, folder: Path) -> None:
        self.folder = folder
        self.environment = {"SMSGATEWAY_DATABASE_URL": address, "SMSGATEWAY_SECRET_KEY": "a key for tests alone"}

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Result:
        return CliRunner().invoke(commands, arguments, input=stdin, env=self.environment)

    def file(self, name: str, content: str) -> str:
        path = self.folder / name
        path.write_text(content, "utf-8")
        return str(path)


@pytest.fixture
def shell(database_address: str, tmp_path: Path) -> Shell:
    return Shell(database_address, tmp_path)


@pytest.fixture
def county(shell: Shell) -> Shell:
    assert shell("organisation", "import", shell.file("county.yaml", ORGANISATION)).exit_code == 0
    return shell


def test_an_organisation_is_imported_once_and_exported_as_it_was(shell: Shell) -> None:
    path = shell.file("county.yaml", ORGANISATION)
    first = shell("organisation", "import", path)
    assert first.stdout == "organisation changed; units: 3 new, 0 changed, 0 unchanged\n"
    exported = shell("organisation", "export")
    again = shell("organisation", "import", shell.file("again.yaml", exported.stdout))
    assert again.stdout == "nothing changed: 3 units are as in the file\n"


def test_a_unit_missing_from_the_file_is_warned_about(county: Shell) -> None:
    shorter = ORGANISATION.partition('  - id: "1.2')[0]
    result = county("organisation", "import", county.file("shorter.yaml", shorter))
    assert result.exit_code == 0
    assert "not in shorter.yaml and kept with their visits and schedules: 1.2.246.10.1" in result.stderr


def test_visits_are_counted_refused_ones_given_back_and_the_taken_ones_planned(county: Shell) -> None:
    rejects = county.folder / "rejected.csv"
    result = county("visits", "import", county.file("v.csv", f"{HEADER}\n{ROWS}"), "--rejects", str(rejects))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "accepted 1, updated 1, rejected 2"
    assert sorted(lines[1:3]) == ["  landline 1", "  unknown_unit 1"]
    assert lines[3] == "planned: invited 1"
    with rejects.open(newline="", encoding="utf-8") as file:
        refused = [(row["line"], row["reason"].partition(":")[0], row["visit_id"]) for row in csv.DictReader(file)]
    assert refused == [("3", "unknown_unit", "V2"), ("4", "landline", "V3")]


def test_visits_come_through_a_pipe_too(county: Shell) -> None:
    result = county("visits", "import", "-", stdin=f"{HEADER}\n{ROWS}".encode())
    assert result.stdout.startswith("accepted 1, updated 1, rejected 2\n")


def test_a_dry_run_tells_the_same_and_leaves_no_visit(county: Shell) -> None:
    path = county.file("v.csv", f"{HEADER},name\n{ROWS.replace(chr(10), ',Maija' + chr(10))}")
    rehearsed = county("visits", "import", path, "--dry-run")
    assert "columns that are not known and were not read: name" in rehearsed.stderr
    assert "planned" not in rehearsed.stdout
    taken = county("visits", "import", path)
    assert taken.stdout.splitlines()[:3] == rehearsed.stdout.splitlines()
    assert taken.stdout.startswith("accepted 1, updated 1, rejected 2\n")


def test_without_an_organisation_the_import_says_what_to_do(shell: Shell) -> None:
    result = shell("visits", "import", shell.file("v.csv", f"{HEADER}\n{ROWS}"))
    assert "organisation import FILE" in str(result.exception)


def test_a_missing_file_is_named(county: Shell) -> None:
    result = county("visits", "import", "nowhere.csv")
    assert str(result.exception) == "nowhere.csv cannot be read: No such file or directory"


def test_the_file_that_is_read_is_never_written_over(county: Shell) -> None:
    path = county.file("v.csv", f"{HEADER}\n{ROWS}")
    result = county("visits", "import", path, "--rejects", path)
    assert result.exit_code == 2
    assert Path(path).read_text("utf-8") == f"{HEADER}\n{ROWS}"


@pytest.mark.parametrize("command", ["organisation import", "organisation export", "visits import"])
def test_each_command_shows_an_example(command: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, [*command.split(), "--help"])
    assert f"Example: python3 run.py {command}" in result.stdout
