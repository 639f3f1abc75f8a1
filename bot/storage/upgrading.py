"""Files of earlier forms become files of today's, in one transaction; nothing readable stays behind."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from bot.storage.keyring import Keyring
from bot.storage.opening import Upgrade
from bot.storage.reading import case_place
from bot.storage.register import keep_register_head, register_place
from bot.storage.schema import OUTBOX_INDEXES, TABLES, TRIGGERS, VERSION
from bot.storage.sealing import encrypt
from bot.store import CaseEntry
from state.codec import FIRST, Row

_OLD = ("cases", "event", "inbox", "handle", "chat", "outbox", "card", "register")


def upgrades(keyring: Keyring) -> Mapping[int, Upgrade]:
    """Give what makes each form the next one.

    2 to 3 encrypts everything, 3 to 4 lets exercises be thrown away, 4 to 5 finds what is due without looking at
    all that waits.
    """
    return {1: _add_shown, 2: lambda db: _seal_everything(db, keyring), 3: _renew_triggers, 4: _index_outbox}


def _renew_triggers(db: sqlite3.Connection) -> None:
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    _make_triggers(db)


def _index_outbox(db: sqlite3.Connection) -> None:
    for statement in OUTBOX_INDEXES.split(";")[:-1]:
        # A file of the second form got today's tables on its way.
        db.execute(statement.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS"))


def _make_triggers(db: sqlite3.Connection) -> None:
    for trigger in TRIGGERS.split("END;")[:-1]:
        db.execute(f"{trigger}END")


def _add_shown(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE chat ADD COLUMN shown TEXT NOT NULL DEFAULT ''")


def _seal_everything(db: sqlite3.Connection, keyring: Keyring) -> None:
    for table in _OLD:
        for index in ("cases_by_holder", "cases_by_receiver") if table == "cases" else ():
            db.execute(f"DROP INDEX {index}")
        if table in ("event", "inbox", "register"):
            db.execute(f"DROP TRIGGER {table}_is_never_changed")
            db.execute(f"DROP TRIGGER {table}_is_never_erased")
        db.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in TABLES.split(";"):
        db.execute(statement)
    _move_cases(db, keyring)
    _move_rest(db, keyring)
    for table in reversed(_OLD):
        # secure_delete is on: what is dropped is overwritten.
        db.execute(f"DROP TABLE old_{table}")
    _make_triggers(db)
    db.execute("INSERT INTO meta VALUES ('store', ?)", (keyring.sealer.seal(("meta", "store"), VERSION),))


def _move_cases(db: sqlite3.Connection, keyring: Keyring) -> None:
    sealer = keyring.sealer
    columns = "id, number, tenant, phase, holder, offered_to, opened_at, version"
    for row in db.execute(f"SELECT {columns} FROM old_cases ORDER BY rowid").fetchall():  # noqa: S608  # fixed names
        case, cipher = row[0], keyring.make(row[0])
        events = db.execute("SELECT seq, head, body FROM old_event WHERE case_id = ? ORDER BY seq", (case,)).fetchall()
        link = sha256(events[-1][1]).hexdigest() if events else FIRST
        entry = _entry(row, link)
        place = case_place(sealer, entry)
        sealed = sealer.seal(place, {"holder": entry.holder, "offered_to": entry.offered_to})
        db.execute("INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*place[1:], sealed))
        db.executemany(
            "INSERT INTO event VALUES (?, ?, ?, ?)",
            [(case, seq, head, encrypt(cipher, ("event", case, seq), body)) for seq, head, body in events],
        )


def _entry(row: tuple[Any, ...], link: str) -> CaseEntry:
    case, number, tenant, phase, holder, offered_to, opened_at, version = row
    opened = datetime.fromisoformat(opened_at)
    return CaseEntry(case, number, tenant, phase, holder, offered_to, opened, version, link)


def _move_rest(db: sqlite3.Connection, keyring: Keyring) -> None:
    sealer = keyring.sealer
    for row in db.execute("SELECT key, case_id, first_seq, last_seq FROM old_inbox").fetchall():
        db.execute("INSERT INTO inbox VALUES (?, ?, ?, ?, ?)", (*row, sealer.tag(("inbox", *row))))
    for digest, person, conversation, context, case, used in db.execute(
        "SELECT digest, person, conversation, context, case_id, used FROM old_handle"
    ).fetchall():
        fields = {"handle": "", "person": person, "conversation": conversation, "context": context, "case": case}
        sealed = sealer.seal(("handle", digest, case), {**fields, "used": bool(used)})
        db.execute("INSERT INTO handle VALUES (?, ?, ?)", (digest, case, sealed))
    for row in db.execute(
        "SELECT person, service_url, conversation, user_id, bot_id, tenant, active_case, language, shown FROM old_chat"
    ).fetchall():
        key = sealer.index("person", row[0])
        db.execute("INSERT INTO chat VALUES (?, ?)", (key, sealer.seal(("chat", key), _chat(row))))
    for number, kind, case, body, progress, attempts, moment in db.execute(
        "SELECT id, kind, case_id, body, progress, attempts, not_before FROM old_outbox"
    ).fetchall():
        value = {"body": json.loads(body), "progress": json.loads(progress), "attempts": attempts}
        sealed = sealer.seal(("outbox", number, kind, case, moment), value)
        db.execute("INSERT INTO outbox VALUES (?, ?, ?, ?, ?)", (number, kind, case, moment, sealed))
    for case, place in db.execute("SELECT case_id, place FROM old_card").fetchall():
        db.execute("INSERT INTO card VALUES (?, ?)", (case, sealer.seal(("card", case), json.loads(place))))
    (last,) = db.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence").fetchone()
    db.execute("INSERT INTO meta VALUES ('outbox', ?)", (sealer.seal(("meta", "outbox"), last),))
    for row in [Row(*columns) for columns in db.execute("SELECT seq, head, body FROM old_register ORDER BY seq")]:
        sealed = sealer.seal(register_place(row), row.body.decode())
        db.execute("INSERT INTO register VALUES (?, ?, ?)", (row.seq, row.head, sealed))
        keep_register_head(db, sealer, row.seq, row.link)


def _chat(row: tuple[Any, ...]) -> dict[str, Any]:
    names = ("service_url", "conversation", "user_id", "bot_id", "tenant")
    return {
        "person": row[0],
        "reference": dict(zip(names, row[1:6], strict=True)),
        "active_case": row[6],
        "language": row[7],
        "shown": row[8],
    }
