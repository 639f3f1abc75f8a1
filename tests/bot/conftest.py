"""Fixtures of the bot's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.watching import Watch
from tests.stores import open_store


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    store = open_store(tmp_path / "store.sqlite")
    yield Watch(store)
    await store.close()
