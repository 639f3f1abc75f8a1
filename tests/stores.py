"""Opening the real stores in tests, in one place."""

from pathlib import Path

from bot.storage.keyfile import open_keyring
from bot.storage.opening import Connect, connect
from bot.storage.postgres import PostgresStore
from bot.storage.postgres_sessions import Sessions
from bot.storage.sqlite import SqliteStore


def open_store(path: Path, connect: Connect = connect, kind: type[SqliteStore] = SqliteStore) -> SqliteStore:
    """Give the SQLite store in a file, as the bot opens it, with a data key in `data.key` beside it."""
    return kind(path, open_keyring(path, path.with_name("data.key"), make=True), connect)


def open_postgres(url: str, key_file: Path, schema: str = "weegwijzer") -> PostgresStore:
    """Give the store in a PostgreSQL database, which is reached with its first use."""
    return PostgresStore(Sessions(url, schema), key_file, make=True, begin=True)
