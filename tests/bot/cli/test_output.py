"""What a command prints arrives whole, and its exit code says how its work went, not who was listening."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.shelf import PUBLISHED

FRAMEWORK = str(PUBLISHED / "2.0" / "framework.yaml")
BARE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def run(redirect: str, *command: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command with what the shell does to its output."""
    shell = ["sh", "-c", f'exec "$@" {redirect}', "sh", sys.executable, "-m", "bot", *command]
    return subprocess.run(shell, capture_output=True, check=False, env={**os.environ, **env})


@pytest.fixture
def faulty(tmp_path: Path) -> str:
    """Give a framework file with more findings than a pipe's buffer in Python holds."""
    file = tmp_path / "framework.yaml"
    file.write_text("".join(f"key_{number}: x\n" for number in range(1000)))
    return str(file)


@pytest.mark.parametrize("command", ["graph", "check"])
def test_a_reader_that_stops_reading_sees_no_error(command: str) -> None:
    done = _unread("framework", command, FRAMEWORK)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_check_that_failed_says_so_when_nobody_reads_why(faulty: str) -> None:
    done = _unread("framework", "check", faulty)
    assert (done.returncode, done.stderr) == (1, b"")


def _unread(*command: str) -> subprocess.CompletedProcess[bytes]:
    read, write = os.pipe()
    os.close(read)
    program = [sys.executable, "-m", "bot", *command]
    done = subprocess.run(program, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    return done


def test_a_closed_output_changes_nothing_of_what_is_done(faulty: str) -> None:
    done = run(">&-", "framework", "check", FRAMEWORK)
    assert (done.returncode, done.stderr) == (0, b"")
    assert run(">&-", "framework", "check", faulty).returncode == 1


def test_what_is_wrong_never_stands_among_the_findings() -> None:
    done = run("2>&-", "framework", "check", "nowhere.yaml")
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no file that is always full")
@pytest.mark.parametrize("command", [("framework", "graph", FRAMEWORK), ("--help",)])
def test_an_output_that_is_full_is_one_line(command: tuple[str, ...]) -> None:
    done = run(">/dev/full", *command)
    assert done.returncode == 2
    assert done.stderr.startswith(b"weegwijzer: what was found cannot be written (No space left on device)")
    assert done.stderr.count(b"\n") == 1


def test_output_is_utf_8_also_where_the_machine_knows_no_letters_but_ascii() -> None:
    done = run("", "framework", "graph", FRAMEWORK, **BARE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "één" in done.stdout.decode()


@pytest.mark.parametrize("redirect", ["", ">&-"])
def test_a_file_name_that_is_no_utf_8_stops_no_command(tmp_path: Path, redirect: str) -> None:
    package = os.fsdecode(bytes(tmp_path) + b"/caf\xe9.zip")
    app_id = "11111111-2222-3333-4444-555555555555"
    done = run(redirect, "manifest", "build", "--app-id", app_id, "--out", package, **BARE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert Path(package).exists()
    assert b"caf" in done.stdout or redirect
