"""What the SQLite store promises beyond the contract: one process, nothing lost, clear refusals."""

import asyncio
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from bot.errors import SettingsError, StoreUnavailable
from bot.store import Write
from state.codec import read_rows
from state.errors import TranscriptDamaged
from tests.contracts.rows import Growing, answer, noted
from tests.stores import open_store

CANARY = "kanarie-9f27"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "weegwijzer.sqlite"


def _python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # our own interpreter and code
        _command(code, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )


def _command(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", code, *map(str, arguments)]


async def _filled(path: Path, events: int = 3) -> Growing:
    store, case = open_store(path), Growing()
    for write in (case.open(register=(noted(),)), *([None] * events)):
        write = write or case.write(answer(CANARY))
        await store.commit(write)
        case.follow(write)
    await store.close()
    return case


# --- one process -----------------------------------------------------------------------

OPEN = """
import sys
from pathlib import Path
from tests.stores import open_store
open_store(Path(sys.argv[1]))
"""


async def test_refuses_a_second_process_with_one_clear_sentence(path: Path):
    store = open_store(path)
    other = _python(OPEN, path)
    assert other.returncode != 0
    assert (
        other.stderr
        .strip()
        .splitlines()[-1]
        .endswith(".sqlite is in use by another process: stop the other Weegwijzer first")
    )
    await store.commit(Growing().open())
    await store.close()
    assert _python(OPEN, path).returncode == 0


async def test_refuses_a_second_store_in_the_same_process(path: Path):
    store = open_store(path)
    with pytest.raises(SettingsError, match="in use by another process"):
        open_store(path)
    await store.close()


# --- nothing lost ----------------------------------------------------------------------

WRITE_FOR_EVER = """
import asyncio, os, sys
from pathlib import Path
from tests.stores import open_store
from tests.contracts.rows import Growing, answer

async def main():
    store = open_store(Path(sys.argv[1]))
    cases = [Growing(id=f"{n:032x}", number=f"IL-2026-{n:04d}") for n in range(4)]
    async def grow(case):
        while True:
            write = case.write(answer("x" * 500), answer()) if case.version else case.open()
            await store.commit(write)
            case.follow(write)
            # In one piece, also where PYTHONUNBUFFERED is set: half a line would be half an acknowledgement.
            os.write(1, f"{case.id} {case.version}\\n".encode())
    await asyncio.gather(*map(grow, cases))

asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [1, 37, 150])
def test_keeps_everything_acknowledged_when_it_is_killed(path: Path, acknowledged: int):
    command = _command(WRITE_FOR_EVER, path)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        lines = [writer.stdout.readline() for _ in range(acknowledged)]
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.read().splitlines()
    told = dict(line.split() for line in lines)
    asyncio.run(_check_kept(path, told))


async def _check_kept(path: Path, told: dict[str, str]) -> None:
    store = open_store(path)
    assert told
    for case, version in told.items():
        transcript = read_rows(case, await store.load(case))
        assert len(transcript) >= int(version)
        assert (await store.entry(case)).version == len(transcript)
        assert len(transcript) % 2 == 1, "half a turn was kept"
    await store.close()


async def test_refuses_what_does_not_fit_and_works_again_when_there_is_room(path: Path):
    store, case = open_store(path), Growing()
    await store.commit(opening_write := case.open())
    case.follow(opening_write)
    # As a full disk does: SQLite says SQLITE_FULL, here on every machine.
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages + 20}")
    refused = 0
    for _ in range(40):
        write = case.write(answer(CANARY + "x" * 4000))
        try:
            await store.commit(write)
            case.follow(write)
        except StoreUnavailable as error:
            refused += 1
            assert str(error) == "SQLITE_FULL: make room on the disk"
            assert CANARY not in "".join(traceback.format_exception(error))
    assert 0 < refused < 40
    assert await store.load(case.id) == tuple(case.rows)

    store._db.execute("PRAGMA max_page_count = 1000000")
    write = case.write(answer("x" * 4000))
    await store.commit(write)
    case.follow(write)
    await store.close()
    assert await open_store(path).load(case.id) == tuple(case.rows)


async def test_a_write_that_does_not_fit_leaves_those_that_came_with_it_alone(path: Path):
    store = open_store(path)
    cases = [Growing(id=letter * 32, number=f"IL-2026-000{letter}") for letter in "123"]
    big = cases[1].write(answer("x" * 2_000_000))
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages + 40}")
    writes = (cases[0].open(), big, cases[2].open())
    outcomes = await asyncio.gather(*(store.commit(write) for write in writes), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), StoreUnavailable, type(None)]
    await store.close()


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounting needs root on Linux")
def test_acknowledges_nothing_that_a_full_disk_did_not_take(tmp_path: Path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this machine may not mount")
    try:
        asyncio.run(_fill_disk(disk))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


async def _fill_disk(disk: Path) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * 100_000)
    store, case, refused = open_store(disk / "weegwijzer.sqlite"), Growing(), 0
    for _ in range(200):
        write = case.write(answer("x" * 4000)) if case.version else case.open()
        try:
            await store.commit(write)
            case.follow(write)
        except StoreUnavailable:
            refused += 1
    assert refused
    assert await store.load(case.id) == tuple(case.rows)
    ballast.unlink()
    write = case.write(answer())
    await store.commit(write)
    case.follow(write)
    await store.close()
    again = open_store(disk / "weegwijzer.sqlite")
    assert await again.load(case.id) == tuple(case.rows)
    await again.close()


# --- trouble on the way ---------------------------------------------------------------


async def test_a_file_that_becomes_read_only_is_not_available_and_comes_back(path: Path):
    store = open_store(path)
    store._db.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreUnavailable, match="SQLITE_READONLY"):
        await store.commit(Growing().open())
    store._db.execute("PRAGMA query_only = OFF")
    await store.commit(Growing().open())
    await store.close()


async def test_half_a_backup_does_not_stay(path: Path):
    store = open_store(path)
    store._db.execute("BEGIN")
    with pytest.raises(StoreUnavailable, match=r"copy\.sqlite cannot be written"):
        await store.backup(path.with_name("copy.sqlite"))
    store._db.execute("COMMIT")
    await store.backup(path.with_name("copy.sqlite"))
    await store.close()


async def test_a_damaged_file_is_not_available(path: Path):
    await _filled(path, 200)
    _scribble(path)
    try:
        store = open_store(path)
    except SettingsError:
        return
    with pytest.raises(StoreUnavailable):
        await store.load("c" * 32)
    await store.close()


def _scribble(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(path.stat().st_size - 8192))


async def test_a_write_with_a_mistake_in_it_is_told_to_its_own_turn_only(path: Path):
    store = open_store(path)
    orphan = Growing(id="d" * 32)
    no_entry = Write(rows=orphan.open().rows)
    outcomes = await asyncio.gather(store.commit(no_entry), store.commit(Growing().open()), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [TranscriptDamaged, type(None)]
    await store.close()
