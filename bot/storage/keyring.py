"""The keys of the store, kept apart from its tables and no part of ordinary backups.

Each key is wrapped by the data key. Who has the database reads nothing; who has an old backup of it can
neither read a case that was destroyed since, nor pass it off as today's: the size of what was last signed
stands here.
"""

import os
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.data_key import Wrapper
from bot.errors import CaseSealed, SettingsError
from bot.keepers import Keeper, split
from bot.notes import Checkpoint, sign_checkpoint
from bot.storage.paging import among, pages
from bot.storage.sealing import KEY_BYTES, Sealer
from bot.storage.sql import Db, transaction
from bot.storage.unchanged import Unchanged
from state.errors import TranscriptDamaged

DEFAULT_ORIGIN = "weegwijzer"
STORE = "store"
SIGNING = "signing"
_OPEN_AT_ONCE = 5_000
# A case (random id), or None, and what is wrong.
Problem = tuple[str | None, str]

_KEEP_SIGNED = (
    "INSERT INTO signed VALUES (?, ?, ?, ?)"
    " ON CONFLICT (case_id) DO UPDATE SET size = excluded.size, link = excluded.link, tag = excluded.tag"
)


class KeyHome(Protocol):
    """Where keys are kept."""

    @property
    def db(self) -> Db:
        """Give the session with the tables of keys."""
        ...

    @property
    def is_shared(self) -> bool:
        """Tell whether other processes change them, too."""
        ...

    def newer(self, wrapper: Wrapper) -> Wrapper | None:
        """Give the data key that took the place of this one meanwhile; raises StoreUnavailable where it is not here."""
        ...

    def problems(self, *, whole: bool) -> Iterator[str]:
        """Give what is wrong with the tables themselves; where not the whole is wanted, what takes long is left out."""
        ...

    def leave_nothing_behind(self) -> None:
        """Take what was deleted out of what remains on disk."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Keyring:
    """Every key that the store needs; a case's key is opened when it is first asked for."""

    def __init__(self, home: "KeyHome", wrapper: Wrapper, origin: str = DEFAULT_ORIGIN) -> None:
        """Take where the keys are; raises SettingsError when they were wrapped by another data key."""
        self._home = home
        self._db = home.db
        self._wrapper = wrapper
        # Jobs of other engines run in threads.
        self._changing = Lock()
        self._cases: dict[str, tuple[bytes, AESGCM]] = {}
        self.origin = origin
        self.sealer = Sealer(self._own(STORE))
        self._signing = Ed25519PrivateKey.from_private_bytes(self._own(SIGNING))
        self.unchanged = Unchanged()
        self.public = self._signing.public_key().public_bytes_raw()

    @property
    def db(self) -> Db:
        """Give the session with the tables of keys."""
        return self._db

    # --- keys of cases -----------------------------------------------------------------

    def make(self, case: str) -> AESGCM:
        """Give the key of a case, made and on disk when there is none yet."""
        if self._wrapped(case) is None:
            self._keep(case, os.urandom(KEY_BYTES))
        return self.of(case)

    def of(self, case: str) -> AESGCM:
        """Give the key of a case; raises CaseSealed, or TranscriptDamaged when there is none (any more)."""
        known = self._cases.get(case)
        # Another process may have sealed or destroyed the case, or this key was in a transaction that failed.
        wrapped = self._wrapped(case) if self._home.is_shared else None
        if known is None or (self._home.is_shared and known[0] != wrapped):
            known = self._remember(case, wrapped or self._wrapped(case))
        return known[1]

    def _remember(self, case: str, wrapped: bytes | None) -> tuple[bytes, AESGCM]:
        with self._changing:
            self._cases.pop(case, None)
            known = self._cases[case] = (wrapped or b"", AESGCM(self._key(case, wrapped)))
            if len(self._cases) > _OPEN_AT_ONCE:
                del self._cases[next(iter(self._cases))]
        return known

    def split(self, case: str, keepers: Sequence[Keeper]) -> None:
        """Put closed parts for keepers in the place of a case's key, in one step; raises CaseSealed."""
        key = self._key(case, self._wrapped(case))
        places = [("share", case, keeper, part) for keeper, part in split(key, keepers)]
        rows = [(*place[1:], self.sealer.tag(place)) for place in places]
        with transaction(self._db):
            self._db.executemany("INSERT INTO share VALUES (?, ?, ?, ?)", rows)
            self._db.execute("DELETE FROM wrapped WHERE name = ?", (case,))
        self._forget(case)

    def shares(self, case: str) -> dict[str, bytes]:
        """Give what each keeper can open of a sealed case's key, by the print of the keeper's key."""
        return dict(self._db.execute("SELECT keeper, share FROM share WHERE case_id = ?", (case,)))

    def discard(self, case: str) -> None:
        """Destroy a case's key and shares: what it encrypted can never be read again."""
        with transaction(self._db):
            self._db.execute("DELETE FROM wrapped WHERE name = ?", (case,))
            self._db.execute("DELETE FROM share WHERE case_id = ?", (case,))
            self._db.execute("DELETE FROM signed WHERE case_id = ?", (case,))
        self._forget(case)

    def _key(self, case: str, wrapped: bytes | None) -> bytes:
        if wrapped is not None:
            return self._unwrap(wrapped, case)
        if self.shares(case):
            raise CaseSealed
        raise TranscriptDamaged("the key of this case is not there")

    def _unwrap(self, wrapped: bytes, case: str) -> bytes:
        try:
            return self._wrapper.unwrap(wrapped, case)
        except SettingsError:
            newer = self._home.newer(self._wrapper)
        try:
            self._wrapper = newer or self._wrapper
            return self._wrapper.unwrap(wrapped, case)
        except SettingsError:
            # The store's own keys were opened with this data key: it is this row that is not as it was written.
            raise TranscriptDamaged("the key of this case is not as it was written") from None

    def _forget(self, case: str) -> None:
        self._cases.pop(case, None)
        self.leave_nothing_behind()

    def leave_nothing_behind(self) -> None:
        """Take keys that were erased out of what remains on disk."""
        self._home.leave_nothing_behind()

    # --- signing -----------------------------------------------------------------------

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of an Ed25519 signature."""
        return self._signing.sign(message)

    def sign_off(self, case: str, size: int, link: str) -> bytes:
        """Give a signed checkpoint, and remember it; the caller knows that it goes on from the one before."""
        tag = self.sealer.tag(("signed", case, size, link))
        self._db.execute(_KEEP_SIGNED, (case, size, link, tag))
        return sign_checkpoint(Checkpoint(self.origin, case, size, link), self)

    def last_signed(self, case: str) -> tuple[int, str] | None:
        """Give the number of events and the chain value that were last signed of a case."""
        row = self._db.execute("SELECT size, link, tag FROM signed WHERE case_id = ?", (case,)).fetchone()
        if row is None:
            return None
        self.sealer.check(row[2], ("signed", case, row[0], row[1]))
        return row[0], row[1]

    def kept_of(self, cases: Sequence[str]) -> frozenset[str]:
        """Give those of these cases of which a key or a part of one is kept."""
        wrapped = among(self._db, "SELECT name FROM wrapped", "name", cases)
        shared = among(self._db, "SELECT case_id FROM share", "case_id", cases)
        return frozenset(case for (case,) in wrapped + shared)

    def signed_cases(self) -> Iterator[list[str]]:
        """Give the cases of which something was signed, some at a time."""
        for page in pages(self._db, "SELECT case_id FROM signed", "case_id"):
            yield [case for (case,) in page]

    # --- the data key ------------------------------------------------------------------

    @property
    def data_key(self) -> str:
        """Give which data key wraps the keys."""
        return self._wrapper.id

    def rotate(self, wrapper: Wrapper) -> int:
        """Wrap every key anew in one step and give how many; from here only the new data key opens them."""
        with transaction(self._db):
            rows = self._db.execute("SELECT name, wrapped FROM wrapped").fetchall()
            keys = [(name, self._wrapper.unwrap(wrapped, name)) for name, wrapped in rows]
            anew = [(wrapper.id, wrapper.wrap(key, name), name) for name, key in keys]
            self._db.executemany("UPDATE wrapped SET data_key = ?, wrapped = ? WHERE name = ?", anew)
        self._wrapper = wrapper
        self.leave_nothing_behind()
        return len(rows)

    def problems(self, *, whole: bool = True) -> Iterator[tuple[Problem, ...]]:
        """Give what is not as it was written in this file, a page of rows at a time."""
        yield tuple((None, what) for what in self._home.problems(whole=whole))
        for page in pages(self._db, "SELECT name, data_key, wrapped FROM wrapped", "name"):
            yield tuple(problem for row in page for problem in self._key_problems(*row))
        for page in pages(self._db, "SELECT DISTINCT case_id FROM share", "case_id"):
            cases = [case for (case,) in page]
            rows = among(self._db, "SELECT case_id, keeper, share, tag FROM share", "case_id", cases)
            changed = [row[0] for row in rows if row[3] != self.sealer.tag(("share", *row[:3]))]
            # A damaged id, with which nothing is found.
            changed += frozenset(cases).difference(row[0] for row in rows)
            yield tuple((case, "a keeper's part of its key is not as it was written") for case in changed)

    def _key_problems(self, name: str, data_key: str, wrapped: bytes) -> Iterator[Problem]:
        try:
            self._unwrap(wrapped, name)
        except TranscriptDamaged as damage:
            yield name, str(damage)
        if data_key != self._wrapper.id:
            yield name, "its key is said to be wrapped by another data key"

    def close(self) -> None:
        """Let go of where the keys are."""
        self._home.close()

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
