"""`weegwijzer keys`, `check`, `prints` and `backup`, with the bot running and without."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.cli.program import main
from bot.control import StoreSource, serve_control
from bot.storage.keyfile import keys_path
from tests.contracts.rows import Growing, answer
from tests.stores import open_store

CANARY = "kanarie-2c41"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WEEGWIJZER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "data" / "weegwijzer.sqlite"
    asyncio.run(grow(path, 3))
    return path


async def grow(path: Path, events: int, case: Growing | None = None) -> Growing:
    store, case = open_store(path), case or Growing()
    for _ in range(events):
        write = case.write(answer(CANARY)) if case.version else case.open()
        await store.commit(write)
        case.follow(write)
    await store.close()
    return case


def weegwijzer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run the program and give exit code, stdout and stderr."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["weegwijzer", *words])
        with pytest.raises(SystemExit) as ended:
            main()
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[None]:
    """Hold the door of a bot open while the block runs."""
    store = open_store(path)
    close = await serve_control(StoreSource(store, key_file=path.with_name("data.key")), path.parent)
    try:
        yield
    finally:
        await close()
        await store.close()


@pytest.fixture(params=["alone", "while the bot runs"])
def beside(request: pytest.FixtureRequest, path: Path) -> Iterator[None]:
    """Run the commands with a bot beside them, and without."""
    if request.param == "alone":
        yield
        return
    import threading

    ready, done = threading.Event(), threading.Event()

    async def bot() -> None:
        async with running(path):
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(bot()))
    thread.start()
    ready.wait()
    yield
    done.set()
    thread.join()


def change(path: Path, statement: str) -> None:
    """Change the file behind the bot's back; its triggers have to go first, and that is found too."""
    with sqlite3.connect(path) as db:
        for trigger in ("event_is_never_changed", "event_is_never_erased"):
            db.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        db.execute(statement)
    db.close()


def test_a_new_data_key_opens_everything_and_the_old_one_nothing(beside, path: Path, capsys):
    key_file = path.with_name("data.key")
    old = key_file.read_bytes()
    code, out, _ = weegwijzer(capsys, "keys", "rotate")
    assert (code, "3 keys are wrapped by it" in out) == (0, True)
    assert key_file.read_bytes() != old
    assert not key_file.with_name("data.key.new").exists()


def test_after_a_change_of_the_data_key_the_old_one_is_refused(path: Path, capsys):
    key_file = path.with_name("data.key")
    old = key_file.read_bytes()
    assert weegwijzer(capsys, "keys", "rotate")[0] == 0
    assert weegwijzer(capsys, "check")[0] == 0
    key_file.write_bytes(old)
    code, out, err = weegwijzer(capsys, "check")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "cannot be opened with this data key" in err


@pytest.mark.parametrize("is_wrapped", [False, True], ids=["before the keys were wrapped", "after it"])
def test_a_change_of_the_data_key_that_was_cut_off_is_ended_at_the_next_start(path: Path, capsys, is_wrapped: bool):
    key_file = path.with_name("data.key")
    old = key_file.read_bytes()
    if is_wrapped:
        assert weegwijzer(capsys, "keys", "rotate")[0] == 0
        shutil.copyfile(key_file, key_file.with_name("data.key.new"))
        key_file.with_name("data.key.new").chmod(0o600)
        key_file.write_bytes(old)
    else:
        key_file.with_name("data.key.new").write_bytes(b"A" * 43 + b"=")
        key_file.with_name("data.key.new").chmod(0o600)
    assert weegwijzer(capsys, "check")[0] == 0
    assert not key_file.with_name("data.key.new").exists()
    assert (key_file.read_bytes() != old) is is_wrapped


def test_shows_the_key_that_dossiers_are_signed_with(beside, path: Path, capsys):
    code, out, _ = weegwijzer(capsys, "keys", "show", "--json")
    assert code == 0
    assert json.loads(out)["key"].startswith("-----BEGIN PUBLIC KEY-----")
    assert len(json.loads(out)["print"]) == 64


def test_a_sound_store_is_said_to_be_sound(beside, path: Path, capsys):
    assert weegwijzer(capsys, "check")[:2] == (0, "Everything is as it was written.\n")


def test_names_the_event_that_was_changed(path: Path, capsys):
    change(path, "UPDATE event SET body = zeroblob(40) WHERE seq = 2")
    code, out, _ = weegwijzer(capsys, "check", "--json")
    assert code == 1
    assert json.loads(out)["findings"][1:] == [f"case {'c' * 32}: the body of event 2 is not the one that was stored"]


def test_prints_kept_elsewhere_show_that_nothing_was_replaced(beside, path: Path, capsys, tmp_path: Path):
    code, out, _ = weegwijzer(capsys, "prints", "--json")
    (tmp_path / "kept.json").write_text(out)
    assert code == 0
    code, out, _ = weegwijzer(capsys, "prints", "--compare", "kept.json")
    assert code == 0
    assert "Everything that was kept is still there." in out


def test_prints_kept_elsewhere_show_an_older_database(path: Path, capsys, tmp_path: Path):
    """The older file verifies by itself: only what was kept outside of it can tell."""
    shutil.copytree(path.parent, tmp_path / "older")
    case = Growing()
    case.version, case.link = 3, asyncio.run(_link(path))
    asyncio.run(grow(path, 2, case))
    (tmp_path / "kept.json").write_text(weegwijzer(capsys, "prints", "--json")[1])
    for file in path.parent.iterdir():
        file.unlink()
    for file in (tmp_path / "older").iterdir():
        shutil.copyfile(file, path.parent / file.name)
        (path.parent / file.name).chmod(0o600)
    assert weegwijzer(capsys, "check")[0] == 0
    code, out, _ = weegwijzer(capsys, "prints", "--compare", "kept.json")
    assert code == 1
    assert "IL-2026-0001: it does not go on from what it was at event 5" in out


async def _link(path: Path) -> str:
    store = open_store(path)
    (entry,) = await store.entries()
    await store.close()
    return entry.link


def test_prints_that_cannot_be_read_are_refused_in_one_line(path: Path, capsys, tmp_path: Path):
    (tmp_path / "kept.json").write_text('{"prints": [1]}')
    code, out, err = weegwijzer(capsys, "prints", "--compare", "kept.json")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_backup_can_be_put_back_and_holds_no_key(beside, path: Path, capsys, tmp_path: Path):
    code, _, _ = weegwijzer(capsys, "backup", "copy.sqlite")
    assert code == 0
    copy = tmp_path / "copy.sqlite"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert CANARY.encode() not in copy.read_bytes()
    shutil.copyfile(keys_path(path), keys_path(copy))
    shutil.copyfile(path.with_name("data.key"), tmp_path / "data.key")
    (tmp_path / "data.key").chmod(0o600)
    code, out, err = weegwijzer(capsys, "backup", "copy.sqlite")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("weegwijzer: not done: ")
    assert err.endswith("name a new file\n")


def test_a_store_put_back_from_a_backup_is_sound(path: Path, capsys, tmp_path: Path):
    assert weegwijzer(capsys, "backup", "copy.sqlite")[0] == 0
    path.unlink()
    path.with_name(path.name + "-wal").unlink(missing_ok=True)
    (tmp_path / "copy.sqlite").rename(path)
    assert weegwijzer(capsys, "check")[0] == 0
