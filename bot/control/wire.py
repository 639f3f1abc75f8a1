"""How the commands and the running bot write values to each other, as JSON."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.store import CaseEntry
from state.codec import Row
from state.keeping import to_certificate, to_json, to_keeping


def from_entry(entry: CaseEntry) -> dict[str, Any]:
    """Give an entry as JSON."""
    return {**asdict(entry), "opened_at": entry.opened_at.isoformat()}


def to_entry(fields: dict[str, Any]) -> CaseEntry:
    """Give an entry back."""
    return CaseEntry(**{**fields, "opened_at": datetime.fromisoformat(fields["opened_at"])})


def from_row(row: Row) -> list[Any]:
    """Give a row as JSON."""
    return [row.seq, from_bytes(row.head), from_bytes(row.body)]


def to_row(fields: list[Any]) -> Row:
    """Give a row back."""
    return Row(fields[0], to_bytes(fields[1]), to_bytes(fields[2]))


def from_bytes(value: bytes) -> str:
    """Give bytes as text."""
    return base64.b64encode(value).decode()


def to_bytes(text: str) -> bytes:
    """Give bytes back; raises ValueError."""
    return base64.b64decode(text, validate=True)


def to_prints(prints: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    """Give prints back; raises ValueError."""
    return {str(name): (int(size), str(link)) for name, (size, link) in prints.items()}


# What else the commands can ask: how an argument is read, and how an answer is written and read back.
ARGUMENTS: Mapping[str, Callable[[Any], Any]] = {
    "number": str,
    "path": str,
    "manifest": to_bytes,
    "kept": to_prints,
}
ANSWERS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "public_key": (from_bytes, to_bytes),
    "checkpoint": (from_bytes, to_bytes),
    "sign": (from_bytes, to_bytes),
    "shares": (
        lambda shares: {keeper: from_bytes(share) for keeper, share in shares.items()},
        lambda shares: {keeper: to_bytes(share) for keeper, share in shares.items()},
    ),
    "check": (list, tuple),
    "prints": (dict, to_prints),
    "compare": (list, tuple),
    "keepings": (
        lambda keepings: [to_json(one) for one in keepings],
        lambda answer: tuple(to_keeping(one) for one in answer),
    ),
    "certificates": (
        lambda certificates: [to_json(one) for one in certificates],
        lambda answer: tuple(to_certificate(one) for one in answer),
    ),
    "rotate": (int, int),
    "backup": (lambda _: None, lambda _: None),
    "backup_keys": (lambda _: None, lambda _: None),
}
