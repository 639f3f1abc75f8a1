"""A Teams that takes its time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.ports import ChatReference, PostedActivity
from dialogs.values import Outgoing
from tests.bot.desk import FakeTeams, words

Pass = Callable[[str], bool]


@dataclass
class SlowTeams(FakeTeams):
    """A Teams that takes as long as it is told to, and remembers how many calls it had at once."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    passes: Pass = lambda _: False
    begun: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    most: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def _slowly(self, what: str) -> None:
        self.begun.append(what)
        self.inside.append(what)
        self.most = max(self.most, len(self.inside))
        await self._tell()
        try:
            if not self.passes(what):
                await self.gate.wait()
            # Whoever could come between comes now.
            await turns()
        finally:
            self.inside.remove(what)
        await self._tell()

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds after a call began or ended; fail loudly when it never does."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(holds)

    async def post_in_channel(self, outgoing: Outgoing, like: ChatReference) -> PostedActivity:
        await self._slowly(words(outgoing))
        return await super().post_in_channel(outgoing, like)

    async def update(self, posted: PostedActivity, outgoing: Outgoing) -> None:
        await self._slowly(words(outgoing))
        await super().update(posted, outgoing)

    async def send_to(self, chat: ChatReference, outgoing: Outgoing) -> None:
        await self._slowly(words(outgoing))
        await super().send_to(chat, outgoing)
        await self._tell()


async def turns(count: int = 50) -> None:
    """Let everything else go on for a while."""
    for _ in range(count):
        await asyncio.sleep(0)
