"""The start of the bot: no more is loaded than it needs, and garbage is looked for again once it listens."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.cli.refusal import Refusal
from bot.cli.serve import serve
from bot.settings import read_settings

LOADED = """
import sys
from bot.cli.program import with_command
with_command("serve")
import bot.app
print(*sys.modules)
"""


@pytest.fixture(autouse=True)
def _own_garbage() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_the_start_loads_nothing_that_other_commands_need() -> None:
    run = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "bot.teams.adapter" in loaded
    assert loaded & {"typst", "psycopg", "bot.dossier", "bot.cli.dossier", "bot.demo", "rich.progress"} == set()


async def test_garbage_is_looked_for_once_the_bot_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    @asynccontextmanager
    async def running(*_: Any) -> AsyncIterator[None]:
        seen.append(gc.isenabled())
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        yield

    monkeypatch.setattr(app, "running", running)
    gc.disable()
    await app.serve(read_settings({"WEEGWIJZER_MODE": "local"}, None))
    assert (seen, gc.isenabled()) == ([False], True)
    assert gc.get_freeze_count() > 0


def test_garbage_is_looked_for_when_the_bot_did_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEEGWIJZER_MODE", "lokaal")
    with pytest.raises(Refusal):
        serve()
    assert gc.isenabled()
