"""A whole check of the SQLite file: every chain, and whether everything beside the events follows from them."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from bot.errors import CaseSealed, SettingsError
from bot.storage.kept import check_kept, is_behind, is_change
from bot.storage.keyring import Keyring
from bot.storage.opening import DAMAGED_FILE, says_damage
from bot.storage.paging import among, batches, pages
from bot.storage.reading import read_entry, read_events, to_owed
from bot.storage.register import read_entries, walk_register
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
# All events of each of these are looked at in one step.
_FEW = 20


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


def steps(
    db: Db, keyring: Keyring, problems: Callable[[], Iterable[str]], *, whole: bool = True
) -> Iterator[tuple[Finding, ...]]:
    """Check everything, a case or a page of rows at a time, and give what each step found; others may write in between.

    `problems` gives what is wrong with the tables themselves; what takes long of the keys' is for `whole`.
    """
    broken = tuple(Finding(None, what) for what in problems())
    yield broken
    yield from _to_the_damage(_keys(keyring, whole=whole), is_known=False)
    yield from _to_the_damage(_content(db, keyring), is_known=bool(broken))


def _to_the_damage(walk: Iterator[tuple[Finding, ...]], *, is_known: bool) -> Iterator[tuple[Finding, ...]]:
    """Give what a walk finds: what is damaged cannot always be read to its end."""
    try:
        yield from walk
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # Without damage it is an error of another kind.
        if not is_known and not says_damage(error):
            raise
        yield () if is_known else (Finding(None, DAMAGED_FILE),)


def _keys(keyring: Keyring, *, whole: bool) -> Iterator[tuple[Finding, ...]]:
    for found in keyring.problems(whole=whole):
        yield tuple(Finding(case, what) for case, what in found)


def _content(db: Db, keyring: Keyring) -> Iterator[tuple[Finding, ...]]:
    for page in pages(db, "SELECT id, phase FROM cases", "id"):
        yield _check_cards(db, [case for case, phase in page if phase == POSTING])
        for case, _ in page:
            yield tuple(Finding(case, what) for what in check_case(db, keyring, case))
    yield from _check_gone(db, keyring)
    yield from _check_rows(db, keyring.sealer)
    for found in check_kept(db, keyring.sealer):
        yield tuple(Finding(None, what) for what in found)
    yield from _check_register(db, keyring.sealer)


def _check_cards(db: Db, cases: Sequence[str]) -> tuple[Finding, ...]:
    owed = among(db, "SELECT case_id, kind FROM outbox", "case_id", cases)
    left = [case for case in cases if (case, "card") not in owed]
    return tuple(Finding(case, "its card must still be posted, and is not owed any more") for case in left)


def _check_gone(db: Db, keyring: Keyring) -> Iterator[tuple[Finding, ...]]:
    for page in pages(db, "SELECT DISTINCT case_id FROM event", "case_id"):
        yield _gone(db, [case for (case,) in page], "its own row is gone")
    for cases in keyring.signed_cases():
        yield _gone(db, cases, "it was signed once and is gone; an older database was put back, or it was erased")


def _gone(db: Db, cases: Sequence[str], what: str) -> tuple[Finding, ...]:
    """Give as a finding each of these cases that is not there."""
    there = frozenset(among(db, "SELECT id FROM cases", "id", cases))
    return tuple(Finding(case, what) for case in cases if (case,) not in there)


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


def _check_rows(db: Db, sealer: Sealer) -> Iterator[tuple[Finding, ...]]:
    """Check every row beside the events against what vouches for it."""
    for page in pages(db, "SELECT key, case_id, first_seq, last_seq, tag FROM inbox", "key"):
        yield _damaged("inbox", page, lambda row: sealer.check(row[4], ("inbox", *row[:4])))
    for page in pages(db, "SELECT id, kind, case_id, not_before, sealed FROM outbox", "id"):
        yield _damaged("outbox", page, lambda row: to_owed(sealer, *row))
    for table, columns in _CLEAR.items():
        sealed = "value" if table == "meta" else "sealed"
        query, key = f"SELECT {columns}, {sealed} FROM {table}", columns.partition(",")[0]  # noqa: S608  # fixed names
        for page in pages(db, query, key):
            yield _damaged(table, page, partial(_open, sealer, table))


def _open(sealer: Sealer, table: str, row: tuple[Any, ...]) -> None:
    sealer.open((table, *row[:-1]), row[-1])


def _damaged(
    table: str, rows: Iterable[tuple[Any, ...]], check: Callable[[tuple[Any, ...]], object]
) -> tuple[Finding, ...]:
    return tuple(finding for row in rows if (finding := _damage(table, partial(check, row))))


def _damage(table: str, check: Callable[[], object]) -> Finding | None:
    try:
        check()
    except _DAMAGE as damage:
        return Finding(None, f"{table}: {_words(damage)}")
    return None


def _check_register(db: Db, sealer: Sealer) -> Iterator[tuple[Finding, ...]]:
    """Check the register's chain, and that what it names is there."""
    # In the order in which they came: to sort 100 000 would take 70 ms.
    named, changes = dict[str, None](), Counter[str]()
    try:
        for some in batches(read_entries(walk_register(db, sealer))):
            named.update((entry.case, None) for entry in some if entry.case)
            changes.update(entry.case for entry in some if entry.case and is_change(entry))
            yield ()
    except _DAMAGE as damage:
        yield (Finding(None, f"register: {_words(damage)}"),)
        return
    for cases in batches(named):
        gone = _gone(db, cases, "the register names it, and it is gone")
        destroyed = among(db, "SELECT case_id FROM certificate", "case_id", [one.case or "" for one in gone])
        yield tuple(one for one in gone if (one.case,) not in destroyed)
    yield from _check_changes(db, sealer, changes)


def _check_changes(db: Db, sealer: Sealer, changes: Counter[str]) -> Iterator[tuple[Finding, ...]]:
    """Check that what is kept of each case is as new as the register's changes say."""
    for page in pages(db, "SELECT case_id FROM keeping", "case_id", _FEW):
        yield _behind(db, sealer, {case: changes.pop(case, 0) for (case,) in page})
    for cases in batches(changes, _FEW):
        there = among(db, "SELECT id FROM cases", "id", cases)
        yield _behind(db, sealer, {case: changes[case] for (case,) in there})


def _behind(db: Db, sealer: Sealer, changes: Mapping[str, int]) -> tuple[Finding, ...]:
    left = [case for case, count in changes.items() if is_behind(db, sealer, case, count)]
    return tuple(Finding(case, "what is kept of it is older than the register says") for case in left)


def _words(damage: Exception) -> str:
    """Give what is said of damage; an error of another kind could quote what it stumbled over."""
    return str(damage) if isinstance(damage, TranscriptDamaged) else "a row is not of the form in which it was written"
