"""An end to waiting for a server that keeps its connections and says nothing: its disk hangs, or its standby is gone.

The server's own limits do not hold then, nor those of the network, and none of them holds for a commit that waits
for a standby.
"""

import asyncio
import os
import socket
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from threading import Lock, get_ident
from time import monotonic
from typing import TypeVar

import psycopg

T = TypeVar("T")

# Longer than the server's own limit for a statement, shorter than Teams waits for an answer.
_LONGEST = 12.0
_LOOK_EVERY = 1.0


class Patience:
    """Knows which session waits for the server since when, and cuts off what waits too long."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[int, tuple[float, psycopg.Connection]] = {}

    @contextmanager
    def waits(self, connection: psycopg.Connection) -> Iterator[None]:
        """Wait for the server in this thread while the block runs."""
        with self._lock:
            self._waiting[get_ident()] = (monotonic(), connection)
        try:
            yield
        finally:
            with self._lock:
                del self._waiting[get_ident()]

    async def see_through(self, begun: Future[T]) -> T:
        """Give what a job in a thread gives; one whose person does not wait for it any more goes on."""
        under_way = asyncio.wrap_future(begun)
        while not (await asyncio.wait({under_way}, timeout=_LOOK_EVERY))[0]:
            self._cut_off()
        return under_way.result()

    def _cut_off(self) -> None:
        latest = monotonic() - _LONGEST
        # Under the lock: a session that stops waiting now would lose what is not its own any more.
        with self._lock:
            for connection in [one for since, one in self._waiting.values() if since < latest]:
                _hang_up(connection)


def _hang_up(connection: psycopg.Connection) -> None:
    """End the connection under a session: the thread that waits in it hears that the server is gone."""
    # The descriptor is a copy, so that closing it closes nothing of the session's.
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
