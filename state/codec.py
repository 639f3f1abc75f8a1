"""Events to rows and back: a head without content, a salted body, and the chain that binds them.

The form is the dossier format's: heads and bodies are canonical JSON (RFC 8785 for the strings,
integers, booleans, arrays and objects that occur here), a head holds the SHA-256 of its body and of
the head before it. Bodies may be encrypted by a store; a chain can be checked without them.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from state.errors import TranscriptDamaged
from state.events import KIND_OF, KINDS, Actor, Event, Recorded

FIRST = "0" * 64
HEAD_KEYS = ("at", "body", "case", "key", "kind", "prev", "seq", "v")
_HEX = re.compile(r"[0-9a-f]{64}")
_VERSION = 1
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it is stored: head and body as bytes, and the chain value (hex SHA-256 of the head)."""

    seq: int
    head: bytes
    body: bytes

    @property
    def link(self) -> str:
        """Give the chain value that the next head names."""
        return sha256(self.head).hexdigest()


def canonical(value: Any) -> bytes:
    """Give JSON with sorted keys and no white space, as UTF-8; raises ValueError for what JSON does not have."""
    try:
        text = orjson.dumps(value, option=_SORTED)
    except orjson.JSONEncodeError:
        return _canonical(value)
    # It writes null for what is no number, and only there it can have done so.
    return _canonical(value) if b"null" in text and _has_decimals(value) else text


def _canonical(value: Any) -> bytes:
    """Give the same by Python's own way, which knows whole numbers of any size and refuses what is no number."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _has_decimals(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_decimals, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_decimals, value))
    return isinstance(value, float)


@cache
def _adapter(kind: str) -> TypeAdapter[Event]:
    return TypeAdapter(KINDS[kind])


_ACTOR = TypeAdapter(Actor)


def to_row(case: str, recorded: Recorded, prev: str, salt: bytes, key: str = FIRST) -> Row:
    """Give the row of an event; `salt` is 32 random bytes, `key` the hash of the inbox key that caused it."""
    kind = KIND_OF[type(recorded.event)]
    body = canonical({
        "actor": _ACTOR.dump_python(recorded.actor, mode="json"),
        "data": _adapter(kind).dump_python(recorded.event, mode="json"),
        "salt": salt.hex(),
    })
    head = {
        "at": to_moment(recorded.at),
        "body": sha256(body).hexdigest(),
        "case": case,
        "key": key,
        "kind": kind,
        "prev": prev,
        "seq": recorded.seq,
        "v": _VERSION,
    }
    return Row(recorded.seq, canonical(head), body)


def to_rows(case: str, transcript: Iterable[Recorded], prev: str, salts: Iterable[bytes], key: str) -> list[Row]:
    """Give the rows of events that follow each other, each bound to the one before."""
    rows = []
    for recorded, salt in zip(transcript, salts, strict=True):
        row = to_row(case, recorded, prev, salt, key)
        prev = row.link
        rows.append(row)
    return rows


def read_rows(case: str, rows: Sequence[Row]) -> list[Recorded]:
    """Give the events of a whole transcript; raises TranscriptDamaged that names the first bad event."""
    prev, transcript = FIRST, []
    for number, row in enumerate(rows, 1):
        transcript.append(_read_row(case, row, number, prev))
        prev = row.link
    return transcript


def read_head(head: bytes) -> dict[str, Any]:
    """Give a head's fields; raises TranscriptDamaged when it is not exactly a head."""
    try:
        fields = _as_written(head)
    except ValueError:
        raise TranscriptDamaged("a head is not JSON") from None
    if not isinstance(fields, dict) or tuple(fields) != HEAD_KEYS:
        raise TranscriptDamaged("a head does not have the form of a head")
    return fields


def _as_written(text: bytes) -> Any:
    """Give what JSON says, or None where it is not canonical or goes too deep; raises ValueError where it is no JSON.

    A number that `orjson` does not hold as it is does not come back as it was written either.
    """
    value = orjson.loads(text)
    try:
        return value if orjson.dumps(value, option=_SORTED) == text else None
    except orjson.JSONEncodeError:
        return None


def read_heads(case: str, rows: Sequence[Row]) -> None:
    """Check a chain without its bodies; raises TranscriptDamaged that names the first bad event."""
    prev = FIRST
    for number, row in enumerate(rows, 1):
        _read_head(case, row, number, prev)
        prev = row.link


def _read_head(case: str, row: Row, number: int, prev: str) -> dict[str, Any]:
    head = read_head(row.head)
    if (head["v"], head["case"], head["seq"], row.seq, head["prev"]) != (_VERSION, case, number, number, prev):
        raise TranscriptDamaged(f"event {number} does not follow the one before it")
    return head


def _read_row(case: str, row: Row, number: int, prev: str) -> Recorded:
    head = _read_head(case, row, number, prev)
    if sha256(row.body).hexdigest() != head["body"]:
        raise TranscriptDamaged(f"the body of event {number} is not the one that was stored")
    return _read_body(head, row.body, number)


def _read_body(head: dict[str, Any], body: bytes, number: int) -> Recorded:
    try:
        fields = _as_written(body)
        actor = _ACTOR.validate_python(fields["actor"])
        event = _adapter(head["kind"]).validate_python(fields["data"])
        at = datetime.fromisoformat(head["at"])
    except (ValueError, KeyError, TypeError, ValidationError):
        raise TranscriptDamaged(f"event {number} cannot be read") from None
    return Recorded(number, at, actor, event)


def to_moment(at: datetime) -> str:
    """Give a moment as UTC text with microseconds, as heads have it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def print_of(link: str) -> str:
    """Give what people compare of a chain value: its first sixteen digits."""
    return link[:16]


def is_link(text: str) -> bool:
    """Tell whether a text has the form of a chain value."""
    return _HEX.fullmatch(text) is not None
