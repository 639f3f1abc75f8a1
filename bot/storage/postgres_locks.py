"""Locks that the instances on one database share: PostgreSQL's advisory ones, which end with the session.

An instance that is killed holds nothing any more at that moment; a lease would have to run out first. They spare
turns a conflict. What keeps a case whole is the version that every commit is checked against.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from hashlib import sha256
from time import monotonic
from typing import Any

import psycopg

from bot.errors import StoreUnavailable, StoreUncertain
from bot.locks import Locks
from bot.storage.postgres_patience import Patience
from bot.storage.postgres_sessions import BROKEN, LET_BE, PATIENCE, options, translated

# A turn is answered within Teams' 15 seconds.
_LONGEST_WAIT = 8.0
_TRY = "SELECT pg_try_advisory_lock(%s)"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.004, 0.05


class PostgresLocks(Locks):
    """Locks by key: first among the turns of this instance, then among instances."""

    def __init__(self, url: str, schema: str) -> None:
        super().__init__()
        self._url = url
        self._schema = schema
        self._session: psycopg.Connection | None = None
        self._patience = Patience()
        self._not_before = 0.0
        # One session holds them all, and is asked one thing at a time.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="locks")

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Hold the lock of `key` while the block runs; raises StoreUnavailable when it cannot be had."""
        async with super().hold(key):
            await self._wait_for(key)
            try:
                yield
            finally:
                await self._release(key)

    @asynccontextmanager
    async def try_hold(self, key: str) -> AsyncIterator[bool]:
        """Hold the lock of `key` while the block runs when nobody else does; tell whether it is held."""
        async with super().hold(key), AsyncExitStack() as stack:
            is_held = await self._ask(_TRY, key)
            if is_held:
                stack.push_async_callback(self._release, key)
            yield is_held

    async def _wait_for(self, key: str) -> None:
        end, pause = monotonic() + _LONGEST_WAIT, _FIRST_PAUSE
        while not await self._ask(_TRY, key):
            if monotonic() > end:
                raise StoreUncertain("another instance does not end a turn")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _release(self, key: str) -> None:
        # With its session the lock has ended, too.
        with suppress(StoreUnavailable):
            await asyncio.shield(self._ask("SELECT pg_advisory_unlock(%s)", key))

    async def _ask(self, question: str, key: str) -> bool:
        return await self._patience.see_through(self._thread.submit(self._ask_now, question, key))

    def _ask_now(self, question: str, key: str) -> bool:
        if monotonic() < self._not_before:
            raise StoreUncertain("the server could not be reached a moment ago")
        with translated():
            return self._once_more(lambda: self._answer(question, key))

    def _once_more(self, ask: Callable[[], bool]) -> bool:
        try:
            return ask()
        except BROKEN:
            # The session broke: whoever held something in it holds nothing, and a new one is free to ask.
            self._drop()
        try:
            return ask()
        except BROKEN:
            self._not_before = monotonic() + LET_BE
            raise

    def _answer(self, question: str, key: str) -> bool:
        if self._session is None:
            told: dict[str, Any] = {"options": options(self._schema), **PATIENCE}
            self._session = psycopg.connect(self._url, autocommit=True, **told)
        with self._patience.waits(self._session):
            row = self._session.execute(question.encode(), (self._number(key),)).fetchone()
        return bool(row and row[0])

    def _number(self, key: str) -> int:
        digest = sha256(f"{self._schema}\n{key}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    async def close(self) -> None:
        """Let go of everything."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
        self._thread.shutdown()
