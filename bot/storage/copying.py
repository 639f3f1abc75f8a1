"""A store's rows from one database to another, as they are: nothing is decrypted, so every check still fits."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bot.errors import SettingsError
from bot.storage.opening import make_new
from bot.storage.records import Records
from bot.storage.schema import APPLICATION_ID, TABLES, TRIGGERS, VERSION
from bot.storage.sql import Db, Values

_PAGE = 500
# In this order: what refers to a case comes after it. Of each the columns, and what the rows are read in order of.
_COLUMNS = {
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


def copy_rows(source: Db, target: Db) -> int:
    """Copy every row of a store's tables to empty ones, in the caller's transactions, and give how many."""
    return _copy(source, target, _COLUMNS)


def copy_keys(source: Db, target: Db) -> int:
    """Copy every key as it is wrapped to empty tables of keys, and give how many rows."""
    return _copy(source, target, _KEYS)


def copy_to_file(records: Records, path: Path) -> None:
    """Write a store's tables to a new SQLite file; raises SettingsError."""
    make_new(path)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; {TABLES}")
            db.execute("BEGIN")
            copy_rows(records.db, db)
            db.execute("COMMIT")
            db.executescript(TRIGGERS)
    except BaseException as error:
        # Half a copy must not pass for one.
        path.unlink()
        if isinstance(error, sqlite3.Error):
            raise SettingsError(f"{path} cannot be written; make room, or name another file") from None
        raise


def _copy(source: Db, target: Db, tables: dict[str, tuple[str, str]]) -> int:
    count = 0
    for table, (columns, order) in tables.items():
        places = ", ".join("?" for _ in columns.split(","))
        for page in _pages(source, f"SELECT {columns} FROM {table} ORDER BY {order}"):  # noqa: S608  # fixed names
            target.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", page)  # noqa: S608  # fixed names
            count += len(page)
    return count


def _pages(source: Db, query: str) -> Iterator[Sequence[Values]]:
    count = 0
    while page := source.execute(f"{query} LIMIT ? OFFSET ?", (_PAGE, count)).fetchall():
        yield page
        count += len(page)
