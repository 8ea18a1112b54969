"""A spreadsheet opens the CSV as data: no text of a patient becomes a formula, no number becomes a text."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as some

from smsgateway.exports.csvfile import Cell, inert, write_csv


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+358401234567",
        "-5",
        "@SUM(A1)",
        "=cmd|' /C calc'!A0",
        '=HYPERLINK("http://bad.example","win")',
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "\ttext",
        "\rtext",
        "  =1+1",
        "\u00a0=1+1",
        "\u3000=1+1",
        "\u200b=1+1",
        "\ufeff=1+1",
        "\x00=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "﹦1+1",
        " ＝1+1",
        "=",
    ],
)
def test_a_text_that_would_run_gets_an_apostrophe(text: str) -> None:
    assert inert(text) == "'" + text
    assert written([{"cell": text}]) == [["cell"], ["'" + text]]


@pytest.mark.parametrize(
    "cell",
    [
        "Kiitos!",
        "5",
        "1-2 viikkoa",
        "hyvä = hyvä",
        "a@b",
        "",
        " ",
        "'=1+1",
        "Ääni",
        "→ ok",
        "5\n=1",
        "😀",
        None,
        5,
        -5,
        0,
        -1.5,
    ],
)
def test_any_other_cell_is_left_as_it_is(cell: Cell) -> None:
    assert inert(cell) == cell
    assert written([{"cell": cell}]) == [["cell"], ["" if cell is None else str(cell)]]


@given(some.lists(some.none() | some.integers() | some.text(some.characters(codec="utf-8")), min_size=2, max_size=2))
def test_a_row_comes_back_with_at_most_an_apostrophe_more(cells: list[Cell]) -> None:
    _, row = written([dict(zip("ab", cells, strict=True))])
    for cell, back in zip(cells, row, strict=True):
        text = "" if cell is None else str(cell)
        assert back in (text, "'" + text)
        assert not isinstance(cell, str) or back.strip()[:1] not in tuple("=+-@")


def test_the_columns_decide_what_is_written_and_where() -> None:
    out = io.StringIO(newline="")
    assert write_csv(out, ("b", "a"), [{"a": 1, "b": "x", "secret": "y"}]) == 1
    assert out.getvalue() == "b,a\r\nx,1\r\n"


def written(rows: list[dict[str, Cell]]) -> list[list[str]]:
    out = io.StringIO(newline="")
    columns = tuple(rows[0])
    write_csv(out, (*columns, "x") if len(columns) == 1 else columns, [{**row, "x": 0} for row in rows])
    back = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    return [row[: len(columns)] for row in back]
