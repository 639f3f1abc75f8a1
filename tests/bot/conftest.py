"""Fixtures of the bot's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.desk import Desk
from tests.bot.slow_teams import SlowTeams
from tests.bot.watching import Watch
from tests.stores import open_store


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    store = open_store(tmp_path / "store.sqlite")
    yield Watch(store)
    await store.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store = open_store(tmp_path / "store.sqlite")
    yield Desk(store)
    await store.close()


@pytest.fixture
async def slow_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    # Whatever goes on does so because it was woken.
    monkeypatch.setattr("bot.outbox._A_WHILE", 3600)
    monkeypatch.setattr("bot.outbox._LOOK_AT_LEAST", 3600)
    store = open_store(tmp_path / "store.sqlite")
    yield Desk(store, teams=SlowTeams())
    await store.close()
