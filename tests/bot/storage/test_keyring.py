"""The keys: never replaced by fresh ones beside an existing database, and never lost when the data key changes."""

import os
import shutil
from pathlib import Path

import pytest

from bot.data_key import successor, write_key
from bot.errors import SettingsError
from bot.storage import keyfile, wrapping
from bot.storage.keyfile import keys_path
from tests.contracts.rows import Growing
from tests.stores import open_store


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Give a database with one case, closed."""
    path = tmp_path / "data" / "weegwijzer.sqlite"
    store = open_store(path)
    await store.commit(Growing().open())
    await store.close()
    return path


async def opens(path: Path) -> bool:
    """Tell whether the case can be read."""
    store = open_store(path)
    try:
        return len(await store.load("c" * 32)) == 1
    finally:
        await store.close()


# --- something is not there ------------------------------------------------------------


def test_a_missing_keys_file_is_not_replaced_by_a_fresh_one(path: Path):
    keys_path(path).unlink()
    with pytest.raises(SettingsError, match=r"keys\.sqlite is not there.*put back"):
        open_store(path)
    assert not keys_path(path).exists()


async def test_also_when_the_bot_was_killed_and_most_stands_in_the_log(tmp_path: Path, path: Path):
    store = open_store(tmp_path / "killed.sqlite")
    await store.commit(Growing().open())
    killed = path.with_name("killed.sqlite")
    for end in ("", "-wal"):
        shutil.copyfile(tmp_path / f"killed.sqlite{end}", path.with_name(f"killed.sqlite{end}"))
    await store.close()
    with pytest.raises(SettingsError, match=r"keys\.sqlite is not there"):
        open_store(killed)
    assert not keys_path(killed).exists()


def test_a_missing_data_key_is_not_replaced_by_a_fresh_one(path: Path):
    data_key = path.with_name("data.key")
    data_key.unlink()
    with pytest.raises(SettingsError, match=r"data\.key is not there; put back"):
        open_store(path)
    assert not data_key.exists()


# --- changing the data key -------------------------------------------------------------


async def test_a_next_data_key_that_was_only_begun_stops_no_start(path: Path):
    following = successor(path.with_name("data.key"))
    following.touch(0o600)
    assert await opens(path)
    assert not following.exists()


async def test_a_change_that_could_not_be_ended_is_ended_by_the_next(path: Path, monkeypatch: pytest.MonkeyPatch):
    """The only copy of the data key in use stands in the next one's place then: it is not to be thrown away."""
    store, data_key = open_store(path), path.with_name("data.key")
    with monkeypatch.context() as patch:
        patch.setattr(wrapping, "replace_by_successor", _fail)
        with pytest.raises(SettingsError, match="cannot be put in its place"):
            await store.rotate(data_key)
    with monkeypatch.context() as patch:
        patch.setattr(wrapping, "write_key", _fail)
        with pytest.raises(SettingsError, match="cannot be put in its place"):
            await store.rotate(data_key)
    await store.close()
    assert await opens(path)


def _fail(path: Path) -> None:
    raise OSError(30, "Read-only file system")


def test_a_new_data_key_is_on_disk_with_its_name_before_anything_is_wrapped_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    synced, sync = [], os.fsync

    def note(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").resolve())
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    write_key(tmp_path / "data.key")
    assert synced == [tmp_path / "data.key", tmp_path]


# --- forgetting a key ------------------------------------------------------------------


async def test_a_key_whose_erasure_a_crash_cut_off_is_nowhere_after_the_next_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What was erased still stands in the file itself until the log is written into it."""
    store = open_store(path)
    (wrapped,) = store.keyring._db.execute("SELECT wrapped FROM wrapped WHERE name = ?", ("c" * 32,)).fetchone()
    with monkeypatch.context() as patch:
        patch.setattr(keyfile, "leave_nothing_behind", lambda db: None)
        store.keyring.discard("c" * 32)
    killed = path.with_name("killed.sqlite")
    for end in ("", "-wal"):
        shutil.copyfile(f"{keys_path(path)}{end}", f"{keys_path(killed)}{end}")
    await store.close()
    assert wrapped in keys_path(killed).read_bytes()
    again = keyfile.open_keyring(killed, path.with_name("data.key"))
    assert wrapped not in everything_of(keys_path(killed))
    again.close()


def everything_of(file: Path) -> bytes:
    """Give a database's bytes with those of its log."""
    return file.read_bytes() + file.with_name(f"{file.name}-wal").read_bytes()
