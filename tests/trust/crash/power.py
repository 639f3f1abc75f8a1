"""A disk that remembers every write and sync, and what may be left of it when the power fails.

Power loss is stricter than a killed process: what was not synced may be there, may not, or in part and in another
order, sector by sector. The store sees an ordinary connection; below it APSW's file system is ours.
"""

import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512
Entry = tuple[Any, ...]
_CONNECT = sqlite3.connect


@dataclass
class Disk:
    """What was done to the files, in order; `fail` may raise instead of a write, a truncation or a sync."""

    log: list[Entry] = field(default_factory=list)
    fail: Callable[[str, str], None] = lambda what, name: None
    normal: bool = False

    def connect(self, path: Path | str, *, uri: bool = False, **_: Any) -> "Shim | sqlite3.Connection":
        """Give a connection to a file on this disk, as `sqlite3.connect` would; what only looks passes it by."""
        return _CONNECT(path, uri=True) if uri else Shim(Path(path), self)


class _FileSystem(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.name = f"recording-{id(disk)}"
        super().__init__(self.name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> "_File":  # noqa: N802 - APSW's name
        return _File(self.disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - APSW's name
        super().xDelete(filename, syncdir)
        self.disk.log.append(("delete", Path(filename).name))


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        self._name = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "temporary").name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - APSW's name
        self._disk.fail("write", self._name)
        super().xWrite(data, offset)
        self._disk.log.append(("write", self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - APSW's name
        self._disk.fail("truncate", self._name)
        super().xTruncate(newsize)
        self._disk.log.append(("truncate", self._name, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802 - APSW's name
        self._disk.fail("sync", self._name)
        super().xSync(flags)
        self._disk.log.append(("sync", self._name))


class Rows(list[Any]):
    """The rows of a statement, read at once."""

    rowcount = -1

    def fetchone(self) -> Any:
        """Give the next row, or None."""
        return self.pop(0) if self else None

    def fetchall(self) -> list[Any]:
        """Give the rows that are left."""
        return list(self)


class Shim:
    """As much of `sqlite3.Connection` as the store uses, over APSW."""

    def __init__(self, path: Path, disk: Disk) -> None:
        # Kept: a file system that nobody holds is gone.
        self._files = _FileSystem(disk)
        self._normal = disk.normal
        with _translated():
            self._db = apsw.Connection(str(path), vfs=self._files.name)
            self._db.set_busy_timeout(250)
            # Small, so that a short test also sees the log go over into the database.
            self._db.execute("PRAGMA wal_autocheckpoint = 40")

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open."""
        return self._db.in_transaction

    def execute(self, sql: str, bindings: Sequence[Any] = ()) -> Rows:
        """Run a statement."""
        if self._normal and sql.startswith("PRAGMA synchronous"):
            # The store asks for FULL and looks whether it got it; here it is lied to.
            self._db.execute("PRAGMA synchronous = NORMAL")
            return Rows([(2,)])
        with _translated():
            rows = Rows(self._db.execute(sql, bindings))
            rows.rowcount = self._db.changes()
            return rows

    def executemany(self, sql: str, many: Any) -> Rows:
        """Run a statement for each of many."""
        with _translated():
            return Rows(self._db.executemany(sql, many))

    def executescript(self, sql: str) -> Rows:
        """Run statements."""
        with _translated():
            return Rows(self._db.execute(sql))

    def __enter__(self) -> "Shim":
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if self.in_transaction:
            self.execute("COMMIT" if kind is None else "ROLLBACK")

    def close(self) -> None:
        """Close."""
        with _translated():
            self._db.close()


@contextmanager
def _translated() -> Iterator[None]:
    """Raise what sqlite3 would raise."""
    try:
        yield
    except apsw.Error as error:
        failure = sqlite3.OperationalError(str(error))
        code = getattr(error, "extendedresult", error.result if hasattr(error, "result") else apsw.SQLITE_IOERR)
        failure.sqlite_errorcode = code
        failure.sqlite_errorname = apsw.mapping_extended_result_codes.get(code, type(error).__name__)
        raise failure from None


# --- what is left ----------------------------------------------------------------------


@dataclass
class Platter:
    """The files as they surely are, and what was done to them since and is not sure."""

    sure: dict[str, bytearray] = field(default_factory=dict)
    unsure: dict[str, list[Entry]] = field(default_factory=dict)

    def take(self, log: Iterable[Entry]) -> None:
        """Do what the log says."""
        for entry in log:
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        what, name = entry[0], entry[1]
        if what in ("write", "truncate"):
            self.unsure.setdefault(name, []).append(entry)
        elif what == "sync":
            for pending in self.unsure.pop(name, []):
                _do(self.sure.setdefault(name, bytearray()), pending)
        elif what == "delete":
            self.sure.pop(name, None)
            self.unsure.pop(name, None)

    def after_power_loss(self, chance: random.Random) -> dict[str, bytes]:
        """Give the files as they may be found: of what is not sure, any sectors, each as a whole."""
        files = {name: bytearray(content) for name, content in self.sure.items()}
        likely = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        for part in (part for pending in self.unsure.values() for entry in pending for part in _parts(entry)):
            content = files.setdefault(part[1], bytearray())
            if chance.random() < likely:
                _do(content, part)
        return {name: bytes(content) for name, content in files.items()}


def _parts(entry: Entry) -> Iterator[Entry]:
    """Give the sectors of a write; a truncation is one part."""
    if entry[0] == "truncate":
        yield entry
        return
    _, name, offset, data = entry
    start = 0
    while start < len(data):
        end = min(len(data), start + SECTOR - (offset + start) % SECTOR)
        yield ("write", name, offset + start, data[start:end])
        start = end


def _do(content: bytearray, entry: Entry) -> None:
    if entry[0] == "truncate":
        del content[entry[2] :]
        return
    _, _, offset, data = entry
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data
