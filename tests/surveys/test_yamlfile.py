"""Every mistake in a YAML file is told with its file, its line and what to do."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from surveys import yamlfile
from surveys.yamlfile import FileProblem


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _named(value: str) -> str:
    if not value:
        raise ValueError("a unit needs a name; write one")
    return value


class Window(Strict):
    start: str = Field(alias="from", title="start of the window", description='such as "09:00"')
    to: str


class Unit(Strict):
    id: str
    name: Annotated[str, AfterValidator(_named)]
    window: Window | None = None


class County(Strict):
    country: str = "FI"
    share: float = 1.0
    open: bool = True
    count: int = 0
    units: tuple[Unit, ...]
    by_id: dict[str, Unit] = {}


GOOD = """\
country: FI
share: 0.5
units:
  - id: keskusta
    name: Keskustan terveysasema
    window:
      from: 09:00
      to: 20:00
  - id: etela
    name: Etelän terveysasema
"""


def _told(text: str) -> str:
    with pytest.raises(FileProblem) as problem:
        yamlfile.load(text, County, name="county.yaml")
    return str(problem.value)


def test_a_good_file_becomes_its_model() -> None:
    county = yamlfile.load(GOOD, County)
    assert [unit.id for unit in county.units] == ["keskusta", "etela"]
    assert county.share == 0.5


def test_times_and_plain_words_are_read_as_they_stand() -> None:
    county = yamlfile.load(GOOD.replace("country: FI", "country: NO"), County)
    assert county.units[0].window == Window(**{"from": "09:00", "to": "20:00"})
    assert county.country == "NO"
    assert yamlfile.load(GOOD.replace("country: FI", "country: 0401234567"), County).country == "0401234567"
    assert yamlfile.load(GOOD.replace("country: FI", "country: 2026-11-31"), County).country == "2026-11-31"
    assert yamlfile.load(GOOD.replace("country: FI", "open: false\ncount: -3"), County).count == -3


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        (
            "  - id: etela",
            "  - idd: etela",
            'line 9: units.1.idd: there is no key "idd"; did you mean "id"? (and',
        ),
        (
            "from: 09:00",
            "form: 09:00",
            'line 7: units.0.window.form: there is no key "form"; did you mean "from"?',
        ),
        (
            "country: FI",
            "kieli: fi",
            'line 1: kieli: there is no key "kieli"; the keys here are: country, share,',
        ),
        ("      to: 20:00\n", "", "line 6: units.0.window.to: missing key; add it here"),
        (
            "      from: 09:00\n",
            "",
            'line 6: units.0.window.from: missing start of the window: such as "09:00"',
        ),
        ("Etelän terveysasema", '""', "line 10: units.1.name: a unit needs a name; write one"),
        ("share: 0.5", "share: half", "line 2: share: input should be a valid number, unable to parse"),
        ("share: 0.5", "count: 1.5x", "line 2: count: must be a whole number, not '1.5x'"),
        ("share: 0.5", "open: maybe", "line 2: open: must be true or false, not 'maybe'"),
        ("country: FI", "country: 358", "line 1: country: must be text; put it in quotes, not 358"),
        ("share: 0.5", "country: SE", 'line 2: the key "country" is here again, first in line 1; keep one'),
        ("share: 0.5", "by_id: {a: {id: a, id: b}}", 'line 2: the key "id" is here again, first in line 2'),
        (
            "share: 0.5",
            "by_id: {a: {id: a, nam: b}}",
            'line 2: by_id.a.nam: there is no key "nam"; did you mean',
        ),
        ("share: 0.5", "by_id: [a]", "line 2: by_id: must have keys with values"),
        (
            "name: Etelän terveysasema",
            "name: Etelän: asema",
            "line 10: is not YAML: mapping values are not allowed",
        ),
        ("share: 0.5", "\tshare: 0.5", "line 2: is not YAML: found character"),
        ("share: 0.5", "? [a]\n: b", "line 2: is not YAML: found unhashable key"),
        ("share: 0.5", "share: \x07", "line 2: has a character that YAML does not allow; remove it"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_to_do(written: str, instead: str, told: str) -> None:
    assert GOOD.count(written) == 1
    assert _told(GOOD.replace(written, instead)).startswith(f"county.yaml, {told}")


def test_the_number_of_further_mistakes_is_said() -> None:
    assert _told(GOOD.replace("share: 0.5", "share: x\ncount: y")).endswith("(and 1 more)")


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_is_told(text: str) -> None:
    assert _told(text) == "county.yaml: the file is empty"


@pytest.mark.parametrize("text", ["- a\n", "just words"])
def test_a_file_of_another_shape_is_told(text: str) -> None:
    assert _told(text).startswith("county.yaml, line 1: must have keys with values")


def test_a_problem_names_the_file_it_was_read_from(tmp_path: Path) -> None:
    path = tmp_path / "county.yaml"
    path.write_text(GOOD.replace("units:", "unit:"), "utf-8")
    with pytest.raises(FileProblem, match=r'county\.yaml, line 3: unit: .* did you mean "units"') as problem:
        yamlfile.load(path, County)
    assert (problem.value.file, problem.value.line) == ("county.yaml", 3)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "county.yaml"
    path.write_text(GOOD, "utf-8-sig")
    assert yamlfile.load(path, County) == yamlfile.load(GOOD, County)


def test_a_file_in_latin_1_is_told_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "county.yaml"
    path.write_text(GOOD, "latin-1")
    with pytest.raises(FileProblem, match=r"county\.yaml, line 10: is not UTF-8 here; save the file as UTF-8"):
        yamlfile.load(path, County)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match=r"county\.yaml: cannot be read: No such file"):
        yamlfile.load(tmp_path / "county.yaml", County)
