"""Marked words: each is given out once, all are found by one search, also in the usual disguises."""

import base64
import json
import re
from collections import Counter
from typing import Any
from uuid import UUID

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_WORD, _ID = b"kanarie", b"ca9a21e"


def _in_base64(word: bytes) -> list[bytes]:
    """Give how a word looks inside base64, by where it begins in a group of three bytes."""
    shapes = []
    for before in range(3):
        shown = base64.b64encode(b"x" * before + word + b"xx")
        shapes.append(shown[-(-before * 8 // 6) : (before + len(word)) * 8 // 6])
    return shapes


_SHAPES = [
    rb"(?i:kanarie[a-z2-7]{2,7})",
    rb"(?i:ca9a21e[0-9a-f])",
    rb"(?i:" + _WORD.hex().encode() + rb")",
    re.escape(_WORD.decode().encode("utf-16-le")),
    *(re.escape(shape) for word in (_WORD, _ID) for shape in _in_base64(word)),
]
_ANY = re.compile(b"|".join(_SHAPES))


class Canaries:
    """Gives out marked words and keeps count, by the kind of place they are put in."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()

    @property
    def given(self) -> int:
        """Give how many words were given out."""
        return self.kinds.total()

    def word(self, kind: str) -> str:
        """Give a word that nobody had before."""
        number = self._next(kind)
        letters = "".join(_LETTERS[number >> shift & 31] for shift in (20, 15, 10, 5, 0))
        return f"{_WORD.decode()}{letters}"

    def identity(self, kind: str) -> str:
        """Give an id in Entra's form that nobody had before."""
        return str(UUID(f"{_ID.decode()}0-0000-4000-8000-{self._next(kind):012x}"))

    def words(self, kind: str, count: int) -> list[str]:
        """Give several words."""
        return [self.word(kind) for _ in range(count)]

    def _next(self, kind: str) -> int:
        self.kinds[kind] += 1
        return self.given


def found(content: bytes | str | Any) -> list[str]:
    """Give every marked word in bytes, in a text, or anywhere in a value of JSON."""
    if not isinstance(content, bytes):
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        content = text.encode("utf-8", "surrogateescape")
    return [match.group().decode("latin-1") for match in _ANY.finditer(content)]
