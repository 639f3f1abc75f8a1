"""What the statements of the store need of a database: SQLite's own way, which others are made to follow."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

Values = Sequence[str | int | bytes | None]


class Cursor(Protocol):
    """The rows that a statement gives."""

    @property
    def rowcount(self) -> int:
        """Give how many rows were changed."""
        ...

    def fetchone(self) -> Any:
        """Give the next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Give the rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Db(Protocol):
    """One session with a database, in which every transaction is begun by hand; `?` stands for a value."""

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction was begun and has not ended."""
        ...

    def execute(self, sql: str, values: Values = (), /) -> Cursor:
        """Do a statement."""
        ...

    def executemany(self, sql: str, rows: Sequence[Values], /) -> object:
        """Do a statement for each row."""
        ...


@contextmanager
def transaction(db: Db) -> Iterator[None]:
    """Do the block in one transaction, or not at all."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # SQLite may have rolled back by itself, as it does on a full disk.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
