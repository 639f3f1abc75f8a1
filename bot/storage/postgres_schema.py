"""The tables in PostgreSQL: those of SQLite (`schema`), column for column, and the steps from form to form.

An organisation has a schema of its own, and its keys one beside it: that is what a database shares out over
servers by (docs/scale.md). In it every row of a case carries the case's id.
"""

from bot.storage.sql import Db

_KINDS = {"TEXT": 'TEXT COLLATE "C"', "BLOB": "BYTEA", "INTEGER": "BIGINT"}

_TABLES = """
CREATE TABLE meta (name {TEXT} PRIMARY KEY, value {BLOB} NOT NULL);

CREATE TABLE cases (
    id {TEXT} PRIMARY KEY,
    number {TEXT} NOT NULL UNIQUE,
    tenant {TEXT} NOT NULL,
    phase {TEXT} NOT NULL,
    holder {BLOB} NOT NULL,
    offered_to {BLOB},
    opened_at {TEXT} NOT NULL,
    version {INTEGER} NOT NULL,
    link {TEXT} NOT NULL,
    sealed {BLOB} NOT NULL,
    rowid {INTEGER} GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX cases_by_holder ON cases (holder);
CREATE INDEX cases_by_receiver ON cases (offered_to) WHERE offered_to IS NOT NULL;

CREATE TABLE event (
    case_id {TEXT} NOT NULL REFERENCES cases (id),
    seq {INTEGER} NOT NULL,
    head {BLOB} NOT NULL,
    body {BLOB} NOT NULL,
    PRIMARY KEY (case_id, seq)
);

CREATE TABLE inbox (
    key {TEXT} PRIMARY KEY,
    case_id {TEXT} REFERENCES cases (id),
    first_seq {INTEGER},
    last_seq {INTEGER},
    tag {BLOB} NOT NULL
);
CREATE INDEX inbox_by_case ON inbox (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE handle (digest {BLOB} PRIMARY KEY, case_id {TEXT}, sealed {BLOB} NOT NULL);
CREATE INDEX handle_by_case ON handle (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE chat (person {BLOB} PRIMARY KEY, sealed {BLOB} NOT NULL);

CREATE SEQUENCE outbox_number;
CREATE TABLE outbox (
    id {INTEGER} PRIMARY KEY,
    kind {TEXT} NOT NULL,
    case_id {TEXT} NOT NULL REFERENCES cases (id),
    not_before {TEXT},
    sealed {BLOB} NOT NULL
);
CREATE INDEX outbox_by_case ON outbox (case_id);

CREATE TABLE card (case_id {TEXT} PRIMARY KEY REFERENCES cases (id), sealed {BLOB} NOT NULL);

CREATE TABLE register (seq {INTEGER} PRIMARY KEY, head {BLOB} NOT NULL, body {BLOB} NOT NULL);

-- What turns note, until one of the instances puts it on the register's chain: with the chain itself in every
-- turn's transaction, all turns of all instances would wait for each other.
CREATE TABLE register_waiting (id {INTEGER} GENERATED ALWAYS AS IDENTITY PRIMARY KEY, token {BLOB}, sealed {BLOB});

CREATE TABLE keeping (case_id {TEXT} PRIMARY KEY REFERENCES cases (id), sealed {BLOB} NOT NULL);

CREATE TABLE certificate (case_id {TEXT} PRIMARY KEY, number {BLOB} NOT NULL UNIQUE, sealed {BLOB} NOT NULL);

CREATE TABLE {keys}.wrapped (name {TEXT} PRIMARY KEY, data_key {TEXT} NOT NULL, wrapped {BLOB} NOT NULL);
CREATE TABLE {keys}.share (
    case_id {TEXT} NOT NULL, keeper {TEXT} NOT NULL, share {BLOB} NOT NULL, tag {BLOB} NOT NULL,
    PRIMARY KEY (case_id, keeper)
);
CREATE TABLE {keys}.signed (
    case_id {TEXT} PRIMARY KEY, size {INTEGER} NOT NULL, link {TEXT} NOT NULL, tag {BLOB} NOT NULL
);
"""

_TRIGGERS = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;

CREATE FUNCTION refuse_unless_destroyed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM {schema}.certificate WHERE case_id = OLD.case_id)
        OR EXISTS (SELECT 1 FROM {schema}.cases WHERE id = OLD.case_id AND number LIKE 'OEFEN-%') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
"""
_APPEND_ONLY = ("event", "inbox", "register", "certificate")
_GO_WITH_THEIR_CASE = ("event", "inbox")


def _triggers() -> str:
    made = [
        f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse();\n"
        f"CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse();\n"
        f"CREATE TRIGGER {table}_is_never_erased BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION "
        f"{'refuse_unless_destroyed' if table in _GO_WITH_THEIR_CASE else 'refuse'}();\n"
        for table in _APPEND_ONLY
    ]
    return _TRIGGERS + "".join(made)


# Each makes the form before it the next one. One that was released is never changed.
STEPS = (
    _TABLES + _triggers(),
    # The next moment of the owed work is asked for after each piece of it.
    "CREATE INDEX outbox_by_moment ON outbox (not_before NULLS FIRST);"
    "CREATE INDEX outbox_of_work ON outbox (id) WHERE kind <> 'watch';",
)
VERSION = len(STEPS)
TRIGGERS = frozenset(f"{table}_is_never_{what}" for table in _APPEND_ONLY for what in ("changed", "emptied", "erased"))


def keys_of(schema: str) -> str:
    """Give the schema of an organisation's keys, which ordinary backups leave out."""
    return f"{schema}_keys"


def version_of(db: Db, schema: str) -> int:
    """Give which form an organisation's tables have; 0 when there are none."""
    there = db.execute("SELECT to_regclass(?)", (f"{schema}.form",)).fetchone()
    if there[0] is None:
        return 0
    (version,) = db.execute(f"SELECT max(version) FROM {schema}.form").fetchone()  # noqa: S608  # a checked name
    return int(version)


def has_keys(db: Db, schema: str) -> bool:
    """Tell whether the tables of an organisation's keys are there: they are backed up apart from the cases."""
    there = db.execute("SELECT to_regclass(?)", (f"{keys_of(schema)}.wrapped",)).fetchone()
    return there[0] is not None


def upgrade(db: Db, schema: str) -> tuple[int, int]:
    """Do the steps that are missing, in the caller's transaction and lock; give the form before and after."""
    # An index on a large table takes longer than any statement of a turn may.
    db.execute("SET LOCAL statement_timeout = 0")
    before = version_of(db, schema)
    if before == 0:
        for name in (schema, keys_of(schema)):
            db.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
        db.execute(f"CREATE TABLE {schema}.form (version INTEGER PRIMARY KEY, at TIMESTAMPTZ DEFAULT now())")
    for number, step in enumerate(STEPS[before:], before + 1):
        db.execute(_to_sql(step, schema))
        db.execute(f"INSERT INTO {schema}.form VALUES (?)", (number,))  # noqa: S608  # a checked name
    return before, max(before, VERSION)


def _to_sql(step: str, schema: str) -> str:
    names = {**_KINDS, "schema": schema, "keys": keys_of(schema)}
    for name, value in names.items():
        step = step.replace(f"{{{name}}}", value)
    return step


def form_problems(db: Db, schema: str) -> list[str]:
    """Give what is wrong with the tables: without its triggers a database would no longer refuse to forget."""
    rows = db.execute(
        "SELECT tgname FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid"
        " WHERE relnamespace = to_regnamespace(?) AND NOT tgisinternal AND tgenabled <> 'D'",
        (schema,),
    )
    is_whole = version_of(db, schema) == VERSION and {name for (name,) in rows} == TRIGGERS
    return [] if is_whole else ["the tables or triggers are not those of this version"]
