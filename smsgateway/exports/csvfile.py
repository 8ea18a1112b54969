"""CSV (RFC 4180, UTF-8) that a spreadsheet opens as data and never as a formula."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from string import ascii_letters, digits
from typing import TextIO

# What makes a spreadsheet take a cell for a formula or a command: = + - @ and their full-width and small forms,
# also behind blanks or invisible characters, which some programs drop first; or a leading TAB, CR or LF.
# OWASP, "CSV Injection"; the full-width forms are what Excel itself turns into the plain ones on input.
_FORMULA = re.compile(
    "[\t\r\n]|[\\s\x00-\x1f\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]*"
    "[=+\\-@＝＋－＠﹦﹢﹣﹫]"
)

# Most cells begin so; looking at the first character alone halves what the guard costs.
_HARMLESS = frozenset(ascii_letters + digits)

Cell = str | int | float | None


def inert(cell: Cell) -> Cell:
    """The cell as a spreadsheet will show it: a text that it would run gets an apostrophe, a number stays one."""
    return "'" + cell if isinstance(cell, str) and _FORMULA.match(cell) else cell


def write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Cell]]) -> int:
    """Writes a header and the rows as they come; answers how many rows. `out` is opened with newline=""."""
    cells = itemgetter(*columns)
    writer = csv.writer(out)
    writer.writerow(columns)
    written = 0
    for row in rows:
        writer.writerow(
            [cell if type(cell) is not str or cell[:1] in _HARMLESS else inert(cell) for cell in cells(row)]
        )
        written += 1
    return written
