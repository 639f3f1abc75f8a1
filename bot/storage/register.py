"""The register of refusals, reads and exports: entries to rows on a chain of their own, and back."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from bot.storage.paging import pages
from bot.storage.sealing import Place, Sealer
from bot.storage.sql import Db
from bot.store import RegisterEntry
from state.codec import FIRST, Row, canonical, read_head, to_moment
from state.errors import TranscriptDamaged

# The register stands in heads where a case has its id, so that no head says which case was read.
REGISTER = "register"
_KIND = "register.entry"
KEEP_META = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def to_register_row(entry: RegisterEntry, seq: int, prev: str, salt: bytes) -> Row:
    """Give the row of an entry; `salt` is 32 random bytes, so that the head tells nothing of the body."""
    body = canonical({
        "action": entry.action,
        "actor": entry.actor,
        "case": entry.case,
        "outcome": entry.outcome,
        "salt": salt.hex(),
    })
    head = {
        "at": to_moment(entry.at),
        "body": sha256(body).hexdigest(),
        "case": REGISTER,
        "key": FIRST,
        "kind": _KIND,
        "prev": prev,
        "seq": seq,
        "v": 1,
    }
    return Row(seq, canonical(head), body)


def read_register(rows: Iterable[Row]) -> tuple[RegisterEntry, ...]:
    """Give the entries of a whole register; raises TranscriptDamaged that names the first bad one."""
    return tuple(read_entries(rows))


def register_place(row: Row) -> Place:
    """Give the place of an entry's body; its head is part of it, since after the last one no other names it."""
    return ("register", row.seq, row.head)


def walk_register(db: Db, sealer: Sealer) -> Iterator[Row]:
    """Give the rows of the register, decrypted, as many as there must be; raises TranscriptDamaged.

    They are read a page at a time: who walks slowly also comes past what was appended meanwhile.
    """
    count, link = 0, FIRST
    for page in pages(db, "SELECT seq, head, body FROM register", "seq"):
        for columns in page:
            row = _open(sealer, Row(*columns))
            count, link = count + 1, row.link
            yield row
    if (count, link) != register_head(db, sealer):
        raise TranscriptDamaged(f"register entry {count + 1} is not there")


def _open(sealer: Sealer, row: Row) -> Row:
    try:
        return replace(row, body=str(sealer.open(register_place(row), row.body)).encode())
    except (TranscriptDamaged, TypeError):
        raise TranscriptDamaged(f"the body of register entry {row.seq} is not the one that was stored") from None


def register_head(db: Db, sealer: Sealer) -> tuple[int, str]:
    """Give the number of entries and the chain value of the last; raises TranscriptDamaged."""
    row = db.execute("SELECT value FROM meta WHERE name = ?", (REGISTER,)).fetchone()
    if row is None:
        return 0, FIRST
    seq, link = sealer.open(("meta", REGISTER), row[0])
    return seq, link


def keep_register_head(db: Db, sealer: Sealer, seq: int, link: str) -> None:
    """Keep how many entries there are and the last one's chain value: without it the last could go unnoticed."""
    sealed = sealer.seal(("meta", REGISTER), [seq, link])
    db.execute(KEEP_META, (REGISTER, sealed))


def read_entries(rows: Iterable[Row]) -> Iterator[RegisterEntry]:
    """Give the entries one by one; raises TranscriptDamaged at the first that is not as it was written."""
    prev = FIRST
    for number, row in enumerate(rows, 1):
        head = read_head(row.head)
        if (head["case"], head["seq"], row.seq, head["prev"]) != (REGISTER, number, number, prev):
            raise TranscriptDamaged(f"register entry {number} does not follow the one before it")
        if sha256(row.body).hexdigest() != head["body"]:
            raise TranscriptDamaged(f"the body of register entry {number} is not the one that was stored")
        yield _to_entry(head["at"], row.body, number)
        prev = row.link


def _to_entry(at: str, body: bytes, number: int) -> RegisterEntry:
    try:
        fields = json.loads(body)
        return RegisterEntry(
            datetime.fromisoformat(at), fields["actor"], fields["action"], fields["outcome"], fields["case"]
        )
    except (ValueError, KeyError, TypeError):
        raise TranscriptDamaged(f"register entry {number} cannot be read") from None
