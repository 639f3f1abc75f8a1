"""The door for the dossier commands: only for the bot's own account, and every read is registered."""

import asyncio
import json
import os
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.control import CONTROL_FILE, ControlClient, StoreSource, serve_control
from bot.errors import StoreUnavailable
from bot.storage.sqlite import SqliteStore
from tests.contracts.rows import Growing, answer
from tests.stores import open_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = open_store(tmp_path / "weegwijzer.sqlite")
    yield store
    await store.close()


@pytest.fixture
async def data_dir(store: SqliteStore, tmp_path: Path) -> AsyncIterator[Path]:
    close = await serve_control(StoreSource(store), tmp_path)
    yield tmp_path
    await close()


@pytest.fixture
async def client(data_dir: Path) -> AsyncIterator[ControlClient]:
    client = await ControlClient.find(data_dir)
    assert client is not None
    yield client
    await client.close()


@pytest.fixture
async def case(store: SqliteStore) -> Growing:
    case = Growing()
    for write in (case.open(), None):
        write = write or case.write(answer("ë 漢 🦊"))
        await store.commit(write)
        case.follow(write)
    return case


def known(data_dir: Path) -> dict[str, object]:
    return json.loads((data_dir / CONTROL_FILE).read_text())


async def test_gives_the_same_as_the_store(client: ControlClient, case: Growing, store: SqliteStore):
    assert await client.entries() == await store.entries()
    assert await client.rows(case.number, "read") == (case.entry(2), tuple(case.rows))
    assert await client.rows(case.id, "read") == (case.entry(2), tuple(case.rows))


@pytest.mark.parametrize("number", ["IL-2026-9999", "../cases", "a/b", "%2e%2e", "?purpose=x", "é\u202e", "-"])
async def test_knows_no_case_by_another_name(client: ControlClient, case: Growing, number: str):
    assert await client.rows(number, "read") is None


async def test_every_read_is_in_the_register_before_it_is_given(
    client: ControlClient, case: Growing, store: SqliteStore
):
    await client.entries()
    await client.rows(case.number, "read")
    await client.rows(case.number, "export")
    await client.rows("IL-2026-9999", "export")
    noted = [(entry.action, entry.outcome, entry.case) for entry in await store.register()]
    assert noted == [("list", "ok", None), ("read", "ok", case.id), ("export", "ok", case.id)]
    assert all(entry.actor.startswith("account:") for entry in await store.register())


async def test_gives_nothing_that_cannot_be_registered(client: ControlClient, case: Growing, store: SqliteStore):
    store._db.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreUnavailable):
        await client.rows(case.number, "read")
    store._db.execute("PRAGMA query_only = OFF")


async def ask(data_dir: Path, method: str, path: str, shown: str | None) -> tuple[int, str]:
    """Give status and text of a request with this header."""
    key = known(data_dir)
    headers = {} if shown is None else {"Authorization": shown.format(token=key["token"])}
    url = f"http://127.0.0.1:{key['port']}{path}"
    async with aiohttp.ClientSession() as session, session.request(method, url, headers=headers) as response:
        return response.status, await response.text()


@pytest.mark.parametrize("shown", [None, "", "Bearer ", "Bearer x", "bearer {token}", "{token}", "Bearer {token}x"])
async def test_is_closed_without_the_token(data_dir: Path, case: Growing, store: SqliteStore, shown: str | None):
    for path in ("/cases", f"/cases/{case.number}", "/", "/weg"):
        assert await ask(data_dir, "GET", path, shown) == (401, '{"error": "unauthorized"}')
    assert await store.register() == ()


@pytest.mark.parametrize(("method", "path"), [("POST", "/cases"), ("DELETE", "/cases/x"), ("GET", "/"), ("GET", "/db")])
async def test_can_do_nothing_but_read_cases(data_dir: Path, method: str, path: str):
    status, _ = await ask(data_dir, method, path, "Bearer {token}")
    assert status in (404, 405)


@pytest.mark.parametrize("body", ["", "[]", "1", "{", '{"number": 1, "weg": 2}', "[" * 100_000, '{"kept": []}'])
async def test_does_not_stumble_over_what_it_does_not_understand(data_dir: Path, body: str):
    key = known(data_dir)
    headers, url = {"Authorization": f"Bearer {key['token']}"}, f"http://127.0.0.1:{key['port']}/do/compare"
    async with aiohttp.ClientSession() as session, session.post(url, headers=headers, data=body) as response:
        assert (response.status, await response.json()) == (400, {"error": "not understood"})


async def test_the_key_to_the_door_is_for_its_owner_alone(data_dir: Path):
    assert stat.S_IMODE((data_dir / CONTROL_FILE).stat().st_mode) == 0o600
    assert len(str(known(data_dir)["token"])) >= 43


async def test_listens_on_loopback_alone(data_dir: Path):
    addresses = _listening()
    assert f"0100007F:{known(data_dir)['port']:04X}" in addresses
    assert f"00000000:{known(data_dir)['port']:04X}" not in addresses


def _listening() -> set[str]:
    return {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]}


async def test_leaves_no_key_behind_when_it_closes(store: SqliteStore, tmp_path: Path):
    close = await serve_control(StoreSource(store), tmp_path)
    await close()
    assert not (tmp_path / CONTROL_FILE).exists()
    assert await ControlClient.find(tmp_path) is None


@pytest.mark.parametrize("content", [None, "", "geen json", "[]", "{}", '{"port": "x", "token": "t", "pid": 1}'])
async def test_finds_no_bot_where_there_is_none(tmp_path: Path, content: str | None):
    if content is not None:
        (tmp_path / CONTROL_FILE).write_text(content)
    assert await ControlClient.find(tmp_path) is None


async def test_finds_no_bot_when_its_process_is_gone(tmp_path: Path):
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    (tmp_path / CONTROL_FILE).write_text(json.dumps({"port": 1, "token": "t", "pid": gone.pid}))
    assert await ControlClient.find(tmp_path) is None


async def test_finds_no_bot_when_nobody_listens(tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / CONTROL_FILE).write_text(json.dumps({"port": port, "token": "t", "pid": os.getpid()}))
    assert await ControlClient.find(tmp_path) is None


async def test_takes_no_other_program_for_the_bot(data_dir: Path, tmp_path: Path):
    key = known(data_dir)
    other = tmp_path / "other"
    other.mkdir()
    (other / CONTROL_FILE).write_text(json.dumps({**key, "token": "van vroeger"}))
    assert await ControlClient.find(other) is None


async def test_reads_from_a_store_of_its_own_in_the_same_way(store: SqliteStore, case: Growing):
    source = StoreSource(store)
    assert [entry.number for entry in await source.entries()] == [case.number]
    assert await source.rows(case.number, "export") == (case.entry(2), tuple(case.rows))
    assert await source.rows("IL-2026-9999", "export") is None
    assert [entry.action for entry in await store.register()] == ["list", "export"]
