"""Writes of turns that arrive together share one transaction and one fsync; each still has its own outcome."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from bot.errors import StoreUnavailable
from bot.storage.sql import transaction
from bot.store import Write

Pending = tuple[Write, asyncio.Future[None]]


class GroupCommit:
    """Applies writes; a write that is refused leaves the others alone."""

    def __init__(self, db: sqlite3.Connection, apply: Callable[[Write], None]) -> None:
        self._db = db
        self._apply = apply
        self._pending: list[Pending] = []

    async def commit(self, write: Write) -> None:
        """Keep everything and return after it is on disk; raises what the write itself raised."""
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[None] = loop.create_future()
        if not self._pending:
            loop.call_soon(self.flush)
        self._pending.append((write, kept))
        await kept

    def flush(self) -> None:
        """Write what is pending, together when that works and each alone when it does not."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        try:
            outcomes = self._write_together([write for write, _ in pending])
        except Exception:
            # One write that does not fit on the disk must not take the others with it.
            outcomes = [self._write_alone(write) for write, _ in pending]
            self._write_over()
        for (_, kept), outcome in zip(pending, outcomes, strict=True):
            _settle(kept, outcome)

    def _write_alone(self, write: Write) -> Exception | None:
        try:
            return self._write_together([write])[0]
        except Exception as error:
            # Nobody else hears of it, and the turn would wait for ever.
            return error

    def _write_over(self) -> None:
        """Write something harmless where a refused transaction may still stand in the log.

        A failed sync refuses a transaction that is written already: a start right after would take it over.
        """
        with suppress(sqlite3.Error), transaction(self._db):
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            self._db.execute(f"PRAGMA user_version = {version}")

    def _write_together(self, writes: list[Write]) -> list[Exception | None]:
        """Give each write's own refusal, or None; raises StoreUnavailable when nothing at all was kept."""
        with translated(), transaction(self._db):
            return [self._write(write) for write in writes]

    def _write(self, write: Write) -> Exception | None:
        """Do one write in a savepoint of its own, so that its refusal leaves the others alone."""
        self._db.execute("SAVEPOINT one_write")
        refusal = None
        try:
            self._apply(write)
        except sqlite3.Error:
            raise
        except Exception as error:
            # Whatever it is, the turn that caused it hears of it, and no other.
            refusal = error
            self._db.execute("ROLLBACK TO one_write")
        self._db.execute("RELEASE one_write")
        return refusal


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLite's errors into the shell's own, by their name alone: a message could hold content."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        raise StoreUnavailable(f"{name}: make room on the disk" if name == "SQLITE_FULL" else name) from None


def _settle(kept: asyncio.Future[None], outcome: Exception | None) -> None:
    if kept.done():  # the turn was cancelled meanwhile
        return
    if outcome is None:
        kept.set_result(None)
    else:
        kept.set_exception(outcome)
