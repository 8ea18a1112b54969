"""From the address in the settings to an open, migrated store."""

from pathlib import Path

from smsgateway.store.base import Store, StoreProblem


def open_store(address: str, *, migrate: bool = True) -> Store:
    """The store at `sqlite:///path/gateway.db` or `postgresql://…`, brought to this version's schema.

    Raises `StoreProblem` with a sentence: unknown kind of address, unreachable, written by a newer version.
    """
    store = _open(address)
    try:
        if migrate:
            store.migrate()
    except BaseException:
        store.close()
        raise
    return store


def _open(address: str) -> Store:
    # Each engine is imported when it is asked for: a SQLite installation starts without loading psycopg.
    scheme = address.partition(":")[0]
    if scheme == "sqlite":
        from smsgateway.store.sqlite import SqliteStore

        return SqliteStore(sqlite_path(address))
    if scheme in ("postgresql", "postgres"):
        from smsgateway.store.postgres import PostgresStore

        return PostgresStore(address)
    raise StoreProblem(
        f'the database address begins with "{scheme}:": SMSGATEWAY_DATABASE_URL takes sqlite:///path/gateway.db or postgresql://…'
    )


def sqlite_path(address: str) -> Path:
    """`sqlite:///data/gateway.db` is relative to the working folder, `sqlite:////srv/gateway.db` is absolute."""
    prefix, path = address[:10], address[10:]
    if prefix != "sqlite:///" or not path:
        raise StoreProblem("a SQLite address has three slashes and a path: sqlite:///data/gateway.db")
    return Path(path)
