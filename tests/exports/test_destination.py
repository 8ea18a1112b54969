"""A file is there whole or not at all."""

import os
from pathlib import Path

import pytest

from smsgateway.exports.destination import STANDARD_OUTPUT, Unwritable, destination


class Broken(Exception):
    pass


def export_that_breaks(where: Path) -> None:
    with destination(str(where)) as out:
        out.write("half")
        raise Broken


def test_a_new_file_holds_what_was_written(tmp_path: Path) -> None:
    with destination(str(tmp_path / "out.csv")) as out:
        out.write("käynti\r\n")
    assert (tmp_path / "out.csv").read_bytes() == "käynti\r\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_broken_export_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(Broken):
        export_that_breaks(tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_export_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("yesterday")
    with pytest.raises(Broken):
        export_that_breaks(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "yesterday"
    assert len(list(tmp_path.iterdir())) == 1


def test_until_the_end_readers_see_the_file_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("yesterday")
    with destination(str(tmp_path / "out.csv")) as out:
        out.write("today")
        out.flush()
        assert (tmp_path / "out.csv").read_text() == "yesterday"
    assert (tmp_path / "out.csv").read_text() == "today"


def test_a_replaced_file_keeps_its_rights_and_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("yesterday")
    (tmp_path / "real.csv").chmod(0o640)
    (tmp_path / "link.csv").symlink_to("real.csv")
    with destination(str(tmp_path / "link.csv")) as out:
        out.write("today")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "today"
    assert (tmp_path / "real.csv").stat().st_mode & 0o777 == 0o640


def test_a_device_is_written_to_and_not_replaced() -> None:
    with destination(os.devnull) as out:
        out.write("away")
    assert not Path(os.devnull).is_file()


def test_standard_output_is_utf8_with_its_line_ends_and_stays_open(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with destination(STANDARD_OUTPUT) as out:
        out.write("käynti\r\n")
    print("after")
    assert capfdbinary.readouterr().out == "käynti\r\nafter\n".encode()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("missing/out.csv", "out.csv cannot be written: No such file or directory"),
        (".", "is a folder: name a file in it"),
    ],
)
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(Unwritable, match=sentence), destination(str(tmp_path / name)):
        pass
