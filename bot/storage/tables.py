"""The store over tables of a database (`bot.store.Store` and what the commands need), whatever the engine."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from secrets import token_bytes, token_hex
from time import monotonic
from typing import Any, TypeVar

from bot.keepers import Keeper
from bot.storage.checking import Finding
from bot.storage.copying import copy_keys, copy_keys_to_file, copy_tables
from bot.storage.kept import read_certificates, read_keepings
from bot.storage.keyring import Keyring
from bot.storage.reading import is_unchanged, read_chat, read_entries, read_entry, read_events, read_unkept
from bot.storage.records import Records
from bot.storage.register import read_register, register_head, walk_register
from bot.storage.sql import Db
from bot.storage.wrapping import rotate
from bot.store import CaseEntry, Chat, Owed, RegisterEntry, Seat, Write
from state.codec import Row, to_moment
from state.keeping import Certificate, Keeping

T = TypeVar("T")
# After each step that is done gently, in seconds, and as many times as long as the step took: a case of a thousand
# events takes 23 ms, and 160 of those took half of the processor from turns.
BREATH = 0.01
_TIMES = 4
# In bytes: more than any turn writes, so that what is tried fits nowhere where a turn does not.
_A_LARGE_TURN = 65_536
Job = Callable[[Records], T]


class TableStore(ABC):
    """Cases in the tables of a database. An engine says how a job comes to its session, and how a turn is kept.

    Every job raises StoreUnavailable where the database fails, and nothing of it was kept then.
    """

    keyring: Keyring

    @abstractmethod
    async def commit(self, write: Write) -> None:
        """Keep everything and return after it is on disk; raises TranscriptConflict or NumberTaken."""

    @abstractmethod
    async def _read(self, job: Job[T]) -> T:
        """Do a job that changes nothing, and sees one state of the database."""

    @abstractmethod
    async def _change(self, job: Job[T]) -> T:
        """Do a job in one transaction."""

    @abstractmethod
    async def _use(self, job: Job[T]) -> T:
        """Do a job that begins and ends its own transactions."""

    async def _in_steps(self, walk: Job[Iterator[T]], *, gently: bool) -> AsyncIterator[T]:
        """Give what each step of a walk gives; each is a job of its own, and turns go on in between."""
        left = await self._read(walk)
        begun = monotonic()
        while (step := await self._read(lambda records: next(left, None))) is not None:
            rest = max(BREATH, _TIMES * (monotonic() - begun)) if gently else 0
            yield step
            await asyncio.sleep(rest)
            begun = monotonic()

    async def try_keeping(self) -> None:
        """Keep something as a turn would be kept, and nothing that is there afterwards; raises StoreUnavailable."""
        await self._change(_keep_for_a_moment)

    @abstractmethod
    async def check(self, *, gently: bool = False) -> tuple[Finding, ...]:
        """Give everything that is wrong with the whole store, without content; takes 0.1 ms per event.

        Done gently it leaves four fifths of the time to turns.
        """

    @abstractmethod
    async def backup(self, path: Path) -> None:
        """Write a copy of the database, without its keys, to a new file; raises SettingsError."""

    async def backup_keys(self, path: Path) -> None:
        """Write a copy of the keys, as the data key wraps them, to a new file; raises SettingsError."""
        await self._read(lambda records: copy_keys_to_file(records, path))

    async def copy_to(self, empty: Callable[[], AbstractContextManager[tuple[Db, Db]]]) -> None:
        """Copy everything to empty tables and tables of keys, which the caller opens; raises SettingsError."""

        def copying(records: Records) -> None:
            with empty() as (tables, keys):
                copy_keys(records.keyring, keys)
                copy_tables(records, tables)

        await self._settle()
        await self._read(copying)

    @abstractmethod
    async def close(self) -> None:
        """Close; everything committed is on disk."""

    # --- turns -------------------------------------------------------------------------

    async def seat(self, person: str, conversation: str, inbox: str, handle: str | None) -> Seat:
        """Give what is known before a turn; a handle of another person or conversation is unknown."""
        return await self._read(lambda records: records.seat(person, conversation, inbox, handle))

    async def load(self, case: str, key: bytes | None = None) -> tuple[Row, ...]:
        """Give the rows of a case in order; empty when there is no such case; `key` opens a sealed one."""
        return await self._read(lambda records: read_events(records.db, records.keyring, case, key))

    async def is_unchanged(self, case: str, version: int, link: str) -> bool:
        """Tell whether a case stands at this event, and all its rows are those that were read or written last."""
        return await self._read(lambda records: is_unchanged(records.db, records.keyring, case, version, link))

    async def entry(self, number_or_id: str) -> CaseEntry | None:
        """Give the entry of a case by its number or its random id."""
        return await self._read(lambda records: read_entry(records.db, records.sealer, number_or_id))

    async def entries(self, person: str | None = None) -> tuple[CaseEntry, ...]:
        """Give all entries, or the open ones that a person holds or is offered; oldest first."""
        return await self._read(lambda records: tuple(read_entries(records.db, records.sealer, person)))

    async def chat_of(self, person: str) -> Chat | None:
        """Give a person's private chat, when there was one."""
        return await self._read(lambda records: read_chat(records.db, records.sealer, person))

    # --- owed work ---------------------------------------------------------------------

    async def due(self, now: datetime) -> tuple[Owed, ...]:
        """Give the owed work whose time has come, oldest first."""
        return await self._read(lambda records: records.due(to_moment(now)))

    async def still_owed(self, owed: Owed) -> Owed | None:
        """Give owed work as it stands now, unless it was done or put off since it was read."""
        return await self._read(lambda records: records.still_owed(owed))

    async def keep_progress(self, owed: Owed) -> None:
        """Keep the progress of owed work, on disk when it returns."""
        await self._change(lambda records: records.writer.keep_progress(owed))

    async def put_off(self, owed: int, attempts: int, not_before: datetime) -> None:
        """Try owed work again later; its progress stays."""
        await self._change(lambda records: records.put_off(owed, attempts, not_before))

    async def take(self, owed: Owed, until: datetime) -> bool:
        """Keep others off owed work until a moment; False when another took it since it was read."""
        return await self._change(lambda records: records.writer.take(owed, until))

    async def card_place(self, case: str) -> Mapping[str, Any] | None:
        """Give the `posted` progress of the case's latest card, also when that work is done."""
        return await self._read(lambda records: records.card_place(case))

    async def next_due(self) -> datetime | None:
        """Give when the next owed work comes (long ago: now), or None when nothing is owed."""
        return await self._read(Records.next_due)

    async def owed(self) -> int:
        """Give how much owed work is not done; what waits for a moment of a term is not counted."""
        return await self._read(Records.owed)

    # --- closed cases ------------------------------------------------------------------

    async def keepings(self) -> tuple[Keeping, ...]:
        """Give what is kept of every closed case, the one closed first coming first; a damaged one is left out."""
        return await self._read(lambda records: read_keepings(records.db, records.sealer))

    def unkept(self) -> AsyncIterator[tuple[CaseEntry, ...]]:
        """Give the closed cases of which nothing is kept, as versions before there was any left them; beside turns."""
        return self._in_steps(lambda records: read_unkept(records.db, records.sealer), gently=True)

    async def certificates(self) -> tuple[Certificate, ...]:
        """Give what remains of destroyed cases, the one destroyed first coming first; raises TranscriptDamaged."""
        return await self._read(lambda records: read_certificates(records.db, records.sealer))

    async def destroy(self, certificate: Certificate, version: int, register: Sequence[RegisterEntry]) -> None:
        """Discard the case's key and all its rows, and keep the certificate and the register's entries."""
        await self._use(lambda records: records.destroy(certificate, version, register))

    async def discard(self, case: str, register: Sequence[RegisterEntry]) -> None:
        """Delete all rows of a practice case, and its key; raises TranscriptConflict where it is none."""
        await self._use(lambda records: records.discard(case, register))

    # --- with the keys -----------------------------------------------------------------

    async def public_key(self) -> bytes:
        """Give the key (32 bytes) with which this store's signatures are checked."""
        return await self._use(lambda records: records.keyring.public)

    async def sign(self, message: bytes) -> bytes:
        """Give this store's signature (64 bytes) of a message."""
        return await self._use(lambda records: records.keyring.sign(message))

    async def sign_off(self, case: str) -> bytes:
        """Give a signed checkpoint of a case as it stands; raises TranscriptDamaged."""
        return await self._change(lambda records: records.sign_off(case))

    async def seal(self, case: str, keepers: Sequence[Keeper]) -> None:
        """Split a case's key over its keepers and forget it; done already is done."""
        await self._use(lambda records: records.seal(case, keepers))

    async def shares(self, case: str) -> dict[str, bytes]:
        """Give the keepers' shares of a sealed case's key."""
        return await self._read(lambda records: records.keyring.shares(case))

    async def rotate(self, key_file: Path) -> int:
        """Wrap every key by a new data key, in this file, and give how many."""
        return await self._use(lambda records: rotate(records.keyring, key_file))

    # --- the register ------------------------------------------------------------------

    async def register(self) -> tuple[RegisterEntry, ...]:
        """Give the whole register, oldest first; raises TranscriptDamaged when its chain is broken."""
        await self._settle()
        return await self._read(lambda records: read_register(walk_register(records.db, records.sealer)))

    async def register_head(self) -> tuple[int, str]:
        """Give number of entries and chain value of the register."""
        await self._settle()
        return await self._read(lambda records: register_head(records.db, records.sealer))

    async def link_at(self, case: str | None, seq: int) -> str | None:
        """Give the chain value of one event of a case, or of one entry of the register (None)."""
        if case is None:
            await self._settle()
        return await self._read(lambda records: records.link_at(case, seq))

    async def _settle(self) -> None:  # noqa: B027  # most have nothing to do
        """Put on the register's chain what waits for it; an engine with one session keeps nothing waiting."""


def _keep_for_a_moment(records: Records) -> None:
    # A row of its own: instances that try at once must not wait for each other. Of chance: PostgreSQL keeps zeros in so
    # little room that they fitted on a full disk.
    name = f"try {token_hex(16)}"
    records.db.execute("INSERT INTO meta VALUES (?, ?)", (name, token_bytes(_A_LARGE_TURN)))
    records.db.execute("DELETE FROM meta WHERE name = ?", (name,))
