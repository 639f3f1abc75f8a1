"""Rows of the SQLite tables back to values; what is not as it was written raises TranscriptDamaged."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.ports import ChatReference
from bot.storage.keyring import Keyring
from bot.storage.paging import among, pages
from bot.storage.sealing import Place, Sealer, decrypt
from bot.storage.sql import Db
from bot.store import CaseEntry, Chat, Handle, Owed
from state.codec import Row, to_moment
from state.errors import TranscriptDamaged
from state.lifecycle import CLOSED

_CASE = "SELECT id, number, tenant, phase, holder, offered_to, opened_at, version, link, sealed FROM cases"
_KEPT = "SELECT case_id FROM keeping WHERE case_id BETWEEN ? AND ?"
# Every turn asks for these: the closed ones, of which there are ever more, must cost it nothing.
_THEIRS = f"{_CASE} WHERE (holder = ? OR offered_to = ?) AND phase NOT IN (?, ?) ORDER BY opened_at, rowid"


# --- cases -----------------------------------------------------------------------------


def case_place(sealer: Sealer, entry: CaseEntry) -> tuple[Any, ...]:
    """Give the readable columns of a case's row."""
    return (
        "cases",
        entry.id,
        entry.number,
        entry.tenant,
        entry.phase,
        sealer.index("person", entry.holder),
        sealer.index("person", entry.offered_to) if entry.offered_to else None,
        to_moment(entry.opened_at),
        entry.version,
        entry.link,
    )


def read_entry(db: Db, sealer: Sealer, number_or_id: str) -> CaseEntry | None:
    """Give the entry of a case, vouched for; raises TranscriptDamaged."""
    row = db.execute(f"{_CASE} WHERE number = ? OR id = ?", (number_or_id, number_or_id)).fetchone()
    return _to_entry(sealer, row) if row else None


def read_entries(db: Db, sealer: Sealer, person: str | None) -> Iterator[CaseEntry]:
    """Give all entries, or a person's open ones, oldest first; a damaged one is given as such and says nothing."""
    if person is None:
        rows = db.execute(f"{_CASE} ORDER BY opened_at, rowid")
    else:
        mine = sealer.index("person", person)
        rows = db.execute(_THEIRS, (mine, mine, *CLOSED))
    for row in rows.fetchall():
        try:
            yield _to_entry(sealer, row)
        except TranscriptDamaged:
            yield _damaged(row)


def read_unkept(db: Db, sealer: Sealer) -> Iterator[tuple[CaseEntry, ...]]:
    """Give the closed cases of which nothing is kept, those of a page of cases at a time; damaged ones are left out."""
    for page in pages(db, "SELECT id FROM cases", "id"):
        kept = db.execute(_KEPT, (*page[0], *page[-1])).fetchall()
        left = [case for (case,) in set(page).difference(kept)]
        yield tuple(entry for entry in _sound(sealer, among(db, _CASE, "id", left)) if entry.phase in CLOSED)


def _sound(sealer: Sealer, rows: Iterable[tuple[Any, ...]]) -> Iterator[CaseEntry]:
    for row in rows:
        with suppress(TranscriptDamaged):
            yield _to_entry(sealer, row)


def _to_entry(sealer: Sealer, row: tuple[Any, ...]) -> CaseEntry:
    *columns, sealed = row
    people = sealer.open(("cases", *columns), sealed)
    number, tenant, phase, _, _, opened_at, version, link = columns[1:]
    return CaseEntry(
        id=columns[0],
        number=number,
        tenant=tenant,
        phase=phase,
        holder=people["holder"],
        offered_to=people["offered_to"],
        opened_at=datetime.fromisoformat(opened_at),
        version=version,
        link=link,
    )


def _damaged(row: tuple[Any, ...]) -> CaseEntry:
    try:
        opened_at = datetime.fromisoformat(row[6])
    except ValueError:
        opened_at = datetime.fromisoformat("1970-01-01T00:00:00Z")
    return CaseEntry(row[0], row[1], row[2], "damaged", "", None, opened_at, row[7], row[8], damaged=True)


def read_events(db: Db, keyring: Keyring, case: str, key: bytes | None = None) -> tuple[Row, ...]:
    """Give the rows of a case, decrypted, as many as its entry says; raises TranscriptDamaged or CaseSealed.

    `key` opens a sealed case; it comes from its keepers.
    """
    entry = read_entry(db, keyring.sealer, case)
    stored = db.execute("SELECT seq, head, body FROM event WHERE case_id = ? ORDER BY seq", (case,)).fetchall()
    if entry is None and not stored:
        return ()
    wrong = next((seq for seq, head, _ in stored if not isinstance(head, bytes)), None)
    if wrong is not None:
        raise TranscriptDamaged(f"the head of event {wrong} is not the one that was stored")
    cipher = AESGCM(key) if key else keyring.of(case)
    rows = tuple(Row(seq, head, _body(cipher, case, seq, body)) for seq, head, body in stored)
    if entry is None or len(rows) != entry.version:
        raise TranscriptDamaged(f"event {len(rows) + 1} is not there, or the case's own row is gone")
    if rows[-1].link != entry.link:
        raise TranscriptDamaged(f"event {len(rows)} is not the last one that was stored")
    keyring.unchanged.read(case, entry.link, stored)
    return rows


def is_unchanged(db: Db, keyring: Keyring, case: str, version: int, link: str) -> bool:
    """Tell whether a case stands at this event, and all its rows are those that were read or written last."""
    entry = read_entry(db, keyring.sealer, case)
    if entry is None or (entry.version, entry.link) != (version, link):
        return False
    # Of a case that was sealed meanwhile, perhaps by another instance, nothing may be shown from memory either.
    keyring.of(case)
    rows = db.execute("SELECT seq, head, body FROM event WHERE case_id = ? ORDER BY seq", (case,)).fetchall()
    return keyring.unchanged.are_same(case, link, rows)


def _body(cipher: AESGCM, case: str, seq: int, body: bytes) -> bytes:
    try:
        return decrypt(cipher, ("event", case, seq), body)
    except TranscriptDamaged:
        raise TranscriptDamaged(f"the body of event {seq} is not the one that was stored") from None


# --- what is beside them ---------------------------------------------------------------


def read_handle(db: Db, sealer: Sealer, handle: str) -> Handle | None:
    """Give what a handle stands for; one whose row was changed stands for nothing."""
    digest = digest_of(handle)
    row = db.execute("SELECT case_id, sealed FROM handle WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        return None
    try:
        return Handle(**{**sealer.open(("handle", digest, row[0]), row[1]), "handle": handle})
    except TranscriptDamaged:
        return None


def digest_of(handle: str) -> bytes:
    """Give what is kept of a handle: enough to find it, not enough to press a card with."""
    # A handle comes from outside and may hold what UTF-8 cannot.
    return sha256(handle.encode("utf-8", "surrogatepass")).digest()


def read_chat(db: Db, sealer: Sealer, person: str) -> Chat | None:
    """Give a person's chat; one whose row was changed is not known, and is written anew at the next turn."""
    key = sealer.index("person", person)
    row = db.execute("SELECT sealed FROM chat WHERE person = ?", (key,)).fetchone()
    if row is None:
        return None
    try:
        fields = sealer.open(("chat", key), row[0])
    except TranscriptDamaged:
        return None
    return Chat(**{**fields, "reference": ChatReference(**fields["reference"])})


def read_owed(db: Db, sealer: Sealer, owed: int) -> Owed | None:
    """Give owed work; raises TranscriptDamaged."""
    row = db.execute("SELECT id, kind, case_id, not_before, sealed FROM outbox WHERE id = ?", (owed,)).fetchone()
    return to_owed(sealer, *row) if row else None


def to_owed(sealer: Sealer, number: int, kind: str, case: str, not_before: str | None, sealed: bytes) -> Owed:
    """Give owed work from its row; raises TranscriptDamaged."""
    place: Place = ("outbox", number, kind, case, not_before)
    value = sealer.open(place, sealed)
    moment = datetime.fromisoformat(not_before) if not_before else None
    return Owed(kind, case, value["body"], number, value["progress"], value["attempts"], moment)
