"""What one `Write` does to the SQLite tables; the caller holds the transaction."""

import secrets
import sqlite3
from hashlib import sha256
from typing import Any

from bot.errors import NumberTaken, TranscriptConflict
from bot.ports import CaseEntry, Chat, Handle, Owed, RegisterEntry, Write
from bot.storage.register import to_register_row
from state.codec import FIRST, Row, canonical, read_head, to_moment
from state.errors import TranscriptDamaged


def apply(db: sqlite3.Connection, write: Write) -> None:
    """Do all of a write; raises TranscriptConflict or NumberTaken, and the caller rolls back."""
    case, version = _append_events(db, write)
    if write.inbox is not None:
        _keep_inbox(db, write, case, version)
    for handle in write.handles:
        _keep_handle(db, handle)
    if write.used_handle is not None:
        db.execute("UPDATE handle SET used = 1 WHERE digest = ?", (digest_of(write.used_handle),))
    if write.chat is not None:
        _keep_chat(db, write.chat)
    for owed in write.owed:
        _keep_owed(db, owed)
    if write.owed_done is not None:
        _end_owed(db, write.owed_done)
    for entry in write.register:
        _append_register(db, entry)


def digest_of(handle: str) -> bytes:
    """Give what is kept of a handle: enough to find it, not enough to press a card with."""
    # A handle comes from outside and may hold what UTF-8 cannot.
    return sha256(handle.encode("utf-8", "surrogatepass")).digest()


def _append_events(db: sqlite3.Connection, write: Write) -> tuple[str | None, int]:
    """Append the rows when the case stands where it was read; give the case and its new version."""
    heads = [read_head(row.head) for row in write.rows]
    case = write.entry.id if write.entry else heads[0]["case"] if heads else None
    if case is None:
        return None, 0
    found = db.execute("SELECT version FROM cases WHERE id = ?", (case,)).fetchone()
    version = found[0] if found else 0
    if write.rows and version != write.expected_version:
        raise TranscriptConflict
    after = version + len(write.rows)
    if write.entry:
        _keep_entry(db, write.entry, after)
    else:
        db.execute("UPDATE cases SET version = ? WHERE id = ?", (after, case))
    _check_chain(db, case, version, write.rows, heads)
    db.executemany(
        "INSERT INTO event (case_id, seq, head, body, hash) VALUES (?, ?, ?, ?, ?)",
        [(case, row.seq, row.head, row.body, row.link) for row in write.rows],
    )
    return case, after


def _check_chain(
    db: sqlite3.Connection, case: str, version: int, rows: tuple[Row, ...], heads: list[dict[str, Any]]
) -> None:
    """Refuse rows that do not continue what is stored: once kept, they could never be put right."""
    last = db.execute("SELECT hash FROM event WHERE case_id = ? AND seq = ?", (case, version)).fetchone()
    prev = last[0] if last else FIRST
    for number, (row, head) in enumerate(zip(rows, heads, strict=True), version + 1):
        if (head["case"], head["seq"], row.seq, head["prev"]) != (case, number, number, prev):
            raise TranscriptDamaged(f"event {number} does not continue what is stored")
        prev = row.link


def _keep_entry(db: sqlite3.Connection, entry: CaseEntry, version: int) -> None:
    taken = db.execute("SELECT 1 FROM cases WHERE number = ? AND id <> ?", (entry.number, entry.id))
    if taken.fetchone():
        raise NumberTaken
    db.execute(
        "INSERT INTO cases (id, number, tenant, phase, holder, offered_to, opened_at, version)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET phase = excluded.phase,"
        " holder = excluded.holder, offered_to = excluded.offered_to, version = excluded.version",
        (
            entry.id,
            entry.number,
            entry.tenant,
            entry.phase,
            entry.holder,
            entry.offered_to,
            to_moment(entry.opened_at),
            version,
        ),
    )


def _keep_inbox(db: sqlite3.Connection, write: Write, case: str | None, version: int) -> None:
    """Keep which events an activity caused, so that the inbox can be checked against the heads."""
    caused = (case, version - len(write.rows) + 1, version) if write.rows else (None, None, None)
    kept = db.execute("INSERT OR IGNORE INTO inbox VALUES (?, ?, ?, ?)", (write.inbox, *caused))
    if kept.rowcount == 0:
        # The same activity came twice at once: the other turn was first, and this one must look again.
        raise TranscriptConflict


def _keep_handle(db: sqlite3.Connection, handle: Handle) -> None:
    db.execute(
        "INSERT INTO handle (digest, person, conversation, context, case_id, used) VALUES (?, ?, ?, ?, ?, ?)",
        (
            digest_of(handle.handle),
            handle.person,
            handle.conversation,
            handle.context,
            handle.case,
            int(handle.used),
        ),
    )


def _keep_chat(db: sqlite3.Connection, chat: Chat) -> None:
    where = chat.reference
    db.execute(
        "INSERT OR REPLACE INTO chat VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            chat.person,
            where.service_url,
            where.conversation,
            where.user_id,
            where.bot_id,
            where.tenant,
            chat.active_case,
            chat.language,
            chat.shown,
        ),
    )


def _keep_owed(db: sqlite3.Connection, owed: Owed) -> None:
    not_before = to_moment(owed.not_before) if owed.not_before else None
    db.execute(
        "INSERT INTO outbox (kind, case_id, body, progress, attempts, not_before) VALUES (?, ?, ?, ?, ?, ?)",
        (
            owed.kind,
            owed.case,
            canonical(dict(owed.body)),
            canonical(dict(owed.progress)),
            owed.attempts,
            not_before,
        ),
    )


def keep_progress(db: sqlite3.Connection, owed: Owed) -> None:
    """Keep how far owed work came; the place of a card outlives the work, for the card's next version."""
    progress = canonical(dict(owed.progress))
    db.execute("UPDATE outbox SET progress = ? WHERE id = ?", (progress, owed.id))
    if owed.kind == "card" and "posted" in owed.progress:
        place = canonical(owed.progress["posted"])
        db.execute("INSERT OR REPLACE INTO card VALUES (?, ?)", (owed.case, place))


def _end_owed(db: sqlite3.Connection, owed_id: int) -> None:
    if db.execute("DELETE FROM outbox WHERE id = ?", (owed_id,)).rowcount == 0:
        # Someone else did this work; what was done here must not be kept a second time.
        raise TranscriptConflict


def _append_register(db: sqlite3.Connection, entry: RegisterEntry) -> None:
    last = db.execute("SELECT seq, hash FROM register ORDER BY seq DESC LIMIT 1").fetchone()
    seq, prev = last or (0, FIRST)
    row = to_register_row(entry, seq + 1, prev, secrets.token_bytes(32))
    db.execute(
        "INSERT INTO register (seq, head, body, hash) VALUES (?, ?, ?, ?)",
        (row.seq, row.head, row.body, row.link),
    )
