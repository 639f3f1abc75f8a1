"""The database goes away: the primary is killed and its standby promoted, or it cannot be reached for a while."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.postgres import figures
from tests.postgres.instances import Office, an_office, start_all, stop_all, until
from tests.postgres.pairs import Pair, a_pair
from tests.postgres.servers import OWNER, Server, a_server
from tests.trust import report
from tests.trust.crash.checker import Findings, check
from tests.trust.crash.people import OK, all_of

INSTANCES = 2
PEOPLE = report.figure(20, 100)
FAILOVERS = report.figure(1, 20)
_LOAD = 8


@asynccontextmanager
async def living(office: Office) -> AsyncIterator[None]:
    """Let everyone live while the block runs, and end what is owed after it."""
    office.up.set()
    living = asyncio.create_task(all_of([*office.people], office))
    try:
        yield
    finally:
        living.cancel()
        await living
    await office.nothing_owed()


async def until_everyone_went_on(office: Office, by: int = _LOAD) -> None:
    """Wait until so many more answers for each person were acknowledged."""
    enough = acknowledged(office) + by * len(office.people)

    async def is_so() -> bool:
        return acknowledged(office) >= enough

    await until(is_so)


def acknowledged(office: Office, since: int = 0) -> int:
    """Count what was acknowledged and begun since a moment: word of what was kept before can still be on its way."""
    return sum(one.outcome == OK and one.begun > since for one in office.history)


async def until_all(office: Office, *, are_ready: bool) -> None:
    await asyncio.gather(*(one.until_ready(is_ready=are_ready) for one in office.instances))


async def checked(office: Office) -> Findings:
    """Give what a comparison of what people were told with the whole record finds."""
    cases, sound = await office.exported()
    assert sound == ()
    found = check([asdict(one) for one in office.history], cases, office.teams.channel)
    assert found.all == []
    return found


async def in_thread(deed: Callable[[], None]) -> None:
    """Do something to a server while everyone goes on."""
    await asyncio.to_thread(deed)


async def fail_over(office: Office, pair: Pair) -> None:
    """Kill the primary under load and promote the standby; nobody does anything to the bot."""
    lives = [one.life for one in office.instances]
    async with living(office):
        await until_everyone_went_on(office)
        await in_thread(pair.primary.kill)
        await until_all(office, are_ready=False)
        gone = next(office.moments)
        await asyncio.sleep(office.chance.uniform(0, 2))
        # Without a database nobody is told that something was kept.
        assert acknowledged(office, since=gone) == 0
        await in_thread(pair.standby.promote)
        await until_all(office, are_ready=True)
        await until_everyone_went_on(office)
    assert [one.life for one in office.instances] == lives


async def with_a_pair(folder: Path, what: Callable[[Office, Pair], Awaitable[None]], number: int = 0) -> Findings:
    """Do something to two new servers beneath an office, and give what is found after it."""
    chance = random.Random(report.SEED + number)
    with a_pair() as pair:
        url = pair.new_database()
        async with an_office(folder, url, instances=INSTANCES, people=PEOPLE, chance=chance) as office:
            await start_all(office.instances)
            await what(office, pair)
            await stop_all(office.instances)
            return await checked(office)


async def test_after_a_failover_nothing_acknowledged_is_lost_and_the_bot_follows_by_itself(tmp_path: Path) -> None:
    found = [await with_a_pair(tmp_path / str(number), fail_over, number) for number in range(FAILOVERS)]
    answers = sum(one.acknowledged for one in found)
    assert answers > FAILOVERS * PEOPLE * _LOAD
    figures.say(
        f"{FAILOVERS} failovers under load, {INSTANCES} instances, {PEOPLE} people: {answers} acknowledged answers:"
        " 0 lost, 0 doubled, 0 untrue; not ready in between, and ready again by themselves"
    )


async def lose_the_standby(office: Office, pair: Pair) -> None:
    """Kill the standby under load, for which every commit waits, and start it again."""
    async with living(office):
        await until_everyone_went_on(office)
        await in_thread(pair.standby.kill)
        await until_refused(office)
        gone = next(office.moments)
        await until_refused(office)
        await until_all(office, are_ready=False)
        assert acknowledged(office, since=gone) == 0
        await in_thread(pair.standby.start)
        await until_all(office, are_ready=True)
        await until_everyone_went_on(office)


async def test_while_the_standby_is_gone_nobody_is_told_that_something_was_kept(tmp_path: Path) -> None:
    found = await with_a_pair(tmp_path, lose_the_standby)
    assert found.acknowledged > 5 * PEOPLE


async def test_sessions_that_break_under_load_lose_and_double_nothing(server: Server, tmp_path: Path) -> None:
    breaks = report.figure(10, 200)
    async with a_checked_office(tmp_path, server, instances=INSTANCES) as office, living(office):
        await start_all(office.instances)
        for _ in range(breaks):
            await until_everyone_went_on(office, 1)
            await in_thread(lambda: cut_off(server))
        await until_everyone_went_on(office)
    figures.say(f"every session cut off {breaks} times under load, those with locks too: 0 lost, 0 doubled")


def cut_off(server: Server) -> None:
    """End every session of the bot, whatever it does: locks that it held are free."""
    server.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{OWNER}'")


async def until_refused(office: Office) -> None:
    """Wait until so many more deliveries as there are people were answered with: try again."""
    enough = office.refused + len(office.people)

    async def is_so() -> bool:
        return office.refused >= enough

    await until(is_so)


# --- it cannot be reached --------------------------------------------------------------


@asynccontextmanager
async def a_checked_office(folder: Path, server: Server, *, instances: int) -> AsyncIterator[Office]:
    """Hold up an office while the block runs, and look after it at everything that was told."""
    chance = random.Random(report.SEED)
    url = server.new_database()
    async with an_office(folder, url, instances=instances, people=PEOPLE, chance=chance) as office:
        yield office
        await stop_all(office.instances)
        found = await checked(office)
        assert found.acknowledged > 5 * PEOPLE


@pytest.fixture
def server() -> Iterator[Server]:
    """Give a server of this test alone, which may do to it what it likes."""
    with a_server() as server:
        yield server


async def test_an_instance_that_starts_without_the_database_says_so_and_works_once_it_is_there(
    server: Server, tmp_path: Path
) -> None:
    async with a_checked_office(tmp_path, server, instances=1) as office:
        [one] = office.instances
        server.stop()
        await one.begin()
        assert not await one.is_ready()
        assert "store_unavailable" in one.log()
        assert server.password not in one.log()
        one.is_in_use = True
        for caller in office.people:
            await caller.type("nieuw")
        assert office.teams.channel == {}
        server.start()
        await one.until_ready()
        async with living(office):
            await until_everyone_went_on(office)


async def go_away_and_come_back(office: Office, gone: Callable[[], None], back: Callable[[], None]) -> None:
    """Take the database away under load, and give it back once every instance says that it cannot work."""
    await until_everyone_went_on(office)
    await in_thread(gone)
    try:
        await until_all(office, are_ready=False)
    finally:
        await in_thread(back)
    await until_all(office, are_ready=True)
    await until_everyone_went_on(office)


async def test_a_database_that_is_killed_or_stopped_and_comes_back_is_told_of_truly(
    server: Server, tmp_path: Path
) -> None:
    async with a_checked_office(tmp_path, server, instances=INSTANCES) as office:
        await start_all(office.instances)
        async with living(office):
            await go_away_and_come_back(office, server.kill, server.start)
            await go_away_and_come_back(office, server.stop, server.start)


async def test_a_database_that_falls_silent_is_told_of_truly(server: Server, tmp_path: Path) -> None:
    async with a_checked_office(tmp_path, server, instances=INSTANCES) as office:
        await start_all(office.instances)
        async with living(office):
            # Connections stay, and nothing comes over them: as when a disk hangs.
            await go_away_and_come_back(office, server.freeze, server.thaw)
