"""Reads the SQL files: queries for an engine, and the steps of the schema."""

import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

import aiosql

HERE = Path(__file__).parent
DRIVERS = {"sqlite": "sqlite3", "postgres": "psycopg"}


@cache
def load_queries(engine: str) -> Any:
    """All queries of `queries/`: `name.sql` for both engines, `name.sqlite.sql` or `name.postgres.sql` for one."""
    text = "\n\n".join(path.read_text("utf-8") for path in files_for(engine, "queries"))
    return aiosql.from_str(text, DRIVERS[engine])


def files_for(engine: str, folder: str) -> list[Path]:
    """`name.sql` of all engines, each followed by what `name.ENGINE.sql` adds for this one."""
    others = {name for name in DRIVERS if name != engine}
    found = [path for path in (HERE / folder).glob("*.sql") if path.suffixes[0][1:] not in others]
    return sorted(found, key=lambda path: path.name.split(".")[: len(path.suffixes)])


@cache
def migration_steps(engine: str) -> dict[str, list[str]]:
    """The schema's steps in order: name to its statements on this engine."""
    steps: dict[str, list[str]] = {}
    for path in files_for(engine, "migrations"):
        steps.setdefault(path.name.partition(".")[0], []).extend(statements(path.read_text("utf-8")))
    return steps


def statements(script: str) -> list[str]:
    """The statements of a script, one by one: `executescript` would commit in the middle of a migration."""
    found, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            found.append(current.strip())
            current = ""
    if current.strip():
        raise ValueError(f"a migration ends within a statement: {current.strip()[:60]}")
    return found
