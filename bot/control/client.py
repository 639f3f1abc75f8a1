"""The command's side of the door."""

import json
import os
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import aiohttp
from aiohttp import web

from bot.control.door import CASE_KEY, CONTROL_FILE, DAMAGED, NOT_FOUND, SEALED
from bot.control.source import Prints, Read
from bot.control.wire import ANSWERS, from_bytes, to_entry, to_row
from bot.errors import CaseSealed, StoreUnavailable
from bot.store import CaseEntry
from state.errors import TranscriptDamaged
from state.keeping import Certificate, Keeping

# A check of a whole store takes its time.
_TIMEOUT = aiohttp.ClientTimeout(total=600)


class ControlClient:
    """Reads through the door of a running bot."""

    def __init__(self, port: int, token: str) -> None:
        self._session = aiohttp.ClientSession(
            f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=_TIMEOUT
        )

    @classmethod
    async def find(cls, data_dir: Path) -> Self | None:
        """Give a client of the bot that runs on this data directory, or None when none does."""
        try:
            known = json.loads((data_dir / CONTROL_FILE).read_text("utf-8"))
            port, token, pid = int(known["port"]), str(known["token"]), int(known["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not _is_running(pid):
            return None
        client = cls(port, token)
        if await client._answers():
            return client
        await client.close()
        return None

    async def entries(self) -> tuple[CaseEntry, ...]:
        """Give the entries of all cases, oldest first."""
        return tuple(to_entry(fields) for fields in await self._ask("GET", "/cases"))

    async def rows(self, number: str, purpose: str, key: bytes | None = None) -> Read | None:
        """Give a case's entry and rows by its number or id."""
        shown = {} if key is None else {CASE_KEY: from_bytes(key)}
        path = f"/cases/{quote(number, safe='')}"
        found = await self._ask("GET", path, params={"purpose": purpose}, headers=shown)
        if found is None:
            return None
        return to_entry(found["entry"]), tuple(to_row(fields) for fields in found["rows"])

    async def public_key(self) -> bytes:
        """Give the public key (PEM) that signatures of this store are checked with."""
        return bytes(await self._do("public_key"))

    async def checkpoint(self, number: str) -> bytes:
        """Give a signed checkpoint of a case as it stands; raises TranscriptDamaged."""
        return bytes(await self._do("checkpoint", number=number))

    async def sign(self, manifest: bytes) -> bytes:
        """Give the signature (64 bytes) of a dossier's manifest."""
        return bytes(await self._do("sign", manifest=from_bytes(manifest)))

    async def shares(self, number: str) -> dict[str, bytes]:
        """Give what each keeper can open of a sealed case's key, by the print of the keeper's key."""
        return dict(await self._do("shares", number=number))

    async def check(self) -> tuple[str, ...]:
        """Give everything that is wrong with the whole store, without content."""
        return tuple(await self._do("check"))

    async def prints(self) -> Prints:
        """Give number of events and chain value of every case, by its number, and of the register."""
        return dict(await self._do("prints"))

    async def compare(self, kept: Prints) -> tuple[str, ...]:
        """Give which cases are not, or do not go on from, what they were when these prints were taken."""
        return tuple(await self._do("compare", kept=kept))

    async def keepings(self) -> tuple[Keeping, ...]:
        """Give what is kept of every closed case."""
        return tuple(await self._do("keepings"))

    async def certificates(self) -> tuple[Certificate, ...]:
        """Give what remains of destroyed cases."""
        return tuple(await self._do("certificates"))

    async def rotate(self) -> int:
        """Wrap every key by a new data key and give how many."""
        return int(await self._do("rotate"))

    async def backup(self, path: str) -> None:
        """Write a copy of the database, without its keys, to a new file."""
        await self._do("backup", path=path)

    async def backup_keys(self, path: str) -> None:
        """Write a copy of the keys, as the data key wraps them, to a new file."""
        await self._do("backup_keys", path=path)

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()

    async def _answers(self) -> bool:
        """Tell whether it is our bot that listens there, by how it says that it has no case `-`."""
        try:
            async with self._session.get("/cases/-") as response:
                return bool(await response.json() == NOT_FOUND)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False

    async def _do(self, action: str, **arguments: Any) -> Any:
        answer = await self._ask("POST", f"/do/{action}", json=arguments)
        return ANSWERS[action][1](answer)

    async def _ask(self, method: str, path: str, **more: Any) -> Any:
        try:
            async with self._session.request(method, path, **more) as response:
                status, answer = response.status, await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise StoreUnavailable("the running bot does not answer") from None
        if answer == NOT_FOUND:
            return None
        if status == SEALED:
            raise CaseSealed
        if status == DAMAGED:
            raise TranscriptDamaged(answer["error"])
        if status != web.HTTPOk.status_code:
            raise StoreUnavailable(f"the running bot answers: {answer.get('error')}")
        return answer


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
