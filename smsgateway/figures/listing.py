"""Figure rows as other programs take them: flat for CSV, nested for JSON; numbers stay numbers."""

from dataclasses import asdict, fields

from smsgateway.figures.summary import FigureRow

Cell = str | int | float | None

MARKS = range(11)
"""The marks of all scales: a flat row has a column for each, empty where the question's scale has no such mark."""

_PLAIN = tuple(field.name for field in fields(FigureRow) if field.name != "distribution")
COLUMNS = (*_PLAIN, *(f"mark_{mark}" for mark in MARKS))


def flat(row: FigureRow) -> dict[str, Cell]:
    """One value per column of `COLUMNS`; the distribution as mark_0 to mark_10."""
    plain: dict[str, Cell] = {name: getattr(row, name) for name in _PLAIN}
    return plain | {f"mark_{mark}": row.distribution.get(mark) for mark in MARKS}


def nested(row: FigureRow) -> dict[str, object]:
    """The row's fields; `distribution` is an object of the marks, as texts, to their counts."""
    return asdict(row) | {"distribution": {str(mark): n for mark, n in row.distribution.items()}}
