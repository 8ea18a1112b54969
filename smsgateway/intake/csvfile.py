"""The form of a CSV file: encoding, delimiter, header and rows, before anybody asks what they say.

A file is read twice. The first time finds what makes it unusable, before anything is taken from it; the second
gives its rows. Both hold one line at a time.
"""

import csv
import io
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO

from surveys.yamlfile import FileProblem

BOM = b"\xef\xbb\xbf"
LONGEST_LINE = 64 * 1024
LINES_OF_A_ROW = 10
"""A quotation mark that is still open after so many lines was never meant to open a cell."""

IN_MEMORY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written; `lines` with the header, `encoding` as Python calls it."""

    name: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class Record:
    """A row as it stands, at the line where it begins; not `whole` if its quotation marks do not close."""

    line: int
    cells: list[str]
    whole: bool = True


def rewindable(stream: IO[bytes]) -> IO[bytes]:
    """The stream, or where it is a pipe a copy of it that can be read twice (beyond 8 MB in a nameless file)."""
    if stream.seekable():
        return stream
    copy = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (closed by whoever reads it)
    while block := stream.read(1024 * 1024):
        copy.write(block)
    copy.seek(0)
    return copy


def examine(stream: IO[bytes], name: str) -> Form:
    """Reads all of it; raises `FileProblem` for what is not a CSV file in UTF-8 with a header."""
    encoding = "utf-8-sig" if stream.read(len(BOM)) == BOM else "utf-8"
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="")
    header, lines = "", 0
    for lines, line in enumerate(iter(partial(text.readline, LONGEST_LINE), ""), 1):
        if not line.isascii() or "\0" in line or len(line) >= LONGEST_LINE:
            _check_line(line, lines, name)
        header = header or line
    text.detach()
    stream.seek(0)
    if not header.strip():
        raise FileProblem(name, 1, "the file is empty; its first line must name the columns")
    delimiter = ";" if header.count(";") > header.count(",") else ","
    return Form(name, encoding, delimiter, _columns(header, delimiter, name), lines)


def _check_line(line: str, number: int, name: str) -> None:
    if "\0" in line or len(line) >= LONGEST_LINE:
        raise FileProblem(name, number, 'this is not a CSV file; save the table as "CSV UTF-8" and import that')
    try:
        line.encode()
    except UnicodeEncodeError:
        told = 'is not UTF-8 here, so nothing was taken; save the file as "CSV UTF-8" and import it again'
        raise FileProblem(name, number, told) from None


def _columns(header: str, delimiter: str, name: str) -> tuple[str, ...]:
    cells = next(csv.reader([header], delimiter=delimiter))
    columns = tuple(cell.strip().lower() for cell in cells)
    for column in columns:
        if column and columns.count(column) > 1:
            raise FileProblem(name, 1, "two columns have the same name; rename or remove one of them")
    return columns


def check_columns(form: Form, required: Collection[str]) -> None:
    """Raises `FileProblem` where the header lacks a column. Repeats no cell: without a header it is a person's row."""
    missing = [column for column in required if column not in form.header]
    if missing:
        which = f"the column {missing[0]} is" if len(missing) == 1 else f"the columns {', '.join(missing)} are"
        raise FileProblem(form.name, 1, f"{which} missing; the first line must name the columns")


def records(stream: IO[bytes], form: Form) -> Iterator[Record]:
    """The rows below the header, without blank ones.

    A row whose quotation marks do not close is one line and costs no other row: what follows is read anew.
    """
    text = io.TextIOWrapper(stream, form.encoding, newline="")
    nothing = form.delimiter + " \t\r\n"
    ahead: deque[str] = deque()
    number = 1
    text.readline()
    while line := ahead.popleft() if ahead else text.readline():
        number += 1
        if not line.strip(nothing):
            continue
        if '"' not in line:
            yield Record(number, line.rstrip("\r\n").split(form.delimiter))
            continue
        ahead.extend(islice(text, LINES_OF_A_ROW - 1 - len(ahead)))
        record, taken = _quoted([line, *ahead], number, form)
        for _ in range(taken - 1):
            ahead.popleft()
        yield record
        number += taken - 1
    text.detach()


def _quoted(lines: list[str], number: int, form: Form) -> tuple[Record, int]:
    """The row that begins with the first of `lines`, and how many of them it takes."""
    for taken in range(1, len(lines) + 1):
        try:
            cells = next(csv.reader(lines[:taken], delimiter=form.delimiter, strict=True))
        except csv.Error:
            continue
        if taken == 1 or len(cells) == len(form.header):
            return Record(number, cells), taken
    cells = next(csv.reader(lines[:1], delimiter=form.delimiter))
    return Record(number, [cell.rstrip("\r\n") for cell in cells], whole=False), 1
