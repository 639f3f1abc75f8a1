"""Files as earlier versions of the bot wrote them: everything readable, version 1 or 2."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bot.storage.register import to_register_row
from bot.store import Chat, RegisterEntry
from state.codec import FIRST, canonical, read_head, to_moment
from tests.contracts.rows import Growing

APPLICATION_ID = 0x57654757
SCHEMA = """
CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    phase TEXT NOT NULL,
    holder TEXT NOT NULL,
    offered_to TEXT,
    opened_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX cases_by_holder ON cases (holder);
CREATE INDEX cases_by_receiver ON cases (offered_to) WHERE offered_to IS NOT NULL;

CREATE TABLE event (
    case_id TEXT NOT NULL REFERENCES cases (id),
    seq INTEGER NOT NULL,
    head BLOB NOT NULL,
    body BLOB NOT NULL,
    hash TEXT NOT NULL,
    nonce BLOB,
    PRIMARY KEY (case_id, seq)
) STRICT;

CREATE TABLE inbox (
    key TEXT PRIMARY KEY,
    case_id TEXT REFERENCES cases (id),
    first_seq INTEGER,
    last_seq INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE handle (
    digest BLOB PRIMARY KEY,
    person TEXT NOT NULL,
    conversation TEXT NOT NULL,
    context TEXT NOT NULL,
    case_id TEXT,
    used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE chat (
    person TEXT PRIMARY KEY,
    service_url TEXT NOT NULL,
    conversation TEXT NOT NULL,
    user_id TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    tenant TEXT NOT NULL,
    active_case TEXT,
    language TEXT,
    shown TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    body BLOB NOT NULL,
    nonce BLOB,
    progress BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    not_before TEXT
) STRICT;

CREATE TABLE card (
    case_id TEXT PRIMARY KEY REFERENCES cases (id),
    place BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE register (
    seq INTEGER PRIMARY KEY,
    head BLOB NOT NULL,
    body BLOB NOT NULL,
    hash TEXT NOT NULL,
    nonce BLOB
) STRICT;

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_is_never_erased BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

CREATE TRIGGER inbox_is_never_changed BEFORE UPDATE ON inbox
BEGIN SELECT RAISE(ABORT, 'inbox is append-only'); END;
CREATE TRIGGER inbox_is_never_erased BEFORE DELETE ON inbox
BEGIN SELECT RAISE(ABORT, 'inbox is append-only'); END;

CREATE TRIGGER register_is_never_changed BEFORE UPDATE ON register
BEGIN SELECT RAISE(ABORT, 'register is append-only'); END;
CREATE TRIGGER register_is_never_erased BEFORE DELETE ON register
BEGIN SELECT RAISE(ABORT, 'register is append-only'); END;
"""


def write_old(
    path: Path,
    cases: Sequence[Growing],
    chats: Sequence[Chat] = (),
    entries: Sequence[RegisterEntry] = (),
    form: int = 2,
) -> None:
    """Write a file of form 1 or 2 with these cases in it, as they stand."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = 2; PRAGMA application_id = {APPLICATION_ID}; COMMIT;")
        db.execute("BEGIN")
        for case in cases:
            _write_case(db, case)
        for chat in chats:
            where = chat.reference
            places = (where.service_url, where.conversation, where.user_id, where.bot_id, where.tenant)
            row = (chat.person, *places, chat.active_case, chat.language, chat.shown)
            db.execute("INSERT INTO chat VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        _write_register(db, entries)
        db.execute("COMMIT")
        if form == 1:
            db.execute("ALTER TABLE chat DROP COLUMN shown")
            db.execute("PRAGMA user_version = 1")


def _write_case(db: sqlite3.Connection, case: Growing) -> None:
    entry = case.entry(case.version)
    row = (entry.id, entry.number, entry.tenant, entry.phase, entry.holder, entry.offered_to)
    db.execute("INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, to_moment(entry.opened_at), entry.version))
    events = [(case.id, row.seq, row.head, row.body, row.link) for row in case.rows]
    db.executemany("INSERT INTO event (case_id, seq, head, body, hash) VALUES (?, ?, ?, ?, ?)", events)
    spans: dict[str, list[int]] = {}
    for row in case.rows:
        spans.setdefault(read_head(row.head)["key"], []).append(row.seq)
    caused = [(key, case.id, seqs[0], seqs[-1]) for key, seqs in spans.items() if key != FIRST]
    db.executemany("INSERT INTO inbox VALUES (?, ?, ?, ?)", caused)
    work = (canonical({"version": 1}), canonical({}))
    db.execute(
        "INSERT INTO outbox (kind, case_id, body, progress, attempts, not_before) VALUES ('card', ?, ?, ?, 3, NULL)",
        (case.id, *work),
    )


def _write_register(db: sqlite3.Connection, entries: Sequence[RegisterEntry]) -> None:
    prev = FIRST
    for seq, entry in enumerate(entries, 1):
        row = to_register_row(entry, seq, prev, bytes(32))
        prev = row.link
        db.execute("INSERT INTO register (seq, head, body, hash) VALUES (?, ?, ?, ?)", (seq, row.head, row.body, prev))
