"""The repository guards itself: what is undocumented, too long, impure or unpinned fails here."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from smsgateway.cli import COMMANDS, commands
from smsgateway.settings import DEFAULT_FILE, Section, Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
MODULES = sorted([*(ROOT / "surveys").rglob("*.py"), *(ROOT / "smsgateway").rglob("*.py")])
REQUIREMENTS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
OPERATING = (ROOT / "docs" / "operating.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")

LONGEST_MODULE, LONGEST_FUNCTION = 400, 50
LOGGING = ("debug", "info", "warning", "error", "exception")
FOR_DEVELOPERS = frozenset({"test", "lock", "bench"})
"""Commands without meaning for who runs the service; the pages for developers name them."""


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Each command and subcommand by the words that call it."""
    context = click.Context(commands)
    for name in COMMANDS:
        command = commands.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for sub in command.commands.values():
                yield f"{name} {sub.name}", sub


EVERY_COMMAND = dict(every_command())


# Commands


@pytest.mark.parametrize("name", EVERY_COMMAND)
def test_every_command_says_in_its_help_what_it_does_and_gives_an_example(name: str) -> None:
    text = EVERY_COMMAND[name].help or ""
    assert re.search(rf"Example:.*python3 run\.py {name}", text, re.S), f"{name} --help has no Example: line"


@pytest.mark.parametrize("name", sorted(EVERY_COMMAND.keys() - FOR_DEVELOPERS))
def test_every_command_is_in_the_operators_page(name: str) -> None:
    assert re.search(rf"`{name}[ `]", OPERATING), f"docs/operating.md does not name `{name}`"


def test_the_readme_gives_commands_that_exist() -> None:
    called = re.findall(r"python3 run\.py ([a-z-]+)", README)
    assert {"demo", "test"} <= set(called)
    assert set(called) <= COMMANDS.keys()


def test_what_runs_on_every_change_is_what_the_readme_says() -> None:
    last = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1]
    assert last == "python3 run.py test"
    assert last in README


# Logs


def logged(module: Path) -> Iterator[str]:
    """The events that a module logs."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOGGING:
            told_by = ast.unparse(node.func.value)
            if told_by == "log" or told_by.startswith("structlog.get_logger("):
                yield str(ast.literal_eval(node.args[0]))


LOGGED = sorted({event for module in MODULES for event in logged(module)})


def test_events_are_found_in_the_modules() -> None:
    assert {"serving", "tick", "environment variable names no setting"} <= set(LOGGED)


@pytest.mark.parametrize("event", LOGGED)
def test_every_event_in_the_log_is_in_the_operators_page(event: str) -> None:
    assert f"`{event}`" in OPERATING


# Settings


def every_setting(model: type[Section] = Settings, *above: str) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        kind: Any = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from every_setting(kind, *above, name)
        else:
            yield (*above, name)


EVERY_SETTING = list(every_setting())


@pytest.mark.parametrize("keys", EVERY_SETTING, ids=".".join)
def test_every_setting_is_in_the_settings_file_with_a_comment_above_it(keys: tuple[str, ...]) -> None:
    section, lines = "", DEFAULT_FILE.read_text("utf-8").splitlines()
    for above, line in zip(["", *lines], lines, strict=False):
        if found := re.fullmatch(r"\[(\w+)\]", line):
            section = found[1]
        if line.startswith(f"{keys[-1]} =") and section == ".".join(keys[:-1]):
            assert above.startswith("# "), f"{'.'.join(keys)} has no comment in {DEFAULT_FILE.name}"
            return
    pytest.fail(f"{'.'.join(keys)} is not in {DEFAULT_FILE.name}")


def test_the_settings_file_gives_the_defaults() -> None:
    assert Settings.model_validate(tomllib.loads(DEFAULT_FILE.read_text("utf-8"))) == Settings()


@pytest.mark.parametrize("name", sorted({keys[0] for keys in EVERY_SETTING}))
def test_every_section_of_settings_is_in_the_operators_page(name: str) -> None:
    assert f"`{name}`" in OPERATING or f"`[{name}]`" in OPERATING


# Pages


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_the_links_and_pictures_of_a_page_exist(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


# Size


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_a_module_is_one_subject(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_a_function_fits_in_the_eye(module: Path) -> None:
    long = [
        node.name
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines_of(node) > LONGEST_FUNCTION
    ]
    assert long == []


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


# Time


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_no_moment_is_without_its_time_zone(module: Path) -> None:
    assert naive_moments(module.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source", ["datetime.utcnow()", "datetime.now()", "datetime.utcfromtimestamp(0)", "datetime.fromtimestamp(0)"]
)
def test_a_moment_without_its_time_zone_is_found(source: str) -> None:
    assert naive_moments(source) == [1]


def naive_moments(source: str) -> list[int]:
    """The lines on which a datetime is made without a time zone."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_naive(node.func.attr, node)
    ]


def is_naive(method: str, call: ast.Call) -> bool:
    has_zone = any(keyword.arg in ("tz", "tzinfo") for keyword in call.keywords)
    fewest = {"now": 1, "fromtimestamp": 2}
    return method in ("utcnow", "utcfromtimestamp") or (
        method in fewest and len(call.args) < fewest[method] and not has_zone
    )


# Layers


@pytest.fixture
def copied_surveys(tmp_path: Path) -> Path:
    """`surveys` with the repository's rules, beside a `smsgateway` that has what they name."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "surveys", tmp_path / "surveys", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "smsgateway").mkdir()
    (tmp_path / "smsgateway" / "__init__.py").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("import decimal", True),
        ("import flask", False),
        ("import sqlite3", False),
        ("import smsgateway", False),
        ("from os import environ", False),
        ("import socket", False),
    ],
)
def test_surveys_may_not_know_the_service_the_web_or_the_machine(
    copied_surveys: Path, statement: str, kept: bool
) -> None:
    with (copied_surveys / "surveys" / "scales.py").open("a", encoding="utf-8") as module:
        module.write(f"\n{statement}  # noqa\n")
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=copied_surveys,
        env={"PYTHONPATH": str(copied_surveys), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) is kept, done.stdout + done.stderr


# Requirements


@pytest.mark.parametrize("path", REQUIREMENTS, ids=relative)
def test_every_requirement_is_pinned_with_hashes(path: Path) -> None:
    entries = path.read_text("utf-8").replace("\\\n", " ").splitlines()
    loose = [
        entry.split()[0]
        for entry in entries
        if entry.strip() and not entry.startswith("#") and not re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)
    ]
    assert loose == []


# What has no place here


def text_files() -> Iterator[Path]:
    """The files that are published: neither caches nor data nor anything hidden but the checks."""
    top = (path for path in ROOT.iterdir() if path.name not in ("data", "htmlcov") and not path.name.startswith("."))
    for path in (*top, ROOT / ".ci", ROOT / ".gitignore"):
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                yield file


# Written so that this file does not name one itself.
REGISTRY = re.compile(rb"py[p]i\.|python[h]osted\.|jfro[g]\.|--(extra-)?index[-]url[ =]", re.I)


def test_no_file_names_the_host_of_a_package_registry() -> None:
    naming = [relative(file) for file in text_files() if REGISTRY.search(file.read_bytes())]
    assert naming == []
