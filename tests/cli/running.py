"""Runs the command line as an operator does: arguments and environment in, what it prints and how it ends out."""

import contextlib
import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from smsgateway.cli import main

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line on standard error; more than one is a failure of the test."""
        (line,) = self.err.splitlines()
        return line


def environment(**settings: str) -> dict[str, str]:
    """Ours without anything of the gateway's, and the settings given: `DATABASE_URL="…"`."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("SMSGATEWAY_")}
    own = {f"SMSGATEWAY_{name}": value for name, value in settings.items()}
    return {**bare, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **own}


def run(*arguments: str, env: Mapping[str, str], stdin: str = "") -> Ended:
    """The command in this process: a tenth of the time of one of its own."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with surroundings(env, stdin), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(list(arguments))
    return Ended(status, *(written(stream) for stream in (out, err)))


def written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@contextlib.contextmanager
def surroundings(env: Mapping[str, str], stdin: str) -> Iterator[None]:
    """Environment, standard input and log settings of the command, and ours again afterwards."""
    root, before, given = logging.getLogger(), dict(os.environ), sys.stdin
    handlers, level = root.handlers, root.level
    os.environ.clear()
    os.environ.update(env)
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode("utf-8", "surrogatepass")))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        sys.stdin, root.handlers = given, handlers
        root.setLevel(level)
        structlog.reset_defaults()


def run_process(*arguments: str, env: Mapping[str, str]) -> Ended:
    """The command in a process of its own, where it handles signals or would not come back."""
    done = subprocess.run(
        [sys.executable, "-m", "smsgateway.cli", *arguments], env=env, capture_output=True, timeout=60, check=False
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
