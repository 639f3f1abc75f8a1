"""Sessions with PostgreSQL: a pool of them in threads, each seen by the statements as a SQLite connection is."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from threading import local
from time import monotonic
from typing import TypeVar

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from bot.errors import StoreUnavailable, StoreUncertain, TranscriptConflict
from bot.storage.postgres_patience import Patience
from bot.storage.postgres_schema import keys_of
from bot.storage.sql import Cursor, Db, Values

T = TypeVar("T")

_SESSIONS = 8
# A turn has to be answered within Teams' 15 seconds.
_WAIT_FOR_SESSION = 4.0
# How long nobody waits for a server again that could not be reached.
LET_BE = 1.0
# A server that is gone without a word is noticed within seconds; none of these is a limit in ordinary work.
PATIENCE = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}
_LIMITS = "-c statement_timeout=10000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=20000"
# Another transaction was first, or both waited for each other: the whole of it can be done again.
CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation)
BROKEN = (psycopg.OperationalError, psycopg.InterfaceError)
# Nobody knows what became of this turn, or of a delivery of it that another waits for.
_UNKNOWN = (*BROKEN, errors.ReadOnlySqlTransaction)
_MEND = {
    errors.InsufficientPrivilege: "the user in the database's address must own the database, or its schemas",
    errors.DiskFull: "make room on the disk of the database server",
    errors.ReadOnlySqlTransaction: "that server takes no writes; name the primary, or every host",
}


class Sessions:
    """The sessions of this process; each job has one of them for itself (`bot.storage.sql.Db`)."""

    def __init__(self, url: str, schema: str) -> None:
        self.schema = schema
        self._own = local()
        self._not_before = 0.0
        self._patience = Patience()
        self._threads = ThreadPoolExecutor(_SESSIONS, thread_name_prefix="postgres")
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=_SESSIONS,
            open=False,
            timeout=_WAIT_FOR_SESSION,
            reconnect_timeout=30,
            kwargs={"autocommit": True, "options": options(schema), **PATIENCE},
        )

    async def run(self, job: Callable[[], T]) -> T:
        """Give what a job in a session of its own gives; raises StoreUnavailable or TranscriptConflict."""
        try:
            begun = self._threads.submit(self.do, job)
        except RuntimeError:
            raise StoreUncertain("closed") from None
        return await self._patience.see_through(begun)

    def do(self, job: Callable[[], T]) -> T:
        """Do a job in this thread; once more when its session turns out to be broken before anything began."""
        if monotonic() < self._not_before:
            raise StoreUncertain("the server could not be reached a moment ago")
        with translated():
            self._pool.open()
            return self._attempt(job)

    def _attempt(self, job: Callable[[], T]) -> T:
        try:
            return self._with_session(job)
        except BROKEN:
            if not self._is_untouched():
                raise
        return self._with_session(job)

    def _is_untouched(self) -> bool:
        """Tell whether nothing was done in the broken session; those that wait beside it seldom are better."""
        self._pool.check()
        return bool(self._own.is_idle)

    def _with_session(self, job: Callable[[], T]) -> T:
        self._own.is_idle = False
        try:
            with self.session():
                return job()
        except PoolTimeout:
            # The turns that come now must not wait behind each other for a server that is not there.
            self._not_before = monotonic() + LET_BE
            raise

    @contextmanager
    def session(self) -> Iterator[None]:
        """Have a session in this thread while the block runs."""
        self._pool.open()
        with self._pool.connection() as connection:
            self._own.connection, self._own.is_idle = connection, True
            yield

    # --- what statements see -----------------------------------------------------------

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction was begun and has not ended."""
        status = self._own.connection.info.transaction_status
        return status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    def execute(self, sql: str, values: Values = (), /) -> Cursor:
        """Do a statement."""
        with self._patience.waits(self._own.connection):
            cursor: Cursor = self._own.connection.execute(_translate(sql), values or None)
        # From the first statement that was done, a failure may come after a commit.
        self._own.is_idle = False
        return cursor

    def executemany(self, sql: str, rows: Sequence[Values], /) -> None:
        """Do a statement for each row."""
        with self._own.connection.cursor() as cursor, self._patience.waits(self._own.connection):
            cursor.executemany(_translate(sql), rows)

    def close(self) -> None:
        """Close them all; what runs is ended first."""
        self._threads.shutdown()
        self._pool.close()


def options(schema: str) -> str:
    """Give what is set at the beginning of each session."""
    return f"{_LIMITS} -c search_path={schema},{keys_of(schema)}"


@lru_cache(maxsize=512)
def _translate(sql: str) -> str:
    """Give a statement of SQLite's as PostgreSQL has it.

    Whatever a transaction reads stays true until its commit, or it fails and is done again: as with SQLite,
    where there is one at a time.
    """
    if sql == "BEGIN IMMEDIATE":
        return "BEGIN ISOLATION LEVEL REPEATABLE READ"
    return sql.replace("%", "%%").replace("?", "%s") if "?" in sql else sql


@contextmanager
def translated() -> Iterator[None]:
    """Turn PostgreSQL's errors into the shell's own, by their name alone: a message could hold content."""
    try:
        yield
    except CONFLICTS:
        raise TranscriptConflict from None
    except psycopg.Error as error:
        is_sure = isinstance(error, errors.DiskFull) or not isinstance(error, _UNKNOWN)
        raise (StoreUnavailable if is_sure else StoreUncertain)(name_of(error)) from None


def name_of(error: psycopg.Error) -> str:
    """Give an error's name and PostgreSQL's code for it; in words where a person can do something."""
    if isinstance(error, PoolTimeout):
        return (
            "the database server cannot be reached, or lets nobody in: does it run, and are host, name, user and"
            " password in WEEGWIJZER_DATABASE_URL right?"
        )
    name = f"{type(error).__name__} {error.sqlstate or ''}".strip()
    mend = next((mend for kind, mend in _MEND.items() if isinstance(error, kind)), "")
    return f"{name}: {mend}" if mend else name


@contextmanager
def one_state(db: Db) -> Iterator[None]:
    """See one state of the database in the whole block, and change nothing."""
    db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        yield
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


@contextmanager
def under_lock(db: Db, name: str) -> Iterator[None]:
    """Do the block in a transaction while no other instance does one of this name, and see what the last one left."""
    # A lock that is waited for inside of REPEATABLE READ would show the state of before the wait.
    db.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
    try:
        db.execute("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", (name,))
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
