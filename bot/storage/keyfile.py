"""The keys of a SQLite database: a file of their own beside it (`keys.sqlite`)."""

import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bot.data_key import Wrapper
from bot.errors import SettingsError
from bot.files import is_there
from bot.storage.keyring import DEFAULT_ORIGIN, Keyring
from bot.storage.opening import Form, form_of, form_problems, leave_nothing_behind, open_database, refuse_others
from bot.storage.schema import APPLICATION_ID, FIRST_ENCRYPTED
from bot.storage.wrapping import open_with

FORM = Form(
    application_id=0x5765574B,  # "WeWK"
    schema="""
CREATE TABLE wrapped (name TEXT PRIMARY KEY, data_key TEXT NOT NULL, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE share (
    case_id TEXT NOT NULL, keeper TEXT NOT NULL, share BLOB NOT NULL, tag BLOB NOT NULL, PRIMARY KEY (case_id, keeper)
) STRICT, WITHOUT ROWID;
CREATE TABLE signed (case_id TEXT PRIMARY KEY, size INTEGER NOT NULL, link TEXT NOT NULL, tag BLOB NOT NULL)
STRICT, WITHOUT ROWID;
""",
)


class KeyFile:
    """Keys in a file (`bot.storage.keyring.KeyHome`), which no other process can open meanwhile."""

    is_shared = False

    def __init__(self, path: Path) -> None:
        """Open the file, or make it; raises SettingsError."""
        self.db = open_database(path, FORM)

    def newer(self, wrapper: Wrapper) -> Wrapper | None:
        """Give nothing: no other process changes the data key of a file that is open here."""
        return None

    def problems(self, *, whole: bool) -> Iterator[str]:
        """Give what is wrong with the tables themselves; the file as such is looked at where the whole is wanted."""
        return form_problems(self.db, FORM, whole=whole)

    def leave_nothing_behind(self) -> None:
        """Take what was deleted out of free pages and out of the log of changes."""
        leave_nothing_behind(self.db)

    def close(self) -> None:
        """Close the file."""
        self.db.close()


def keys_path(database: Path) -> Path:
    """Give where the keys of a database stand: beside it, in a file of their own."""
    return database.with_name(f"{database.stem}.keys.sqlite")


def open_keyring(database: Path, key_file: Path, *, make: bool = False, origin: str = DEFAULT_ORIGIN) -> Keyring:
    """Give the keys of a database; ends a change of the data key that a crash interrupted. Raises SettingsError."""
    refuse_others(database, APPLICATION_ID)
    path = keys_path(database)
    _check_is_there(path, database, key_file if make else None)
    return open_with(key_file, partial(_open, path, origin), make=make)


def _open(path: Path, origin: str, wrapper: Wrapper) -> Keyring:
    home = KeyFile(path)
    try:
        return Keyring(home, wrapper, origin)
    except (SettingsError, sqlite3.Error, UnicodeDecodeError) as error:
        home.close()
        if isinstance(error, SettingsError):
            raise
        raise SettingsError(f"{path} is not a sound database: put back the last backup of the keys") from None


def _check_is_there(path: Path, database: Path, data_key: Path | None) -> None:
    """Raise SettingsError where a fresh file would take the place of one that is lost."""
    if not is_there(path):
        if form_of(database) >= FIRST_ENCRYPTED:
            raise SettingsError(f"{path} is not there, and without it no case can be read; put back the keys file")
    elif data_key is not None and not is_there(data_key):
        raise SettingsError(f"{data_key} is not there; put back the data key that is theirs")
