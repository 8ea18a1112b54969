"""Where an export goes: standard output, or a file that is there whole or not at all."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from smsgateway.gateway import GatewayProblem

STANDARD_OUTPUT = "-"


class Unwritable(GatewayProblem):
    """The file cannot be written there."""


@contextmanager
def destination(where: str) -> Iterator[TextIO]:
    """UTF-8 text to write to: `-` is standard output, anything else a file. Raises `Unwritable`."""
    if where == STANDARD_OUTPUT:
        with _standard_output() as out:
            yield out
        return
    path = Path(where).resolve()
    if path.is_dir():
        raise Unwritable(f"{path} is a folder: name a file in it")
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as out:  # a device or a pipe cannot be replaced
            yield out
        return
    with whole_file(path) as out:
        yield out


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Written beside `path` and renamed over it at the end; if anything breaks, what was there stays."""
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    try:
        with part.open("x", encoding="utf-8", newline="") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        raise Unwritable(f"{path} cannot be written: {os.strerror(error.errno or 0)}") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    """Standard output as UTF-8 with line ends untouched, whatever the terminal's language."""
    sys.stdout.flush()
    out = TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    try:
        yield out
        out.flush()
    finally:
        out.detach()
