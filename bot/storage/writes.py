"""What one `Write` does to the SQLite tables; the caller holds the transaction."""

import secrets
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from bot.errors import NumberTaken, TranscriptConflict
from bot.storage.kept import is_number_destroyed, keep_keeping, reopen_keeping
from bot.storage.keyring import Keyring
from bot.storage.reading import case_place, digest_of, read_entry, read_handle, read_owed
from bot.storage.register import KEEP_META, keep_register_head, register_head, register_place, to_register_row
from bot.storage.sealing import encrypt
from bot.storage.sql import Db
from bot.store import WATCH, CaseEntry, Chat, Handle, Owed, RegisterEntry, Write
from state.codec import FIRST, Row, read_head, to_moment
from state.errors import TranscriptDamaged
from state.lifecycle import CLOSED

_KEEP_HANDLE = (
    "INSERT INTO handle VALUES (?, ?, ?)"
    " ON CONFLICT (digest) DO UPDATE SET case_id = excluded.case_id, sealed = excluded.sealed"
)
_KEEP_CHAT = "INSERT INTO chat VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET sealed = excluded.sealed"
_KEEP_CARD = "INSERT INTO card VALUES (?, ?) ON CONFLICT (case_id) DO UPDATE SET sealed = excluded.sealed"


class Writer:
    """Applies writes to the tables, sealed under the keys of a keyring."""

    def __init__(self, db: Db, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring
        self._sealer = keyring.sealer

    def apply(self, write: Write) -> None:
        """Do all of a write; raises TranscriptConflict or NumberTaken, and the caller rolls back."""
        case, version = self._append_events(write)
        if write.inbox is not None:
            self._keep_inbox(write, case, version)
        for handle in write.handles:
            self._keep_handle(handle)
        if write.used_handle is not None:
            self._use_handle(write.used_handle)
        if write.chat is not None:
            self._keep_chat(write.chat)
        if write.owed_done is not None:
            self._end_owed(write.owed_done)
        for owed in write.owed:
            self._keep_owed(owed)
        if write.forget_card is not None:
            self._db.execute("DELETE FROM card WHERE case_id = ?", (write.forget_card,))
        if write.keeping is not None:
            keep_keeping(self._db, self._sealer, write.keeping)
        self.append_register(*write.register)

    # --- the case ----------------------------------------------------------------------

    def _append_events(self, write: Write) -> tuple[str | None, int]:
        """Append the rows when the case stands where it was read; give the case and its new version."""
        heads = [read_head(row.head) for row in write.rows]
        case = write.entry.id if write.entry else heads[0]["case"] if heads else None
        if case is None:
            return None, 0
        entry = read_entry(self._db, self._sealer, case)
        version, link = (entry.version, entry.link) if entry else (0, FIRST)
        if write.rows and version != write.expected_version:
            raise TranscriptConflict
        _check_chain(case, version, link, write.rows, heads)
        kept = write.entry or entry
        if kept is None:
            raise TranscriptDamaged("events of a case that was never opened")
        after = version + len(write.rows)
        self._keep_entry(replace(kept, version=after, link=write.rows[-1].link if write.rows else link), entry)
        self._insert_events(case, link, write.rows)
        if entry is not None and entry.phase in CLOSED and kept.phase not in CLOSED:
            reopen_keeping(self._db, self._sealer, case, datetime.fromisoformat(heads[-1]["at"]))
        return case, after

    def _insert_events(self, case: str, before: str, rows: tuple[Row, ...]) -> None:
        if not rows:
            return
        cipher = self._keyring.make(case) if rows[0].seq == 1 else self._keyring.of(case)
        stored = [(row.seq, row.head, encrypt(cipher, ("event", case, row.seq), row.body)) for row in rows]
        self._db.executemany(
            "INSERT INTO event (case_id, seq, head, body) VALUES (?, ?, ?, ?)",
            [(case, *row) for row in stored],
        )
        self._keyring.unchanged.wrote(case, before, rows[-1].link, stored)

    def _keep_entry(self, entry: CaseEntry, before: CaseEntry | None) -> None:
        taken = self._db.execute("SELECT 1 FROM cases WHERE number = ? AND id <> ?", (entry.number, entry.id))
        if before is None and (taken.fetchone() or is_number_destroyed(self._db, self._sealer, entry.number)):
            raise NumberTaken
        place = case_place(self._sealer, entry)
        sealed = self._sealer.seal(place, {"holder": entry.holder, "offered_to": entry.offered_to})
        columns = (*place[1:], sealed)
        if before is None:
            # Not REPLACE: events refer to this row.
            self._db.execute("INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", columns)
            return
        self._db.execute(
            "UPDATE cases SET number = ?, tenant = ?, phase = ?, holder = ?, offered_to = ?, opened_at = ?,"
            " version = ?, link = ?, sealed = ? WHERE id = ?",
            (*columns[1:], entry.id),
        )

    # --- what is beside it -------------------------------------------------------------

    def _keep_inbox(self, write: Write, case: str | None, version: int) -> None:
        """Keep which events an activity caused, so that the inbox can be checked against the heads."""
        caused = (case, version - len(write.rows) + 1, version) if write.rows else (None, None, None)
        row = (write.inbox, *caused)
        kept = self._db.execute(
            "INSERT INTO inbox VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (*row, self._sealer.tag(("inbox", *row))),
        )
        if kept.rowcount == 0:
            # The same activity came twice at once: the other turn was first, and this one must look again.
            raise TranscriptConflict

    def _keep_handle(self, handle: Handle) -> None:
        digest = digest_of(handle.handle)
        sealed = self._sealer.seal(("handle", digest, handle.case), {**asdict(handle), "handle": ""})
        self._db.execute(_KEEP_HANDLE, (digest, handle.case, sealed))

    def _use_handle(self, handle: str) -> None:
        known = read_handle(self._db, self._sealer, handle)
        if known is not None:
            self._keep_handle(replace(known, used=True))

    def _keep_chat(self, chat: Chat) -> None:
        person = self._sealer.index("person", chat.person)
        sealed = self._sealer.seal(("chat", person), asdict(chat))
        self._db.execute(_KEEP_CHAT, (person, sealed))

    def _keep_owed(self, owed: Owed) -> None:
        if owed.kind == WATCH:
            # One per case: what it was to look at before is in the newer one.
            self._db.execute("DELETE FROM outbox WHERE kind = ? AND case_id = ?", (WATCH, owed.case))
        number = self._next_owed()
        self._db.execute(
            "INSERT INTO outbox (id, kind, case_id, not_before, sealed) VALUES (?, ?, ?, NULL, ?)",
            (number, owed.kind, owed.case, b""),
        )
        self.put_owed(replace(owed, id=number))

    def _next_owed(self) -> int:
        """Give a number that no other work had: who still holds a number of work that is done must find nothing."""
        place = ("meta", "outbox")
        last = self._db.execute("SELECT value FROM meta WHERE name = 'outbox'").fetchone()
        number = int(self._sealer.open(place, last[0])) + 1 if last else 1
        self._db.execute(KEEP_META, ("outbox", self._sealer.seal(place, number)))
        return number

    def put_owed(self, owed: Owed) -> None:
        """Write owed work anew, as far as it came."""
        moment = to_moment(owed.not_before) if owed.not_before else None
        value = {"body": dict(owed.body), "progress": dict(owed.progress), "attempts": owed.attempts}
        sealed = self._sealer.seal(("outbox", owed.id, owed.kind, owed.case, moment), value)
        self._db.execute("UPDATE outbox SET not_before = ?, sealed = ? WHERE id = ?", (moment, sealed, owed.id))

    def take(self, owed: Owed, until: datetime) -> bool:
        """Put owed work off until a moment, when it stands as it was read."""
        known = read_owed(self._db, self._sealer, owed.id)
        if known is None or (known.attempts, known.not_before) != (owed.attempts, owed.not_before):
            return False
        self.put_owed(replace(known, not_before=until))
        return True

    def keep_progress(self, owed: Owed) -> None:
        """Keep how far owed work came; the place of a card outlives the work, for the card's next version.

        Raises TranscriptConflict where another instance, after a failover that took the locks away, ended the work or
        placed the card elsewhere: of two placeholders only one may get content.
        """
        known = read_owed(self._db, self._sealer, owed.id)
        if known is None or known.progress.get("posted", owed.progress.get("posted")) != owed.progress.get("posted"):
            raise TranscriptConflict
        self.put_owed(replace(known, progress=owed.progress))
        if owed.kind == "card" and "posted" in owed.progress:
            sealed = self._sealer.seal(("card", owed.case), owed.progress["posted"])
            self._db.execute(_KEEP_CARD, (owed.case, sealed))

    def _end_owed(self, owed_id: int) -> None:
        if self._db.execute("DELETE FROM outbox WHERE id = ?", (owed_id,)).rowcount == 0:
            # Someone else did this work; what was done here must not be kept a second time.
            raise TranscriptConflict

    def waiting(self) -> tuple[RegisterEntry, ...]:
        """Give what waits to be put on the register's chain; here it is put there at once."""
        return ()

    def append_register(self, *entries: RegisterEntry) -> None:
        """Append entries to the register's chain."""
        if not entries:
            return
        seq, link = register_head(self._db, self._sealer)
        for entry in entries:
            row = to_register_row(entry, seq + 1, link, secrets.token_bytes(32))
            seq, link = row.seq, row.link
            body = self._sealer.seal(register_place(row), row.body.decode())
            self._db.execute("INSERT INTO register VALUES (?, ?, ?)", (row.seq, row.head, body))
        keep_register_head(self._db, self._sealer, seq, link)


def _check_chain(case: str, version: int, prev: str, rows: tuple[Row, ...], heads: list[dict[str, Any]]) -> None:
    """Refuse rows that do not continue what is stored: once kept, they could never be put right."""
    for number, (row, head) in enumerate(zip(rows, heads, strict=True), version + 1):
        if (head["case"], head["seq"], row.seq, head["prev"]) != (case, number, number, prev):
            raise TranscriptDamaged(f"event {number} does not continue what is stored")
        prev = row.link
