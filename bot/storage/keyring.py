"""The keys of the store, in a file of their own (`keys.sqlite`) that is no part of ordinary backups.

Each key is wrapped by the data key. Who has the database reads nothing; who has an old backup of it can
neither read a case that was destroyed since, nor pass it off as today's: the size of what was last signed
stands here.
"""

import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.data_key import FileKey, Wrapper, open_data_key, replace_by_successor, successor, write_key
from bot.errors import CaseSealed, SettingsError
from bot.keepers import Keeper, split
from bot.notes import Checkpoint, sign_checkpoint
from bot.storage.opening import Form, form_of, form_problems, leave_nothing_behind, open_database
from bot.storage.schema import FIRST_ENCRYPTED
from bot.storage.sealing import KEY_BYTES, Sealer
from state.errors import TranscriptDamaged

DEFAULT_ORIGIN = "weegwijzer"
STORE = "store"
SIGNING = "signing"
_OPEN_AT_ONCE = 5_000

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


class Keyring:
    """Every key that the store needs; a case's key is opened when it is first asked for."""

    def __init__(self, path: Path, wrapper: Wrapper, origin: str = DEFAULT_ORIGIN) -> None:
        """Open the file or make it; raises SettingsError when its keys were wrapped by another data key."""
        self._db = open_database(path, FORM)
        self._wrapper = wrapper
        self._cases: OrderedDict[str, AESGCM] = OrderedDict()
        self.origin = origin
        try:
            self.sealer = Sealer(self._own(STORE))
            self._signing = Ed25519PrivateKey.from_private_bytes(self._own(SIGNING))
        except (SettingsError, sqlite3.Error, UnicodeDecodeError) as error:
            self._db.close()
            if isinstance(error, SettingsError):
                raise
            raise SettingsError(f"{path} is not a sound database: put back the last backup of the keys") from None
        self.public = self._signing.public_key().public_bytes_raw()

    # --- keys of cases -----------------------------------------------------------------

    def make(self, case: str) -> AESGCM:
        """Give the key of a case, made and on disk when there is none yet."""
        if self._wrapped(case) is None:
            self._keep(case, os.urandom(KEY_BYTES))
        return self.of(case)

    def of(self, case: str) -> AESGCM:
        """Give the key of a case; raises CaseSealed, or TranscriptDamaged when there is none (any more)."""
        cipher = self._cases.get(case)
        if cipher is None:
            cipher = self._cases[case] = AESGCM(self._key(case))
            if len(self._cases) > _OPEN_AT_ONCE:
                self._cases.popitem(last=False)
        self._cases.move_to_end(case)
        return cipher

    def split(self, case: str, keepers: Sequence[Keeper]) -> None:
        """Put closed parts for keepers in the place of a case's key, in one step; raises CaseSealed."""
        places = [("share", case, keeper, part) for keeper, part in split(self._key(case), keepers)]
        rows = [(*place[1:], self.sealer.tag(place)) for place in places]
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO share VALUES (?, ?, ?, ?)", rows)
            self._db.execute("DELETE FROM wrapped WHERE name = ?", (case,))
        self._forget(case)

    def shares(self, case: str) -> dict[str, bytes]:
        """Give what each keeper can open of a sealed case's key, by the print of the keeper's key."""
        return dict(self._db.execute("SELECT keeper, share FROM share WHERE case_id = ?", (case,)))

    def discard(self, case: str) -> None:
        """Destroy a case's key and shares: what it encrypted can never be read again."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM wrapped WHERE name = ?", (case,))
            self._db.execute("DELETE FROM share WHERE case_id = ?", (case,))
            self._db.execute("DELETE FROM signed WHERE case_id = ?", (case,))
        self._forget(case)

    def _key(self, case: str) -> bytes:
        wrapped = self._wrapped(case)
        if wrapped is not None:
            return self._unwrap(wrapped, case)
        if self.shares(case):
            raise CaseSealed
        raise TranscriptDamaged("the key of this case is not there")

    def _unwrap(self, wrapped: bytes, case: str) -> bytes:
        try:
            return self._wrapper.unwrap(wrapped, case)
        except SettingsError:
            # The store's own keys were opened with this data key: it is this row that is not as it was written.
            raise TranscriptDamaged("the key of this case is not as it was written") from None

    def _forget(self, case: str) -> None:
        self._cases.pop(case, None)
        leave_nothing_behind(self._db)

    # --- signing -----------------------------------------------------------------------

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of an Ed25519 signature."""
        return self._signing.sign(message)

    def sign_off(self, case: str, size: int, link: str) -> bytes:
        """Give a signed checkpoint, and remember it; the caller knows that it goes on from the one before."""
        tag = self.sealer.tag(("signed", case, size, link))
        self._db.execute("INSERT OR REPLACE INTO signed VALUES (?, ?, ?, ?)", (case, size, link, tag))
        return sign_checkpoint(Checkpoint(self.origin, case, size, link), self)

    def last_signed(self, case: str) -> tuple[int, str] | None:
        """Give the number of events and the chain value that were last signed of a case."""
        row = self._db.execute("SELECT size, link, tag FROM signed WHERE case_id = ?", (case,)).fetchone()
        if row is None:
            return None
        self.sealer.check(row[2], ("signed", case, row[0], row[1]))
        return row[0], row[1]

    def names(self) -> frozenset[str]:
        """Give everything of which a key or a part of one is kept."""
        rows = self._db.execute("SELECT name FROM wrapped UNION SELECT case_id FROM share")
        return frozenset(name for (name,) in rows)

    def signed_cases(self) -> frozenset[str]:
        """Give the cases of which something was signed."""
        return frozenset(case for (case,) in self._db.execute("SELECT case_id FROM signed"))

    # --- the data key ------------------------------------------------------------------

    @property
    def data_key(self) -> str:
        """Give which data key wraps the keys."""
        return self._wrapper.id

    def rotate(self, wrapper: Wrapper) -> int:
        """Wrap every key anew in one step and give how many; from here only the new data key opens them."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            rows = self._db.execute("SELECT name, wrapped FROM wrapped").fetchall()
            keys = [(name, self._wrapper.unwrap(wrapped, name)) for name, wrapped in rows]
            anew = [(wrapper.id, wrapper.wrap(key, name), name) for name, key in keys]
            self._db.executemany("UPDATE wrapped SET data_key = ?, wrapped = ? WHERE name = ?", anew)
        self._wrapper = wrapper
        leave_nothing_behind(self._db)
        return len(rows)

    def problems(self) -> Iterator[tuple[str | None, str]]:
        """Give what is not as it was written in this file, with the case (random id) that it is about."""
        yield from ((None, what) for what in form_problems(self._db, FORM))
        for name, data_key, wrapped in self._db.execute("SELECT name, data_key, wrapped FROM wrapped").fetchall():
            try:
                self._unwrap(wrapped, name)
            except TranscriptDamaged as damage:
                yield name, str(damage)
            if data_key != self._wrapper.id:
                yield name, "its key is said to be wrapped by another data key"
        for case, keeper, part, tag in self._db.execute("SELECT case_id, keeper, share, tag FROM share").fetchall():
            if tag != self.sealer.tag(("share", case, keeper, part)):
                yield case, "a keeper's part of its key is not as it was written"

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _own(self, name: str) -> bytes:
        """Give one of the store's own keys, made on the first start."""
        if self._wrapped(name) is None:
            self._keep(name, os.urandom(KEY_BYTES))
        return self._wrapper.unwrap(self._wrapped(name) or b"", name)

    def _wrapped(self, name: str) -> bytes | None:
        row = self._db.execute("SELECT wrapped FROM wrapped WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _keep(self, name: str, key: bytes) -> None:
        wrapped = self._wrapper.wrap(key, name)
        self._db.execute("INSERT INTO wrapped VALUES (?, ?, ?)", (name, self._wrapper.id, wrapped))


def origin_of(organisation: str) -> str:
    """Give the name under which an organisation's Weegwijzer signs."""
    return f"{organisation.lower()}.{DEFAULT_ORIGIN}"


def keys_path(database: Path) -> Path:
    """Give where the keys of a database stand: beside it, in a file of their own."""
    return database.with_name(f"{database.stem}.keys.sqlite")


def open_keyring(database: Path, key_file: Path, *, make: bool = False, origin: str = DEFAULT_ORIGIN) -> Keyring:
    """Give the keys of a database; ends a change of the data key that a crash interrupted. Raises SettingsError."""
    path = keys_path(database)
    _check_is_there(path, database, key_file if make else None)
    wrapper = FileKey(open_data_key(key_file, make=make))
    try:
        keyring = Keyring(path, wrapper, origin)
    except SettingsError:
        if not successor(key_file).exists():
            raise
        # The crash came after the keys were wrapped anew.
        keyring = Keyring(path, FileKey(open_data_key(successor(key_file))), origin)
        replace_by_successor(key_file)
        return keyring
    # The crash came before: the next key, perhaps half of it, is of no use.
    successor(key_file).unlink(missing_ok=True)
    return keyring


def _check_is_there(path: Path, database: Path, data_key: Path | None) -> None:
    """Raise SettingsError where a fresh file would take the place of one that is lost."""
    if not path.exists():
        if form_of(database) >= FIRST_ENCRYPTED:
            raise SettingsError(f"{path} is not there, and without it no case can be read; put back the keys file")
    elif data_key is not None and not data_key.exists():
        raise SettingsError(f"{data_key} is not there; put back the data key that is theirs")


def rotate(keyring: Keyring, key_file: Path) -> int:
    """Make a new data key, wrap every key by it, and put it in the old one's place; give how many keys."""
    following = successor(key_file)
    try:
        if FileKey(open_data_key(key_file)).id != keyring.data_key:
            # The last change could not be ended: the only copy of the key in use is the next one.
            replace_by_successor(key_file)
        following.unlink(missing_ok=True)
        write_key(following)
        count = keyring.rotate(FileKey(open_data_key(following)))
        replace_by_successor(key_file)
    except OSError as error:
        raise SettingsError(f"{key_file}: a new data key cannot be put in its place ({error.strerror})") from None
    return count
