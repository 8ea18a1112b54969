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
    text = "\n\n".join(path.read_text("utf-8") for path in query_files(engine))
    return aiosql.from_str(text, DRIVERS[engine])


def query_files(engine: str) -> list[Path]:
    others = {name for name in DRIVERS if name != engine}
    return [path for path in sorted((HERE / "queries").glob("*.sql")) if path.suffixes[0][1:] not in others]


@cache
def migration_steps() -> dict[str, list[str]]:
    """The schema's steps in order: name to its statements."""
    return {path.stem: statements(path.read_text("utf-8")) for path in sorted((HERE / "migrations").glob("*.sql"))}


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
