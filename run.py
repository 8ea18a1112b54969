#!/usr/bin/env python3
"""The one entry: `python3 run.py COMMAND`. Makes `.venv` on first use, then hands over to smsgateway.cli.

Needs nothing but Python. The syntax stays old enough for an outdated Python to read the sentence
that asks for a newer one.
"""

import hashlib
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
STAMP = VENV / "installed"
OLDEST = (3, 11)
NEEDS_DEVELOPMENT_TOOLS = ("test", "lock")


def main():
    if sys.version_info < OLDEST:
        stop(too_old(sys.version_info))
    wanted = [HERE / "requirements.txt"]
    if sys.argv[1:2] and sys.argv[1] in NEEDS_DEVELOPMENT_TOOLS:
        wanted.append(HERE / "requirements-dev.txt")
    if satisfied_here(wanted):
        hand_over(sys.executable)
    try:
        with one_at_a_time():
            install_unless_stamped(wanted)
    except OSError as error:
        stop("%s cannot be written (%s): check its rights and the free space on the disk" % (VENV, error.strerror))
    except KeyboardInterrupt:
        stop("interrupted; the next start goes on with the installation")
    hand_over(str(venv_python()))


def too_old(version):
    have = ".".join(map(str, version[:2]))
    return "Python 3.11 or newer is needed and this is %s: install it, then run: python3.11 run.py" % have


def hand_over(python):
    command = [python, "-P", "-m", "smsgateway.cli", *sys.argv[1:]]  # -P: whatever folder it is called from
    environment = dict(os.environ, PYTHONPATH=str(HERE))
    if os.name == "nt":
        sys.exit(subprocess.call(command, env=environment))
    os.execve(python, command, environment)


def satisfied_here(files):
    """Whether this very interpreter already has every pinned version (a container image, an active environment)."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return all(version(name) == pin for name, pin in pins(files) if name != "pip")
    except PackageNotFoundError:
        return False


def pins(files):
    for path in files:
        for name, pin in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?= *\\| *$)", path.read_text("utf-8"), re.M):
            yield name, pin


def install_unless_stamped(files, run=subprocess.run):
    """Installs what the stamp does not name; `run` is `subprocess.run`, or what a test hands in."""
    installed = STAMP.read_text("utf-8").splitlines() if STAMP.exists() else []
    whole = bool(installed) and installed[0] == this_place()
    stamps = [path.name + " " + hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    if whole and all(stamp in installed for stamp in stamps):
        return
    say("Installing what the gateway needs into .venv (once, about a minute) ...")
    if not whole:
        make_venv(run)
    requirements = [argument for path in files for argument in ("-r", str(path))]
    pip = [str(venv_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = run([*pip, "--require-hashes", *requirements], capture_output=True, text=True, check=False)
    if done.returncode:
        stop(why_not_installed(done.stderr))
    STAMP.write_text("\n".join([this_place(), *stamps]) + "\n", "utf-8")
    say("Installed.")


def this_place():
    """An environment works only where it was made and with the Python it was made of: a folder that was moved and a
    Python that the system has replaced need a new one."""
    return "%s %s" % (VENV, venv_python().resolve())


def make_venv(run):
    """Clears what an interrupted start, or one without the venv package, has left."""
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    done = run(command, capture_output=True, text=True, check=False)
    if done.returncode or not venv_python().exists():
        package = "python%d.%d-venv" % sys.version_info[:2]
        stop(
            "This Python cannot make virtual environments: install the package %s (Debian, Ubuntu) "
            "or a complete Python, then run the command again." % package
        )


def why_not_installed(pip_said):
    if re.search(r"connection|resolve|network|timed? ?out|No matching distribution", pip_said, re.I):
        return (
            "The requirements could not be fetched: connect this machine to a Python package index (or point pip "
            "at your mirror with PIP_INDEX_URL), then run the command again."
        )
    last = [line for line in pip_said.strip().splitlines() if line.strip()][-1:] or ["pip gave no reason"]
    return "The requirements could not be installed: %s" % last[0]


def venv_python():
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@contextmanager
def one_at_a_time():
    """Two first commands started together must not install over each other."""
    if os.name == "nt":
        yield
        return
    import fcntl

    with (HERE / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(sentence):
    print(sentence, file=sys.stderr, flush=True)


def stop(sentence):
    say("run.py: " + sentence)
    sys.exit(1)


if __name__ == "__main__":
    main()
