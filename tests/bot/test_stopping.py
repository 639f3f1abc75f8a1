"""A stop: nothing is begun any more, what is under way ends by itself, and what takes too long is cut off."""

import asyncio
import signal
from pathlib import Path

import pytest

from bot.store import Owed, Write
from tests.bot.desk import Desk
from tests.bot.process import USER, HoldingTeams, a_process, holding_teams, owe_word
from tests.bot.slow_teams import SlowTeams, turns
from tests.bot.test_outbox import offered, owing_a_card
from tests.bot.test_outbox_beside import SharedLocks, left
from tests.stores import open_store

# --- the outbox ------------------------------------------------------------------------


async def begun(desk: Desk, calls: int) -> tuple[SlowTeams, asyncio.Task[None]]:
    """Run the outbox until Teams has so many calls that it does not answer."""
    assert isinstance(desk.teams, SlowTeams)
    work = asyncio.create_task(desk.outbox.run())
    await desk.teams.until(lambda: len(desk.teams.inside) == calls)
    return desk.teams, work


async def ended(work: asyncio.Task[None]) -> None:
    """Wait until the outbox has ended by itself."""
    async with asyncio.timeout(10):
        await work


async def test_what_is_under_way_at_a_stop_ends_and_is_not_owed_any_more(slow_desk: Desk) -> None:
    await slow_desk.keep(offered(0))
    teams, work = await begun(slow_desk, 1)
    slow_desk.outbox.stop()
    teams.gate.set()
    await ended(work)
    assert len(teams.told) == 1
    assert await slow_desk.store.owed() == 0


async def test_a_card_is_filled_after_a_stop_and_its_word_waits_for_the_start(slow_desk: Desk) -> None:
    await slow_desk.keep(owing_a_card())
    teams, work = await begun(slow_desk, 1)
    slow_desk.outbox.stop()
    teams.gate.set()
    await ended(work)
    assert (len(teams.placeholders), len(teams.updates), len(teams.told)) == (1, 1, 0)
    assert (await slow_desk.case()).phase == "posted"
    again = Desk(slow_desk.store)
    await again.outbox.work_once()
    assert (len(again.teams.placeholders), len(again.teams.updates), len(again.teams.told)) == (0, 0, 1)


async def test_what_waits_its_turn_at_a_stop_is_not_begun(slow_desk: Desk) -> None:
    for n in range(12):
        await slow_desk.keep(owing_a_card(n))
    await slow_desk.store.commit(Write(owed=(Owed("redraw", "0" * 32, {}),)))
    teams, work = await begun(slow_desk, 8)
    slow_desk.outbox.stop()
    teams.gate.set()
    await ended(work)
    assert (len(teams.placeholders), len(teams.updates)) == (8, 8)
    # The cards of four, the second piece of the first case, and word of eight.
    assert await slow_desk.store.owed() == 4 + 1 + 8


async def test_what_takes_too_long_is_cut_off_is_still_owed_and_is_said_once(
    slow_desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.outbox._PATIENCE", 0.01)
    await slow_desk.keep(owing_a_card(0))
    await slow_desk.keep(owing_a_card(1))
    teams, work = await begun(slow_desk, 2)
    slow_desk.outbox.stop()
    await ended(work)
    assert (teams.inside, teams.placeholders) == ([], [])
    assert await slow_desk.store.owed() == 2
    assert [record.message for record in caplog.records] == ["outbox_cut_off"]


async def test_a_stop_does_not_wait_for_a_case_that_rests(
    slow_desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    locks = SharedLocks(1_000)
    monkeypatch.setattr(slow_desk.outbox, "_locks", locks)
    await slow_desk.keep(owing_a_card(0))
    work = asyncio.create_task(slow_desk.outbox.run())
    await left(slow_desk, 1)
    await turns()
    assert locks.theirs < 1_000
    slow_desk.outbox.stop()
    await ended(work)
    assert not caplog.records


# --- the bot ---------------------------------------------------------------------------


async def owing_word(data: Path, teams: HoldingTeams) -> Path:
    """Give a data directory in which Anja is owed a word."""
    store = open_store(data / "weegwijzer.sqlite")
    await owe_word(store, teams)
    await store.close()
    return data


async def still_owed(data: Path) -> int:
    store = open_store(data / "weegwijzer.sqlite")
    owed = await store.owed()
    await store.close()
    return owed


async def test_word_that_teams_took_before_a_stop_is_not_said_again_after_the_start(tmp_path: Path) -> None:
    async with holding_teams() as teams:
        data = await owing_word(tmp_path, teams)
        async with a_process(data, teams) as first:
            await teams.until_taken()
            await first.stop()
            teams.gate.set()
            code, log = await first.ended()
        assert (code, "outbox_cut_off" in log) == (0, False), log
        assert await still_owed(data) == 0
        async with a_process(data, teams) as second:
            await second.listens()
            # A turn after the outbox had its first look.
            await second.room.type(USER, "zaken")
            await second.stop()
            assert (await second.ended())[0] == 0
        assert len(second.room.said(USER)) == 1 + 1


async def test_two_signals_of_one_stop_end_it_well(tmp_path: Path) -> None:
    async with holding_teams() as teams:
        data = await owing_word(tmp_path, teams)
        async with a_process(data, teams) as running:
            await teams.until_taken()
            await running.hears(signal.SIGINT, signal.SIGTERM)
            teams.gate.set()
            code, log = await running.ended()
        assert (code, "stopped_at_once" in log) == (0, False), log
        assert await still_owed(data) == 0


async def test_a_later_signal_ends_at_once_and_what_was_not_answered_is_still_owed(tmp_path: Path) -> None:
    async with holding_teams() as teams:
        data = await owing_word(tmp_path, teams)
        async with a_process(data, teams) as running:
            await teams.until_taken()
            await running.stop()
            await running.end_now()
            code, log = await running.ended()
        assert (code, log.count("stopped_at_once")) == (-signal.SIGTERM, 1), log
        assert await still_owed(data) == 1


async def test_a_turn_that_is_under_way_at_a_stop_is_answered(tmp_path: Path) -> None:
    async with holding_teams() as teams, a_process(tmp_path / "data", teams) as running:
        await running.listens()
        typed = asyncio.create_task(running.room.deliver(running.room.activity(USER, text="nieuw")))
        await teams.until_taken()
        await running.stop()
        teams.gate.set()
        assert (await typed)[0] == 200
        code, log = await running.ended()
        assert code == 0, log
        assert len(running.room.said(USER)) == 1
