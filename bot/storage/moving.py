"""Forms of databases, and moving a store to another one, verified by the ends of its chains."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bot.errors import SettingsError, TranscriptConflict
from bot.storage.copying import NUMBERS_APART, new_store_files
from bot.storage.database import is_postgres, open_store
from bot.storage.keyfile import keys_path
from bot.storage.opening import form_of, sqlite_path
from bot.storage.postgres_schema import VERSION as POSTGRES_FORM
from bot.storage.postgres_schema import upgrade, version_of
from bot.storage.postgres_sessions import Sessions, translated, under_lock
from bot.storage.schema import VERSION as SQLITE_FORM
from bot.storage.sql import Db, transaction
from bot.storage.tables import TableStore


class Database(NamedTuple):
    """Where a store is: its address, the organisation's schema, and the file of the data key."""

    url: str
    schema: str
    data_dir: Path
    key_file: Path
    origin: str

    @property
    def path(self) -> Path:
        """Give the file of a SQLite store."""
        return sqlite_path(self.url, self.data_dir)

    def open(self) -> TableStore:
        """Give the store; raises SettingsError."""
        return open_store(self.url, self.schema, self.data_dir, self.key_file, origin=self.origin)


class Forms(NamedTuple):
    """Which form a database has (0: none yet), and which one this version of the program needs."""

    found: int
    needed: int


class Moved(NamedTuple):
    """What stands in the new database, as its own chains say."""

    cases: int
    events: int
    register: int


def forms(database: Database) -> Forms:
    """Give the forms, without changing anything; raises StoreUnavailable."""
    if not is_postgres(database.url):
        return Forms(form_of(database.path), SQLITE_FORM)
    with _sessions(database) as sessions:
        return Forms(sessions.do(lambda: version_of(sessions, database.schema)), POSTGRES_FORM)


async def upgrade_database(database: Database) -> Forms:
    """Bring a database to this version's form, each step in a transaction; give the forms before. No bot may run."""
    before = forms(database)
    _check_not_newer(before)
    if is_postgres(database.url):
        with _sessions(database) as sessions:
            sessions.do(lambda: _upgrade(sessions))
    elif 0 < before.found < before.needed:
        # A file has one process, so that nobody minds when it is done at the start, too.
        await database.open().close()
    return before


def _check_not_newer(found: Forms) -> None:
    if found.found > found.needed:
        raise SettingsError(f"this database is of a newer Weegwijzer (schema {found.found}): install that version")


def _upgrade(sessions: Sessions) -> None:
    with under_lock(sessions, f"open {sessions.schema}"):
        upgrade(sessions, sessions.schema)


async def move(source: Database, target: Database) -> Moved:
    """Copy a store, keys and all, to a database that is empty; verified, or SettingsError and nothing is there."""
    if source.url == target.url and source.schema == target.schema:
        raise SettingsError("a store cannot be copied to where it is")
    old = source.open()
    try:
        await old.copy_to(lambda: _empty(target))
        expected = await ends_of(old)
    except TranscriptConflict:
        raise SettingsError("something else wrote to the database that is copied to: name an empty one") from None
    finally:
        await old.close()
    new = target.open()
    try:
        found = await ends_of(new)
        if found != expected or await new.check():
            doubt = "did the bot run, or does `weegwijzer check` find damage in what was copied?"
            raise SettingsError(f"the copy is not what was copied: {doubt} Delete the copy, and copy again")
    finally:
        await new.close()
    cases = {name: end for name, end in found.items() if name}
    return Moved(len(cases), sum(size for size, _ in cases.values()), found[""][0])


async def ends_of(store: TableStore) -> dict[str, tuple[int, str]]:
    """Give number of events and chain value of every case, and of the register without a name."""
    entries = await store.entries()
    return {"": await store.register_head(), **{entry.number: (entry.version, entry.link) for entry in entries}}


@contextmanager
def _empty(target: Database) -> Iterator[tuple[Db, Db]]:
    """Give the tables and the keys of an empty database."""
    opened = _empty_schema(target) if is_postgres(target.url) else new_store_files(target.path, keys_path(target.path))
    with opened as both:
        yield both


@contextmanager
def _empty_schema(target: Database) -> Iterator[tuple[Db, Db]]:
    with translated(), _sessions(target) as sessions, sessions.session():
        _check_not_newer(Forms(version_of(sessions, target.schema), POSTGRES_FORM))
        _upgrade(sessions)
        with transaction(sessions):
            _check_empty(sessions)
            yield sessions, sessions
            sessions.execute("SELECT setval('outbox_number', max(id) + ?) FROM outbox", (NUMBERS_APART,))


def _check_empty(db: Db) -> None:
    for table in ("cases", "register", "wrapped", "certificate"):
        if db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():  # noqa: S608  # fixed names
            raise SettingsError("the database that is copied to holds something already: name an empty one")


@contextmanager
def _sessions(database: Database) -> Iterator[Sessions]:
    sessions = Sessions(database.url, database.schema)
    try:
        yield sessions
    finally:
        sessions.close()
