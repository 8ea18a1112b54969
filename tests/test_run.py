"""`run.py` on a machine where something is missing: one sentence, and nothing half done."""

import ast
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

RUN = Path(__file__).resolve().parent.parent / "run.py"
REQUIREMENTS = "no-such-package==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"
PIN = f"click=={version('click')}"


class FakeRun:
    """Stands in for `subprocess.run`: makes an environment as venv does, and installs as pip does."""

    def __init__(self, venv_fails: bool = False, pip_says: str = "") -> None:
        self.commands: list[Sequence[str]] = []
        self.venv_fails, self.pip_says = venv_fails, pip_says

    def __call__(self, command: Sequence[str], **_: Any) -> SimpleNamespace:
        self.commands.append(command)
        if "venv" not in command:
            return SimpleNamespace(returncode=int(bool(self.pip_says)), stderr=self.pip_says)
        python = Path(command[-1]) / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()  # Debian's venv without ensurepip leaves one behind as well
        return SimpleNamespace(returncode=int(self.venv_fails), stderr="")

    def ran(self, word: str) -> int:
        return sum(word in command for command in self.commands)


@pytest.fixture
def checkout(tmp_path: Path) -> ModuleType:
    """A copy of run.py, loaded as a module, in a folder with requirements that no interpreter has."""
    copy = tmp_path / "run.py"
    copy.write_bytes(RUN.read_bytes())
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS, "utf-8")
    spec = spec_from_file_location("run_of_a_fresh_checkout", copy)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def install(checkout: ModuleType, run: FakeRun) -> None:
    checkout.install_unless_stamped([checkout.HERE / "requirements.txt"], run)


def said_on_stopping(checkout: ModuleType, run: FakeRun, capsys: pytest.CaptureFixture[str]) -> str:
    """The last line on standard error of an installation that ends with status 1."""
    with pytest.raises(SystemExit) as stopped:
        install(checkout, run)
    assert stopped.value.code == 1
    return capsys.readouterr().err.splitlines()[-1]


def test_the_first_start_makes_an_environment_and_installs_with_hashes(checkout: ModuleType) -> None:
    run = FakeRun()
    install(checkout, run)
    assert (run.ran("venv"), run.ran("--require-hashes")) == (1, 1)


def test_the_second_start_installs_nothing(checkout: ModuleType) -> None:
    install(checkout, FakeRun())
    second = FakeRun()
    install(checkout, second)
    assert second.commands == []


def test_changed_requirements_are_installed_into_the_same_environment(checkout: ModuleType) -> None:
    install(checkout, FakeRun())
    (checkout.HERE / "requirements.txt").write_text(REQUIREMENTS.replace("1.0", "1.1"), "utf-8")
    run = FakeRun()
    install(checkout, run)
    assert (run.ran("venv"), run.ran("pip")) == (0, 1)


def test_an_environment_that_was_moved_is_made_anew(checkout: ModuleType) -> None:
    install(checkout, FakeRun())
    stamp = checkout.STAMP.read_text("utf-8")
    checkout.STAMP.write_text(stamp.replace(str(checkout.VENV), "/somewhere/else/.venv", 1), "utf-8")
    run = FakeRun()
    install(checkout, run)
    assert run.ran("venv") == 1


def test_a_python_without_venv_is_told_which_package_to_install(
    checkout: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    said = said_on_stopping(checkout, FakeRun(venv_fails=True), capsys)
    assert "python{}.{}-venv".format(*sys.version_info[:2]) in said


def test_after_the_package_is_installed_the_environment_is_made_anew(
    checkout: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    said_on_stopping(checkout, FakeRun(venv_fails=True), capsys)
    run = FakeRun()
    install(checkout, run)
    assert run.ran("--clear") == 1


@pytest.mark.parametrize(
    "pip_said",
    [
        "WARNING: Retrying ... Temporary failure in name resolution\nERROR: No matching distribution found for aiosql",
        "ERROR: Could not install packages: HTTPSConnectionPool: Max retries exceeded: Read timed out.",
    ],
)
def test_without_a_network_one_sentence_says_so(
    checkout: ModuleType, capsys: pytest.CaptureFixture[str], pip_said: str
) -> None:
    said = said_on_stopping(checkout, FakeRun(pip_says=pip_said), capsys)
    assert "could not be fetched: connect this machine" in said


def test_after_a_failed_installation_the_next_start_tries_again(
    checkout: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    said_on_stopping(checkout, FakeRun(pip_says="ERROR: No space left on device"), capsys)
    run = FakeRun()
    install(checkout, run)
    assert run.ran("pip") == 1


def test_an_outdated_python_is_asked_for_a_newer_one(checkout: ModuleType) -> None:
    assert checkout.too_old((3, 9, 2)).startswith("Python 3.11 or newer is needed and this is 3.9:")


def test_an_outdated_python_can_read_the_sentence() -> None:
    ast.parse(RUN.read_text("utf-8"), feature_version=(3, 7))


def test_an_interpreter_that_has_every_pin_installs_nothing(tmp_path: Path) -> None:
    """As in a container image."""
    (tmp_path / "run.py").write_bytes(RUN.read_bytes())
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS.replace("no-such-package==1.0", PIN), "utf-8")
    (tmp_path / "smsgateway").mkdir()
    (tmp_path / "smsgateway" / "__init__.py").touch()
    (tmp_path / "smsgateway" / "cli.py").write_text("import sys; print('handed over', *sys.argv[1:])", "utf-8")
    done = subprocess.run(
        [sys.executable, tmp_path / "run.py", "figures", "--by", "unit"], capture_output=True, text=True, check=False
    )
    assert done.stdout == "handed over figures --by unit\n"
    assert not (tmp_path / ".venv").exists()
