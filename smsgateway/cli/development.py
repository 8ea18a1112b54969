"""`test`, `bench` and `lock`: for those who work on the gateway."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

HERE = Path(__file__).resolve().parent.parent.parent

CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "architecture": ["lint-imports", "--no-cache"],
}


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def test(args: tuple[str, ...]) -> int:
    """Lint, types, architecture rules and the whole test suite; ARGS go to pytest.

    Example: python3 run.py test -k opt_out
    """
    tools = Path(sys.executable).parent
    for name, command in CHECKS.items():
        click.echo(f"{name}: {' '.join(command)}")
        if subprocess.run([tools / command[0], *command[1:]], cwd=HERE, check=False).returncode:
            return 1
    pytest = [sys.executable, "-m", "pytest", *(args or ("-n", "auto"))]
    return subprocess.run(pytest, cwd=HERE, check=False).returncode


BENCHMARKS = {
    "import": "imports",
    "dispatch": "dispatch",
    "inbound": "inbound",
    "export": "exports",
    "figures": "figures",
    "read": "read",
    "chaos": "chaos",
}
"""Name on the command line to its module under bench/."""


@click.command()
@click.argument("name", required=False, type=click.Choice(list(BENCHMARKS)))
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
def bench(name: str | None, format_: str) -> None:
    """The benchmarks: a value, and its ratio to a floor measured in the same run.

    Example: python3 run.py bench inbound --format json
    """
    for module in [BENCHMARKS[name]] if name else BENCHMARKS.values():
        for row in import_module(f"bench.{module}").run():
            click.echo(json.dumps(row) if format_ == "json" else line(row))


def line(row: Mapping[str, Any]) -> str:
    """A row of the table; what was not there to measure, and the ratio to a floor of nothing, are a dash."""
    value, floor, ratio = ("-" if row[name] is None else f"{row[name]:,.2f}" for name in ("value", "floor", "ratio"))
    return f"{row['name']:<44} {value:>14} {row['unit']:<10} floor {floor:>14}   ratio {ratio}"


@click.command()
def lock() -> int:
    """Pin the requirements anew, with hashes, from requirements.in and requirements-dev.in.

    Example: python3 run.py lock
    """
    compile_ = [sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras"]
    silent = [
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--no-emit-trusted-host",
    ]
    for name in ("requirements", "requirements-dev"):
        command = [*compile_, *silent, "--allow-unsafe", "--output-file", f"{name}.txt", f"{name}.in"]
        done = subprocess.run(command, cwd=HERE, check=False, env={**os.environ, "NO_COLOR": "1"})
        if done.returncode:
            return done.returncode
    return 0
