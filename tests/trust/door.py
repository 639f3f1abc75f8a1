"""The door as a stranger finds it: the whole bot in production mode on loopback, and all that it did.

Real HTTP, real tokens and keys, the real store; Teams and the identity provider are written by hand.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import running
from bot.settings import DEMO_ACCESS_FILE, read_settings
from bot.storage.sqlite import SqliteStore
from tests.bot.fakes_teams import FakeIdentity, FakeTeams, fake_identity, fake_teams, jwk, new_key, token
from tests.bot.room import PEOPLE, TENANT, Room
from tests.bot.test_production import environment
from tests.ports import free_port

GOOD = new_key()
ANJA, BRAM, CHANTAL, DIRK, ELS, FATIMA = (f"user-id-{n}" for n in range(6))
# The tables that hold something of a case or a chat; what a refusal may leave is a register entry alone.
CASE_TABLES = ("cases", "event", "outbox", "card", "keeping", "certificate")
CHAT_TABLES = ("inbox", "handle", "chat")


@dataclass(frozen=True)
class Did:
    """What the bot did up to a moment: calls out, rows written (of any kind), turns and refusals."""

    calls: int
    written: int


@dataclass
class Town(Room):
    """A running bot in production mode, who is around it, and its store to look into."""

    identity: FakeIdentity = field(default_factory=FakeIdentity)
    figures: str = ""
    opened: list[SqliteStore] = field(default_factory=list)

    async def deliver(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Post an activity as Teams does, with a token of its own key."""
        self.delivered.append(dict(body))
        headers = {"Authorization": self.bearer()}
        async with self.session.post(f"{self.address}/api/messages", json=body, headers=headers) as response:
            return response.status, await response.json() if response.content_type == "application/json" else None

    def bearer(self, **claims: Any) -> str:
        """Give a token as Teams signs it, with some claims changed."""
        return f"Bearer {token(GOOD, **{'serviceurl': self.teams.url, **claims})}"

    def did(self) -> Did:
        """Give what the bot did until now."""
        return Did(len(self.teams.calls), self.opened[-1]._db.total_changes)

    def rows(self, tables: Sequence[str] = CASE_TABLES) -> int:
        """Count the rows of tables."""
        db = self.opened[-1]._db
        return sum(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)

    async def refusals(self) -> dict[str, int]:
        """Give the refusals by their code, from the figures that the bot publishes."""
        return await self._figures("weegwijzer_refused_requests_total", "code")

    async def turns(self) -> int:
        """Give how many requests came as far as a turn."""
        return sum((await self._figures("weegwijzer_turns_total", "outcome")).values())

    async def _figures(self, name: str, label: str) -> dict[str, int]:
        async with self.session.get(f"{self.figures}/metrics") as response:
            lines = (await response.text()).splitlines()
        start = f'{name}{{{label}="'
        found = [line.removeprefix(start).split('"} ') for line in lines if line.startswith(start)]
        return {code: int(float(count)) for code, count in found}


@asynccontextmanager
async def town(folder: Path, watch: pytest.MonkeyPatch, hosts: str = "", **settings: str) -> AsyncIterator[Town]:
    """Run the bot in production mode; the people of the demo are in the CMT channel, Fatima is not listed.

    `hosts` are listed as hosts of Teams, beside the one on loopback.
    """
    opened: list[SqliteStore] = []

    def open_watched(*args: Any) -> SqliteStore:
        opened.append(SqliteStore(*args))
        return opened[-1]

    watch.setattr("bot.storage.database.SqliteStore", open_watched)
    async with fake_teams() as teams, fake_identity() as identity, aiohttp.ClientSession() as session:
        identity.keys = [jwk(GOOD, "k1")]
        teams.channels = [{"id": "channel-cmt-id", "channelType": "standard"}]
        for user, object_id in PEOPLE.items():
            join(teams, user, object_id)
        port, figures = free_port(), free_port()
        ports = {"PORT": str(port), "WEEGWIJZER_METRICS_PORT": str(figures)}
        listed = f"{teams.url.removeprefix('http://')} {hosts}"
        given = {"WEEGWIJZER_ACCESS_FILE": str(DEMO_ACCESS_FILE), "WEEGWIJZER_ALLOWED_SERVICE_URLS": listed}
        given |= {**ports, **settings}
        async with running(read_settings(environment(folder, teams, identity, **given), None)):
            started = Town(teams, f"http://127.0.0.1:{port}", session)
            yield replace(started, identity=identity, figures=f"http://127.0.0.1:{figures}", opened=opened)


def join(teams: FakeTeams, user: str, object_id: str) -> None:
    """Make someone a member of the CMT team."""
    teams.members[f"conversations/team-cmt-id/members/{user}"] = {
        "id": user,
        "aadObjectId": object_id,
        "tenantId": TENANT,
        "userRole": "user",
    }


# --- requests as bytes -----------------------------------------------------------------


def request(
    body: bytes,
    authorization: str | None = None,
    headers: Sequence[tuple[str, str]] = (("Content-Type", "application/json"),),
    line: str = "POST /api/messages HTTP/1.1",
) -> bytes:
    """Give a request as it goes over the wire."""
    every = [("Host", "bot"), *headers, ("Content-Length", str(len(body)))]
    if authorization is not None:
        every.append(("Authorization", authorization))
    head = "".join(f"{name}: {value}\r\n" for name, value in every)
    return f"{line}\r\n{head}\r\n".encode() + body


def to_bytes(body: Any) -> bytes:
    """Give a body as JSON; bytes are sent as they are."""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@dataclass
class Wire:
    """One connection to the bot, kept alive as Teams does; a new one when the bot closed it."""

    address: str
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(self, raw: bytes, *, ends: bool = False) -> tuple[int, bytes]:
        """Send bytes as they are and give status and body; 0 when the bot closed without an answer.

        With `ends` the sending half is closed after them.
        """
        for _ in range(2):
            is_fresh = self.writer is None
            answer = await self._try(raw, ends=ends)
            # A connection that was kept may have been closed by the bot meanwhile: that is no answer.
            if answer[0] or is_fresh:
                return answer
        return answer

    async def _try(self, raw: bytes, *, ends: bool) -> tuple[int, bytes]:
        if self.reader is None or self.writer is None:
            host, port = self.address.removeprefix("http://").split(":")
            self.reader, self.writer = await asyncio.open_connection(host, int(port))
        try:
            self.writer.write(raw)
            if ends:
                self.writer.write_eof()
            return await self.answer()
        except (ConnectionError, asyncio.IncompleteReadError):
            await self.close()
            return 0, b""

    async def answer(self) -> tuple[int, bytes]:
        """Give the next answer on the connection; interim ones (100) are passed over."""
        assert self.reader is not None
        status = 100
        while status == 100:
            head = await self.reader.readuntil(b"\r\n\r\n")
            status = int(head.split(b" ", 2)[1])
        lowered = head.lower()
        length = lowered.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        body = await self.reader.readexactly(int(length or 0))
        if b"connection: close" in lowered or head.startswith(b"HTTP/1.0"):
            await self.close()
        return status, body

    async def __aenter__(self) -> "Wire":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        if self.writer is not None:
            self.writer.close()
            self.reader = self.writer = None


def fresh_id() -> str:
    """Give an activity id that was never used."""
    return os.urandom(8).hex()
