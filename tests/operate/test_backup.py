"""`backup` and `restore`: one consistent copy while others write, and a way back that texts nobody twice."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from smsgateway.clock import system_clock
from smsgateway.gateway import Gateway
from smsgateway.outbox.restored import reconciled
from smsgateway.store import open_store
from smsgateway.store.copying import copy_to
from smsgateway.store.values import moment
from surveys.definition import Catalogue
from tests.cli.running import environment, run
from tests.conftest import StandingClock
from tests.outbox.conftest import settings_for
from tests.outbox.county import NUMBER, County
from tests.webhooks.phone import Line

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "county.db"


@pytest.fixture
def command(database: Path) -> Command:
    here = environment(DATABASE_URL=f"sqlite:///{database}", SECRET_KEY="a key for tests alone")

    def run_here(*arguments: str | Path) -> tuple[int, str, str]:
        ended = run(*map(str, arguments), env=here)
        return ended.status, ended.out, ended.err

    return run_here


@pytest.fixture
def opened(database: Path, catalogue: Catalogue, clock: StandingClock) -> Iterator[Callable[[], County]]:
    """A county on the database, as often as it is opened anew."""
    counties: list[County] = []

    def open_county() -> County:
        settings = settings_for(f"sqlite:///{database}")
        counties.append(County(Gateway(settings, open_store(settings.database_url), catalogue, clock), clock))
        return counties[-1]

    yield open_county
    for each in counties:
        each.gateway.close()


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_a_backup_has_everything_and_is_one_file_that_only_its_owner_reads(
    command: Command, opened: Callable[[], County], tmp_path: Path
) -> None:
    county = opened()
    county.invited()
    Line(county.gateway).says("4")
    copy = tmp_path / "copy.db"

    status, out, _ = command("backup", copy)

    assert status == 0
    assert out.startswith(f"backup: {copy}, ")
    assert rows(copy, "SELECT value FROM answer") == [(4,)]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("copy")] == ["copy.db"]
    assert copy.stat().st_mode & 0o077 == 0


def test_into_a_folder_it_is_named_by_the_moment(
    command: Command, opened: Callable[[], County], tmp_path: Path
) -> None:
    opened()
    folder = tmp_path / "backups"
    folder.mkdir()

    assert command("backup", folder)[0] == 0

    (made,) = folder.iterdir()
    assert made.name.startswith("gateway-2")
    assert made.suffix == ".db"


def test_while_others_write_a_backup_is_one_moment_of_it(
    opened: Callable[[], County], database: Path, tmp_path: Path
) -> None:
    """Each change adds one opt-out and one audit-like pair: no copy has one without the other."""
    county = opened()
    stop = threading.Event()

    def pair(number: int) -> None:
        def work(transaction: object) -> None:
            connection = transaction.connection  # type: ignore[attr-defined] # a Transaction
            for name in ("a", "b"):
                connection.execute("INSERT INTO opt_out VALUES (?, '', 'operator', '')", [f"{name}{number}"])

        county.gateway.store.write(work)

    def write() -> None:
        number = 0
        while not stop.is_set():
            pair(number)
            number += 1

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    counts = []
    for place in range(5):
        copy_to(database, tmp_path / f"{place}.db")
        counts.append(rows(tmp_path / f"{place}.db", "SELECT substr(lookup, 1, 1), COUNT(*) FROM opt_out GROUP BY 1"))
    stop.set()
    writer.join(20)

    for count in counts:
        assert len({n for _, n in count}) <= 1


@pytest.mark.parametrize("arguments", [("backup", "x.db"), ("restore", "x.db")])
def test_postgres_has_its_own_tools_and_the_sentence_names_them(
    arguments: tuple[str, str],
) -> None:
    ended = run(*arguments, env=environment(DATABASE_URL="postgresql://user:secret@host/database"))

    assert ended.status == 1
    assert {"backup": "pg_dump", "restore": "pg_restore"}[arguments[0]] in ended.complaint
    assert "user:secret" not in ended.complaint


def test_without_a_database_there_is_nothing_to_back_up(command: Command, tmp_path: Path) -> None:
    status, _, err = command("backup", tmp_path / "copy.db")

    assert (status, err.count("\n")) == (1, 1)
    assert not (tmp_path / "copy.db").exists()


def test_the_database_is_not_a_place_for_its_own_backup(
    command: Command, opened: Callable[[], County], database: Path
) -> None:
    opened()
    assert command("backup", database)[0] == 1


def test_a_folder_that_is_not_there_is_a_sentence(command: Command, opened: Callable[[], County]) -> None:
    opened()
    status, _, err = command("backup", "/nowhere/at/all/copy.db")

    assert (status, err.count("\n")) == (1, 1)


def test_restored_is_what_was_backed_up_and_what_was_there_is_kept(
    command: Command, opened: Callable[[], County], database: Path, tmp_path: Path
) -> None:
    county = opened()
    county.invited()
    command("backup", tmp_path / "copy.db")
    Line(county.gateway).says("4")
    county.gateway.close()

    status, out, _ = command("restore", tmp_path / "copy.db")

    assert status == 0
    assert rows(database, "SELECT COUNT(*) FROM answer") == [(0,)]
    (kept,) = database.parent.glob("*.replaced-*")
    assert rows(kept, "SELECT value FROM answer") == [(4,)]
    assert str(kept) in out
    assert rows(database, "SELECT action, subject FROM audit") == [("restore", "copy.db")]


def test_while_a_service_holds_the_database_restoring_is_refused(
    command: Command, opened: Callable[[], County], database: Path, tmp_path: Path
) -> None:
    county = opened()
    command("backup", tmp_path / "copy.db")
    county.invited()

    status, _, err = command("restore", tmp_path / "copy.db")

    assert (status, err) == (1, f"{database} is in use: stop the service (and any command), then restore\n")
    assert len(county.texts()) == 1


def test_a_backup_of_a_newer_version_is_refused(
    command: Command, opened: Callable[[], County], database: Path, tmp_path: Path
) -> None:
    opened().gateway.close()
    command("backup", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection, connection:
        connection.execute("INSERT INTO _sqlite_migrations VALUES (99, 'smsgateway', '9999_future', 'then')")

    status, _, err = command("restore", tmp_path / "copy.db")

    assert status == 1
    assert "newer version" in err
    assert list(database.parent.glob("*.replaced-*")) == []


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to look like one" * 20])
def test_what_is_no_backup_is_refused(command: Command, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "copy.db").write_bytes(content)

    status, _, err = command("restore", tmp_path / "copy.db")

    assert (status, err.count("\n")) == (1, 1)
    assert "is not a backup of the gateway" in err


def test_a_damaged_backup_is_refused(command: Command, opened: Callable[[], County], tmp_path: Path) -> None:
    opened().gateway.close()
    copy = tmp_path / "copy.db"
    command("backup", copy)
    content = bytearray(copy.read_bytes())
    content[8192:40960] = b"\xff" * 32768
    copy.write_bytes(content)

    assert command("restore", copy)[0] == 1


def test_texts_that_may_have_gone_out_after_the_backup_are_not_sent_again(
    command: Command, opened: Callable[[], County], tmp_path: Path
) -> None:
    county = opened()
    county.clock.now = system_clock() - timedelta(hours=1)  # the command has the machine's clock
    county.visit()
    county.plan()
    command("backup", tmp_path / "copy.db")
    county.send()
    county.gateway.close()

    _, out, _ = command("restore", tmp_path / "copy.db")

    restored = opened()
    assert "1 texts that may have gone out are ended" in out
    assert restored.send()["sent"] == 0
    assert (restored.text()["status"], restored.text()["reason"]) == ("cancelled", "restored")
    assert restored.differences() == []


def test_nothing_is_sent_until_the_replies_since_the_backup_are_fetched(
    command: Command, opened: Callable[[], County], tmp_path: Path
) -> None:
    county = opened()
    county.visit()
    command("backup", tmp_path / "copy.db")
    county.gateway.close()
    _, out, _ = command("restore", tmp_path / "copy.db")
    restored = opened()
    restored.plan()
    assert restored.send() == {}
    since = moment(out.rpartition("--since ")[2].strip())

    too_late, in_time = since + timedelta(minutes=1), since
    now = restored.clock.now
    restored.gateway.store.write(lambda transaction: reconciled(transaction, too_late, "operator test", now))
    assert restored.send() == {}
    restored.gateway.store.write(lambda transaction: reconciled(transaction, in_time, "operator test", now))

    assert restored.send()["sent"] == 1
    assert restored.carrier.sent[0].to == NUMBER


def test_where_there_was_no_database_there_is_one_afterwards(
    command: Command, opened: Callable[[], County], database: Path, tmp_path: Path
) -> None:
    county = opened()
    county.invited()
    command("backup", tmp_path / "copy.db")
    county.gateway.close()
    for path in database.parent.iterdir():
        path.unlink()

    status, out, _ = command("restore", tmp_path / "copy.db")

    assert status == 0
    assert "is kept at" not in out
    assert rows(database, "SELECT status FROM outbox") == [("sent",)]
