"""The real program in a process of its own, beside a Teams that takes what is said and holds its answer back."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.ports import ChatReference
from bot.storage.tables import TableStore
from bot.store import Chat, Owed, Write
from tests.bot.desk import ANJA, Desk
from tests.bot.fakes_teams import FakeTeams, listening
from tests.bot.room import BOT, PEOPLE, TENANT, Room, seat_everyone
from tests.bot.test_outbox import opened
from tests.ports import free_port

USER = next(user for user, person in PEOPLE.items() if person == ANJA.id)
_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 60


@dataclass
class HoldingTeams(FakeTeams):
    """A Teams that takes what is said in a chat, and says so when it is told to."""

    taken: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        answer = await super()._take(request)
        if request.path.endswith("/activities"):
            self.taken.set()
            await self.gate.wait()
        return answer

    async def until_taken(self) -> None:
        """Wait until something was said; fail loudly when nothing is."""
        async with asyncio.timeout(_PATIENCE):
            await self.taken.wait()


@asynccontextmanager
async def holding_teams() -> AsyncIterator[HoldingTeams]:
    """Serve a Teams with everyone in it while the block runs."""
    teams = HoldingTeams()
    seat_everyone(teams)
    async with listening(teams.application()) as teams.url:
        yield teams


@dataclass
class Program:
    """The running program, and the room around it."""

    process: asyncio.subprocess.Process
    room: Room
    port: int

    async def listens(self, *, is_so: bool = True) -> None:
        """Wait until anyone can come in, or nobody."""
        async with asyncio.timeout(_PATIENCE):
            while await self._is_open() is not is_so:  # noqa: ASYNC110 - another process has no event to wait for
                await asyncio.sleep(0.01)

    async def _is_open(self) -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            return True
        return False

    async def stop(self) -> None:
        """Ask it to end once it listens, and wait until it heard that."""
        await self.listens()
        await self.hears(signal.SIGTERM)

    async def hears(self, *signals: signal.Signals) -> None:
        """Send it signals, one at once after the other, and wait until nobody can come in any more."""
        for one in signals:
            self.process.send_signal(one)
        await self.listens(is_so=False)

    async def end_now(self) -> None:
        """Ask it to end until it did."""
        with suppress(ProcessLookupError):
            while self.process.returncode is None:
                self.process.send_signal(signal.SIGTERM)
                await asyncio.sleep(0.1)

    async def ended(self) -> tuple[int | None, str]:
        """Wait until it ended; give how, and its log."""
        async with asyncio.timeout(_PATIENCE):
            _, log = await self.process.communicate()
        return self.process.returncode, log.decode()


@asynccontextmanager
async def a_process(data: Path, teams: FakeTeams, **more: str) -> AsyncIterator[Program]:
    """Run the bot while the block runs; `more` are settings."""
    port = free_port()
    env = {"WEEGWIJZER_MODE": "local", "WEEGWIJZER_DATA_DIR": str(data), "PORT": str(port), **more}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve"), cwd=_ROOT, env=env, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with aiohttp.ClientSession() as session:
            yield Program(process, Room(teams, f"http://127.0.0.1:{port}", session), port)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def owe_word(store: TableStore, teams: FakeTeams) -> None:
    """Keep a case of Anja, and owe her word of it."""
    await Desk(store).keep(opened())
    case, chat = opened().case.id, ChatReference(teams.url, f"chat-{USER}", USER, BOT, TENANT)
    word = Owed("tell", case, {"to": ANJA.id, "by": ANJA.id})
    await store.commit(Write(chat=Chat(ANJA.id, chat, case), owed=(word,)))
