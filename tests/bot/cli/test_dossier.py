"""`weegwijzer dossier` as its keeper uses it: with the bot running or not, and one line when it cannot be."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import dossier as commands
from bot.cli import program
from bot.control import CONTROL_FILE
from bot.ports import CaseEntry, Write
from bot.storage.keyring import keys_path
from tests.bot.dossier.cases import MINI, full, rows_of
from tests.casework import Casework
from tests.stores import open_store

NUMBER = "IL-2026-0042"
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Said:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / "mini.yaml").write_bytes(MINI)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WEEGWIJZER_DATABASE_URL", raising=False)
    monkeypatch.setenv("WEEGWIJZER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WEEGWIJZER_FRAMEWORK", str(tmp_path / "mini.yaml"))
    monkeypatch.setattr(commands, "published", tuple)

    def command(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["weegwijzer", "dossier", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            program.main()
            raise SystemExit(0)
        captured = capsys.readouterr()
        return Said(int(end.value.code or 0), captured.out, captured.err)

    return command


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "weegwijzer.sqlite"
    asyncio.run(_fill(path, full()))
    return path


async def _fill(path: Path, work: Casework) -> None:
    store, case = open_store(path), work.case
    assert case.assessor is not None
    assert case.opened_at is not None
    entry = CaseEntry(case.id, case.number, "t", case.phase, case.assessor.id, None, case.opened_at, case.version)
    await store.commit(Write(entry=entry, rows=rows_of(work)))
    await store.close()


def is_one_line(said: Said) -> bool:
    return said.code == 2 and said.out == "" and said.err.count("\n") == 1 and "Traceback" not in said.err


# --- list ------------------------------------------------------------------------------


def test_lists_the_cases_without_content(run: Run, cases: Path):
    said = run("list")
    assert said.code == 0
    assert NUMBER in said.out
    assert "finished" in said.out
    assert "Bram" not in said.out


def test_lists_the_cases_as_json(run: Run, cases: Path):
    (listed,) = json.loads(run("list", "--json").out)["cases"]
    assert listed == {
        "number": NUMBER,
        "phase": "finished",
        "opened_at": "2026-11-23T09:00:00+00:00",
        "events": 32,
    }


def test_says_that_there_is_no_database(run: Run, tmp_path: Path):
    said = run("list")
    assert is_one_line(said)
    assert "no such database; set WEEGWIJZER_DATA_DIR or WEEGWIJZER_DATABASE_URL" in said.err
    assert not (tmp_path / "data").exists()


def test_finds_the_database_by_its_url(run: Run, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.move(cases, tmp_path / "elders.db")
    shutil.move(keys_path(cases), keys_path(tmp_path / "elders.db"))
    monkeypatch.setenv("WEEGWIJZER_DATABASE_URL", f"sqlite:///{tmp_path / 'elders.db'}")
    assert NUMBER in run("list").out
    monkeypatch.setenv("WEEGWIJZER_DATABASE_URL", "mysql://x")
    assert is_one_line(run("list"))


# --- export ----------------------------------------------------------------------------


def test_exports_a_case_that_then_verifies(run: Run, cases: Path, tmp_path: Path):
    said = run("export", NUMBER, "--out", tmp_path / "out")
    assert said.code == 0
    assert f"dossier-{NUMBER}: 32 events, print " in said.out
    checked = run("verify", tmp_path / "out" / f"dossier-{NUMBER}")
    assert (checked.code, checked.err) == (0, "")
    assert f"sound. {NUMBER}, 32 events, print " in checked.out


def test_takes_a_number_in_small_letters(run: Run, cases: Path, tmp_path: Path):
    assert run("export", NUMBER.lower(), "--out", tmp_path / "out").code == 0


def test_exports_the_same_bytes_each_time(run: Run, cases: Path, tmp_path: Path):
    for name in ("a", "b"):
        run("export", NUMBER, "--out", tmp_path / name)
    manifests = [(tmp_path / name / f"dossier-{NUMBER}" / "MANIFEST.sha256").read_bytes() for name in ("a", "b")]
    assert manifests[0] == manifests[1]


def test_refuses_to_overwrite_in_one_line(run: Run, cases: Path, tmp_path: Path):
    run("export", NUMBER, "--out", tmp_path / "out")
    said = run("export", NUMBER, "--out", tmp_path / "out")
    assert is_one_line(said)
    assert "exists: move it away, or choose another folder with --out" in said.err


@pytest.mark.parametrize("number", ["IL-2026-9999", "42", "../../etc", "", "IL-2026-00421", "\u202egnp"])
def test_says_in_one_line_which_case_there_is_not(run: Run, cases: Path, tmp_path: Path, number: str):
    assert is_one_line(run("export", number, "--out", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_says_that_the_framework_is_not_installed(run: Run, cases: Path, tmp_path: Path, monkeypatch):
    monkeypatch.delenv("WEEGWIJZER_FRAMEWORK")
    said = run("export", NUMBER, "--out", tmp_path / "out")
    assert is_one_line(said)
    assert "is not installed; set WEEGWIJZER_FRAMEWORK to it" in said.err


def test_writes_nothing_of_a_damaged_record(run: Run, cases: Path, tmp_path: Path):
    asyncio.run(_damage(cases))
    said = run("export", NUMBER, "--out", tmp_path / "out")
    assert is_one_line(said)
    assert "the body of event 5 is not the one that was stored" in said.err
    assert not (tmp_path / "out").exists()


async def _damage(path: Path) -> None:
    store = open_store(path)
    store._db.execute("DROP TRIGGER event_is_never_changed")
    store._db.execute("UPDATE event SET body = zeroblob(length(body)) WHERE seq = 5")
    await store.close()


# --- while the bot runs ----------------------------------------------------------------

BOT = """
import asyncio, sys
from pathlib import Path
from bot.control import StoreSource, serve_control
from tests.stores import open_store

async def main():
    data = Path(sys.argv[1])
    close = await serve_control(StoreSource(open_store(data / "weegwijzer.sqlite")), data)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await close()

asyncio.run(main())
"""


def test_works_while_the_bot_runs(run: Run, cases: Path, tmp_path: Path):
    command = [sys.executable, "-c", BOT, str(cases.parent)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as bot:
        assert bot.stdout is not None
        assert bot.stdout.readline() == "ready\n"
        listed = run("list")
        exported = run("export", NUMBER, "--out", tmp_path / "out")
        bot.communicate()
    assert NUMBER in listed.out
    assert exported.code == 0
    assert run("verify", tmp_path / "out" / f"dossier-{NUMBER}").code == 0
    assert [entry.action for entry in asyncio.run(_register(cases))] == ["list", "export"]


def test_opens_the_database_itself_after_a_bot_that_was_killed(run: Run, cases: Path, tmp_path: Path):
    command = [sys.executable, "-c", BOT, str(cases.parent)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as bot:
        assert bot.stdout is not None
        assert bot.stdout.readline() == "ready\n"
        bot.kill()
    assert (cases.parent / CONTROL_FILE).exists()
    assert NUMBER in run("list").out


def test_says_that_the_database_is_in_use_when_the_bot_does_not_answer(run: Run, cases: Path):
    command = [sys.executable, "-c", BOT, str(cases.parent)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as bot:
        assert bot.stdout is not None
        assert bot.stdout.readline() == "ready\n"
        (cases.parent / CONTROL_FILE).unlink()
        said = run("list")
        bot.communicate()
    assert is_one_line(said)
    assert "in use by another process" in said.err


async def _register(path: Path):
    store = open_store(path)
    entries = await store.register()
    await store.close()
    return entries


# --- verify ----------------------------------------------------------------------------


def test_names_every_problem_and_ends_with_1(run: Run, cases: Path, tmp_path: Path):
    run("export", NUMBER, "--out", tmp_path / "out")
    folder = tmp_path / "out" / f"dossier-{NUMBER}"
    (folder / "transcript.html").write_text("vals")
    (folder / "bij.txt").write_text("vals")
    said = run("verify", folder)
    assert (said.code, said.err) == (1, "")
    assert "transcript.html was changed" in said.out
    assert "bij.txt is not in MANIFEST.sha256" in said.out
    assert "NOT sound, 2 problem(s)" in said.out


def test_says_the_verdict_as_json(run: Run, cases: Path, tmp_path: Path):
    run("export", NUMBER, "--out", tmp_path / "out")
    folder = tmp_path / "out" / f"dossier-{NUMBER}"
    sound = json.loads(run("verify", folder, "--json").out)
    assert (sound["sound"], sound["number"], sound["events"]) == (True, NUMBER, 32)
    assert sound["problems"] == sound["notes"] == []
    assert sound["link"].startswith(sound["print"])
    (folder / "README.txt").unlink()
    said = run("verify", folder, "--json")
    assert said.code == 1
    assert "README.txt is missing" in json.loads(said.out)["problems"]


def test_verifies_a_zip(run: Run, cases: Path, tmp_path: Path):
    run("export", NUMBER, "--out", tmp_path / "out")
    archive = shutil.make_archive(str(tmp_path / "dossier"), "zip", tmp_path / "out")
    assert run("verify", archive).code == 0


def test_says_in_one_line_that_there_is_nothing_to_verify(run: Run, tmp_path: Path):
    assert is_one_line(run("verify", tmp_path / "weg"))
    (tmp_path / "weg").write_text("geen zip")
    assert is_one_line(run("verify", tmp_path / "weg"))


@pytest.mark.parametrize("command", [(), ("list",), ("export",), ("verify",)])
def test_every_command_has_help(run: Run, command: tuple[str, ...]):
    said = run(*command, "--help")
    assert said.code == 0
    assert " ".join(("dossier", *command)) in said.out.partition("\n")[0]


@pytest.mark.parametrize("wrong", [("export",), ("export", NUMBER), ("verify",), ("lijst",), ("list", "--yaml")])
def test_wrong_use_ends_with_2(run: Run, wrong: tuple[str, ...]):
    said = run(*wrong)
    assert said.code == 2
    assert "Traceback" not in said.err
