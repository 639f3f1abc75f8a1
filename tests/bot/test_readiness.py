"""Whether the bot says to be ready: only while a turn could be kept."""

import asyncio

import pytest

from bot.errors import StoreUnavailable
from bot.readiness import Readiness


class Disk:
    """Keeps, refuses, or says nothing until it is let go."""

    def __init__(self) -> None:
        self.refuses = False
        self.free = asyncio.Event()
        self.free.set()
        self.tried = 0

    async def try_keeping(self) -> None:
        self.tried += 1
        await self.free.wait()
        if self.refuses:
            raise StoreUnavailable


@pytest.fixture
def disk() -> Disk:
    return Disk()


async def test_whoever_asks_often_makes_one_write_of_it(disk: Disk) -> None:
    readiness = Readiness(disk.try_keeping)
    assert [await readiness.is_ready() for _ in range(5)] == [True] * 5
    assert all(await asyncio.gather(*(readiness.is_ready() for _ in range(5))))
    assert disk.tried == 1


async def test_what_cannot_be_kept_is_no_and_what_can_be_again_is_yes(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.readiness._AT_MOST_EVERY", 0)
    readiness = Readiness(disk.try_keeping)
    disk.refuses = True
    assert not await readiness.is_ready()
    disk.refuses = False
    assert await readiness.is_ready()


async def test_a_write_that_waits_is_no_and_there_is_one_of_it(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.readiness._AT_MOST_EVERY", 0)
    monkeypatch.setattr("bot.readiness._LONGEST", 0.01)
    readiness = Readiness(disk.try_keeping)
    disk.free.clear()
    assert [await readiness.is_ready() for _ in range(3)] == [False] * 3
    assert disk.tried == 1
    closing = asyncio.create_task(readiness.close())
    await asyncio.sleep(0)
    assert not closing.done()
    disk.free.set()
    await closing
    assert await readiness.is_ready()
    assert disk.tried == 2


async def test_who_never_asked_waits_for_nothing(disk: Disk) -> None:
    await Readiness(disk.try_keeping).close()
    assert disk.tried == 0


async def test_what_is_wrong_with_the_bot_itself_is_not_taken_for_the_disk() -> None:
    async def break_down() -> None:
        raise ValueError

    with pytest.raises(ValueError):
        await Readiness(break_down).is_ready()
