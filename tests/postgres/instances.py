"""Several instances of the bot on one database, and people whose activities go to any of them.

The instances share what an administrator gives each of them: the database, the data key and the access file.
"""

import asyncio
import json
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bot.data_key import write_key
from bot.storage.postgres import PostgresStore
from tests.ports import free_port
from tests.stores import open_postgres
from tests.trust.crash.cards import View
from tests.trust.crash.lives import Life, Parent, a_parent, begin
from tests.trust.crash.people import Answer, Person, World
from tests.trust.crash.teams import TENANT, FlakyTeams, flaky_teams

_TIMEOUT = aiohttp.ClientTimeout(total=60)


@dataclass
class Instance:
    """One of several processes of the bot, which can be killed and started again."""

    parent: Parent
    home: Path
    port: int
    env: Mapping[str, str]
    session: aiohttp.ClientSession
    life: Life | None = None
    is_in_use: bool = False

    @property
    def address(self) -> str:
        """Give where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and send it activities once it says to be ready."""
        await self.begin()
        await self.until_ready()
        self.is_in_use = True

    async def begin(self) -> None:
        """Start it, and wait until it listens."""
        self.life = await begin(self.parent, self.home, self.port, env=dict(self.env))
        assert await self.life.is_up(), self.log()

    async def is_ready(self) -> bool:
        """Tell what it says itself of whether it can work; one that says nothing in time cannot."""
        with suppress(TimeoutError):
            async with self.session.get(f"{self.address}/readyz") as answer:
                return answer.status == 200
        return False

    async def until_ready(self, *, is_ready: bool = True) -> None:
        """Wait until it says to be ready, or not to be."""

        async def is_so() -> bool:
            return await self.is_ready() is is_ready

        await until(is_so)

    async def kill(self) -> None:
        """End it in the middle of whatever it does; what was under way to it is answered by nobody."""
        assert self.life is not None
        await self.life.kill()
        self.is_in_use = False

    async def stop(self) -> None:
        """End it as an administrator does."""
        self.is_in_use = False
        assert self.life is not None
        if self.life.is_there():
            self.life.signal(signal.SIGTERM)
        assert await self.life.ended() == {"code": 0}, self.log()

    def log(self) -> str:
        """Give what it said in all its lives."""
        file = self.home / "output.log"
        return file.read_text("utf-8") if file.exists() else ""


# So long nothing new comes before a record is taken as finished.
_QUIET = 2.0


@dataclass
class Office(World):
    """A world in which each activity goes to an instance drawn by chance, as behind a load balancer."""

    instances: list[Instance] = field(default_factory=list)
    people: "list[Caller]" = field(default_factory=list)
    url: str = ""
    key_file: Path = Path()
    # How often the answer was: try again.
    refused: int = 0

    async def deliver(self, body: dict[str, object]) -> Answer:
        """Deliver an activity to one of the instances in use; None when there is none, or it gives no answer."""
        in_use = [one for one in self.instances if one.is_in_use]
        # The one that is asked may be killed meanwhile; where there is none, nobody listens either.
        self.address = self.chance.choice(in_use or self.instances).address
        answer = await super().deliver(body)
        self.refused += answer is not None and answer[0] == 503
        return answer

    async def nothing_owed(self) -> None:
        """Wait until nothing is left to do, whoever does it."""
        async with a_store(self.url, self.key_file) as store:

            async def is_done() -> bool:
                """Tell whether nothing is owed and nothing came meanwhile: turns of people who left are ended, too."""
                before = await store.entries()
                await asyncio.sleep(_QUIET)
                return await store.owed() == 0 and await store.entries() == before

            await until(is_done)

    async def exported(self) -> tuple[dict[str, list[tuple[str, str]]], tuple[object, ...]]:
        """Give every case's heads and bodies by its number, and what the whole check of the store finds."""
        async with a_store(self.url, self.key_file) as store:
            cases = {
                entry.number: [(row.head.decode(), row.body.decode()) for row in await store.load(entry.id)]
                for entry in await store.entries()
            }
            return cases, await store.check()


@asynccontextmanager
async def a_store(url: str, key_file: Path) -> AsyncIterator[PostgresStore]:
    """Open the database beside the instances."""
    store = open_postgres(url, key_file)
    try:
        yield store
    finally:
        await store.close()


async def until(holds: Callable[[], Awaitable[bool]], patience: float = 120) -> None:
    """Wait until something holds; fail loudly when it does not within so many seconds."""
    async with asyncio.timeout(patience):
        while not await holds():  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.02)


@dataclass
class Caller(Person):
    """Someone who waits for their card before going on, and counts those that came."""

    posted: int = 0

    async def step(self) -> None:
        """Do one thing."""
        seen = self.sees().kind
        if self.left is None and seen == "posting" and self.world.chance.random() < 0.9:
            await asyncio.sleep(0.3)
            return
        self.posted += seen == "posted"
        await super().step()

    async def _begin_or_wait(self, seen: View) -> None:
        if seen.kind == "posting":
            await self.type("verder")
        else:
            await super()._begin_or_wait(seen)


@asynccontextmanager
async def an_office(
    folder: Path, url: str, *, instances: int, people: int, chance: random.Random
) -> AsyncIterator[Office]:
    """Hold up a Teams, people, and so many instances on a database, all started at once."""
    ids = {f"user-id-{n}": f"33333333-3333-4333-8333-{n:012}" for n in range(people)}
    env = {
        "WEEGWIJZER_DATABASE_URL": url,
        "WEEGWIJZER_DATA_KEY_FILE": str(_key_in(folder)),
        "WEEGWIJZER_ACCESS_FILE": str(_access_in(folder, list(ids.values()))),
    }
    async with (
        flaky_teams(chance, ids) as teams,
        # Nobody waits for a connection: each person has a Teams of their own.
        aiohttp.ClientSession(timeout=_TIMEOUT, connector=aiohttp.TCPConnector(limit=0)) as session,
        a_parent() as parent,
    ):
        office = _office(teams, session, chance, folder, url)
        office.people = [Caller(office, user) for user in ids]
        office.instances = [
            Instance(parent, _home_in(folder, number), free_port(), env, session) for number in range(instances)
        ]
        yield office


def _office(teams: FlakyTeams, session: aiohttp.ClientSession, chance: random.Random, folder: Path, url: str) -> Office:
    return Office(teams, session, "", chance, url=url, key_file=folder / "data.key")


async def start_all(instances: Sequence[Instance]) -> None:
    """Start instances at once: also the first of them, which find an empty database."""
    await asyncio.gather(*(one.start() for one in instances))


async def stop_all(instances: Sequence[Instance]) -> None:
    """Stop instances as an administrator does."""
    for one in instances:
        await one.stop()


def _home_in(folder: Path, number: int) -> Path:
    home = folder / f"instance-{number}"
    home.mkdir()
    return home


def _key_in(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "data.key"
    write_key(file)
    return file


def _access_in(folder: Path, ids: list[str]) -> Path:
    """Write an access file in which all weigh, and the first decides."""
    people = [
        {
            "id": one,
            "name": f"Naam {number}",
            "function": f"functie {number}",
            "roles": ["assessor", "decider"] if number == 0 else ["assessor"],
            "in_channel": True,
        }
        for number, one in enumerate(ids)
    ]
    file = folder / "access.yaml"
    file.write_text(json.dumps({"tenants": [TENANT], "people": people}, indent=0), "utf-8")
    return file
