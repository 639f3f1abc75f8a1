"""The door for the dossier commands while the bot runs: the database is the bot's alone meanwhile.

The bot listens on a loopback port and leaves port and token in a file that only its own account can
read; whoever shows the token is that account (or root). Every read is in the register before it is given.
"""

import base64
import getpass
import hmac
import json
import os
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import quote

import aiohttp
from aiohttp import web

from bot.errors import StoreUnavailable
from bot.ports import CaseEntry, RegisterEntry, Store, Write
from state.codec import Row

CONTROL_FILE = "control.json"
_NOT_FOUND = {"error": "no such case"}
_TIMEOUT = aiohttp.ClientTimeout(total=60)


class DossierSource(Protocol):
    """Where the dossier commands read cases from; each read is in the register."""

    async def entries(self) -> tuple[CaseEntry, ...]:
        """Give the entries of all cases, oldest first."""
        ...

    async def rows(self, number: str, purpose: str) -> tuple[CaseEntry, tuple[Row, ...]] | None:
        """Give a case's entry and rows by its number or id; `purpose` is read or export."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...


class StoreSource:
    """Reads from a store in this process."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._clock = clock

    async def entries(self) -> tuple[CaseEntry, ...]:
        """Give the entries of all cases, oldest first."""
        await self._note("list", None)
        return await self._store.entries()

    async def rows(self, number: str, purpose: str) -> tuple[CaseEntry, tuple[Row, ...]] | None:
        """Give a case's entry and rows by its number or id."""
        entry = await self._store.entry(number)
        if entry is None:
            return None
        await self._note(purpose, entry.id)
        return entry, await self._store.load(entry.id)

    async def close(self) -> None:
        """Close the store."""
        await self._store.close()

    async def _note(self, action: str, case: str | None) -> None:
        entry = RegisterEntry(self._clock(), _account(), action, "ok", case)
        await self._store.commit(Write(register=(entry,)))


def _account() -> str:
    """Give the machine's account that reads: nobody else gets past the file modes."""
    try:
        return f"account:{getpass.getuser()}"
    except (KeyError, OSError):  # a container without a name for its user
        return "account:unnamed"


# --- the bot's side --------------------------------------------------------------------


async def serve_control(store: Store, data_dir: Path) -> Callable[[], Awaitable[None]]:
    """Open the door on a free loopback port and give what closes it; the store stays open."""
    token = secrets.token_urlsafe(32)
    # No access log: it would hold case numbers.
    runner = web.AppRunner(_application(StoreSource(store), token), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    file = data_dir / CONTROL_FILE
    _write_private(file, {"port": port, "token": token, "pid": os.getpid()})

    async def close() -> None:
        file.unlink(missing_ok=True)
        await runner.cleanup()

    return close


def _application(source: StoreSource, token: str) -> web.Application:
    @web.middleware
    async def guard(request: web.Request, handler: Any) -> web.StreamResponse:
        shown = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, f"Bearer {token}".encode()):
            return web.json_response({"error": "unauthorized"}, status=401)
        try:
            response: web.StreamResponse = await handler(request)
        except StoreUnavailable:
            return web.json_response({"error": "unavailable"}, status=503)
        return response

    async def cases(_: web.Request) -> web.Response:
        return web.json_response([_from_entry(entry) for entry in await source.entries()])

    async def case(request: web.Request) -> web.Response:
        purpose = "export" if request.query.get("purpose") == "export" else "read"
        found = await source.rows(request.match_info["number"], purpose)
        if found is None:
            return web.json_response(_NOT_FOUND, status=404)
        return web.json_response({"entry": _from_entry(found[0]), "rows": [_from_row(row) for row in found[1]]})

    application = web.Application(middlewares=[guard])
    application.router.add_get("/cases", cases)
    application.router.add_get("/cases/{number}", case)
    return application


def _write_private(file: Path, content: dict[str, Any]) -> None:
    """Write a file that no other account could read at any moment."""
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(content, stream)
    new.replace(file)


# --- the command's side ----------------------------------------------------------------


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
        return tuple(_to_entry(fields) for fields in await self._get("/cases"))

    async def rows(self, number: str, purpose: str) -> tuple[CaseEntry, tuple[Row, ...]] | None:
        """Give a case's entry and rows by its number or id."""
        found = await self._get(f"/cases/{quote(number, safe='')}", purpose=purpose)
        if found is None:
            return None
        return _to_entry(found["entry"]), tuple(_to_row(fields) for fields in found["rows"])

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()

    async def _answers(self) -> bool:
        """Tell whether it is our bot that listens there, by how it says that it has no case `-`."""
        try:
            async with self._session.get("/cases/-") as response:
                return bool(await response.json() == _NOT_FOUND)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False

    async def _get(self, path: str, **query: str) -> Any:
        try:
            async with self._session.get(path, params=query) as response:
                status, answer = response.status, await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise StoreUnavailable("the running bot does not answer") from None
        if status == web.HTTPNotFound.status_code:
            return None
        if status != web.HTTPOk.status_code:
            raise StoreUnavailable(f"the running bot answers with status {status}")
        return answer


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _from_entry(entry: CaseEntry) -> dict[str, Any]:
    return {**asdict(entry), "opened_at": entry.opened_at.isoformat()}


def _to_entry(fields: dict[str, Any]) -> CaseEntry:
    return CaseEntry(**{**fields, "opened_at": datetime.fromisoformat(fields["opened_at"])})


def _from_row(row: Row) -> list[Any]:
    return [row.seq, base64.b64encode(row.head).decode(), base64.b64encode(row.body).decode()]


def _to_row(fields: list[Any]) -> Row:
    return Row(fields[0], base64.b64decode(fields[1]), base64.b64decode(fields[2]))
