"""The load: conversations that go on side by side, at their own speed or at a fixed rate, every reply checked."""

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Any

from benchmarks.connector import Connector
from benchmarks.players import Player, WrongReply
from benchmarks.process import Running
from benchmarks.wire import Client, HungUp

# Kinds of load: as fast as it goes; at a fixed rate, and as people come; with a Connector that takes its time.
CLOSED, FIXED, POISSON, SLOW = "closed", "fixed", "poisson", "slow"
EVERY = (CLOSED, FIXED, POISSON, SLOW)
# About what Teams itself lets through for one app and tenant.
RATE = 50.0
# How long Teams can take for a reply, and how many wait for it at once.
LATENCY, WAITING = 0.15, 64
# Teams itself gives up after 15 seconds.
PATIENCE = 15.0
# What the bot says of itself is no reply: the cards of many wait for each other, and for the Connector.
_WORD_PATIENCE = 8


@dataclass
class Chat:
    """A conversation: who talks, and what came in."""

    player: Player
    inbox: asyncio.Queue[Any]


@dataclass
class Sample:
    """What was measured over some time; latencies in seconds, memory in MiB."""

    turns: int
    seconds: float
    cpu: float
    generator_cpu: float
    connections: int
    rss: float
    latencies: list[float] = field(default_factory=list, repr=False)

    @property
    def rate(self) -> float:
        """Give turns a second."""
        return self.turns / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Give the server's CPU in milliseconds a turn."""
        return self.cpu / self.turns * 1000

    @property
    def core(self) -> float:
        """Give the part of a core that the server used."""
        return self.cpu / self.seconds

    def percentile(self, part: float) -> float:
        """Give a percentile of the latency in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000


class Load:
    """Conversations with one server."""

    def __init__(self, server: Running, teams: Connector, players: list[Player], patience: float = PATIENCE) -> None:
        self._server = server
        self._teams = teams
        self.client = Client(server.port, server.headers)
        chats = [Chat(player, teams.listen_to(f"chat-{player.user}")) for player in players]
        self._ready = deque(chats)
        self._all = chats
        self._word = asyncio.Event()
        self._waiting: set[asyncio.Task[None]] = set()
        self._late: BaseException | None = None
        self._patience = patience

    async def turn(self, begun: float | None = None) -> float:
        """Take a turn with who is ready longest; give how long it took, from the moment that it was meant to begin."""
        chat = await self._next()
        took = await self._turn(chat, perf_counter() if begun is None else begun)
        self._put_back(chat)
        return took

    async def _turn(self, chat: Chat, start: float) -> float:
        if not chat.inbox.empty():
            chat.player.hear_word(chat.inbox.get_nowait())
        body = json.dumps(chat.player.next()).encode()
        try:
            async with asyncio.timeout(self._patience):
                status, answer = await self.client.post("/api/messages", body)
                message = await chat.inbox.get()
        # A time-out is one of the errors of the system.
        except (HungUp, OSError) as error:
            raise WrongReply(f"{chat.player.user}: no reply ({type(error).__name__} {error})") from None
        took = perf_counter() - start
        chat.player.hear(status, answer, message)
        return took

    async def _next(self) -> Chat:
        while not self._ready:
            if self._late:
                raise self._late
            self._word.clear()
            await self._someone()
        return self._ready.popleft()

    async def _someone(self) -> None:
        try:
            async with asyncio.timeout(_WORD_PATIENCE * self._patience):
                await self._word.wait()
        except TimeoutError:
            raise WrongReply("everyone waits for a reply: the server fell too far behind") from None

    def _put_back(self, chat: Chat) -> None:
        if not chat.player.awaits_word:
            self._ready.append(chat)
            self._word.set()
            return
        task = asyncio.create_task(self._await_word(chat))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _await_word(self, chat: Chat) -> None:
        """Wait for what the bot says of itself, and then go on with the conversation."""
        try:
            await self._hear_word(chat)
            self._ready.append(chat)
        except WrongReply as wrong:
            self._late = wrong
        self._word.set()

    async def _hear_word(self, chat: Chat) -> None:
        try:
            async with asyncio.timeout(_WORD_PATIENCE * self._patience):
                chat.player.hear_word(await chat.inbox.get())
        except TimeoutError:
            raise WrongReply(f"{chat.player.user}: word that was promised did not come") from None

    async def settle(self) -> None:
        """Wait for what was promised, and refuse what came and nobody asked for."""
        await asyncio.gather(*self._waiting)
        if self._late:
            raise self._late
        for chat in self._all:
            while not chat.inbox.empty():
                chat.player.hear_word(chat.inbox.get_nowait())
        if self._teams.astray:
            raise WrongReply(f"a reply went to a chat that nobody has: {self._teams.astray[:3]}")
        self.client.close()

    # --- kinds of load -----------------------------------------------------------------

    async def warm_up(self, spread: int = 1, at_once: int = 16) -> None:
        """Bring each conversation to some place of its own, up to so many turns on; nothing of it is measured.

        The first turn of each asks the bot who this is. All in step they would answer the first questions for long.
        """
        chance = random.Random(spread)  # noqa: S311  # how far someone is needs no secret
        left = [(chat, chance.randint(1, spread)) for chat in self._all]
        await _all(self._walk(left) for _ in range(at_once))

    async def _walk(self, left: list[tuple[Chat, int]]) -> None:
        while left:
            chat, turns = left.pop()
            for _ in range(turns):
                await self._step(chat)

    async def _step(self, chat: Chat) -> None:
        await self._turn(chat, perf_counter())
        if chat.player.awaits_word:
            await self._hear_word(chat)

    async def closed(self, seconds: float, at_once: int = 16) -> Sample:
        """Take turns one after the other, so many at once."""
        latencies: list[float] = []
        measure = _Measure(self._server, self._teams)
        end = perf_counter() + seconds
        await _all(self._while(lambda: perf_counter() < end, latencies) for _ in range(at_once))
        return measure.end(latencies)

    async def open(self, rate: float, seconds: float, chance: random.Random | None = None) -> Sample:
        """Begin so many turns a second whatever the server does; with `chance` as people come, at random.

        A latency counts from the moment a turn was meant to begin: waiting for a server that is late is part of it.
        """
        latencies: list[float] = []
        measure = _Measure(self._server, self._teams)
        await _all(self._at(moment, latencies) for moment in _moments(rate, seconds, chance))
        return measure.end(latencies)

    async def _at(self, moment: float, latencies: list[float]) -> None:
        await asyncio.sleep(moment - perf_counter())
        latencies.append(await self.turn(moment))

    async def _while(self, goes_on: Callable[[], bool], latencies: list[float]) -> None:
        while goes_on():
            latencies.append(await self.turn())


def _moments(rate: float, seconds: float, chance: random.Random | None) -> Iterator[float]:
    now = perf_counter()
    end = now + seconds
    while now < end:
        yield now
        now += chance.expovariate(rate) if chance else 1 / rate


class _Measure:
    """What was used since it was made."""

    def __init__(self, server: Running, teams: Connector) -> None:
        self._server, self._teams = server, teams
        self._begun, self._own = perf_counter(), process_time()
        self._cpu, self._connections = server.cpu(), teams.connections

    def end(self, latencies: list[float]) -> Sample:
        """Give the sample."""
        return Sample(
            turns=len(latencies),
            seconds=perf_counter() - self._begun,
            cpu=self._server.cpu() - self._cpu,
            generator_cpu=process_time() - self._own,
            connections=self._teams.connections - self._connections,
            rss=self._server.rss(),
            latencies=latencies,
        )


async def _all(loops: Iterable[Coroutine[Any, Any, Any]]) -> None:
    tasks = [asyncio.ensure_future(one) for one in loops]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
