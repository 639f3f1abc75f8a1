"""E23: backups while turns are written, put back and found sound; an older one is noticed; old files taken over."""

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from bot.control import StoreSource
from bot.storage.keyfile import keys_path
from bot.storage.sqlite import SqliteStore
from state.errors import TranscriptDamaged
from tests.bot.storage.old_forms import write_old
from tests.contracts.rows import Growing, answer, key, noted
from tests.stores import open_store
from tests.trust.report import figure, say

CANARY = "kanarie-oud"


def put_back(copy: Path, live: Path, folder: Path) -> Path:
    """Put a backup in a fresh place, with today's keys as the documents say; give its path."""
    folder.mkdir()
    target = folder / live.name
    shutil.copyfile(copy, target)
    for file in (keys_path(live), live.with_name("data.key")):
        shutil.copyfile(file, folder / file.name)
        (folder / file.name).chmod(0o600)
    return target


async def grow(store: SqliteStore, case: Growing, acknowledged: dict[str, int]) -> None:
    """Write turn after turn until cancelled; what is acknowledged must be in every later backup."""
    while True:
        write = case.write(answer("x" * 200)) if case.version else case.open()
        await store.commit(write)
        case.follow(write)
        acknowledged[case.id] = case.version


async def test_backups_under_load_are_whole_and_hold_all_that_was_acknowledged(tmp_path: Path):
    count = figure(12, 120)
    live = tmp_path / "live" / "weegwijzer.sqlite"
    store, acknowledged = open_store(live), dict[str, int]()
    cases = [Growing(id=f"{n:032x}", number=f"IL-2026-{n:04d}") for n in range(4)]
    writers = [asyncio.create_task(grow(store, case, acknowledged)) for case in cases]
    promised = []
    for number in range(count):
        for _ in range(20):
            await asyncio.sleep(0)
        before = dict(acknowledged)
        await store.backup(tmp_path / f"copy-{number}.sqlite")
        promised.append(before)
    await stop(writers)
    await store.close()
    for number, before in enumerate(promised):
        assert before
        await check_copy(put_back(tmp_path / f"copy-{number}.sqlite", live, tmp_path / f"back-{number}"), before)
    say("E23", f"{count} backups under load: all whole; an older one noticed; {await take_over(tmp_path)}")


async def stop(writers: list[asyncio.Task[None]]) -> None:
    for writer in writers:
        writer.cancel()
        with suppress(asyncio.CancelledError):
            await writer


async def check_copy(path: Path, acknowledged: dict[str, int]) -> None:
    store = open_store(path)
    assert await store.check() == ()
    versions = {entry.id: entry.version for entry in await store.entries()}
    assert all(versions[case] >= version for case, version in acknowledged.items())
    await store.close()


async def take_over(tmp_path: Path) -> str:
    """Take over old journals, of both earlier forms; give what to say of it."""
    count = figure(1_000, 20_000)
    for form in (1, 2):
        path = tmp_path / f"form-{form}" / "weegwijzer.sqlite"
        cases = [grown(number) for number in range(count // 2)]
        write_old(path, cases, (), [noted(), noted("export")], form)
        store = open_store(path)
        assert await store.check() == ()
        for case in cases:
            assert await store.load(case.id) == tuple(case.rows)
        await store.close()
        assert CANARY.encode() not in path.read_bytes()
    return f"{count} journals of earlier forms taken over unchanged"


def grown(number: int) -> Growing:
    """Give a case of three events."""
    case = Growing(id=f"{number:032x}", number=f"IL-{2000 + number // 10_000}-{number % 10_000:04d}")
    case.follow(case.open(inbox=key(f"{number} open")))
    case.follow(case.write(answer(CANARY), answer(), inbox=key(f"{number} answer")))
    return case


async def test_an_older_backup_is_noticed_by_what_was_signed_since(tmp_path: Path):
    """The keys are not part of the backup: what was signed last stands there."""
    live = tmp_path / "live" / "weegwijzer.sqlite"
    store, case = open_store(live), Growing()
    await keep(store, case, 3)
    await store.backup(tmp_path / "older.sqlite")
    await keep(store, case, 2)
    await store.sign_off(case.id)
    await store.close()
    again = open_store(put_back(tmp_path / "older.sqlite", live, tmp_path / "back"))
    found = [str(finding) for finding in await again.check()]
    await again.close()
    assert found == [f"case {case.id}: it is not what was signed at event 5; an older database was put back"]


async def test_an_older_backup_is_noticed_by_prints_kept_elsewhere(tmp_path: Path):
    live = tmp_path / "live" / "weegwijzer.sqlite"
    store, case = open_store(live), Growing()
    await keep(store, case, 3)
    await store.backup(tmp_path / "older.sqlite")
    await keep(store, case, 2)
    prints = await StoreSource(store).prints()
    await store.close()
    again = open_store(put_back(tmp_path / "older.sqlite", live, tmp_path / "back"))
    assert await again.check() == ()
    found = await StoreSource(again).compare(prints)
    await again.close()
    assert [finding.partition(":")[0] for finding in found] == [case.number, "register"]


async def test_a_damaged_case_hides_no_other_that_is_older(tmp_path: Path):
    live = tmp_path / "live" / "weegwijzer.sqlite"
    store, case, other = open_store(live), Growing(), Growing(id="d" * 32, number="IL-2026-0002")
    await keep(store, case, 1)
    await keep(store, other, 1)
    await store.backup(tmp_path / "older.sqlite")
    await keep(store, case, 1)
    await keep(store, other, 1)
    prints = await StoreSource(store).prints()
    await store.close()
    again = open_store(put_back(tmp_path / "older.sqlite", live, tmp_path / "back"))
    again._db.execute("UPDATE cases SET phase = 'x' WHERE id = ?", (case.id,))
    found = await StoreSource(again).compare(prints)
    await again.close()
    assert [finding.partition(":")[0] for finding in found] == [case.number, other.number, "register"]


async def test_a_history_that_was_written_anew_after_an_older_backup_is_not_signed(tmp_path: Path):
    live = tmp_path / "live" / "weegwijzer.sqlite"
    store, case = open_store(live), Growing()
    await keep(store, case, 3)
    await store.backup(tmp_path / "older.sqlite")
    branch = Growing(version=case.version, link=case.link)
    await keep(store, case, 2)
    await store.sign_off(case.id)
    await store.close()
    again = open_store(put_back(tmp_path / "older.sqlite", live, tmp_path / "back"))
    await keep(again, branch, 4)
    with pytest.raises(TranscriptDamaged, match="does not go on from what was signed at event 5"):
        await again.sign_off(case.id)
    found = [str(finding) for finding in await again.check()]
    await again.close()
    assert found == [f"case {case.id}: it is not what was signed at event 5; an older database was put back"]


async def keep(store: SqliteStore, case: Growing, events: int) -> None:
    for _ in range(events):
        write = case.write(answer()) if case.version else case.open()
        await store.commit(write)
        case.follow(write)
