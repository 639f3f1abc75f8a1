"""A whole check of the SQLite file: every chain, and whether everything beside the events follows from them."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from bot.errors import CaseSealed, SettingsError
from bot.storage.kept import check_kept, is_behind, is_change, kept_cases
from bot.storage.keyring import Keyring
from bot.storage.opening import DAMAGED_FILE, says_damage
from bot.storage.reading import read_entry, read_events, to_owed
from bot.storage.register import PAGE, read_entries, walk_register
from bot.storage.schema import VERSION
from bot.storage.sealing import Sealer
from bot.storage.sql import Db
from state.codec import FIRST, Row, read_head, read_heads, read_rows
from state.errors import TranscriptDamaged
from state.lifecycle import POSTING

_BELONGS = "store"
# A flipped bit can make another type of a column, so that reading it fails in any of these ways.
_DAMAGE = (TranscriptDamaged, RecursionError, TypeError, ValueError, KeyError, AttributeError)
# What stands in the clear beside what is encrypted, and is vouched for by it.
_CLEAR = {
    "handle": "digest, case_id",
    "chat": "person",
    "card": "case_id",
    "keeping": "case_id",
    "certificate": "case_id, number",
    "meta": "name",
}
_OWED_NO_CARD = (
    "SELECT id FROM cases WHERE phase = ? AND id NOT IN (SELECT case_id FROM outbox WHERE kind = 'card') ORDER BY id"
)


def check_belongs(sealer: Sealer, db: Db) -> None:
    """Bind a new database to its keys; raises SettingsError where the keys are another's."""
    row = db.execute("SELECT value FROM meta WHERE name = ?", (_BELONGS,)).fetchone()
    if row is None and not db.execute("SELECT 1 FROM cases LIMIT 1").fetchone():
        db.execute("INSERT INTO meta VALUES (?, ?)", (_BELONGS, sealer.seal(("meta", _BELONGS), VERSION)))
        return
    try:
        sealer.open(("meta", _BELONGS), row[0] if row else b"")
    except TranscriptDamaged:
        problem = "the cases were written with other keys; put back the keys file that is theirs"
        raise SettingsError(problem) from None


class Finding(NamedTuple):
    """Something that is not as it was written: in which case (random id), or None, and what, without content."""

    case: str | None
    what: str

    def __str__(self) -> str:
        return f"case {self.case}: {self.what}" if self.case else self.what


def steps(db: Db, keyring: Keyring, problems: Callable[[], Iterator[str]]) -> Iterator[tuple[Finding, ...]]:
    """Check everything, a case at a time, and give what each step found; others may write in between.

    `problems` gives what is wrong with the tables themselves.
    """
    broken = tuple(Finding(None, what) for what in problems())
    yield broken
    yield tuple(Finding(case, what) for case, what in keyring.problems())
    try:
        yield from _content(db, keyring)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # What is damaged cannot always be read to its end; without damage it is an error of another kind.
        if not broken and not says_damage(error):
            raise
        yield () if broken else (Finding(None, DAMAGED_FILE),)


def _content(db: Db, keyring: Keyring) -> Iterator[tuple[Finding, ...]]:
    for (case,) in db.execute("SELECT id FROM cases ORDER BY opened_at, rowid").fetchall():
        yield tuple(Finding(case, what) for what in check_case(db, keyring, case))
    yield tuple(_check_gone(db, keyring))
    yield from _in_slices(_check_rows(db, keyring.sealer))
    yield tuple(Finding(None, what) for what in check_kept(db, keyring.sealer))
    yield from _in_slices(_check_register(db, keyring.sealer))


def _in_slices(checked: Iterator[Finding | None]) -> Iterator[tuple[Finding, ...]]:
    """Give what was found in each so many rows: turns go on in between."""
    while some := tuple(islice(checked, PAGE)):
        yield tuple(finding for finding in some if finding)


def _check_gone(db: Db, keyring: Keyring) -> Iterator[Finding]:
    cases = {case for (case,) in db.execute("SELECT id FROM cases")}
    for (case,) in db.execute("SELECT DISTINCT case_id FROM event ORDER BY case_id").fetchall():
        if case not in cases:
            yield Finding(case, "its own row is gone")
    for case in sorted(keyring.signed_cases() - cases):
        yield Finding(case, "it was signed once and is gone; an older database was put back, or it was erased")
    for (case,) in db.execute(_OWED_NO_CARD, (POSTING,)):
        yield Finding(case, "its card must still be posted, and is not owed any more")


def check_case(db: Db, keyring: Keyring, case: str) -> Iterator[str]:
    """Give what is wrong with one case; of a sealed one the chain is checked without its content."""
    try:
        rows = _rows(db, keyring, case)
        signed = keyring.last_signed(case)
    except _DAMAGE as damage:
        yield _words(damage)
        return
    if signed and (len(rows) < signed[0] or rows[signed[0] - 1].link != signed[1]):
        yield f"it is not what was signed at event {signed[0]}; an older database was put back"
    if _caused(rows) != set(db.execute("SELECT key, first_seq, last_seq FROM inbox WHERE case_id = ?", (case,))):
        yield "the inbox does not fit the events"


def _rows(db: Db, keyring: Keyring, case: str) -> tuple[Row, ...]:
    try:
        rows = read_events(db, keyring, case)
    except CaseSealed:
        return _sealed_rows(db, keyring, case)
    read_rows(case, rows)
    return rows


def _sealed_rows(db: Db, keyring: Keyring, case: str) -> tuple[Row, ...]:
    entry = read_entry(db, keyring.sealer, case)
    stored = db.execute("SELECT seq, head FROM event WHERE case_id = ? ORDER BY seq", (case,))
    rows = tuple(Row(seq, head, b"") for seq, head in stored)
    read_heads(case, rows)
    if entry is None or len(rows) != entry.version or rows[-1].link != entry.link:
        raise TranscriptDamaged("its events are not those that were stored last")
    return rows


def _caused(rows: tuple[Row, ...]) -> set[tuple[str, int, int]]:
    """Give which activity caused which events, as the heads say; work of the bot itself has no activity."""
    spans: dict[str, list[int]] = {}
    for row in rows:
        spans.setdefault(read_head(row.head)["key"], []).append(row.seq)
    return {(key, seqs[0], seqs[-1]) for key, seqs in spans.items() if key != FIRST}


def _check_rows(db: Db, sealer: Sealer) -> Iterator[Finding | None]:
    """Check every row beside the events against what vouches for it; give what is wrong with each, or None."""
    for row in _paged(db, "SELECT key, case_id, first_seq, last_seq, tag FROM inbox"):
        yield _damage("inbox", partial(sealer.check, row[4], ("inbox", *row[:4])))
    for row in _paged(db, "SELECT id, kind, case_id, not_before, sealed FROM outbox"):
        yield _damage("outbox", partial(to_owed, sealer, *row))
    for table, columns in _CLEAR.items():
        sealed = "value" if table == "meta" else "sealed"
        for row in _paged(db, f"SELECT {columns}, {sealed} FROM {table}"):  # noqa: S608  # fixed names
            yield _damage(table, partial(sealer.open, (table, *row[:-1]), row[-1]))


def _paged(db: Db, query: str) -> Iterator[tuple[Any, ...]]:
    """Give rows in the order in which they stand, also those whose key was damaged.

    No statement stays open in between: it would stop a backup or a destruction.
    """
    count = 0
    while page := db.execute(f"{query} ORDER BY 1 LIMIT ? OFFSET ?", (PAGE, count)).fetchall():
        yield from page
        count += len(page)


def _check_register(db: Db, sealer: Sealer) -> Iterator[Finding | None]:
    """Check the register's chain, and that what it names is there."""
    named, changes = set(), Counter[str]()
    try:
        for entry in read_entries(walk_register(db, sealer)):
            named.add(entry.case)
            changes.update([entry.case] if entry.case and is_change(entry) else [])
            yield None
    except _DAMAGE as damage:
        yield Finding(None, f"register: {_words(damage)}")
        return
    cases = {case for (case,) in db.execute("SELECT id FROM cases")}
    destroyed = {case for (case,) in db.execute("SELECT case_id FROM certificate")}
    for case in sorted(case for case in named - cases - destroyed if case):
        yield Finding(case, "the register names it, and it is gone")
    for case in sorted((changes.keys() & cases) | kept_cases(db)):
        behind = is_behind(db, sealer, case, changes[case])
        yield Finding(case, "what is kept of it is older than the register says") if behind else None


def _damage(table: str, check: Callable[[], object]) -> Finding | None:
    try:
        check()
    except _DAMAGE as damage:
        return Finding(None, f"{table}: {_words(damage)}")
    return None


def _words(damage: Exception) -> str:
    """Give what is said of damage; an error of another kind could quote what it stumbled over."""
    return str(damage) if isinstance(damage, TranscriptDamaged) else "a row is not of the form in which it was written"
