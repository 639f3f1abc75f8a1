"""Which store and which locks a database URL means."""

from pathlib import Path

from bot.errors import SettingsError
from bot.files import is_there
from bot.locks import Locks
from bot.storage.keyfile import open_keyring
from bot.storage.keyring import DEFAULT_ORIGIN
from bot.storage.opening import sqlite_path
from bot.storage.sqlite import SqliteStore
from bot.storage.tables import TableStore

POSTGRES = ("postgresql://", "postgres://")


def is_postgres(url: str) -> bool:
    """Tell whether a database URL is one of PostgreSQL."""
    return url.startswith(POSTGRES)


def open_store(
    url: str,
    schema: str,
    data_dir: Path,
    key_file: Path,
    *,
    make: bool = False,
    begin: bool = False,
    origin: str = DEFAULT_ORIGIN,
) -> TableStore:
    """Give the store of a database URL; raises SettingsError.

    `make` makes a data key where there is none, and `begin` a store: else a wrong address would pass for an empty one.
    """
    if not is_postgres(url):
        path = sqlite_path(url, data_dir)
        if not begin and not is_there(path):
            raise SettingsError(f"{path}: no such database; set WEEGWIJZER_DATA_DIR or the database's address right")
        return SqliteStore(path, open_keyring(path, key_file, make=make, origin=origin))
    # Its libraries take 60 ms to load, which the default needs not pay.
    from bot.storage.postgres import PostgresStore
    from bot.storage.postgres_sessions import Sessions

    return PostgresStore(Sessions(url, schema), key_file, make=make, begin=begin, origin=origin)


def open_locks(url: str, schema: str) -> Locks:
    """Give the locks by which the instances on a database wait for each other."""
    if not is_postgres(url):
        return Locks()
    from bot.storage.postgres_locks import PostgresLocks

    return PostgresLocks(url, schema)
