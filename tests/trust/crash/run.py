"""One run of many short lives, for the suites that look at it from different sides."""

import asyncio
import random
import re
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp

from tests.ports import free_port
from tests.stores import open_store
from tests.trust import report
from tests.trust.crash.lives import Life, Parent, a_parent, begin
from tests.trust.crash.people import Person, World, all_of
from tests.trust.crash.teams import flaky_teams

# The demo's access file: three may weigh, a fourth decides.
PEOPLE = {f"user-id-{n}": f"33333333-3333-4333-8333-33333333333{n}" for n in range(4)}
KILLS = report.figure(300, 10_000)
_OWED = re.compile(r"^weegwijzer_outbox\w* (\d+)", re.MULTILINE)
_LONGEST_LIFE = 10


@dataclass
class Run:
    """What a run left behind."""

    told: list[dict[str, Any]] = field(default_factory=list)
    cases: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    channel: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    kills: int = 0
    failpoints: Counter[str] = field(default_factory=Counter)
    again: int = 0
    faults: int = 0
    sound: tuple[str, ...] = ()


@cache
def the_run() -> Run:
    """Give the run of this session; the first who asks waits for it."""
    with tempfile.TemporaryDirectory(prefix="weegwijzer-kills-") as home:
        return asyncio.run(_run(Path(home), KILLS, random.Random(report.SEED)))


async def _run(home: Path, kills: int, chance: random.Random) -> Run:
    run, port = Run(), free_port()
    async with a_world(port, chance) as world, a_parent() as parent:
        people = [Person(world, user) for user in PEOPLE]
        living = asyncio.create_task(all_of(people, world))
        await _census(parent, home, port, world, living)
        # The second life, because the first one also makes the tables.
        census = await _census(parent, home, port, world, living)
        # A rollback comes by chance, where two things collide, and no life can be made to end there.
        run.failpoints.update({name: 0 for name in census if "PRAGMA" not in name and "ROLLBACK" not in name})
        world.teams.rate = 0.14
        for number in range(kills):
            at = _failpoint(run.failpoints, census, chance) if number % 2 else None
            await _one_life(await begin(parent, home, port, at=at), world, at)
            run.kills += 1
            _note_failpoint(run, home)
        living.cancel()
        await living
        world.teams.rate = 0.0
        await in_peace(await begin(parent, home, port), world)
        run.told, run.again = [asdict(one) for one in world.history], world.again
        run.channel, run.faults = world.teams.channel, world.teams.failed
    run.cases, run.sound = await exported(home)
    return run


def _failpoint(hit: Counter[str], census: Mapping[str, int], chance: random.Random) -> list[Any]:
    """Give a failpoint where the fewest lives ended, and at which passing of it the next one ends."""
    fewest = min(hit.values())
    name = chance.choice([name for name, count in hit.items() if count == fewest])
    return [name, 1 if census[name] < 20 else chance.randint(1, 6)]


def _note_failpoint(run: Run, home: Path) -> None:
    with suppress(OSError):
        name = (home / "passed").read_text("utf-8")
        # It is empty where the other signal came while it was being written.
        run.failpoints.update([name] if name else [])
        (home / "passed").unlink()


@asynccontextmanager
async def a_world(port: int, chance: random.Random) -> AsyncIterator[World]:
    """Hold up a Teams and the people's way to the bot."""
    timeout = aiohttp.ClientTimeout(total=20)
    async with flaky_teams(chance, PEOPLE) as teams, aiohttp.ClientSession(timeout=timeout) as session:
        yield World(teams, session, f"http://127.0.0.1:{port}", chance)


async def _census(parent: Parent, home: Path, port: int, world: World, living: asyncio.Task[None]) -> dict[str, int]:
    """Live once in peace until a card of each kind was posted, and give every failpoint that was passed."""
    before = len(world.teams.channel)
    life = await begin(parent, home, port)
    assert await life.is_up()
    world.up.set()
    await until(lambda: len(world.teams.channel) >= before + 3 or living.done())
    world.up.clear()
    return await life.stop()


async def _one_life(life: Life, world: World, at: Any) -> None:
    """Let the bot live until its failpoint or for a random while, and kill it."""
    chance = world.chance
    if at is None and chance.random() < 0.15:
        await asyncio.sleep(chance.uniform(0, 0.06))
    elif await life.is_up():
        world.up.set()
        # Counted in deliveries, so that a slow machine tries as much as a fast one.
        last = world.delivered + (_LONGEST_LIFE * 3 if at else chance.randint(0, _LONGEST_LIFE))
        await until(lambda: world.delivered >= last or not life.is_there())
        await asyncio.sleep(chance.uniform(0, 0.01))
    world.up.clear()
    with suppress(ProcessLookupError):
        life.signal(signal.SIGKILL)
    assert await life.ended() == {"code": -signal.SIGKILL}


async def in_peace(life: Life, world: World) -> None:
    """Let the outbox finish."""
    assert await life.is_up()
    await nothing_owed(world)
    await life.stop()


async def nothing_owed(world: World) -> None:
    """Wait until the bot says that nothing is left to do."""
    left = await owed(world)
    async with asyncio.timeout(60):
        while left:
            await asyncio.sleep(0.05)
            left = await owed(world)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail loudly when it never does."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a process has no event to wait for
            await asyncio.sleep(0.002)


async def owed(world: World) -> int:
    """Give how much work the bot says to owe still."""
    async with world.session.get(f"{world.address}/metrics") as answer:
        found = _OWED.search(await answer.text())
    assert found
    return int(float(found.group(1)))


async def exported(home: Path) -> tuple[dict[str, list[tuple[str, str]]], tuple[str, ...]]:
    """Give every case's heads and bodies by its number, and what the whole check of the store finds."""
    store = open_store(home / "data" / "weegwijzer.sqlite")
    try:
        cases = {
            entry.number: [(row.head.decode(), row.body.decode()) for row in await store.load(entry.id)]
            for entry in await store.entries()
        }
        return cases, await store.check()
    finally:
        await store.close()
