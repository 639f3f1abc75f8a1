"""What the commands can do with the cases; each act is in the register before its result is given."""

import getpass
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bot.errors import StoreUnavailable
from bot.keeping_ports import KeepingStore
from bot.notes import to_pem
from bot.store import CaseEntry, RegisterEntry, Write
from state.case import is_practice
from state.codec import Row
from state.errors import TranscriptDamaged
from state.keeping import Certificate, Keeping

Read = tuple[CaseEntry, tuple[Row, ...]]
# Of every case by its number, and of the register: how many events, and the chain value of the last.
Prints = dict[str, tuple[int, str]]
REGISTER = "register"
# Nothing else is ever signed by this key but checkpoints, which begin otherwise.
_MANIFEST = re.compile(rb"(?:[0-9a-f]{64}  [A-Za-z0-9._/-]+\n)+")


class KeptStore(KeepingStore, Protocol):
    """A store with its keys: what turns never ask for, and the commands do."""

    async def public_key(self) -> bytes:
        """Give the key (32 bytes) with which this store's signatures are checked."""
        ...

    async def sign(self, message: bytes) -> bytes:
        """Give this store's signature (64 bytes) of a message."""
        ...

    async def load(self, case: str, key: bytes | None = None) -> tuple[Row, ...]:
        """Give the rows of a case; `key` opens a sealed one."""
        ...

    async def sign_off(self, case: str) -> bytes:
        """Give a signed checkpoint of a case as it stands; raises TranscriptDamaged."""
        ...

    async def shares(self, case: str) -> dict[str, bytes]:
        """Give the keepers' shares of a sealed case's key."""
        ...

    async def check(self) -> Sequence[object]:
        """Give everything that is wrong with the whole store, each with words without content."""
        ...

    async def register_head(self) -> tuple[int, str]:
        """Give number of entries and chain value of the register."""
        ...

    async def link_at(self, case: str | None, seq: int) -> str | None:
        """Give the chain value of one event of a case, or of one entry of the register (None)."""
        ...

    async def rotate(self, key_file: Path) -> int:
        """Wrap every key by a new data key, in this file, and give how many."""
        ...

    async def backup(self, path: Path) -> None:
        """Write a copy of the database, without its keys, to a new file; raises SettingsError."""
        ...

    async def backup_keys(self, path: Path) -> None:
        """Write a copy of the keys, as the data key wraps them, to a new file; raises SettingsError."""
        ...


class DossierSource(Protocol):
    """Where the commands work on cases: in this process, or through the running bot."""

    async def entries(self) -> tuple[CaseEntry, ...]:
        """Give the entries of all cases, oldest first."""
        ...

    async def rows(self, number: str, purpose: str, key: bytes | None = None) -> Read | None:
        """Give a case's entry and rows by its number or id; `purpose` is read or export.

        `key` opens a sealed case. Raises TranscriptDamaged or CaseSealed.
        """
        ...

    async def public_key(self) -> bytes:
        """Give the public key (PEM) that signatures of this store are checked with."""
        ...

    async def checkpoint(self, number: str) -> bytes:
        """Give a signed checkpoint of a case as it stands; raises TranscriptDamaged."""
        ...

    async def sign(self, manifest: bytes) -> bytes:
        """Give the signature (64 bytes) of a dossier's manifest."""
        ...

    async def shares(self, number: str) -> dict[str, bytes]:
        """Give what each keeper can open of a sealed case's key, by the print of the keeper's key."""
        ...

    async def check(self) -> tuple[str, ...]:
        """Give everything that is wrong with the whole store, without content."""
        ...

    async def prints(self) -> Prints:
        """Give number of events and chain value of every case, by its number, and of the register."""
        ...

    async def compare(self, kept: Prints) -> tuple[str, ...]:
        """Give which cases are not, or do not go on from, what they were when these prints were taken."""
        ...

    async def keepings(self) -> tuple[Keeping, ...]:
        """Give what is kept of every closed case."""
        ...

    async def certificates(self) -> tuple[Certificate, ...]:
        """Give what remains of destroyed cases."""
        ...

    async def rotate(self) -> int:
        """Wrap every key by a new data key and give how many."""
        ...

    async def backup(self, path: str) -> None:
        """Write a copy of the database, without its keys, to a new file."""
        ...

    async def backup_keys(self, path: str) -> None:
        """Write a copy of the keys, as the data key wraps them, to a new file."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...


class StoreSource:
    """Works on a store in this process (`DossierSource`)."""

    def __init__(
        self,
        store: KeptStore,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        key_file: Path | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._key_file = key_file

    async def entries(self) -> tuple[CaseEntry, ...]:
        """Give the entries of all cases, oldest first."""
        await self._note("list", None)
        return await self._real()

    async def _real(self) -> tuple[CaseEntry, ...]:
        """Give the entries without exercises, of which nothing is listed, counted or exported."""
        return tuple(entry for entry in await self._store.entries() if not is_practice(entry.number))

    async def _entry(self, number: str) -> CaseEntry | None:
        entry = await self._store.entry(number)
        return None if entry is None or is_practice(entry.number) else entry

    async def rows(self, number: str, purpose: str, key: bytes | None = None) -> Read | None:
        """Give a case's entry and rows by its number or id."""
        entry = await self._entry(number)
        if entry is None:
            return None
        await self._note(purpose, entry.id)
        return entry, await self._store.load(entry.id, key)

    async def public_key(self) -> bytes:
        """Give the public key (PEM) that signatures of this store are checked with."""
        return to_pem(await self._store.public_key())

    async def checkpoint(self, number: str) -> bytes:
        """Give a signed checkpoint of a case as it stands; raises TranscriptDamaged."""
        entry = await self._entry(number)
        if entry is None:
            raise TranscriptDamaged("there is no such case")
        await self._note("sign", entry.id)
        return await self._store.sign_off(entry.id)

    async def sign(self, manifest: bytes) -> bytes:
        """Give the signature (64 bytes) of a dossier's manifest."""
        if not _MANIFEST.fullmatch(manifest):
            raise ValueError("only a dossier's manifest is signed")
        await self._note("sign", None)
        return await self._store.sign(manifest)

    async def shares(self, number: str) -> dict[str, bytes]:
        """Give what each keeper can open of a sealed case's key, by the print of the keeper's key."""
        entry = await self._entry(number)
        if entry is None:
            return {}
        await self._note("shares", entry.id)
        return await self._store.shares(entry.id)

    async def check(self) -> tuple[str, ...]:
        """Give everything that is wrong with the whole store, without content."""
        await self._note("check", None)
        return tuple(str(finding) for finding in await self._store.check())

    async def prints(self) -> Prints:
        """Give number of events and chain value of every case, by its number, and of the register."""
        await self._note("prints", None)
        cases = {entry.number: (entry.version, entry.link) for entry in await self._real()}
        return {**cases, REGISTER: await self._store.register_head()}

    async def compare(self, kept: Prints) -> tuple[str, ...]:
        """Give which cases are not, or do not go on from, what they were when these prints were taken."""
        await self._note("compare", None)
        found = [await self._compared(number, size, link) for number, (size, link) in sorted(kept.items())]
        return tuple(finding for finding in found if finding)

    async def _compared(self, number: str, size: int, link: str) -> str | None:
        try:
            return await self._compare(number, size, link)
        except TranscriptDamaged as damage:
            # One damaged case must not hide what became of the others.
            return f"{number}: {damage}"

    async def _compare(self, number: str, size: int, link: str) -> str | None:
        entry = None if number == REGISTER else await self._entry(number)
        if entry is None and number != REGISTER:
            return await self._compare_certificate(number, size, link)
        if size and await self._store.link_at(entry.id if entry else None, size) != link:
            return f"{number}: it does not go on from what it was at event {size}; an older database was put back"
        return None

    async def _compare_certificate(self, number: str, size: int, link: str) -> str | None:
        """Give what is wrong where a case is gone: what was destroyed rightly has a certificate."""
        found = next((one for one in await self._store.certificates() if one.number == number), None)
        if found is None or found.events < size:
            return f"{number}: it is gone, and there is no certificate of destruction"
        if found.events == size and found.link != link:
            return f"{number}: its certificate of destruction is of another record"
        return None

    async def keepings(self) -> tuple[Keeping, ...]:
        """Give what is kept of every closed case."""
        await self._note("list", None)
        return await self._store.keepings()

    async def certificates(self) -> tuple[Certificate, ...]:
        """Give what remains of destroyed cases."""
        await self._note("list_certificates", None)
        return await self._store.certificates()

    async def rotate(self) -> int:
        """Wrap every key by a new data key and give how many."""
        if self._key_file is None:
            raise StoreUnavailable("the data key is not in a file")
        await self._note("rotate", None)
        return await self._store.rotate(self._key_file)

    async def backup(self, path: str) -> None:
        """Write a copy of the database, without its keys, to a new file."""
        await self._note("backup", None)
        await self._store.backup(Path(path))

    async def backup_keys(self, path: str) -> None:
        """Write a copy of the keys, as the data key wraps them, to a new file."""
        await self._note("backup_keys", None)
        await self._store.backup_keys(Path(path))

    async def close(self) -> None:
        """Close the store."""
        await self._store.close()

    async def _note(self, action: str, case: str | None) -> None:
        entry = RegisterEntry(self._clock(), account(), action, "ok", case)
        await self._store.commit(Write(register=(entry,)))


def account() -> str:
    """Give the machine's account that works: nobody else gets past the file modes."""
    try:
        return f"account:{getpass.getuser()}"
    except (KeyError, OSError):  # a container without a name for its user
        return "account:unnamed"
