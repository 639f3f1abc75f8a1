"""A whole check of the SQLite file: every chain, and whether everything beside the events follows from them."""

import sqlite3
from collections.abc import Iterator

from bot.storage.register import read_register
from state.codec import FIRST, Row, read_head, read_rows
from state.errors import TranscriptDamaged


def findings(db: sqlite3.Connection) -> Iterator[str]:
    """Give what is wrong, in words without content; nothing when the file is sound."""
    for (found,) in db.execute("PRAGMA integrity_check"):
        if found != "ok":
            yield "SQLite finds the file damaged"
            return
    for case, version in db.execute("SELECT id, version FROM cases ORDER BY opened_at, rowid").fetchall():
        yield from _check_case(db, case, version)
    yield from _check_register(db)


def _check_case(db: sqlite3.Connection, case: str, version: int) -> Iterator[str]:
    stored = db.execute("SELECT seq, head, body, hash FROM event WHERE case_id = ? ORDER BY seq", (case,)).fetchall()
    rows = [Row(*row[:3]) for row in stored]
    try:
        read_rows(case, rows)
    except (TranscriptDamaged, RecursionError) as damage:
        yield f"case {case}: {damage}"
        return
    if len(rows) != version:
        yield f"case {case}: {len(rows)} events, but version {version}"
    if any(row.link != hash_ for row, (_, _, _, hash_) in zip(rows, stored, strict=True)):
        yield f"case {case}: a stored chain value is not that of its head"
    if _caused(rows) != set(db.execute("SELECT key, first_seq, last_seq FROM inbox WHERE case_id = ?", (case,))):
        yield f"case {case}: the inbox does not fit the events"


def _caused(rows: list[Row]) -> set[tuple[str, int, int]]:
    """Give which activity caused which events, as the heads say; work of the bot itself has no activity."""
    spans: dict[str, list[int]] = {}
    for row in rows:
        spans.setdefault(read_head(row.head)["key"], []).append(row.seq)
    return {(key, seqs[0], seqs[-1]) for key, seqs in spans.items() if key != FIRST}


def _check_register(db: sqlite3.Connection) -> Iterator[str]:
    try:
        read_register([Row(*row) for row in db.execute("SELECT seq, head, body FROM register ORDER BY seq")])
    except (TranscriptDamaged, RecursionError) as damage:
        yield f"register: {damage}"
