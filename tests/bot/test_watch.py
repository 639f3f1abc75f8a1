"""The check after the start: damage is counted and named by its case's random id, and told to no one else."""

import asyncio
import logging
from pathlib import Path

import pytest

from bot.errors import StoreUnavailable
from bot.locks import Locks
from bot.watch import watch
from tests.contracts.rows import Growing, answer
from tests.stores import open_store


async def test_names_a_damaged_case_and_leaves_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    store = open_store(tmp_path / "weegwijzer.sqlite")
    sound, damaged = Growing(), Growing(id="d" * 32, number="IL-2026-0002")
    for case in (sound, damaged):
        for write in (case.open, lambda case=case: case.write(answer())):
            kept = write()
            await store.commit(kept)
            case.follow(kept)
    store._db.execute("DROP TRIGGER event_is_never_changed")
    store._db.execute("UPDATE event SET body = zeroblob(50) WHERE seq = 2 AND case_id = ?", (damaged.id,))
    told: list[int] = []
    await once(store, told)
    # The trigger that had to go first is missed as well.
    assert told == [2]
    assert [record.getMessage() for record in caplog.records] == ["damage_found", "damage_found"]
    assert [record.case for record in caplog.records if hasattr(record, "case")] == [damaged.id]
    assert await store.load(sound.id) == tuple(sound.rows)
    await store.close()


async def test_tries_again_when_the_store_cannot_be_read(caplog: pytest.LogCaptureFixture):
    class Away:
        async def check(self, *, gently: bool):
            raise StoreUnavailable("SQLITE_IOERR")

    with caplog.at_level(logging.ERROR):
        await once(Away(), [])
    assert [record.getMessage() for record in caplog.records] == ["store_unavailable"]


async def once(store, told: list[int]) -> None:
    """Let the watch check one time."""
    ended = asyncio.Event()

    class Once:
        async def check(self, *, gently: bool):
            try:
                return await store.check(gently=gently)
            finally:
                ended.set()

    task = asyncio.create_task(watch(Once(), told.append, Locks()))
    await ended.wait()
    # What follows on the check is done without waiting for anything.
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
