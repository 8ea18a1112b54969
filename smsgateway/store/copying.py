"""Copies of the SQLite file: made while the service runs, checked, and put back.

Through SQLite's own backup (https://www.sqlite.org/backup.html): it reads one consistent state and holds up nobody,
where a copy of the file alone would lack what still stands in the write-ahead log.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from smsgateway.store.base import StoreProblem, StoreUnavailable, Unmigratable
from smsgateway.store.queryfiles import migration_steps
from smsgateway.store.sqlite import newer_schema

READABLE_BY_ITS_OWNER = 0o600


def copy_to(source: Path, destination: Path) -> None:
    """A checked copy at `destination`, whole or not at all: written beside it and renamed. Safe while others write."""
    if not source.is_file():
        raise StoreProblem(f"there is no database at {source}: correct SMSGATEWAY_DATABASE_URL")
    if destination.exists() and destination.samefile(source):
        raise StoreProblem(f"{destination} is the database itself: name another file for the backup")
    unfinished = destination.with_name(destination.name + ".unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, READABLE_BY_ITS_OWNER))
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(unfinished)) as writing:
            reading.backup(writing)
            writing.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
            require_whole(writing, source)
        sync(unfinished)
        unfinished.replace(destination)
        sync(destination.parent)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise StoreUnavailable(f"no backup was made at {destination}: {error}") from error


def require_backup(source: Path) -> None:
    """Raises `StoreProblem` where the file is not a whole database of the gateway, of this version or an older one."""
    if not source.is_file():
        raise StoreProblem(f"there is no file {source} to restore from")
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as reading:
            require_whole(reading, source)
            steps = {name for (name,) in reading.execute("SELECT name FROM _sqlite_migrations")}
    except sqlite3.Error as error:
        raise StoreProblem(f"{source} is not a backup of the gateway: {error}") from error
    if unknown := steps - set(migration_steps("sqlite")):
        raise Unmigratable(newer_schema(str(source), unknown))


def put_back(source: Path, database: Path, kept: Path) -> None:
    """Makes the database what `source` is, and keeps what it was at `kept`.

    Into the file and not over it: SQLite's locks hold against a service that starts meanwhile, and a copy that breaks
    off is rolled back. Refused while anybody has the database open.
    """
    if database.exists():
        require_unused(database)
        copy_to(database, kept)
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(database)) as writing:
            reading.backup(writing)
            require_whole(writing, database)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{database} was not restored: {error}; what it was is kept at {kept}") from error


def require_unused(database: Path) -> None:
    """SQLite leaves the write-ahead log only where nobody else has the file open: that is how we know."""
    try:
        with closing(sqlite3.connect(database, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise StoreUnavailable(f"{database} is in use: stop the service (and any command), then restore") from None
        raise StoreUnavailable(f"{database} cannot be replaced: {error}") from error
    except sqlite3.DatabaseError as error:
        raise StoreProblem(
            f"{database} is damaged ({error}): move it and its -wal and -shm files away, then restore"
        ) from error


def require_whole(connection: sqlite3.Connection, path: Path) -> None:
    found = [line for (line,) in connection.execute("PRAGMA integrity_check(3)")]
    if found != ["ok"]:
        raise StoreProblem(f"{path} is damaged: {'; '.join(found)}")


def sync(path: Path) -> None:
    """On disk, the file's content or the folder's names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
