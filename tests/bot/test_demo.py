"""The demo says in one line what keeps it from starting, and its people are those of the access file."""

import re
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bot.access.people import read_people
from bot.clock import clock_from
from bot.demo import playground, run
from bot.demo.playground import fetch_playground, playground_command, prepare_folder
from bot.demo.run import run_demo
from bot.errors import SettingsError
from bot.ports import Role
from bot.settings import DEMO_ACCESS_FILE, read_settings
from tests.ports import free_port

CONFIGURATION = yaml.safe_load(DEMO_ACCESS_FILE.with_name("playground.yml").read_text("utf-8"))


@pytest.mark.parametrize("text", ["x", "0", "70000", "-1", "3978a"])
@pytest.mark.parametrize("name", ["PORT", "PLAYGROUND_PORT"])
def test_a_port_that_is_none_is_said(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: '{text}' is no port"):
        run_demo({name: text})


@pytest.mark.parametrize("name", ["PORT", "PLAYGROUND_PORT"])
def test_a_port_that_is_taken_is_said(name: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ports = {"PORT": str(free_port()), "PLAYGROUND_PORT": str(free_port()), name: str(other.getsockname()[1])}
        with pytest.raises(SettingsError, match=f"is taken; choose another one with {name}="):
            run_demo(ports)


def test_one_port_for_both_is_said() -> None:
    with pytest.raises(SettingsError, match=r"^PORT and PLAYGROUND_PORT are both 56150; choose another one"):
        run_demo({"PORT": "56150"})


@pytest.mark.parametrize("text", ["morgen", "25-11-2026 22:00", "2026-11-31", "0001-01-01", "2026-03-29 02:30", "x\ny"])
def test_a_moment_that_is_none_is_said_before_anything_is_fetched(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^--now: .*(no moment|does not exist)"):
        run_demo({"PORT": "x"}, text)


@pytest.mark.parametrize(
    "text", ["2026-11-25 22:00", "2026-11-25T22:00:00+01:00", "2026-11-25T21:00:00Z", "2026-11-25T22"]
)
def test_the_bots_clock_starts_at_the_moment_that_was_given(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, str]] = []

    def start(env: dict[str, str], port: int, data: Path) -> None:
        started.append(env)
        raise SettingsError("this far")

    monkeypatch.setattr(run, "fetch_playground", lambda home: (home, home))
    monkeypatch.setattr(run, "_start_bot", start)
    ports = {"PORT": str(free_port()), "PLAYGROUND_PORT": str(free_port())}
    with pytest.raises(SettingsError, match="this far"):
        run_demo(ports, text)
    given = read_settings({"WEEGWIJZER_MODE": "local", "WEEGWIJZER_NOW": started[0]["WEEGWIJZER_NOW"]}, None).now
    assert given == datetime(2026, 11, 25, 21, 0, tzinfo=UTC)


def test_the_clock_runs_on_from_where_it_started() -> None:
    passed = [1000.0]
    clock = clock_from(datetime(2026, 11, 25, 21, 0, tzinfo=UTC), lambda: passed[0])
    assert clock() == datetime(2026, 11, 25, 21, 0, tzinfo=UTC)
    passed[0] += 90
    assert clock() == datetime(2026, 11, 25, 21, 1, 30, tzinfo=UTC)


def test_without_a_moment_the_clock_is_the_real_one() -> None:
    before = datetime.now(UTC)
    assert before <= clock_from(None)() <= datetime.now(UTC)


def fake(folder: Path, name: str, script: str) -> None:
    """Make a program of this name."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("version", ["v16.20.0", "nonsense", ""])
def test_without_a_node_that_is_new_enough_it_says_so(
    tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "bin", "node", f"echo '{version}'")
    fake(tmp_path / "bin", "npm", "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(playground, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="Node 18 or newer is needed"):
        fetch_playground(tmp_path / "home")


def test_a_playground_that_cannot_be_fetched_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "bin", "node", "echo v22.0.0")
    fake(tmp_path / "bin", "npm", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    with pytest.raises(SettingsError, match="could not be fetched"):
        fetch_playground(tmp_path / "home")


def test_a_playground_that_was_fetched_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "bin", "node", "echo v22.0.0")
    fake(tmp_path / "bin", "npm", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    program = tmp_path / f"playground-{playground.VERSION}" / "node_modules" / ".bin" / "agentsplayground"
    program.parent.mkdir(parents=True)
    program.touch()
    assert fetch_playground(tmp_path) == (tmp_path / "bin", program)


def test_the_playground_is_started_for_the_bot_without_telemetry_and_without_a_browser(tmp_path: Path) -> None:
    command = playground_command(tmp_path, tmp_path / "p", 56150, "http://127.0.0.1:3978/api/messages")
    assert command[3:] == [
        *("-e", "http://127.0.0.1:3978/api/messages", "-c", "msteams", "-p", "56150", "--disable-telemetry")
    ]
    env = prepare_folder(tmp_path / "folder", tmp_path)
    assert (tmp_path / "folder" / ".m365agentsplayground.yml").exists()
    assert env["PATH"].startswith(str(tmp_path / "folder" / "bin"))


def test_the_people_of_the_demo_are_those_of_the_access_file() -> None:
    people = read_people(DEMO_ACCESS_FILE.read_text("utf-8"), "access.yaml").people
    shown = {user["aadObjectId"]: user["name"] for user in (CONFIGURATION["currentUser"], *CONFIGURATION["users"])}
    assert len(CONFIGURATION["users"]) == 5
    assert {key: person.name for key, person in people.items()}.items() <= shown.items()
    assert {name for key, name in shown.items() if key not in people} == {"Fatima el Amrani"}
    assert sum(Role.ASSESSOR in person.roles for person in people.values()) == 3
    assert people[CONFIGURATION["currentUser"]["aadObjectId"]].roles >= {Role.ASSESSOR, Role.DECIDER}


@pytest.mark.parametrize(
    ("does", "words"),
    [
        ("exit 3", "the bot ended by itself (exit 3); the lines above say why"),
        ("kill -9 $$", "(signal 9); run the demo"),
    ],
)
def test_a_child_that_is_gone_is_said_with_how(does: str, words: str) -> None:
    child = subprocess.Popen(["sh", "-c", does])
    child.wait()
    with pytest.raises(SettingsError, match=re.escape(words)):
        run._check_alive({"the bot": child})


def test_ctrl_c_once_more_ends_at_once() -> None:
    class Slow(subprocess.Popen[bytes]):
        def wait(self, timeout: float | None = None) -> int:
            if timeout is not None:
                raise KeyboardInterrupt
            return super().wait()

    child = Slow(["sleep", "60"], start_new_session=True)
    run._end({"the bot": child})
    assert child.returncode is not None
