"""Putting a copy in the place of a file, and files that cannot be read: refused with what to do, and nothing spoilt."""
# ruff: noqa: ASYNC240  # looking at a file on disk is the point here

import asyncio
import errno
import os
import shutil
from pathlib import Path

import pytest

from bot.control import StoreSource, serve_control
from bot.data_key import write_key
from bot.errors import SettingsError
from bot.storage.keyfile import keys_path
from bot.storage.opening import form_of
from bot.storage.schema import VERSION
from tests.contracts.rows import Growing, answer
from tests.stores import open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "weegwijzer.sqlite"


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


async def leave_as_killed(path: Path) -> tuple[Path, Path]:
    """Leave files as a killed bot does, logs and all; give copies of cases and keys from before its last turns."""
    store, case = open_store(path), Growing()
    write = case.open()
    await store.commit(write)
    case.follow(write)
    copies = path.with_name("copy.sqlite"), path.with_name("copy.keys.sqlite")
    await store.backup(copies[0])
    await store.backup_keys(copies[1])
    for _ in range(20):
        write = case.write(answer("x" * 2000))
        await store.commit(write)
        case.follow(write)
    await store.sign_off(case.id)
    left = {file: file.read_bytes() for one in (path, keys_path(path)) for file in (one, log_of(one))}
    await store.close()
    for file, content in left.items():
        file.write_bytes(content)
    return copies


async def test_a_log_that_was_left_does_not_spoil_a_backup_that_is_put_back(path: Path):
    copy, _ = await leave_as_killed(path)
    assert log_of(path).stat().st_size
    shutil.copy(copy, path)
    with pytest.raises(SettingsError, match=r"sqlite-wal is of the file that stood here before this backup"):
        open_store(path)
    assert path.read_bytes() == copy.read_bytes()
    log_of(path).unlink()
    store = open_store(path)
    assert [entry.version for entry in await store.entries()] == [1]
    # It is older than what was signed, which the keys know: their log was taken over.
    (finding,) = await store.check()
    assert "an older database was put back" in finding.what
    await store.close()


async def test_nor_a_backup_of_the_keys(path: Path):
    _, copy = await leave_as_killed(path)
    shutil.copy(copy, keys_path(path))
    with pytest.raises(SettingsError, match=r"keys\.sqlite-wal is of the file that stood here"):
        open_store(path)
    assert keys_path(path).read_bytes() == copy.read_bytes()


async def test_the_log_of_a_killed_bot_is_taken_over(path: Path):
    await leave_as_killed(path)
    store = open_store(path)
    assert [entry.version for entry in await store.entries()] == [21]
    assert await store.check() == ()
    await store.close()


def test_a_file_that_is_no_database_has_no_form(path: Path):
    path.parent.mkdir()
    assert form_of(path) == 0
    path.touch()
    assert form_of(path) == 0
    path.write_bytes(b"geen databank " * 500)
    with pytest.raises(SettingsError, match="is not a database, or its beginning is damaged"):
        form_of(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(SettingsError, match="cannot be opened: check the folder"):
        form_of(path)
    path.rmdir()
    asyncio.run(open_store(path).close())
    assert form_of(path) == VERSION


@pytest.mark.parametrize("name", ["weegwijzer.keys.sqlite", "data.key", "weegwijzer.sqlite-wal"])
async def test_where_this_account_may_not_look_says_so(path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    await open_store(path).close()
    stat = Path.stat

    def refused(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if self.name == name:
            raise PermissionError(errno.EACCES, "Permission denied")
        return stat(self, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", refused)
    # As Python 3.14 has it: it never raises.
    monkeypatch.setattr(Path, "exists", os.path.exists)
    with pytest.raises(SettingsError, match=f"{name} cannot be opened: check the folder and its permissions"):
        open_store(path)


def test_a_data_key_that_does_not_fit_on_the_disk_is_not_there(path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("bot.data_key.os.fsync", full)
        with pytest.raises(SettingsError, match=r"data\.key cannot be written \(No space left on device\)"):
            open_store(path)
    assert not path.with_name("data.key").exists()
    write_key(path.with_name("data.key"))


async def test_a_door_that_cannot_be_written_down_is_closed_and_said(path: Path, monkeypatch: pytest.MonkeyPatch):
    store = open_store(path)
    monkeypatch.setattr("bot.control.door.CONTROL_FILE", "nowhere/control.json")
    with pytest.raises(SettingsError, match=r"control\.json cannot be written \(No such file or directory\)"):
        await serve_control(StoreSource(store), path.parent)
    await store.close()
