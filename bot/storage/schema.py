"""The tables of the SQLite store.

What is in the clear, field by field and why, stands in `docs/storage.md`. `sealed` and `body` are encrypted
(`sealing`), and vouch for the columns beside them; heads never hold content (`state.codec`), so chains can be
checked without keys. Of a case that was destroyed its certificate remains, and only then may its rows go; those of an
exercise may go at any time.
"""

APPLICATION_ID = 0x57654757  # "WeGW": so that no other program's file is taken for ours
VERSION = 5
FIRST_ENCRYPTED = 3  # files of earlier forms have no keys

_APPEND_ONLY = """
CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""
_NEVER_ERASED = """
CREATE TRIGGER {table}_is_never_erased BEFORE DELETE ON {table}{unless}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""
_DESTROYED = (
    " WHEN NOT EXISTS (SELECT 1 FROM certificate WHERE case_id = OLD.case_id)"
    " AND NOT EXISTS (SELECT 1 FROM cases WHERE id = OLD.case_id AND number LIKE 'OEFEN-%')"
)

# After each turn that owes something it is asked what is due, next and left: of the many rows that only wait for a
# moment of a term none may be looked at for that.
OUTBOX_INDEXES = """
CREATE INDEX outbox_by_moment ON outbox (not_before);
CREATE INDEX outbox_by_case ON outbox (case_id);
CREATE INDEX outbox_of_work ON outbox (id) WHERE kind <> 'watch';
"""

TABLES = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    phase TEXT NOT NULL,
    holder BLOB NOT NULL,
    offered_to BLOB,
    opened_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    link TEXT NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX cases_by_holder ON cases (holder);
CREATE INDEX cases_by_receiver ON cases (offered_to) WHERE offered_to IS NOT NULL;

CREATE TABLE event (
    case_id TEXT NOT NULL REFERENCES cases (id),
    seq INTEGER NOT NULL,
    head BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (case_id, seq)
) STRICT;

CREATE TABLE inbox (
    key TEXT PRIMARY KEY,
    case_id TEXT REFERENCES cases (id),
    first_seq INTEGER,
    last_seq INTEGER,
    tag BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_by_case ON inbox (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE handle (
    digest BLOB PRIMARY KEY,
    case_id TEXT,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX handle_by_case ON handle (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE chat (person BLOB PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    not_before TEXT,
    sealed BLOB NOT NULL
) STRICT;
{OUTBOX_INDEXES}
CREATE TABLE card (case_id TEXT PRIMARY KEY REFERENCES cases (id), sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE register (seq INTEGER PRIMARY KEY, head BLOB NOT NULL, body BLOB NOT NULL) STRICT;

CREATE TABLE keeping (case_id TEXT PRIMARY KEY REFERENCES cases (id), sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE certificate (
    case_id TEXT PRIMARY KEY, number BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""

TRIGGERS = (
    "".join(_APPEND_ONLY.format(table=table) for table in ("event", "inbox", "register", "certificate"))
    + "".join(_NEVER_ERASED.format(table=table, unless=_DESTROYED) for table in ("event", "inbox"))
    + "".join(_NEVER_ERASED.format(table=table, unless="") for table in ("register", "certificate"))
)
SCHEMA = TABLES + TRIGGERS
