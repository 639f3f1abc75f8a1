"""Closed cases in the SQLite tables: what is kept of them, and their destruction."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from bot.errors import TranscriptConflict
from bot.storage.keyring import Keyring
from bot.storage.paging import among, pages
from bot.storage.reading import read_entry
from bot.storage.sealing import Sealer
from bot.storage.sql import Db
from bot.store import RegisterEntry
from state.case import is_practice
from state.codec import read_head
from state.errors import TranscriptDamaged
from state.keeping import Certificate, Keeping, close_again, reopen, to_certificate, to_json, to_keeping
from state.lifecycle import CLOSED
from state.permissions import Action

_CHANGES = {Action.HOLD, Action.LIFT_HOLD, Action.PROPOSE_DESTRUCTION, "withdraw_destruction"}
_KEEP = "INSERT INTO keeping VALUES (?, ?) ON CONFLICT (case_id) DO UPDATE SET sealed = excluded.sealed"
_CERTIFICATES = "SELECT case_id, number, sealed FROM certificate"
_NOT_CLOSED = "something is kept of a case that is not closed"
_NOT_OPEN = "a closed case is kept as if it were open again"
# Of which state, open again and closed, each is said.
_DOUBTS = {(False, False): _NOT_CLOSED, (True, True): _NOT_OPEN}
# After the first closing each of these is another course of the case.
_COURSES = {"case.finished", "case.stopped", "case.reopened"}
# In this order: what refers to a case goes before it.
_ROWS = ("event", "inbox", "handle", "outbox", "card", "keeping")


def keep_keeping(db: Db, sealer: Sealer, keeping: Keeping) -> None:
    """Put a keeping in the place of the one before it; raises TranscriptConflict when another came between."""
    before = read_keeping(db, sealer, keeping.case)
    if before is not None and before.reopened_at is not None and keeping.version == 1:
        keeping = close_again(before, keeping)
    if keeping.version != (before.version + 1 if before else 1) or _is_destroyed(db, keeping.case):
        raise TranscriptConflict
    sealed = sealer.seal(("keeping", keeping.case), to_json(keeping))
    db.execute(_KEEP, (keeping.case, sealed))


def reopen_keeping(db: Db, sealer: Sealer, case: str, now: datetime) -> None:
    """Keep that a case is open again, when something is kept of it: nothing of it is destroyed meanwhile."""
    before = read_keeping(db, sealer, case)
    if before is not None:
        keep_keeping(db, sealer, reopen(before, now))


def read_keeping(db: Db, sealer: Sealer, case: str) -> Keeping | None:
    """Give what is kept of a closed case; raises TranscriptDamaged."""
    row = db.execute("SELECT sealed FROM keeping WHERE case_id = ?", (case,)).fetchone()
    return to_keeping(sealer.open(("keeping", case), row[0])) if row else None


def read_keepings(db: Db, sealer: Sealer) -> tuple[Keeping, ...]:
    """Give what is kept of every closed case, the one closed first coming first; a reopened one is not closed.

    One that is damaged is left out, so that it locks no other; the check of the store names it.
    """
    found = [one for case in kept_cases(db) if (one := _readable(db, sealer, case)) and one.reopened_at is None]
    return tuple(sorted(found, key=lambda keeping: (keeping.closed_at, keeping.number)))


def _readable(db: Db, sealer: Sealer, case: str) -> Keeping | None:
    try:
        return read_keeping(db, sealer, case)
    except TranscriptDamaged:
        return None


def read_certificates(db: Db, sealer: Sealer) -> tuple[Certificate, ...]:
    """Give what remains of destroyed cases, the one destroyed first coming first; raises TranscriptDamaged."""
    rows = db.execute(_CERTIFICATES).fetchall()
    found = [to_certificate(sealer.open(("certificate", case, number), sealed)) for case, number, sealed in rows]
    return tuple(sorted(found, key=lambda certificate: (certificate.destroyed_at, certificate.number)))


def is_number_destroyed(db: Db, sealer: Sealer, number: str) -> bool:
    """Tell whether a case of this number was destroyed: the number is never given again."""
    found = db.execute("SELECT 1 FROM certificate WHERE number = ?", (sealer.index("number", number),))
    return found.fetchone() is not None


def replace_by_certificate(db: Db, sealer: Sealer, certificate: Certificate, version: int) -> None:
    """Put the certificate in the place of all rows of a case; raises TranscriptConflict. The caller commits."""
    entry, keeping = read_entry(db, sealer, certificate.case), read_keeping(db, sealer, certificate.case)
    if entry is None or keeping is None or keeping.reopened_at is not None:
        raise TranscriptConflict
    if (keeping.version, entry.link) != (version, certificate.link):
        raise TranscriptConflict
    number = sealer.index("number", certificate.number)
    sealed = sealer.seal(("certificate", certificate.case, number), to_json(certificate))
    # First: without it the triggers let no event go.
    db.execute("INSERT INTO certificate VALUES (?, ?, ?)", (certificate.case, number, sealed))
    _delete_rows(db, certificate.case)


def discard_practice(db: Db, sealer: Sealer, case: str) -> None:
    """Delete all rows of an exercise; raises TranscriptConflict for any other case. The caller commits."""
    entry = read_entry(db, sealer, case)
    if entry is None or not is_practice(entry.number):
        raise TranscriptConflict
    _delete_rows(db, case)


def _delete_rows(db: Db, case: str) -> None:
    for table in _ROWS:
        db.execute(f"DELETE FROM {table} WHERE case_id = ?", (case,))  # noqa: S608  # fixed names
    db.execute("DELETE FROM cases WHERE id = ?", (case,))


def end_destructions(db: Db, keyring: Keyring) -> bool:
    """Discard the keys that a crash left of cases with a certificate; tell whether there were any."""
    # No key is looked at but those that are asked for: the names of 100 000 took 60 ms of each start.
    left = [case for page in pages(db, _CERTIFICATES, "case_id") for case in _half_destroyed(page, keyring)]
    for case in left:
        keyring.discard(case)
    return bool(left)


def _half_destroyed(certificates: Sequence[tuple[str, bytes, bytes]], keyring: Keyring) -> Iterator[str]:
    """Give the cases that have a key yet, and a certificate as it was written: one put there by hand costs no key."""
    left = keyring.kept_of([case for case, *_ in certificates])
    for case, number, sealed in (row for row in certificates if row[0] in left):
        with suppress(TranscriptDamaged):
            keyring.sealer.open(("certificate", case, number), sealed)
            yield case


def check_kept(db: Db, sealer: Sealer) -> Iterator[tuple[str, ...]]:
    """Give what is wrong with keepings and certificates beyond their own rows, at the end; a page at a time."""
    doubts: set[str] = set()
    try:
        for doubt in _look_at_kept(db, sealer):
            doubts |= doubt
            yield ()
    except (TranscriptDamaged, KeyError, TypeError, ValueError):
        yield ("what is kept of closed cases is not as it was written",)
        return
    yield tuple(doubt for doubt in (_NOT_CLOSED, _NOT_OPEN) if doubt in doubts)


def _look_at_kept(db: Db, sealer: Sealer) -> Iterator[set[str]]:
    for page in pages(db, "SELECT case_id, sealed FROM keeping", "case_id"):
        phases = dict(among(db, "SELECT id, phase FROM cases", "id", [case for case, _ in page]))
        kept = [(case, to_keeping(sealer.open(("keeping", case), sealed))) for case, sealed in page]
        states = {(keeping.reopened_at is not None, phases.get(case) in CLOSED) for case, keeping in kept}
        yield {doubt for state, doubt in _DOUBTS.items() if state in states}
    for page in pages(db, _CERTIFICATES, "case_id"):
        for case, number, sealed in page:
            to_certificate(sealer.open(("certificate", case, number), sealed))
        yield set()


def is_change(entry: RegisterEntry) -> bool:
    """Tell whether an entry of the register says that what is kept of a case was changed."""
    return entry.outcome == "ok" and entry.action in _CHANGES


def is_behind(db: Db, sealer: Sealer, case: str, changes: int) -> bool:
    """Tell whether what is kept of a case is older than its closings and the register's changes say, or gone."""
    with suppress(TranscriptDamaged):
        keeping = read_keeping(db, sealer, case)
        return keeping is None or keeping.version <= changes + _courses(db, case)
    return False


def _courses(db: Db, case: str) -> int:
    """Give how often a case was opened again and closed again: each time what is kept of it is another."""
    heads = db.execute("SELECT head FROM event WHERE case_id = ?", (case,)).fetchall()
    kinds = [read_head(head)["kind"] for (head,) in heads]
    return max(sum(kind in _COURSES for kind in kinds) - 1, 0)


def kept_cases(db: Db) -> frozenset[str]:
    """Give the cases of which something is kept."""
    return frozenset(case for (case,) in db.execute("SELECT case_id FROM keeping").fetchall())


def _is_destroyed(db: Db, case: str) -> bool:
    return db.execute("SELECT 1 FROM certificate WHERE case_id = ?", (case,)).fetchone() is not None
