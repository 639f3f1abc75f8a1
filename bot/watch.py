"""Looking after the store: everything is checked after the start and then every day; damage is told, not mended.

A damaged case is locked in any case: its chain is checked each time that it is read.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from bot.errors import StoreUnavailable
from bot.locks import Locks

_log = logging.getLogger(__name__)

_EVERY = timedelta(days=1)
_AFTER_TROUBLE = timedelta(minutes=1)


class Finding(Protocol):
    """Something that is not as it was written, in a case (random id) or beside them."""

    @property
    def case(self) -> str | None:
        """Give the random id of the case."""
        ...


class Checked(Protocol):
    """A store that can check itself."""

    async def check(self, *, gently: bool) -> Sequence[Finding]:
        """Give everything that is wrong; gently, beside turns."""
        ...


async def watch(store: Checked, tell_damage: Callable[[int], None], locks: Locks) -> None:
    """Check until cancelled, one instance at a time; the log names damaged cases by their random id."""
    while True:
        pause = await _check_alone(store, tell_damage, locks)
        await asyncio.sleep(pause.total_seconds())


async def _check_alone(store: Checked, tell_damage: Callable[[int], None], locks: Locks) -> timedelta:
    try:
        async with locks.try_hold("check") as is_ours:
            return await _check(store, tell_damage) if is_ours else _EVERY
    except StoreUnavailable:
        _log.error("store_unavailable")
        return _AFTER_TROUBLE


async def _check(store: Checked, tell_damage: Callable[[int], None]) -> timedelta:
    """Check once, and give how long to wait for the next time."""
    found = await store.check(gently=True)
    tell_damage(len(found))
    for finding in found:
        _log.error("damage_found", extra={"case": finding.case} if finding.case else {})
    return _EVERY
