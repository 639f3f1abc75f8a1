"""Opening the SQLite file: one exclusive connection in known modes, or a refusal that says what to do.

SQLite 3.7.0 to 3.51.2 can lose committed WAL data when a file has two or more connections
(sqlite.org/wal.html, "the WAL-reset bug"), so this file never has more than one.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bot.errors import SettingsError
from bot.files import is_there
from bot.storage.sql import Db

Upgrade = Callable[[sqlite3.Connection], None]
Connect = Callable[[Path], sqlite3.Connection]


@dataclass(frozen=True, slots=True)
class Form:
    """What a file of ours holds: its mark, its tables, what makes each earlier form the next one, a last check."""

    application_id: int
    schema: str
    version: int = 1
    upgrades: Mapping[int, Upgrade] = field(default_factory=dict)
    check: Callable[[sqlite3.Connection], None] = lambda db: None


DAMAGED_FILE = "SQLite finds the file damaged"
_OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
# sqlite.org/fileformat.html: the database header, and where it has the user version.
_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_READ_VERSION, _WITHOUT_LOG = 19, b"\1"
_USER_VERSION = 60

# In this order: the locking mode must be set before WAL, so that no shared memory file is made.
_MODES = (
    ("locking_mode", "EXCLUSIVE", "exclusive"),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    # Without this, INSERT OR REPLACE would pass the append-only triggers by.
    ("recursive_triggers", "ON", 1),
    ("trusted_schema", "OFF", 0),
    # Temporary files would hold content outside the data directory.
    ("temp_store", "MEMORY", 2),
)


def sqlite_path(url: str | None, data_dir: Path) -> Path:
    """Give the file that a database URL names, or the usual one in the data directory."""
    if url is None:
        return data_dir / "weegwijzer.sqlite"
    scheme, mark, path = url.partition(":///")
    if scheme != "sqlite" or not mark or not path:
        raise SettingsError("the database URL must be sqlite:///PATH (four slashes for an absolute path)")
    return Path(path)


def form_of(path: Path) -> int:
    """Give which form a file has, without opening it as a database; 0 for an empty one, or none.

    Raises SettingsError where it cannot be read, or is no database.
    """
    header = _header(path)
    if header and not header.startswith(_MAGIC):
        raise SettingsError(_no_database(path))
    return int.from_bytes(header[_USER_VERSION : _USER_VERSION + 4], "big")


def _header(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEADER)
    except FileNotFoundError:
        return b""
    except OSError:
        raise SettingsError(f"{path} cannot be opened: check the folder and its permissions") from None


def connect(path: Path) -> sqlite3.Connection:
    """Give a connection in which every transaction is begun by hand."""
    return sqlite3.connect(path, isolation_level=None, timeout=0.25)


def open_database(path: Path, form: Form, connect: Connect = connect) -> sqlite3.Connection:
    """Give the one connection to a file of this form, made when it is not there; raises SettingsError."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise SettingsError(f"SQLite {sqlite3.sqlite_version} is too old: 3.37 or newer is needed")
    refuse_others(path, form.application_id)
    _check_log(path)
    try:
        _make_private(path)
        db = connect(path)
    except (OSError, sqlite3.Error):
        raise SettingsError(f"{path} cannot be opened: check the folder and its permissions") from None
    try:
        _set_modes(db, path)
        _check_or_make_schema(db, path, form)
        form.check(db)
        # Until then the file itself holds what the log says was erased, and not yet which form it has.
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (sqlite3.Error, UnicodeDecodeError) as error:
        db.close()
        raise SettingsError(_explain(path, error)) from None
    except SettingsError:
        db.close()
        raise
    return db


def refuse_others(path: Path, application_id: int) -> None:
    """Refuse what is there and is something else, before anything of it is changed; raises SettingsError.

    It is asked of SQLite, which reads it as it is: closing any other descriptor of the file would drop its lock.
    """
    if not is_there(path):
        return
    if not path.is_file():
        raise SettingsError(f"{path} is no file: name a file for the database")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            found = db.execute("PRAGMA application_id").fetchone()[0]
            is_new = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # After a power loss the file may be whole with its log alone, which is not looked at here.
        if any(map(_is_filled, _logs_of(path))):
            return
        raise SettingsError(_explain(path, error)) from None
    # What was being made at a crash has its mark in the log of changes alone.
    if found != application_id and not (found == 0 and is_new):
        raise _of_another_program(path)


def _of_another_program(path: Path) -> SettingsError:
    return SettingsError(f"{path} is a database of another program: name another file")


def _check_log(path: Path) -> None:
    """Raise SettingsError where a backup was put in the place of a file whose log of changes still lies there.

    SQLite would play that log into the backup, and spoil it. A backup has no log of its own, and says so at its
    beginning, which SQLite tells nobody.
    """
    log, _ = _logs_of(path)
    if _is_filled(log) and _header(path)[_READ_VERSION : _READ_VERSION + 1] == _WITHOUT_LOG:
        raise SettingsError(f"{log} is of the file that stood here before this backup: take it away")


def _logs_of(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-journal")


def _is_filled(path: Path) -> bool:
    return is_there(path) and path.stat().st_size > 0


def _make_private(path: Path) -> None:
    """Make the file readable for its owner alone before SQLite writes anything into it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        # Not by opening it, for the same reason.
        path.chmod(0o600)
    else:
        _make_empty(path)


def form_problems(db: sqlite3.Connection, form: Form, *, whole: bool = True) -> Iterator[str]:
    """Give what is wrong with a file as SQLite sees it, and with its tables and triggers.

    Where not the whole is wanted, SQLite is not asked: that holds up all else, for 24 seconds at a million events.
    """
    if whole and not _is_whole(db):
        yield DAMAGED_FILE
    # Without its triggers a file would no longer refuse to forget.
    elif _statements(db) != _expected(form.schema):
        yield "the tables or triggers are not those of this version"


def _is_whole(db: sqlite3.Connection) -> bool:
    try:
        return bool(db.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        if says_damage(error):
            return False
        raise


def says_damage(error: Exception) -> bool:
    """Tell whether an error of SQLite says that the file is damaged, and not that the disk is full or away."""
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_CORRUPT")


def _statements(db: sqlite3.Connection) -> frozenset[tuple[str, str, str, str | None]]:
    # Files of an earlier form have SQLite's own table of counters, empty now; it cannot be taken out.
    rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name <> 'sqlite_sequence'")
    return frozenset(rows)


@cache
def _expected(schema: str) -> frozenset[tuple[str, str, str, str | None]]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(schema)
        return _statements(db)


def leave_nothing_behind(db: Db) -> None:
    """Take what was deleted out of free pages and out of the log of changes."""
    for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
        db.execute(statement)


def make_new(path: Path) -> None:
    """Make an empty file that is readable for its owner alone; raises SettingsError where there is one."""
    try:
        _make_empty(path)
    except OSError as error:
        raise SettingsError(f"{path} cannot be made ({error.strerror}); name a new file") from None


def _make_empty(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _set_modes(db: sqlite3.Connection, path: Path) -> None:
    for name, value, expected in _MODES:
        db.execute(f"PRAGMA {name} = {value}")
        if name == "journal_mode":
            # The lock is taken with the first transaction; from here a second process is refused.
            db.execute("BEGIN EXCLUSIVE")
            db.execute("COMMIT")
        actual = db.execute(f"PRAGMA {name}").fetchone()[0]
        if actual != expected:
            raise SettingsError(f"{path}: SQLite does not take {name}={value} here (a network disk?)")


def _check_or_make_schema(db: sqlite3.Connection, path: Path, form: Form) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0 and not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        marks = f"PRAGMA user_version = {form.version}; PRAGMA application_id = {form.application_id};"
        db.executescript(f"BEGIN; {form.schema} {marks} COMMIT;")
        return
    if db.execute("PRAGMA application_id").fetchone()[0] != form.application_id:
        raise _of_another_program(path)
    if version > form.version:
        raise SettingsError(f"{path} was made by a newer Weegwijzer (schema {version}): install that version")
    for step in range(version, form.version):
        # The number is part of the transaction: after a crash a step was done or was not.
        db.execute("BEGIN IMMEDIATE")
        form.upgrades[step](db)
        db.execute(f"PRAGMA user_version = {step + 1}")
        db.execute("COMMIT")


def _explain(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> str:
    # The words of an error about a damaged schema may be damaged themselves, and cannot be decoded then.
    if isinstance(error, UnicodeDecodeError):
        return f"{path} is not a sound database: put back the last backup"
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"{path} is in use by another process: stop the other Weegwijzer first"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return f"{path} cannot be written: make the file and its folder writable for this user"
        case sqlite3.SQLITE_NOTADB:
            return _no_database(path)
        case sqlite3.SQLITE_CORRUPT:
            return f"{path} is not a sound database: put back the last backup"
        case sqlite3.SQLITE_FULL:
            return f"{path} cannot grow: make room on the disk"
        case _:
            return f"{path} cannot be used ({getattr(error, 'sqlite_errorname', 'SQLite')})"


def _no_database(path: Path) -> str:
    return f"{path} is not a database, or its beginning is damaged: name another file or put back a backup"
