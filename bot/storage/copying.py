"""A store's rows from one database to another, as they are: nothing is decrypted, so every check still fits."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from bot.errors import SettingsError
from bot.storage.keyfile import FORM as KEY_FORM
from bot.storage.keyring import Keyring
from bot.storage.opening import Form, make_new
from bot.storage.records import Records
from bot.storage.register import KEEP_META
from bot.storage.schema import APPLICATION_ID, SCHEMA, VERSION
from bot.storage.sql import Db, Values, transaction
from bot.storage.writes import Writer

_PAGE = 500
# So far behind the last number that is seen the next one is given: work that is done had numbers, too.
NUMBERS_APART = 1_000_000
_FILE = Form(APPLICATION_ID, SCHEMA, VERSION)
# In this order: what refers to a case comes after it. Of each the columns, and what the rows are read in order of.
_TABLES = {
    "meta": ("name, value", "name"),
    "cases": ("id, number, tenant, phase, holder, offered_to, opened_at, version, link, sealed", "opened_at, rowid"),
    "event": ("case_id, seq, head, body", "case_id, seq"),
    "inbox": ("key, case_id, first_seq, last_seq, tag", "key"),
    "handle": ("digest, case_id, sealed", "digest"),
    "chat": ("person, sealed", "person"),
    "outbox": ("id, kind, case_id, not_before, sealed", "id"),
    "card": ("case_id, sealed", "case_id"),
    "register": ("seq, head, body", "seq"),
    "keeping": ("case_id, sealed", "case_id"),
    "certificate": ("case_id, number, sealed", "case_id"),
}
_KEYS = {
    "wrapped": ("name, data_key, wrapped", "name"),
    "share": ("case_id, keeper, share, tag", "case_id, keeper"),
    "signed": ("case_id, size, link, tag", "case_id"),
}


def copy_tables(records: Records, target: Db) -> None:
    """Copy every row of a store to empty tables; what waits for the register's chain comes at its end there."""
    _copy(records.db, target, _TABLES)
    (last,) = target.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()
    # An engine may count elsewhere: on the other side no number is given twice.
    target.execute(KEEP_META, ("outbox", records.sealer.seal(("meta", "outbox"), last + NUMBERS_APART)))
    Writer(target, records.keyring).append_register(*records.writer.waiting())


def copy_keys(keyring: Keyring, target: Db) -> None:
    """Copy every key, as it is wrapped, to empty tables of keys."""
    _copy(keyring.db, target, _KEYS)


def copy_to_file(records: Records, path: Path) -> None:
    """Write a store's tables, without its keys, to a new SQLite file; raises SettingsError."""
    with new_file(path, _FILE) as target:
        copy_tables(records, target)


def copy_keys_to_file(records: Records, path: Path) -> None:
    """Write a store's keys, as they are wrapped, to a new SQLite file; raises SettingsError."""
    with new_file(path, KEY_FORM) as target:
        copy_keys(records.keyring, target)


@contextmanager
def new_store_files(path: Path, keys: Path) -> Iterator[tuple[Db, Db]]:
    """Give a new store's tables and keys, both empty, in two files that remain when the block ends well."""
    with new_file(keys, KEY_FORM) as wrapped, new_file(path, _FILE) as tables:
        yield tables, wrapped


@contextmanager
def new_file(path: Path, form: Form) -> Iterator[Db]:
    """Give the empty tables of a new file, which is gone again unless the block ends well; raises SettingsError."""
    make_new(path)
    marks = f"PRAGMA application_id = {form.application_id}; PRAGMA user_version = {form.version};"
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db, _filled(db, f"{marks} {form.schema}"):
            yield db
    except BaseException as error:
        # Half a copy must not pass for one.
        path.unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error):
            raise SettingsError(f"{path} cannot be written; make room, or name another file") from None
        raise


@contextmanager
def _filled(db: sqlite3.Connection, schema: str) -> Iterator[None]:
    db.executescript(schema)
    with transaction(db):
        yield


def _copy(source: Db, target: Db, tables: Mapping[str, tuple[str, str]]) -> None:
    for table, (columns, order) in tables.items():
        places = ", ".join("?" for _ in columns.split(","))
        insert = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608  # fixed names
        for page in _pages(source, f"SELECT {columns} FROM {table} ORDER BY {order}"):  # noqa: S608  # fixed names
            target.executemany(insert, page)


def _pages(source: Db, query: str) -> Iterator[Sequence[Values]]:
    count = 0
    while page := source.execute(f"{query} LIMIT ? OFFSET ?", (_PAGE, count)).fetchall():
        yield page
        count += len(page)
