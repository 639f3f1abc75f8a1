"""The tables of the SQLite store, and the number that says which version of them a file has.

`nonce` is NULL while a body is stored as it is; a later version may fill it for encrypted bodies
without changing a table. Heads never hold content (`state.codec`), so chains can be checked without keys.
"""

APPLICATION_ID = 0x57654757  # "WeGW": so that no other program's file is taken for ours
VERSION = 2
# What makes a file of each version one of the next; never changed once a version was released.
UPGRADES = {1: "ALTER TABLE chat ADD COLUMN shown TEXT NOT NULL DEFAULT '';"}

_APPEND_ONLY = """
CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_is_never_erased BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""

_TABLES = """
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
"""

SCHEMA = _TABLES + "".join(_APPEND_ONLY.format(table=table) for table in ("event", "inbox", "register"))
