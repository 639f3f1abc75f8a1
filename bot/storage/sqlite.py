"""The store in one SQLite file: the default, for one process.

The calls run on the event loop's own thread: a commit takes less than a millisecond, and SQLite is
faster from one thread than handed to another.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.errors import CaseSealed, SettingsError, StoreUnavailable
from bot.keepers import Keeper
from bot.notes import Signer
from bot.storage.checking import Finding, check_start, steps
from bot.storage.committing import GroupCommit, transaction, translated
from bot.storage.kept import discard_practice, read_certificates, read_keepings, replace_by_certificate
from bot.storage.keyring import Keyring, rotate
from bot.storage.opening import Connect, Form, connect, leave_nothing_behind, make_new, open_database
from bot.storage.reading import read_chat, read_entries, read_entry, read_events, read_handle, read_owed, to_owed
from bot.storage.register import read_register, register_head, walk_register
from bot.storage.schema import APPLICATION_ID, SCHEMA, VERSION
from bot.storage.upgrading import upgrades
from bot.storage.writes import Writer
from bot.store import WATCH, CaseEntry, Chat, Owed, RegisterEntry, Seat, Write
from state.codec import Row, to_moment
from state.errors import TranscriptDamaged
from state.keeping import Certificate, Keeping

_LONG_AGO = datetime.fromtimestamp(0, UTC)

class SqliteStore:
    """Cases in one SQLite file that no other process can open meanwhile (`bot.store.Store`).

    Nothing of a case or a person can be read from the file without the keyring, which it closes with itself.
    """

    def __init__(self, path: Path, keyring: Keyring, connect: Connect = connect) -> None:
        self.keyring = keyring
        self._sealer = keyring.sealer
        check = partial(check_start, keyring)
        self._form = Form(APPLICATION_ID, SCHEMA, VERSION, upgrades(keyring), check)
        try:
            self._db = open_database(path, self._form, connect)
        except SettingsError:
            keyring.close()
            raise
        self._writer = Writer(self._db, keyring)
        self._commits = GroupCommit(self._db, self._writer.apply)

    async def seat(self, person: str, conversation: str, inbox: str, handle: str | None) -> Seat:
        """Give what is known before a turn; a handle of another person or conversation is unknown."""
        with translated():
            seen = self._db.execute("SELECT 1 FROM inbox WHERE key = ?", (inbox,)).fetchone()
            known = read_handle(self._db, self._sealer, handle) if handle is not None else None
            is_theirs = known is not None and (known.person, known.conversation) == (person, conversation)
            return Seat(seen is not None, known if is_theirs else None, read_chat(self._db, self._sealer, person))

    async def commit(self, write: Write) -> None:
        """Keep everything and return after it is on disk; raises TranscriptConflict or NumberTaken.

        Writes that come in the same tick of the event loop share one transaction and one fsync.
        """
        await self._commits.commit(write)

    async def load(self, case: str, key: bytes | None = None) -> tuple[Row, ...]:
        """Give the rows of a case in order; empty when there is no such case; `key` opens a sealed one."""
        with translated():
            return read_events(self._db, self.keyring, case, key)

    async def entry(self, number_or_id: str) -> CaseEntry | None:
        """Give the entry of a case by its number or its random id."""
        with translated():
            return read_entry(self._db, self._sealer, number_or_id)

    async def entries(self, person: str | None = None) -> tuple[CaseEntry, ...]:
        """Give all entries, or the open ones that a person holds or is offered; oldest first."""
        with translated():
            return tuple(read_entries(self._db, self._sealer, person))

    async def chat_of(self, person: str) -> Chat | None:
        """Give a person's private chat, when there was one."""
        with translated():
            return read_chat(self._db, self._sealer, person)

    async def due(self, now: datetime) -> tuple[Owed, ...]:
        """Give the owed work whose time has come, oldest first."""
        with translated():
            return tuple(self._owed("WHERE not_before IS NULL OR not_before <= ? ORDER BY id", to_moment(now)))

    def _owed(self, which: str, *values: str) -> Iterator[Owed]:
        """Give owed work; a damaged row must not stop the rest, and the check names it."""
        rows = f"SELECT id, kind, case_id, not_before, sealed FROM outbox {which}"  # noqa: S608  # fixed words
        for row in self._db.execute(rows, values):
            with suppress(TranscriptDamaged):
                yield to_owed(self._sealer, *row)

    async def keep_progress(self, owed: Owed) -> None:
        """Keep the progress of owed work, on disk when it returns."""
        with translated(), transaction(self._db):
            self._writer.keep_progress(owed)

    async def put_off(self, owed: int, attempts: int, not_before: datetime) -> None:
        """Try owed work again later; its progress stays."""
        with translated(), transaction(self._db):
            known = read_owed(self._db, self._sealer, owed)
            if known is not None:
                self._writer.put_owed(replace(known, attempts=attempts, not_before=not_before))

    async def take(self, owed: Owed, until: datetime) -> bool:
        """Keep others off owed work until a moment; False when another took it since it was read."""
        with translated(), transaction(self._db):
            return self._writer.take(owed, until)

    async def card_place(self, case: str) -> Mapping[str, Any] | None:
        """Give the `posted` progress of the case's latest card, also when that work is done."""
        with translated():
            row = self._db.execute("SELECT sealed FROM card WHERE case_id = ?", (case,)).fetchone()
            place: Mapping[str, Any] | None = self._sealer.open(("card", case), row[0]) if row else None
            return place

    async def next_due(self) -> datetime | None:
        """Give when the next owed work comes (long ago: now), or None when nothing is owed."""
        with translated():
            first = next(self._owed("ORDER BY not_before"), None)
            return (first.not_before or _LONG_AGO) if first else None

    async def owed(self) -> int:
        """Give how much owed work is not done; what waits for a moment of a term is not counted."""
        with translated():
            (count,) = self._db.execute("SELECT count(*) FROM outbox WHERE kind <> ?", (WATCH,)).fetchone()
            return int(count)

    async def register(self) -> tuple[RegisterEntry, ...]:
        """Give the whole register, oldest first; raises TranscriptDamaged when its chain is broken."""
        with translated():
            return read_register(walk_register(self._db, self._sealer))

    async def check(self) -> tuple[Finding, ...]:
        """Give everything that is wrong with the whole file, without content; takes 0.1 ms per event."""
        found: list[Finding] = []
        with translated():
            for step in steps(self._db, self._form, self.keyring):
                found += step
                # Turns go on in between.
                await asyncio.sleep(0)
        return tuple(found)

    # --- closed cases ------------------------------------------------------------------

    async def keepings(self) -> tuple[Keeping, ...]:
        """Give what is kept of every closed case, the one closed first coming first; a damaged one is left out."""
        with translated():
            return read_keepings(self._db, self._sealer)

    async def certificates(self) -> tuple[Certificate, ...]:
        """Give what remains of destroyed cases, the one destroyed first coming first; raises TranscriptDamaged."""
        with translated():
            return read_certificates(self._db, self._sealer)

    async def destroy(self, certificate: Certificate, version: int, register: Sequence[RegisterEntry]) -> None:
        """Discard the case's key and all its rows, and keep the certificate and the register's entries."""
        with translated():
            with transaction(self._db):
                replace_by_certificate(self._db, self._sealer, certificate, version)
                self._writer.append_register(*register)
            # A crash from here on is ended at the next start: the certificate says that the key must go.
            self.keyring.discard(certificate.case)
            leave_nothing_behind(self._db)

    async def discard(self, case: str, register: Sequence[RegisterEntry]) -> None:
        """Delete all rows of a practice case, and its key; raises TranscriptConflict where it is none."""
        with translated():
            with transaction(self._db):
                discard_practice(self._db, self._sealer, case)
                self._writer.append_register(*register)
            # A crash from here on leaves a key that opens nothing any more.
            self.keyring.discard(case)
            leave_nothing_behind(self._db)

    # --- with the keys -----------------------------------------------------------------

    @property
    def signer(self) -> Signer:
        """Give what signs for this store."""
        return self.keyring

    async def sign_off(self, case: str) -> bytes:
        """Give a signed checkpoint of a case as it stands; raises TranscriptDamaged."""
        with translated():
            entry = read_entry(self._db, self._sealer, case)
            if entry is None:
                raise TranscriptDamaged("there is no such case")
            before = self.keyring.last_signed(case)
            if before and self._link_at(case, before[0]) != before[1]:
                raise TranscriptDamaged(f"it does not go on from what was signed at event {before[0]}")
            return self.keyring.sign_off(case, entry.version, entry.link)

    async def seal(self, case: str, keepers: Sequence[Keeper]) -> None:
        """Split a case's key over its keepers and forget it; done already is done."""
        with translated(), suppress(CaseSealed):
            self.keyring.split(case, keepers)

    async def shares(self, case: str) -> dict[str, bytes]:
        """Give the keepers' shares of a sealed case's key."""
        with translated():
            return self.keyring.shares(case)

    async def register_head(self) -> tuple[int, str]:
        """Give number of entries and chain value of the register."""
        with translated():
            return register_head(self._db, self._sealer)

    async def link_at(self, case: str | None, seq: int) -> str | None:
        """Give the chain value of one event of a case, or of one entry of the register (None)."""
        with translated():
            return self._link_at(case, seq)

    def _link_at(self, case: str | None, seq: int) -> str | None:
        table, where = ("register", (seq,)) if case is None else ("event", (seq, case))
        also = "" if case is None else " AND case_id = ?"
        row = self._db.execute(f"SELECT head FROM {table} WHERE seq = ?{also}", where).fetchone()  # noqa: S608  # fixed words
        return sha256(row[0]).hexdigest() if row else None

    async def rotate(self, key_file: Path) -> int:
        """Wrap every key by a new data key, in this file, and give how many."""
        with translated():
            return rotate(self.keyring, key_file)

    async def backup(self, path: Path) -> None:
        """Write a copy of the database, without its keys, to a new file; raises SettingsError."""
        make_new(path)
        self._copy_to(path)

    def _copy_to(self, path: Path) -> None:
        try:
            with translated():
                # One transaction of its own: what is committed meanwhile is in it or is not.
                self._db.execute("VACUUM INTO ?", (str(path),))
        except StoreUnavailable:
            # Half a copy must not pass for one.
            path.unlink()
            raise

    async def close(self) -> None:
        """Close; everything committed is on disk."""
        self._commits.flush()
        with translated():
            self._db.close()
            self.keyring.close()
