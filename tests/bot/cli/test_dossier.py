"""`weegwijzer dossier` as its keeper uses it: with the bot running or not, and one line when it cannot be."""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import exporting, program
from bot.cli.refusal import Refusal
from bot.control import CONTROL_FILE, StoreSource
from bot.keepers import read_keepers
from bot.settings import read_whereabouts
from bot.storage.keyfile import keys_path
from bot.store import CaseEntry, Write
from tests.bot.dossier.cases import MINI, as_another, full, rows_of
from tests.bot.test_keepers import make, opened
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
    monkeypatch.setattr(exporting, "published", tuple)

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
    assert "no such database; set WEEGWIJZER_DATA_DIR or the database's address right" in said.err
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


async def _damage(path: Path, case: str = "%") -> None:
    store = open_store(path)
    store._db.execute("DROP TRIGGER event_is_never_changed")
    store._db.execute("UPDATE event SET body = zeroblob(length(body)) WHERE seq = 5 AND case_id LIKE ?", (case,))
    await store.close()


# --- several ---------------------------------------------------------------------------


@pytest.fixture
def three(cases: Path) -> Path:
    """Give a database with two cases more: one whole, one damaged."""
    for last, digit in (("7", "7"), ("9", "9")):
        work = as_another(full(), f"IL-2026-004{last}", digit * 32)
        asyncio.run(_fill(cases, work))
    asyncio.run(_damage(cases, "9" * 32))
    return cases


def test_exports_several_cases_each_with_its_receipt(run: Run, three: Path, tmp_path: Path):
    said = run("export", NUMBER, "il-2026-0047", NUMBER, "--out", tmp_path / "out")
    assert (said.code, said.err) == (0, "")
    assert [line.partition(": ")[0].rpartition("-")[2] for line in said.out.splitlines()] == ["0042", "0047"]
    for number in (NUMBER, "IL-2026-0047"):
        assert run("verify", tmp_path / "out" / f"dossier-{number}").code == 0


def test_a_case_that_cannot_be_written_does_not_keep_the_others(run: Run, three: Path, tmp_path: Path):
    said = run("export", "--all", "--out", tmp_path / "out")
    assert (said.code, said.err) == (1, "")
    assert said.out.count(": 32 events, print ") == 2
    assert "IL-2026-0049: NOT written: the record of IL-2026-0049 is damaged" in said.out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"dossier-{NUMBER}", "dossier-IL-2026-0047"]


def test_says_as_json_what_was_written_and_what_not(run: Run, three: Path, tmp_path: Path):
    said = run("export", "--all", "--json", "--out", tmp_path / "out")
    found = json.loads(said.out)
    assert (said.code, said.err) == (1, "")
    assert sorted(one["number"] for one in found["dossiers"]) == [NUMBER, "IL-2026-0047"]
    for one in found["dossiers"]:
        verdict = json.loads(run("verify", one["folder"], "--json").out)
        assert one.items() - {("folder", one["folder"])} <= verdict.items()
    assert [one["number"] for one in found["not_written"]] == ["IL-2026-0049"]
    assert "is damaged" in found["not_written"][0]["why"]

    alone = json.loads(run("export", NUMBER, "--json", "--out", tmp_path / "alone").out)
    assert (len(alone["dossiers"]), alone["not_written"]) == (1, [])


def test_all_of_no_cases_is_done_at_once(run: Run, tmp_path: Path):
    asyncio.run(open_store(tmp_path / "data" / "weegwijzer.sqlite").close())
    assert run("export", "--all", "--out", tmp_path / "out") == Said(0, "", "")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (("export", "--out", "x"), "name the cases to export, or give --all"),
        (("export", NUMBER, "--all", "--out", "x"), "name the cases to export, or give --all"),
        (("export", NUMBER, "IL-2026-0047", "--without", "3", "--out", "x"), "--without names events of one case"),
        (("export", NUMBER, "--without", "33", "--out", "x"), "--without 33: IL-2026-0042 has the events 1 to 32"),
        (("export", NUMBER, "--without", "0", "--out", "x"), "--without 0: IL-2026-0042 has the events 1 to 32"),
        (("verify", "x", "--key", "abc"), "'abc' is not a print: it has 16 to 64 of the characters 0-9 and a-f"),
        (("verify", "x", "--print", "z" * 16), "is not a print"),
    ],
)
def test_says_in_one_line_what_cannot_be_asked_together(run: Run, three: Path, wrong: tuple[str, ...], why: str):
    said = run(*wrong)
    assert is_one_line(said)
    assert why in said.err


def test_shows_a_bar_on_a_terminal_and_keeps_the_receipts_whole(three: Path, run: Run, tmp_path: Path):
    main, side = os.openpty()
    command = [sys.executable, "-m", "bot", "dossier", "export", NUMBER, "IL-2026-0047", "--out", str(tmp_path / "out")]
    # No published framework is this one: the setting names it.
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=side, text=True, check=False)
    os.close(side)
    drawn = b""
    with contextlib.suppress(OSError):  # how a terminal says that nobody writes to it any more
        while more := os.read(main, 4096):
            drawn += more
    os.close(main)
    assert done.returncode == 0
    assert b"Dossiers" in drawn
    assert [line.partition(": ")[2][:9] for line in done.stdout.splitlines()] == ["32 events"] * 2


def test_leaves_out_what_may_not_be_shown(run: Run, cases: Path, tmp_path: Path):
    said = run("export", NUMBER, "--without", "3", "--without", "7", "--out", tmp_path / "out")
    assert said.code == 0
    folder = tmp_path / "out" / f"dossier-{NUMBER}"
    assert not (folder / "bodies" / "000003.json").exists()
    checked = run("verify", folder)
    assert checked.code == 0
    assert "note: the content of event 3, 7 was left out: the advice cannot be recomputed" in checked.out
    assert "sound. a case without all its content, 32 events" in checked.out


def test_a_case_that_goes_on_while_it_is_read_is_read_again(run: Run, cases: Path, tmp_path: Path):
    receipt = asyncio.run(_restless(cases, tmp_path / "a", times=1))
    assert f"dossier-{NUMBER}: 32 events, print " in receipt
    assert run("verify", tmp_path / "a" / f"dossier-{NUMBER}").code == 0
    with pytest.raises(Refusal, match="is being answered at this moment; try again"):
        asyncio.run(_restless(cases, tmp_path / "b", times=99))


async def _restless(path: Path, out: Path, times: int) -> str:
    """Export through a source that gives the rows of a moment ago so many times."""
    source = StoreSource(open_store(path))

    class Restless:
        left = times

        def __getattr__(self, name: str) -> object:
            return getattr(source, name)

        async def rows(self, number: str, purpose: str, key: bytes | None = None) -> object:
            entry, rows = await source.rows(number, purpose)
            self.left -= 1
            return entry, rows[:-1] if self.left >= 0 else rows

    try:
        return str(await exporting.write_dossier(Restless(), read_whereabouts(), NUMBER, out))
    finally:
        await source.close()


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
    assert [entry.action for entry in asyncio.run(_register(cases))] == ["list", "export", "sign", "sign"]


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
    assert sound["problems"] == []
    assert sound["notes"] == [
        "the signature shows only that the dossier agrees with itself: compare the key's print"
        f" {sound['key']} with the published one (--key)"
    ]
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


# --- sealed cases ----------------------------------------------------------------------


def test_a_sealed_case_is_exported_with_both_keepers_parts(run: Run, cases: Path, tmp_path: Path):
    for name in ("els", "omar"):
        make(tmp_path, name)
    asyncio.run(_seal(cases, tmp_path))
    refused = run("export", NUMBER, "--out", tmp_path / "out")
    assert is_one_line(refused)
    assert "its two keepers open it together" in refused.err
    assert run("parts", NUMBER, "--out", tmp_path / "parts").code == 0
    files = []
    for name, keeper in zip(("els", "omar"), read_keepers([tmp_path / "els.pem", tmp_path / "omar.pem"]), strict=True):
        part = tmp_path / "parts" / f"{NUMBER}.{keeper.print[:8]}.part"
        files.append(tmp_path / f"{name}.open")
        files[-1].write_bytes(opened(tmp_path, name, part.read_bytes()))
    assert is_one_line(run("export", NUMBER, "--out", tmp_path / "out", "--part", files[0], "--part", files[0]))
    assert is_one_line(run("export", NUMBER, "--out", tmp_path / "out", "--part", files[0]))
    assert run("export", NUMBER, "--out", tmp_path / "out", "--part", files[0], "--part", files[1]).code == 0
    assert run("verify", tmp_path / "out" / f"dossier-{NUMBER}").code == 0


def test_says_so_when_parts_are_still_closed_or_of_another_case(run: Run, cases: Path, tmp_path: Path):
    for name in ("els", "omar"):
        make(tmp_path, name)
    asyncio.run(_seal(cases, tmp_path))
    assert run("parts", NUMBER, "--out", tmp_path / "parts").code == 0
    for number in (1, 2):
        (tmp_path / f"other.{number}").write_bytes(bytes([number]) * 32)
    for said, files in (
        ("each opened by its keeper", sorted((tmp_path / "parts").iterdir())),
        ("is not opened by these parts", sorted(tmp_path.glob("other.*"))),
    ):
        told = run("export", NUMBER, "--out", tmp_path / "out", "--part", files[0], "--part", files[1])
        assert is_one_line(told)
        assert said in told.err


async def _seal(path: Path, keys: Path) -> None:
    store = open_store(path)
    (entry,) = await store.entries()
    await store.seal(entry.id, read_keepers([keys / "els.pem", keys / "omar.pem"]))
    await store.close()


def test_there_are_no_parts_of_a_case_that_is_not_sealed(run: Run, cases: Path, tmp_path: Path):
    said = run("parts", NUMBER, "--out", tmp_path / "parts")
    assert is_one_line(said)
    assert "is not a sealed case" in said.err
