"""The store in one SQLite file: the default, for one process.

The calls run on the event loop's own thread: a commit takes less than a millisecond, and SQLite is
faster from one thread than handed to another.
"""

import logging
import sqlite3
from collections.abc import Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bot.errors import SettingsError, StoreUnavailable, TranscriptConflict
from bot.storage.checking import Finding, check_belongs, steps
from bot.storage.committing import GroupCommit, translated
from bot.storage.kept import end_destructions
from bot.storage.keyring import Keyring
from bot.storage.opening import Connect, Form, connect, form_problems, leave_nothing_behind, make_new, open_database
from bot.storage.records import Records
from bot.storage.register import KEEP_META
from bot.storage.schema import APPLICATION_ID, SCHEMA, VERSION
from bot.storage.sql import Db, transaction
from bot.storage.tables import Job, T, TableStore
from bot.storage.upgrading import upgrades
from bot.storage.writes import Writer
from bot.store import RegisterEntry, Write
from state.errors import TranscriptDamaged
from state.keeping import Certificate

_log = logging.getLogger(__name__)

_UNCLEAN = "unclean"


class SqliteStore(TableStore):
    """Cases in one SQLite file that no other process can open meanwhile (`bot.store.Store`).

    Nothing of a case or a person can be read from the file without the keyring, which it closes with itself.
    """

    def __init__(self, path: Path, keyring: Keyring, connect: Connect = connect) -> None:
        self.keyring = keyring
        self._form = Form(APPLICATION_ID, SCHEMA, VERSION, upgrades(keyring), partial(_check_start, keyring))
        try:
            self._db = open_database(path, self._form, connect)
        except SettingsError:
            keyring.close()
            raise
        writer = Writer(self._db, keyring)
        self._records = Records(self._db, keyring, writer)
        self._commits = GroupCommit(self._db, writer.apply)

    async def commit(self, write: Write) -> None:
        """Keep everything and return after it is on disk; raises TranscriptConflict or NumberTaken.

        Writes that come in the same tick of the event loop share one transaction and one fsync.
        """
        await self._commits.commit(write)

    async def _read(self, job: Job[T]) -> T:
        with translated():
            return job(self._records)

    async def _change(self, job: Job[T]) -> T:
        with translated(), transaction(self._db):
            return job(self._records)

    async def _use(self, job: Job[T]) -> T:
        with translated():
            return job(self._records)

    async def destroy(self, certificate: Certificate, version: int, register: Sequence[RegisterEntry]) -> None:
        """Discard the case's key and all its rows, and keep the certificate and the register's entries."""
        await self._erase(super().destroy(certificate, version, register))

    async def discard(self, case: str, register: Sequence[RegisterEntry]) -> None:
        """Delete all rows of a practice case, and its key; raises TranscriptConflict where it is none."""
        await self._erase(super().discard(case, register))

    async def _erase(self, erasure: Coroutine[Any, Any, None]) -> None:
        """Erase something, and make the file clean of it; a crash in between is noticed at the start by the mark."""
        await self._change(_mark)
        try:
            await erasure
        except (TranscriptConflict, TranscriptDamaged):
            # Nothing was erased.
            await self._change(lambda records: _unmark(self._db))
            raise
        await self._use(lambda records: _make_clean(self._db))

    async def check(self, *, gently: bool = False) -> tuple[Finding, ...]:
        """Give everything that is wrong with the whole file, without content; takes 0.1 ms per event.

        Done gently every row is read beside turns, and SQLite is not asked about the file as such.
        """
        problems = partial(form_problems, self._db, self._form, whole=not gently)
        walk = partial(steps, problems=problems, whole=not gently)
        walked = self._in_steps(lambda records: walk(records.db, records.keyring), gently=gently)
        return tuple([finding async for step in walked for finding in step])

    async def backup(self, path: Path) -> None:
        """Write a copy of the database, without its keys, to a new file; raises SettingsError."""
        make_new(path)
        self._copy_to(path)

    def _copy_to(self, path: Path) -> None:
        try:
            with translated():
                # One transaction of its own: what is committed meanwhile is in it or is not.
                self._db.execute("VACUUM INTO ?", (str(path),))
        except StoreUnavailable as failure:
            # Half a copy must not pass for one.
            path.unlink()
            raise StoreUnavailable(f"{path} cannot be written ({failure})") from None

    async def close(self) -> None:
        """Close; everything committed is on disk."""
        self._commits.flush()
        with translated():
            self._db.close()
            self.keyring.close()


def _check_start(keyring: Keyring, db: Db) -> None:
    """Bind a new file to its keys, and end destructions that a crash interrupted."""
    check_belongs(keyring.sealer, db)
    is_marked = db.execute("SELECT 1 FROM meta WHERE name = ?", (_UNCLEAN,)).fetchone() is not None
    if not end_destructions(db, keyring) and not is_marked:
        return
    try:
        # The crash may have come before the keys' own file was clean.
        keyring.leave_nothing_behind()
        _make_clean(db)
    except sqlite3.OperationalError as error:
        # It needs as much room again as the file takes. The mark stays, and people are answered.
        _log.error("not_made_clean", extra={"reason": getattr(error, "sqlite_errorname", "")})


def _mark(records: Records) -> None:
    records.db.execute(KEEP_META, (_UNCLEAN, records.sealer.seal(("meta", _UNCLEAN), VERSION)))


def _unmark(db: Db) -> None:
    db.execute("DELETE FROM meta WHERE name = ?", (_UNCLEAN,))


def _make_clean(db: Db) -> None:
    leave_nothing_behind(db)
    _unmark(db)
