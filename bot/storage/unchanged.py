"""Hashes over the rows of open cases as they are stored: whether any was changed is seen without decrypting one."""

from collections.abc import Iterable
from hashlib import sha256
from threading import Lock
from typing import Any

_REMEMBERED = 5_000
Stored = tuple[int, bytes, bytes]


class Unchanged:
    """What this process last read or wrote of each case; 300 bytes a case."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Any]] = {}
        # Jobs of other engines run in threads.
        self._changing = Lock()

    def read(self, case: str, link: str, rows: Iterable[Stored]) -> None:
        """Remember the rows of a case that were read and found sound, up to the event with this link."""
        self._keep(case, link, _hash(sha256(), rows))

    def wrote(self, case: str, before: str, link: str, rows: Iterable[Stored]) -> None:
        """Remember rows written behind the event with the link `before`; rolled back, their link is never asked for."""
        known = self._known.get(case)
        if known is not None and known[0] == before:
            self._keep(case, link, _hash(known[1].copy(), rows))

    def are_same(self, case: str, link: str, rows: Iterable[Stored]) -> bool:
        """Tell whether these are, byte for byte, the rows that were remembered up to this link."""
        known = self._known.get(case)
        return known is not None and known[0] == link and _hash(sha256(), rows).digest() == known[1].digest()

    def _keep(self, case: str, link: str, whole: Any) -> None:
        with self._changing:
            self._known.pop(case, None)
            self._known[case] = (link, whole)
            if len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]


def _hash(whole: Any, rows: Iterable[Stored]) -> Any:
    for seq, head, body in rows:
        whole.update(b"%d %d %d " % (seq, len(head), len(body)) + head + body)
    return whole
