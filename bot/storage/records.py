"""What a store does with its tables, in one session of a database: the same for every engine."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from bot.errors import CaseSealed
from bot.keepers import Keeper
from bot.storage.kept import discard_practice, replace_by_certificate
from bot.storage.keyring import Keyring
from bot.storage.reading import read_chat, read_entry, read_handle, read_owed, to_owed
from bot.storage.sql import Db, transaction
from bot.storage.writes import Writer
from bot.store import Owed, RegisterEntry, Seat
from state.errors import TranscriptDamaged
from state.keeping import Certificate

_LONG_AGO = datetime.fromtimestamp(0, UTC)


class Records:
    """Reads and writes the tables, sealed under the keys of a keyring."""

    def __init__(self, db: Db, keyring: Keyring, writer: Writer) -> None:
        self.db = db
        self.keyring = keyring
        self.sealer = keyring.sealer
        self.writer = writer

    # --- before a turn -----------------------------------------------------------------

    def seat(self, person: str, conversation: str, inbox: str, handle: str | None) -> Seat:
        """Give what is known before a turn; a handle of another person or conversation is unknown."""
        seen = self.db.execute("SELECT 1 FROM inbox WHERE key = ?", (inbox,)).fetchone()
        known = read_handle(self.db, self.sealer, handle) if handle is not None else None
        is_theirs = known is not None and (known.person, known.conversation) == (person, conversation)
        return Seat(seen is not None, known if is_theirs else None, read_chat(self.db, self.sealer, person))

    # --- owed work ---------------------------------------------------------------------

    def due(self, moment: str) -> tuple[Owed, ...]:
        """Give the owed work whose time has come, oldest first."""
        # The sign keeps SQLite from reading all rows in this order instead of the few in that of their moment.
        return tuple(self._owed("WHERE not_before IS NULL OR not_before <= ? ORDER BY +id", moment))

    def _owed(self, which: str, *values: str) -> Iterator[Owed]:
        """Give owed work; a damaged row must not stop the rest, and the check names it."""
        rows = f"SELECT id, kind, case_id, not_before, sealed FROM outbox {which}"  # noqa: S608  # fixed words
        for row in self.db.execute(rows, values):
            with suppress(TranscriptDamaged):
                yield to_owed(self.sealer, *row)

    def next_due(self) -> datetime | None:
        """Give when the next owed work comes (long ago: now), or None when nothing is owed."""
        first = next(self._owed("ORDER BY not_before NULLS FIRST"), None)
        return (first.not_before or _LONG_AGO) if first else None

    def owed(self) -> int:
        """Give how much owed work is not done; what waits for a moment of a term is not counted."""
        (count,) = self.db.execute("SELECT count(*) FROM outbox WHERE kind <> 'watch'").fetchone()
        return int(count)

    def still_owed(self, owed: Owed) -> Owed | None:
        """Give owed work as it stands now, unless it was done or put off since it was read."""
        known = read_owed(self.db, self.sealer, owed.id)
        is_same = known is not None and (known.attempts, known.not_before) == (owed.attempts, owed.not_before)
        return known if is_same else None

    def put_off(self, owed: int, attempts: int, not_before: datetime) -> None:
        """Try owed work again later; its progress stays."""
        known = read_owed(self.db, self.sealer, owed)
        if known is not None:
            self.writer.put_owed(replace(known, attempts=attempts, not_before=not_before))

    def card_place(self, case: str) -> Mapping[str, Any] | None:
        """Give the `posted` progress of the case's latest card, also when that work is done."""
        row = self.db.execute("SELECT sealed FROM card WHERE case_id = ?", (case,)).fetchone()
        place: Mapping[str, Any] | None = self.sealer.open(("card", case), row[0]) if row else None
        return place

    # --- the end of a case -------------------------------------------------------------

    def destroy(self, certificate: Certificate, version: int, register: Sequence[RegisterEntry]) -> None:
        """Discard the case's rows and its key, and keep the certificate and the register's entries."""
        with transaction(self.db):
            replace_by_certificate(self.db, self.sealer, certificate, version)
            self.writer.append_register(*register)
        # A crash from here on is ended at the next start: the certificate says that the key must go.
        self.keyring.discard(certificate.case)

    def discard(self, case: str, register: Sequence[RegisterEntry]) -> None:
        """Delete all rows of a practice case, and its key; raises TranscriptConflict where it is none."""
        with transaction(self.db):
            discard_practice(self.db, self.sealer, case)
            self.writer.append_register(*register)
        # A crash from here on leaves a key that opens nothing any more.
        self.keyring.discard(case)

    def seal(self, case: str, keepers: Sequence[Keeper]) -> None:
        """Split a case's key over its keepers and forget it; done already is done."""
        with suppress(CaseSealed):
            self.keyring.split(case, keepers)

    # --- signing -----------------------------------------------------------------------

    def sign_off(self, case: str) -> bytes:
        """Give a signed checkpoint of a case as it stands; raises TranscriptDamaged."""
        entry = read_entry(self.db, self.sealer, case)
        if entry is None:
            raise TranscriptDamaged("there is no such case")
        before = self.keyring.last_signed(case)
        if before and self.link_at(case, before[0]) != before[1]:
            raise TranscriptDamaged(f"it does not go on from what was signed at event {before[0]}")
        return self.keyring.sign_off(case, entry.version, entry.link)

    def link_at(self, case: str | None, seq: int) -> str | None:
        """Give the chain value of one event of a case, or of one entry of the register (None)."""
        table, where = ("register", (seq,)) if case is None else ("event", (seq, case))
        also = "" if case is None else " AND case_id = ?"
        row = self.db.execute(f"SELECT head FROM {table} WHERE seq = ?{also}", where).fetchone()  # noqa: S608  # fixed words
        return sha256(row[0]).hexdigest() if row else None
