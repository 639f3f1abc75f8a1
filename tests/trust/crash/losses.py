"""A bot on a disk that remembers, and the power lost at any point of what it wrote."""

import asyncio
import os
import random
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

from bot.app import running
from bot.settings import read_settings
from tests.ports import free_port
from tests.stores import open_store
from tests.trust.crash.checker import Findings, check_record
from tests.trust.crash.people import OK, Person, World
from tests.trust.crash.power import Disk, Entry, Platter
from tests.trust.crash.run import a_world

_DATABASE = "weegwijzer.sqlite"


@dataclass
class Tale:
    """What was done to the disk, with what people were told in its place, and the data key."""

    log: list[Entry] = field(default_factory=list)
    key: bytes = b""


@asynccontextmanager
async def a_bot_on(disk: Disk, home: Path, chance: random.Random) -> AsyncIterator[World]:
    """Run the whole bot in this process on a disk of ours."""
    port = free_port()
    env = {"WEEGWIJZER_MODE": "local", "WEEGWIJZER_DATA_DIR": str(home), "PORT": str(port)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", disk.connect)
        patch.setattr("bot.teams.connector._FIRST_WAIT", 0.01)
        async with a_world(port, chance) as world, running(read_settings(env, None)):
            yield world


async def recorded(home: Path, answers: int, chance: random.Random, *, normal: bool = False) -> Tale:
    """Let two people answer until so many answers were acknowledged, and give what was written meanwhile."""
    disk = Disk(normal=normal)
    async with a_bot_on(disk, home, chance) as world:
        people = [Person(world, user) for user in ("user-id-0", "user-id-1")]
        marked = 0
        while marked < answers:
            heard = len(world.history)
            await asyncio.gather(*(person.step() for person in people))
            sure = [one for one in world.history[heard:] if one.outcome == OK and one.kind == "answer"]
            disk.log += [("told", "", asdict(one)) for one in sure]
            marked += len(sure)
    return Tale(disk.log, (home / "data.key").read_bytes())


async def lose_power(tale: Tale, losses: int, home: Path, chance: random.Random) -> tuple[int, Findings]:
    """Lose the power that often, at points spread over the whole tale, and look at what is left each time."""
    points = sorted(chance.choices(range(1, len(tale.log) + 1), k=losses))
    platter, told, done, found, unreadable = Platter(), [], 0, Findings(), 0
    for point in points:
        since, done = tale.log[done:point], point
        told += [entry[2] for entry in since if entry[0] == "told"]
        platter.take(since)
        _lay_out(platter.after_power_loss(chance), tale.key, home)
        cases = await reopened(home)
        unreadable += cases is None
        check_record(told, cases or {}, found)
    return unreadable, found


@contextmanager
def a_fast_folder(otherwise: Path) -> Iterator[Path]:
    """Give a folder in memory where there is one: what is found after a loss need not survive another."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else otherwise) as folder:
        yield Path(folder)


def _lay_out(files: dict[str, bytes], key: bytes, home: Path) -> None:
    for old in home.iterdir():
        old.unlink()
    for name, content in {**files, "data.key": key}.items():
        (home / name).write_bytes(content)
        (home / name).chmod(0o600)


def _as_it_is(home: Path) -> tuple[dict[str, bytes], bytes]:
    """Give the files of a bot that runs, as a kill would leave them."""
    files = {file.name: file.read_bytes() for file in home.iterdir() if file.is_file()}
    return files, files["data.key"]


async def reopened(home: Path, original: Path | None = None) -> dict[str, list[tuple[str, str]]] | None:
    """Give the cases as the bot finds them at its next start, or None when it cannot start.

    With `original`, the next start is that of a copy of it as it is now.
    """
    if original is not None:
        _lay_out(*_as_it_is(original), home)
    try:
        store = open_store(home / _DATABASE)
    except Exception:
        return None
    try:
        return {
            entry.number: [(row.head.decode(), row.body.decode()) for row in await store.load(entry.id)]
            for entry in await store.entries()
        }
    except Exception:
        return None
    finally:
        await store.close()
