"""What one `Write` does to PostgreSQL's tables where that is not what it does to SQLite's."""

import secrets
from datetime import datetime
from typing import Any

from bot.storage.sealing import Place
from bot.storage.writes import Writer
from bot.store import RegisterEntry
from state.codec import to_moment

_WAITING = "register_waiting"


class PostgresWriter(Writer):
    """Applies writes so that turns about different cases do not wait for each other."""

    def _next_owed(self) -> int:
        """Give a number that no other work had; a counter in a row would make all turns wait for each other."""
        (number,) = self._db.execute("SELECT nextval('outbox_number')").fetchone()
        return int(number)

    def append_register(self, *entries: RegisterEntry) -> None:
        """Let entries wait until they are put on the register's chain."""
        for entry in entries:
            token = secrets.token_bytes(16)
            sealed = self._sealer.seal(_place(token), _to_json(entry))
            self._db.execute("INSERT INTO register_waiting (token, sealed) VALUES (?, ?)", (token, sealed))

    def chain_register(self) -> None:
        """Put what waits on the register's chain, in the order in which it came; raises TranscriptDamaged.

        The caller holds a lock: there is one chain, and it has one end.
        """
        rows = self._db.execute("DELETE FROM register_waiting RETURNING id, token, sealed").fetchall()
        super().append_register(*self._opened(rows))

    def waiting(self) -> tuple[RegisterEntry, ...]:
        """Give what waits to be put on the register's chain, in the order in which it came."""
        return self._opened(self._db.execute("SELECT id, token, sealed FROM register_waiting").fetchall())

    def _opened(self, rows: list[Any]) -> tuple[RegisterEntry, ...]:
        return tuple(_to_entry(self._sealer.open(_place(token), sealed)) for _, token, sealed in sorted(rows))


def _place(token: bytes) -> Place:
    return (_WAITING, token)


def _to_json(entry: RegisterEntry) -> dict[str, Any]:
    return {
        "action": entry.action,
        "actor": entry.actor,
        "at": to_moment(entry.at),
        "case": entry.case,
        "outcome": entry.outcome,
    }


def _to_entry(fields: dict[str, Any]) -> RegisterEntry:
    return RegisterEntry(**{**fields, "at": datetime.fromisoformat(fields["at"])})
