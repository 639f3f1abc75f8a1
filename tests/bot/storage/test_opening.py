"""Opening the SQLite file: private, in the modes that lose nothing, or refused with what to do."""
# ruff: noqa: ASYNC240  # looking at a file on disk is the point here

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.data_key import write_key
from bot.errors import SettingsError, StoreUnavailable, TranscriptConflict
from bot.ports import ChatReference
from bot.storage import keyfile, opening, sqlite
from bot.storage.keyfile import keys_path
from bot.storage.opening import sqlite_path
from bot.storage.schema import VERSION
from bot.store import Chat, Write
from tests.bot.storage.old_forms import write_old
from tests.contracts.rows import NOW, Growing, answer, handle, key, noted
from tests.stores import open_store

CANARY = "kanarie-9f27"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "weegwijzer.sqlite"


async def _filled(path: Path) -> None:
    store = open_store(path)
    await store.commit(Growing().open())
    await store.close()


# --- what is on disk -------------------------------------------------------------------


async def test_files_are_for_their_owner_alone(path: Path):
    before = os.umask(0)
    try:
        store = open_store(path)
        await store.commit(Growing().open())
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        folder = path.parent.stat().st_mode & 0o777
        await store.close()
    finally:
        os.umask(before)
    assert set(modes) == {
        "data.key",
        "weegwijzer.sqlite",
        "weegwijzer.sqlite-wal",
        "weegwijzer.keys.sqlite",
        "weegwijzer.keys.sqlite-wal",
    }
    assert set(modes.values()) == {0o600}
    assert folder == 0o700


async def test_a_file_that_others_could_read_is_closed_to_them(path: Path):
    await _filled(path)
    path.chmod(0o644)
    await open_store(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


async def test_runs_in_the_modes_that_lose_nothing(path: Path):
    store = open_store(path)
    modes = {name: store._db.execute(f"PRAGMA {name}").fetchone()[0] for name, _, _ in opening._MODES}
    assert (modes["locking_mode"], modes["journal_mode"], modes["synchronous"]) == ("exclusive", "wal", 2)
    assert (modes["secure_delete"], modes["foreign_keys"]) == (1, 1)
    await store.close()


@pytest.mark.parametrize("table", ["event", "register", "inbox"])
@pytest.mark.parametrize(
    "change", ["DELETE FROM {0}", "UPDATE {0} SET {1} = {1}", "REPLACE INTO {0} SELECT * FROM {0}"]
)
async def test_what_happened_can_neither_be_changed_nor_erased(path: Path, table: str, change: str):
    store = open_store(path)
    await store.commit(Growing().open(inbox=key("one"), register=(noted(),)))
    column = {"event": "seq", "register": "seq", "inbox": "key"}[table]
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store._db.execute(change.format(table, column))
    await store.close()


async def test_no_handle_can_be_read_from_the_file(path: Path):
    store = open_store(path)
    await store.commit(Write(handles=(handle(CANARY),)))
    await store.close()
    assert CANARY.encode() not in path.read_bytes()


# --- refusals at start -----------------------------------------------------------------


async def test_refuses_a_file_of_a_newer_version(path: Path):
    await _filled(path)
    with _raw(path) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(SettingsError, match=r"newer Weegwijzer \(schema 99\)"):
        open_store(path)


async def test_a_file_from_before_exercises_lets_them_be_thrown_away_and_nothing_else(path: Path):
    store = open_store(path)
    real, exercise = Growing(), Growing(id="e" * 32, number="OEFEN-2026-0001")
    for case in (real, exercise):
        await store.commit(case.open())
    await store.close()
    with _raw(path) as db:
        for table in ("event", "inbox"):
            db.execute(f"DROP TRIGGER {table}_is_never_erased")
            db.execute(
                f"CREATE TRIGGER {table}_is_never_erased BEFORE DELETE ON {table}"
                f" WHEN NOT EXISTS (SELECT 1 FROM certificate WHERE case_id = OLD.case_id)"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        db.execute("PRAGMA user_version = 3")
        db.commit()
    store = open_store(path)
    assert await store.check() == ()
    with pytest.raises(TranscriptConflict):
        await store.discard(real.id, ())
    await store.discard(exercise.id, (noted("discard"),))
    assert [entry.id for entry in await store.entries()] == [real.id]
    assert await store.load(exercise.id) == ()
    assert await store.check() == ()
    await store.close()


async def test_what_a_crash_kept_from_being_cleaned_is_cleaned_at_the_next_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A power cut after an exercise is gone, and before the free pages are."""
    store = open_store(path)
    exercise = Growing(id="e" * 32, number="OEFEN-2026-0001")
    await store.commit(exercise.open(handles=tuple(handle(str(number), case=exercise.id) for number in range(99))))
    with monkeypatch.context() as power, pytest.raises(StoreUnavailable):
        power.setattr(sqlite, "leave_nothing_behind", _power_cut)
        await store.discard(exercise.id, (noted("discard"),))
    assert await store.load(exercise.id) == ()
    assert await store.check() == ()
    await store.close()
    assert _free_pages(path) > 0
    await open_store(path).close()
    assert _free_pages(path) == 0
    # Once: it rewrites the whole file.
    monkeypatch.setattr(sqlite, "leave_nothing_behind", _power_cut)
    await open_store(path).close()


async def test_where_there_is_no_room_to_clean_people_are_answered(path: Path, monkeypatch: pytest.MonkeyPatch):
    store = open_store(path)
    exercise = Growing(id="e" * 32, number="OEFEN-2026-0001")
    await store.commit(exercise.open(handles=tuple(handle(str(number), case=exercise.id) for number in range(99))))
    with monkeypatch.context() as disk:
        disk.setattr(sqlite, "leave_nothing_behind", _power_cut)
        with pytest.raises(StoreUnavailable):
            await store.discard(exercise.id, (noted("discard"),))
        await store.close()
        store = open_store(path)
        assert await store.entries() == ()
        await store.close()
    assert _free_pages(path) > 0
    await open_store(path).close()
    assert _free_pages(path) == 0


async def test_the_keys_are_cleaned_too_after_a_crash(path: Path, monkeypatch: pytest.MonkeyPatch):
    """The crash may have come when the key had gone, and copies of it in its file had not."""
    store = open_store(path)
    exercise = Growing(id="e" * 32, number="OEFEN-2026-0001")
    await store.commit(exercise.open())
    with monkeypatch.context() as power, pytest.raises(sqlite3.OperationalError):
        power.setattr(keyfile, "leave_nothing_behind", _power_cut)
        store.keyring.discard(exercise.id)
    await store._change(sqlite._mark)
    await store.close()
    cleaned: list[Path] = []
    monkeypatch.setattr(keyfile, "leave_nothing_behind", lambda db: cleaned.append(keys_path(path)))
    await open_store(path).close()
    assert cleaned == [keys_path(path)]


async def test_a_refused_erasure_leaves_nothing_to_clean(path: Path, monkeypatch: pytest.MonkeyPatch):
    store = open_store(path)
    real = Growing()
    await store.commit(real.open())
    with pytest.raises(TranscriptConflict):
        await store.discard(real.id, ())
    await store.close()
    monkeypatch.setattr(sqlite, "leave_nothing_behind", _power_cut)
    await open_store(path).close()


def _power_cut(db: sqlite3.Connection) -> None:
    raise sqlite3.OperationalError


def _free_pages(path: Path) -> int:
    with _raw(path) as db:
        (count,) = db.execute("PRAGMA freelist_count").fetchone()
    return int(count)


@pytest.mark.parametrize("form", [1, 2])
async def test_takes_over_a_file_of_an_earlier_version_and_leaves_nothing_readable(path: Path, form: int):
    reference = ChatReference("https://teams", "chat", "29:anja", "28:bot", "tenant")
    case = Growing()
    case.follow(case.open(inbox=key("one")))
    case.follow(case.write(answer(CANARY), answer(), inbox=key("two")))
    shown = "question:x" if form == 2 else ""
    write_old(path, [case], [Chat("anja", reference, case.id, "nl", shown)], [noted(), noted("export")], form)
    assert CANARY.encode() in path.read_bytes()
    store = open_store(path)
    assert await store.load(case.id) == tuple(case.rows)
    assert await store.entries("anja") == (case.entry(3),)
    assert await store.chat_of("anja") == Chat("anja", reference, case.id, "nl", shown)
    assert [(owed.case, owed.attempts) for owed in await store.due(NOW)] == [(case.id, 3)]
    assert [entry.action for entry in await store.register()] == ["talk", "export"]
    assert await store.check() == ()
    await store.close()
    assert CANARY.encode() not in b"".join(file.read_bytes() for file in path.parent.iterdir())
    with _raw(path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)


async def test_refuses_cases_whose_keys_are_gone(path: Path):
    await _filled(path)
    keys_path(path).unlink()
    with pytest.raises(SettingsError, match="is not there, and without it no case can be read; put back the keys file"):
        open_store(path)


async def test_refuses_keys_that_another_data_key_wrapped(path: Path):
    await _filled(path)
    path.with_name("data.key").unlink()
    write_key(path.with_name("data.key"))
    with pytest.raises(SettingsError, match="cannot be opened with this data key; put back the file"):
        open_store(path)


def _music(path: Path) -> None:
    with _raw(path) as db:
        db.execute("CREATE TABLE music (song TEXT)")


def _text(path: Path) -> None:
    path.write_bytes(b"geen databank " * 500)


def _as_it_is(path: Path) -> tuple[int, int, bytes]:
    return path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b""


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_music, "database of another program"),
        (_text, "is not a database"),
        (Path.mkdir, "is no file"),
        (os.mkfifo, "is no file"),
    ],
)
async def test_what_is_something_else_is_refused_and_left_as_it_is(
    path: Path, make: Callable[[Path], None], words: str
):
    path.parent.mkdir()
    make(path)
    path.chmod(0o754)
    before = _as_it_is(path)
    with pytest.raises(SettingsError, match=words):
        open_store(path)
    assert _as_it_is(path) == before
    # No keys and no log of changes beside it.
    assert list(path.parent.iterdir()) == [path]


async def test_refuses_a_sqlite_that_is_too_old(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(SettingsError, match=r"3\.37 or newer"):
        open_store(path)


async def test_refuses_a_file_that_cannot_be_written():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weegwijzer.sqlite"
        await _filled(path)
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        with _without_privileges(), pytest.raises(SettingsError, match="cannot be"):
            open_store(path)
        Path(folder).chmod(0o755)


# --- where the file is -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (None, "gegevens/weegwijzer.sqlite"),
        ("sqlite:///hier/x.db", "hier/x.db"),
        ("sqlite:////var/lib/x.db", "/var/lib/x.db"),
    ],
)
def test_knows_which_file_a_url_names(url: str | None, path: str):
    assert sqlite_path(url, Path("gegevens")) == Path(path)


@pytest.mark.parametrize("url", ["", "sqlite://x", "sqlite:///", "postgresql:///x", "x.db"])
def test_refuses_a_url_that_names_no_file(url: str):
    with pytest.raises(SettingsError, match="sqlite:///PATH"):
        sqlite_path(url, Path("gegevens"))


@contextmanager
def _raw(path: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(path)
    yield db
    db.commit()
    db.close()


@contextmanager
def _without_privileges() -> Iterator[None]:
    """Be an ordinary user for a while: root may write what is read-only."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
