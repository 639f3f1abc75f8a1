"""The store in one SQLite file: the default, for one process.

The calls run on the event loop's own thread: a commit takes less than a millisecond, and SQLite is
faster from one thread than handed to another.
"""

import asyncio
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.errors import StoreUnavailable
from bot.ports import CaseEntry, Chat, ChatReference, Handle, Owed, RegisterEntry, Seat, Write
from bot.storage.checking import findings
from bot.storage.opening import open_database
from bot.storage.register import read_register
from bot.storage.writes import apply, digest_of, keep_progress
from state.codec import Row, to_moment

_CASE = "SELECT id, number, tenant, phase, holder, offered_to, opened_at, version FROM cases"
_LONG_AGO = datetime.fromtimestamp(0, UTC)

Pending = tuple[Write, asyncio.Future[None]]


class SqliteStore:
    """Cases in one SQLite file that no other process can open meanwhile (`bot.ports.Store`)."""

    def __init__(self, path: Path) -> None:
        self._db = open_database(path)
        self._pending: list[Pending] = []

    async def seat(self, person: str, conversation: str, inbox: str, handle: str | None) -> Seat:
        """Give what is known before a turn; a handle of another person or conversation is unknown."""
        with _translated():
            seen = self._db.execute("SELECT 1 FROM inbox WHERE key = ?", (inbox,)).fetchone()
            found = self._handle(person, conversation, handle) if handle is not None else None
            return Seat(seen is not None, found, self._chat(person))

    async def commit(self, write: Write) -> None:
        """Keep everything and return after it is on disk; raises TranscriptConflict or NumberTaken.

        Writes that come in the same tick of the event loop share one transaction and one fsync.
        """
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[None] = loop.create_future()
        if not self._pending:
            loop.call_soon(self._flush)
        self._pending.append((write, kept))
        await kept

    async def load(self, case: str) -> tuple[Row, ...]:
        """Give the rows of a case in order; empty when there is no such case."""
        with _translated():
            rows = self._db.execute("SELECT seq, head, body FROM event WHERE case_id = ? ORDER BY seq", (case,))
            return tuple(Row(*row) for row in rows)

    async def entry(self, number_or_id: str) -> CaseEntry | None:
        """Give the entry of a case by its number or its random id."""
        with _translated():
            where = (number_or_id, number_or_id)
            row = self._db.execute(f"{_CASE} WHERE number = ? OR id = ?", where).fetchone()
            return _to_entry(row) if row else None

    async def entries(self, person: str | None = None) -> tuple[CaseEntry, ...]:
        """Give all entries, or those that a person holds or is offered; oldest first."""
        with _translated():
            if person is None:
                rows = self._db.execute(f"{_CASE} ORDER BY opened_at, rowid")
            else:
                where = f"{_CASE} WHERE holder = ? OR offered_to = ? ORDER BY opened_at, rowid"
                rows = self._db.execute(where, (person, person))
            return tuple(_to_entry(row) for row in rows)

    async def chat_of(self, person: str) -> Chat | None:
        """Give a person's private chat, when there was one."""
        with _translated():
            return self._chat(person)

    async def due(self, now: datetime) -> tuple[Owed, ...]:
        """Give the owed work whose time has come, oldest first."""
        with _translated():
            rows = self._db.execute(
                "SELECT kind, case_id, body, id, progress, attempts, not_before FROM outbox"
                " WHERE not_before IS NULL OR not_before <= ? ORDER BY id",
                (to_moment(now),),
            )
            return tuple(_to_owed(*row) for row in rows)

    async def keep_progress(self, owed: Owed) -> None:
        """Keep the progress of owed work, on disk when it returns."""
        with _translated(), self._transaction():
            keep_progress(self._db, owed)

    async def put_off(self, owed: int, attempts: int, not_before: datetime) -> None:
        """Try owed work again later; its progress stays."""
        with _translated():
            self._db.execute(
                "UPDATE outbox SET attempts = ?, not_before = ? WHERE id = ?",
                (attempts, to_moment(not_before), owed),
            )

    async def card_place(self, case: str) -> Mapping[str, Any] | None:
        """Give the `posted` progress of the case's latest card, also when that work is done."""
        with _translated():
            row = self._db.execute("SELECT place FROM card WHERE case_id = ?", (case,)).fetchone()
            return json.loads(row[0]) if row else None

    async def next_due(self) -> datetime | None:
        """Give when the next owed work comes (long ago: now), or None when nothing is owed."""
        with _translated():
            owed, waiting, earliest = self._db.execute(
                "SELECT count(*), count(not_before), min(not_before) FROM outbox"
            ).fetchone()
        if not owed:
            return None
        return _to_datetime(earliest) if owed == waiting else _LONG_AGO

    async def owed(self) -> int:
        """Give how much owed work is not done."""
        with _translated():
            (count,) = self._db.execute("SELECT count(*) FROM outbox").fetchone()
            return int(count)

    async def register(self) -> tuple[RegisterEntry, ...]:
        """Give the whole register, oldest first; raises TranscriptDamaged when its chain is broken."""
        with _translated():
            rows = self._db.execute("SELECT seq, head, body FROM register ORDER BY seq")
            return read_register([Row(*row) for row in rows])

    async def check(self) -> tuple[str, ...]:
        """Give everything that is wrong with the whole file, without content; takes 0.1 ms per event."""
        with _translated():
            return tuple(findings(self._db))

    async def close(self) -> None:
        """Close; everything committed is on disk."""
        self._flush()
        with _translated():
            self._db.close()

    # --- writing -----------------------------------------------------------------------

    def _flush(self) -> None:
        """Write what is pending, together when that works and each alone when it does not."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        try:
            outcomes = self._write_together([write for write, _ in pending])
        except StoreUnavailable:
            # One write that does not fit on the disk must not take the others with it.
            outcomes = [self._write_alone(write) for write, _ in pending]
        for (_, kept), outcome in zip(pending, outcomes, strict=True):
            _settle(kept, outcome)

    def _write_alone(self, write: Write) -> Exception | None:
        try:
            return self._write_together([write])[0]
        except StoreUnavailable as error:
            return error

    def _write_together(self, writes: list[Write]) -> list[Exception | None]:
        """Give each write's own refusal, or None; raises StoreUnavailable when nothing at all was kept."""
        with _translated(), self._transaction():
            return [self._write(write) for write in writes]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # SQLite may have rolled back by itself, as it does on a full disk.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _write(self, write: Write) -> Exception | None:
        """Do one write in a savepoint of its own, so that its refusal leaves the others alone."""
        self._db.execute("SAVEPOINT one_write")
        refusal = None
        try:
            apply(self._db, write)
        except sqlite3.Error:
            raise
        except Exception as error:
            # Whatever it is, the turn that caused it hears of it, and no other.
            refusal = error
            self._db.execute("ROLLBACK TO one_write")
        self._db.execute("RELEASE one_write")
        return refusal

    # --- reading -----------------------------------------------------------------------

    def _handle(self, person: str, conversation: str, handle: str) -> Handle | None:
        row = self._db.execute(
            "SELECT context, case_id, used FROM handle WHERE digest = ? AND person = ? AND conversation = ?",
            (digest_of(handle), person, conversation),
        ).fetchone()
        return Handle(handle, person, conversation, row[0], row[1], bool(row[2])) if row else None

    def _chat(self, person: str) -> Chat | None:
        row = self._db.execute(
            "SELECT service_url, conversation, user_id, bot_id, tenant, active_case, language, shown"
            " FROM chat WHERE person = ?",
            (person,),
        ).fetchone()
        return Chat(person, ChatReference(*row[:5]), *row[5:]) if row else None


@contextmanager
def _translated() -> Iterator[None]:
    """Turn SQLite's errors into the shell's own, by their name alone: a message could hold content."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreUnavailable(getattr(error, "sqlite_errorname", type(error).__name__)) from None


def _settle(kept: asyncio.Future[None], outcome: Exception | None) -> None:
    if kept.done():  # the turn was cancelled meanwhile
        return
    if outcome is None:
        kept.set_result(None)
    else:
        kept.set_exception(outcome)


def _to_entry(row: tuple[Any, ...]) -> CaseEntry:
    entry = CaseEntry(*row)
    return replace(entry, opened_at=_to_datetime(row[6]))


def _to_owed(
    kind: str, case: str, body: bytes, owed: int, progress: bytes, attempts: int, not_before: str | None
) -> Owed:
    moment = _to_datetime(not_before) if not_before else None
    return Owed(kind, case, json.loads(body), owed, json.loads(progress), attempts, moment)


def _to_datetime(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
