"""JSON: one array of objects, an object on each line, written as the rows come."""

import json
from collections.abc import Iterable, Mapping
from typing import TextIO


def write_json(out: TextIO, rows: Iterable[Mapping[str, object]]) -> int:
    """Writes the rows, their columns as keys; answers how many."""
    written = 0
    for row in rows:
        out.write(",\n" if written else "[\n")
        out.write(json.dumps(row, ensure_ascii=False))
        written += 1
    out.write("\n]\n" if written else "[]\n")
    return written
