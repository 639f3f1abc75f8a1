"""Opening the real store in tests, in one place."""

from pathlib import Path

from bot.storage.sqlite import SqliteStore


def open_store(path: Path) -> SqliteStore:
    """Give the SQLite store in a file, as the bot opens it."""
    return SqliteStore(path)
