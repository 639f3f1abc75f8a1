"""E15: one flipped bit anywhere in the database or the keys file; whatever it changes for a reader is found."""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot.data_key import FileKey, read_data_key
from bot.errors import SettingsError, StoreUnavailable
from bot.storage.keyfile import keys_path
from bot.store import Write
from state.errors import TranscriptDamaged
from tests.contracts.rows import Growing, answer, chat, handle, key, noted, owed_card
from tests.stores import open_store
from tests.trust.report import SEED, figure, say

Rows = tuple[tuple[object, ...], ...]


async def fill(path: Path) -> None:
    """Write a few cases with everything beside them, and put all of it into the one file."""
    store = open_store(path)
    for number in range(3):
        case = Growing(id=f"{number:032x}", number=f"IL-2026-{number:04d}")
        for turn in range(4):
            inbox = key(f"{number} {turn}")
            write = case.write(answer("x" * 300), inbox=inbox) if turn else case.open(inbox=inbox)
            await store.commit(write)
            case.follow(write)
        handles = (handle(f"handle {number}"),)
        await store.commit(Write(inbox=key(f"help {number}"), handles=handles, chat=chat(f"person {number}")))
        await store.commit(Write(owed=(owed_card(case.id),), register=(noted(), noted("export", "ok", case.id))))
        await store.sign_off(case.id)
    await store.close()


def readable(file: Path) -> Rows | None:
    """Give every row that a reader without our program sees; None when SQLite cannot read the file."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            return tuple(_rows(db))
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def _rows(db: sqlite3.Connection) -> Iterator[tuple[object, ...]]:
    yield from db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid")
    for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall():
        yield from ((table, *row) for row in db.execute(f"SELECT * FROM {table} NOT INDEXED"))


async def is_found(path: Path) -> bool:
    """Tell whether the start or the whole check finds that something is not as it was written."""
    try:
        store = open_store(path)
    except (SettingsError, TranscriptDamaged):
        return True
    try:
        return bool(await store.check())
    except (StoreUnavailable, TranscriptDamaged):
        return True
    finally:
        await store.close()


def flip(file: Path, draw: random.Random) -> int:
    """Flip one bit and give the place of its byte."""
    content = bytearray(file.read_bytes())
    place = draw.randrange(len(content))
    content[place] ^= 1 << draw.randrange(8)
    file.write_bytes(content)
    return place


def test_every_flipped_bit_that_changes_a_readable_row_is_found(tmp_path: Path):
    sound = tmp_path / "sound" / "weegwijzer.sqlite"
    asyncio.run(fill(sound))
    draw, changed, missed = random.Random(SEED), 0, []
    before = {file.name: readable(file) for file in (sound, keys_path(sound))}
    while changed < figure(1_500, 20_000):
        shutil.rmtree(tmp_path / "flipped", ignore_errors=True)
        shutil.copytree(sound.parent, tmp_path / "flipped")
        file = tmp_path / "flipped" / draw.choice([sound.name, sound.name, keys_path(sound).name])
        place = flip(file, draw)
        if readable(file) == before[file.name]:
            continue
        changed += 1
        if not asyncio.run(is_found(tmp_path / "flipped" / sound.name)):
            missed.append(f"{file.name}, byte {place}")
    assert missed == []
    say("E15", f"{changed} flipped bits that changed a readable row: all found")


def test_the_data_key_is_needed_for_every_key(tmp_path: Path):
    path = tmp_path / "weegwijzer.sqlite"
    asyncio.run(fill(path))
    secret = read_data_key(path.with_name("data.key"))
    everything = path.read_bytes() + keys_path(path).read_bytes()
    assert secret not in everything
    with closing(sqlite3.connect(keys_path(path))) as db:
        wrapped = dict(db.execute("SELECT name, wrapped FROM wrapped"))
    assert len(wrapped) == 5
    assert all(FileKey(secret).unwrap(key, name) not in everything for name, key in wrapped.items())
