"""The command itself, as a process."""

import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from smsgateway.cli.demo import first_free
from tests.demo.conftest import Lived


def test_the_demo_serves_until_it_is_stopped_and_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "smsgateway.cli", "demo", "--empty", "--port", "0"]
    environment = {"TMPDIR": str(tmp_path), "PATH": "/usr/bin", "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(3)]
        assert list(tmp_path.iterdir())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    assert re.fullmatch(r"start page +http://127\.0\.0\.1:\d+/\n", said[0])
    assert "/demo/phone" in said[1]
    assert "no sign-in" in said[2]
    assert list(tmp_path.iterdir()) == []


def test_without_a_port_the_next_free_one_is_taken() -> None:
    with first_free("127.0.0.1", None) as one, first_free("127.0.0.1", None) as other:
        assert one.getsockname()[1] != other.getsockname()[1]


def test_the_demo_keeps_its_data_in_its_own_folder(lived: Lived) -> None:
    assert lived.stage.gateway.settings.database_url.startswith(f"sqlite:///{tempfile.gettempdir()}")
