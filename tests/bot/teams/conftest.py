"""What the tests of the edge share; none of them may reach anything but this machine."""

import socket
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from bot.teams.connector import open_session
from tests.bot.fakes_teams import FakeIdentity, FakeTeams, Running, fake_identity, fake_teams, running


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        assert self.family == socket.AF_UNIX or str(address[0]) in ("127.0.0.1", "::1"), address
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield


@pytest.fixture
async def teams() -> AsyncIterator[FakeTeams]:
    """Give a Connector API on loopback."""
    async with fake_teams() as server:
        yield server


@pytest.fixture
async def identity() -> AsyncIterator[FakeIdentity]:
    """Give an identity provider on loopback."""
    async with fake_identity() as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Give the client of the process."""
    client = open_session()
    yield client
    await client.close()


@pytest.fixture
async def bot(teams: FakeTeams) -> AsyncIterator[Running]:
    """Give a bot in local mode, with everything of the edge and a desk that remembers."""
    async with running(teams) as started:
        yield started
