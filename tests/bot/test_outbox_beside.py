"""Owed work side by side: of several cases at once, of one case and to one person in its order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.errors import StoreUnavailable
from bot.locks import Locks
from bot.store import Owed, Write
from tests.bot.desk import ANJA, Desk, words
from tests.bot.slow_teams import Pass, SlowTeams, turns
from tests.bot.test_closing import finish
from tests.bot.test_outbox import offered, owing_a_card


async def left(desk: Desk, count: int) -> None:
    """Wait until the outbox says that so much is owed."""
    reached = asyncio.Event()
    desk.outbox._tell_depth = lambda depth: reached.set() if depth == count else None
    desk.outbox.wake()
    async with asyncio.timeout(10):
        await reached.wait()


@pytest.fixture
def desk(slow_desk: Desk) -> Desk:
    return slow_desk


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[SlowTeams]:
    """Run the outbox while the block runs."""
    assert isinstance(desk.teams, SlowTeams)
    work = asyncio.create_task(desk.outbox.run())
    try:
        yield desk.teams
    finally:
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work


def of(n: int) -> Pass:
    """Tell of words whether they are about a case."""
    return lambda said: f"IL-2026-{42 + n:04d}" in said


async def test_the_cards_of_two_cases_are_posted_at_once(desk: Desk) -> None:
    await desk.keep(owing_a_card(0))
    await desk.keep(owing_a_card(1))
    async with running(desk) as teams:
        await teams.until(lambda: len(teams.inside) == 2)
        teams.gate.set()
        await left(desk, 0)
    assert (len(teams.placeholders), len(teams.updates), len(teams.told)) == (2, 2, 2)


async def test_eight_at_once_and_no_more_the_oldest_first(desk: Desk) -> None:
    for n in range(20):
        await desk.keep(owing_a_card(n))
    async with running(desk) as teams:
        await teams.until(lambda: len(teams.inside) == 8)
        assert all(of(n)(said) for n, said in enumerate(teams.inside))
        teams.gate.set()
        await teams.until(lambda: len(teams.told) == 20)
    assert teams.most == 8
    assert (len(teams.placeholders), len(teams.updates)) == (20, 20)


async def test_what_is_owed_of_one_case_keeps_its_order(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.teams.gate.set()
    await desk.outbox.work_once()
    await desk.outbox.work_once()
    desk.teams.most = 0
    await desk.store.commit(Write(owed=(Owed("redraw", "0" * 32, {}), Owed("redraw", "0" * 32, {}))))
    await desk.outbox.work_once()
    await desk.store.commit(Write(owed=(Owed("redraw", "0" * 32, {}),)))
    await finish(desk)
    await desk.outbox.work_once()
    assert desk.teams.most == 1
    closed = ["Zaak afgesloten op" in words(update) for update in desk.teams.updates]
    assert closed == [False, False, False, True]


async def test_what_comes_while_a_case_is_under_way_waits_for_it(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    async with running(desk) as teams:
        await teams.until(lambda: len(teams.inside) == 1)
        await desk.store.commit(Write(owed=(Owed("tell", "0" * 32, {"to": ANJA.id, "by": ANJA.id}),)))
        desk.outbox.wake()
        await turns()
        assert len(teams.inside) == 1
        teams.gate.set()
        await left(desk, 0)
    assert teams.most == 1
    assert [of(0)(words(told)) for _, told in teams.told] == [True, True]
    assert len(teams.updates) == 1


async def test_two_words_to_one_person_never_cross(desk: Desk) -> None:
    await desk.keep(offered(0))
    await desk.keep(offered(1))
    async with running(desk) as teams:
        await teams.until(lambda: len(teams.inside) == 1)
        await turns()
        teams.gate.set()
        await teams.until(lambda: len(teams.told) == 2)
    assert teams.most == 1


async def test_a_slow_one_stops_neither_the_rest_nor_what_comes_after(desk: Desk) -> None:
    desk.teams.passes = lambda said: not of(0)(said)
    await desk.keep(owing_a_card(0))
    await desk.keep(owing_a_card(1))
    async with running(desk) as teams:
        await left(desk, 1)
        for n in range(2, 12):
            await desk.keep(owing_a_card(n))
            desk.outbox.wake()
            await left(desk, 1)
        assert (len(teams.told), len(teams.inside)) == (11, 1)


async def test_one_that_fails_leaves_the_others(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    for n in range(3):
        await desk.keep(owing_a_card(n))
    desk.teams.gate.set()
    desk.teams.failures = [ValueError("geheim")]
    await desk.outbox.work_once()
    assert [record.message for record in caplog.records] == ["owed_work_failed"]
    assert (len(desk.teams.placeholders), len(desk.teams.updates)) == (2, 2)
    desk.now += timedelta(minutes=10)
    await desk.outbox.work_once()
    assert (len(desk.teams.placeholders), len(desk.teams.updates)) == (3, 3)


async def test_when_the_store_goes_away_it_is_said_once_and_nothing_new_is_begun(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for n in range(12):
        await desk.keep(owing_a_card(n))
    monkeypatch.setattr("bot.outbox._FIRST_WAIT", timedelta(seconds=0.01))
    keep, slept = desk.store.keep_progress, []
    sleep = desk.outbox._sleep

    async def fail(owed: Owed) -> None:
        if "posted" in owed.progress:
            raise StoreUnavailable("SQLITE_IOERR")
        await keep(owed)

    async def sleep_and_mend(seconds: float) -> None:
        if seconds == 0.01:
            slept.append(len(desk.teams.placeholders))
            monkeypatch.setattr(desk.store, "keep_progress", keep)
        await sleep(seconds)

    monkeypatch.setattr(desk.outbox, "_sleep", sleep_and_mend)
    async with running(desk) as teams:
        await teams.until(lambda: len(teams.inside) == 8)
        monkeypatch.setattr(desk.store, "keep_progress", fail)
        teams.gate.set()
        await teams.until(lambda: len(teams.told) == 12)
    assert [record.message for record in caplog.records] == ["store_unavailable"]
    # What Teams had was ended; of the places that could not be kept people are told.
    assert slept == [8]
    assert (len(teams.placeholders), len(teams.updates)) == (20, 12)
    assert sum("Kijk in het kanaal" in words(told) for _, told in teams.told) == 8


class SharedLocks(Locks):
    """Locks of which another instance has those of the first case, as often as it is said."""

    def __init__(self, theirs: int) -> None:
        super().__init__()
        self.theirs = theirs

    @asynccontextmanager
    async def try_hold(self, key: str) -> AsyncIterator[bool]:
        is_theirs = key == f"owed:{'0' * 32}" and self.theirs > 0
        self.theirs -= is_theirs
        async with super().try_hold(key):
            yield not is_theirs


async def test_a_case_of_which_another_instance_does_something_is_left_to_it_for_a_while(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = SharedLocks(1_000)
    monkeypatch.setattr(desk.outbox, "_locks", locks)
    await desk.keep(owing_a_card(0))
    await desk.keep(owing_a_card(1))
    async with running(desk) as teams:
        teams.gate.set()
        await left(desk, 1)
        await turns()
    assert locks.theirs == 999
    assert all(of(1)(said) for said in teams.begun)


async def test_a_piece_never_overtakes_the_one_that_another_instance_had_in_hand(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbox._A_WHILE", 0)
    monkeypatch.setattr(desk.outbox, "_locks", SharedLocks(1))
    await desk.keep(owing_a_card())
    await desk.store.commit(Write(owed=(Owed("tell", "0" * 32, {"to": ANJA.id, "by": ANJA.id}),)))
    async with running(desk) as teams:
        teams.gate.set()
        await left(desk, 0)
    assert "Advies volgt" in teams.begun[0]
    assert (len(teams.placeholders), len(teams.updates), len(teams.told)) == (1, 1, 2)
