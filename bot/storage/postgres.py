"""The store in PostgreSQL: for several instances of the bot on one database.

Each turn is a transaction of its own, about one case; PostgreSQL writes those that end together with one fsync.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import uniform
from threading import Lock
from time import sleep

from bot.data_key import FileKey, Wrapper, open_data_key
from bot.errors import SettingsError, StoreUnavailable, TranscriptConflict
from bot.files import is_there
from bot.storage.checking import Finding, check_belongs, steps
from bot.storage.copying import copy_to_file
from bot.storage.kept import end_destructions
from bot.storage.keyring import DEFAULT_ORIGIN, STORE, Keyring
from bot.storage.postgres_schema import VERSION, form_problems, has_keys, keys_of, upgrade, version_of
from bot.storage.postgres_sessions import CONFLICTS, Sessions, one_state, under_lock
from bot.storage.postgres_writes import PostgresWriter
from bot.storage.records import Records
from bot.storage.sql import Db, transaction
from bot.storage.tables import Job, T, TableStore
from bot.storage.wrapping import open_with
from bot.store import Write
from state.errors import TranscriptDamaged

_log = logging.getLogger(__name__)

_TRIES = 5
# What several turns noted is put on the register's chain at once.
_CHAIN_AFTER = 0.05


class PostgresKeys:
    """Keys in a schema of their own beside the organisation's tables (`bot.storage.keyring.KeyHome`)."""

    is_shared = True

    def __init__(self, sessions: Sessions, key_file: Path) -> None:
        self._sessions = sessions
        self._key_file = key_file

    @property
    def db(self) -> Db:
        """Give the session with the tables of keys: the one of the job that asks."""
        return self._sessions

    def newer(self, wrapper: Wrapper) -> Wrapper | None:
        """Give the data key that took the place of this one meanwhile; raises StoreUnavailable where it is not here."""
        (kept,) = self.db.execute("SELECT data_key FROM wrapped WHERE name = ?", (STORE,)).fetchone()
        if kept == wrapper.id:
            return None
        now = FileKey(open_data_key(self._key_file))
        if now.id != kept:
            raise StoreUnavailable(f"the data key was changed: put the new one in {self._key_file}")
        return now

    def problems(self, *, whole: bool) -> Iterator[str]:
        """Give what is wrong with the tables themselves; the store's own check looks at them all."""
        return iter(())

    def leave_nothing_behind(self) -> None:
        """Take what was deleted out of the tables of keys; they are small."""
        for table in ("wrapped", "share", "signed"):
            self.db.execute(f"VACUUM {keys_of(self._sessions.schema)}.{table}")

    def close(self) -> None:
        """Leave the sessions to the store."""


class PostgresStore(TableStore):
    """Cases in an organisation's schema (`bot.store.Store`), opened with the first job that finds the server."""

    def __init__(
        self,
        sessions: Sessions,
        key_file: Path,
        *,
        make: bool = False,
        begin: bool = False,
        origin: str = DEFAULT_ORIGIN,
    ) -> None:
        self._sessions = sessions
        self._key_file = key_file
        self._make = make
        self._begin = begin
        self._origin = origin
        self._opening = Lock()
        self._opened: Records | None = None
        self._chaining: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the store now; raises SettingsError where it must not start, StoreUnavailable where it cannot yet."""
        await self._sessions.run(self._open)

    def _open(self) -> Records:
        """Give the records, of tables that are there and are this version's, and with keys that are theirs."""
        with self._opening:
            if self._opened is None:
                self._opened = self._open_now()
            return self._opened

    def _open_now(self) -> Records:
        with under_lock(self._sessions, f"open {self._sessions.schema}"):
            self._make_or_check_tables()
            keyring = self._open_keyring()
            check_belongs(keyring.sealer, self._sessions)
        end_destructions(self._sessions, keyring)
        self.keyring = keyring
        return Records(self._sessions, keyring, PostgresWriter(self._sessions, keyring))

    def _make_or_check_tables(self) -> None:
        version, schema = version_of(self._sessions, self._sessions.schema), self._sessions.schema
        if version == 0 and not self._begin:
            raise SettingsError(f"the database has no schema {schema} with cases: name the right one, and its database")
        if version == 0:
            upgrade(self._sessions, schema)
        elif version > VERSION:
            raise SettingsError(f"the database was made by a newer Weegwijzer (schema {version}): install that version")
        elif version < VERSION:
            # Other instances may still run on the older form: when it changes is for a person to say.
            raise SettingsError(f"the database has schema {version}: stop the bot and run `weegwijzer db upgrade`")
        elif not has_keys(self._sessions, schema):
            raise SettingsError(f"{keys_of(schema)} is not there, and without it no case is read: put it back")

    def _open_keyring(self) -> Keyring:
        kept = self._sessions.execute("SELECT 1 FROM wrapped WHERE name = ?", (STORE,)).fetchone()
        if kept is not None and not is_there(self._key_file):
            raise SettingsError(f"{self._key_file} is not there; put back the data key of this database")
        home = PostgresKeys(self._sessions, self._key_file)
        return open_with(self._key_file, partial(_keyring, home, self._origin), make=self._make)

    # --- jobs --------------------------------------------------------------------------

    async def commit(self, write: Write) -> None:
        """Keep everything and return after it is on disk; raises TranscriptConflict or NumberTaken."""
        await self._change(lambda records: records.writer.apply(write))
        if write.register:
            self._chain_soon()

    async def _read(self, job: Job[T]) -> T:
        def reading() -> T:
            records = self._open()
            with one_state(self._sessions):
                return job(records)

        return await self._sessions.run(reading)

    async def _change(self, job: Job[T]) -> T:
        """Do a job in one transaction; once more when another was first, and it may see then that it is too late."""

        def changing() -> T:
            records = self._open()
            for _ in range(_TRIES):
                with suppress(*CONFLICTS), transaction(self._sessions):
                    return job(records)
                # Not all at the same moment again.
                sleep(uniform(0, 0.02))  # noqa: S311  # no secret
            raise TranscriptConflict

        return await self._sessions.run(changing)

    async def _use(self, job: Job[T]) -> T:
        return await self._sessions.run(lambda: job(self._open()))

    # --- the register ------------------------------------------------------------------

    def _chain_soon(self) -> None:
        if self._chaining is None or self._chaining.done():
            self._chaining = asyncio.create_task(self._chain_after_a_while())

    async def _chain_after_a_while(self) -> None:
        await asyncio.sleep(_CHAIN_AFTER)
        try:
            await self._settle()
        except (StoreUnavailable, TranscriptDamaged) as failure:
            # What waits is kept: the next turn, check or start of any instance tries again.
            _log.error("register_waits", extra={"reason": str(failure)})

    async def _settle(self) -> None:
        """Put on the register's chain what waits for it, from whichever instance."""

        def settling() -> None:
            records = self._open()
            with under_lock(self._sessions, f"register {self._sessions.schema}"):
                PostgresWriter(self._sessions, records.keyring).chain_register()

        await self._sessions.run(settling)

    # --- the whole store ---------------------------------------------------------------

    async def check(self, *, gently: bool = False) -> tuple[Finding, ...]:
        """Give everything that is wrong with the whole store, without content; takes 0.1 ms per event."""
        found: list[Finding] = []
        try:
            await self._settle()
        except TranscriptDamaged as damage:
            found.append(Finding(None, f"register: {damage}"))
        problems = partial(form_problems, self._sessions, self._sessions.schema)
        walk = partial(steps, problems=problems, whole=not gently)
        async for step in self._in_steps(lambda records: walk(records.db, records.keyring), gently=gently):
            found += step
        return tuple(found)

    async def backup(self, path: Path) -> None:
        """Write a copy of the database, without its keys, to a new SQLite file; raises SettingsError."""
        await self._settle()
        await self._read(lambda records: copy_to_file(records, path))

    async def close(self) -> None:
        """Close; everything committed is on disk."""
        if self._chaining is not None:
            await self._chaining
        self._sessions.close()


def _keyring(home: PostgresKeys, origin: str, wrapper: Wrapper) -> Keyring:
    return Keyring(home, wrapper, origin)
