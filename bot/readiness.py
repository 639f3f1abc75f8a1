"""Whether a turn could be kept now: tried with a write, since reading goes well where nothing can be kept.

So it is on a full disk, on one that was mounted for reading alone, and at a server whose standby is gone.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from bot.errors import StoreUnavailable

# Whoever asks often makes no more writes of it.
_AT_MOST_EVERY = 1.0
# Who waits for a standby waits for ever. Orchestrators ask again after seconds.
_LONGEST = 2.0


class Readiness:
    """Tries whether something can be kept, one try at a time; a try that takes long says no, and goes on."""

    def __init__(self, try_keeping: Callable[[], Awaitable[None]]) -> None:
        self._try_keeping = try_keeping
        self._trial: asyncio.Task[bool] | None = None
        self._until = 0.0

    async def is_ready(self) -> bool:
        """Tell whether a turn could be kept, a second ago at most."""
        if self._trial is None or (self._trial.done() and monotonic() >= self._until):
            self._trial = asyncio.create_task(self._try())
        trial = self._trial
        done, _ = await asyncio.wait({trial}, timeout=_LONGEST)
        return trial.result() if done else False

    async def _try(self) -> bool:
        try:
            await self._try_keeping()
        except StoreUnavailable:
            return False
        finally:
            self._until = monotonic() + _AT_MOST_EVERY
        return True

    async def close(self) -> None:
        """Wait until nothing is tried any more: the store is closed after it."""
        if self._trial is not None:
            await asyncio.wait({self._trial})
