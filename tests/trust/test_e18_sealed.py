"""E18: a closed and sealed case is closed for the bot, its administrator and one keeper; two keepers open it."""

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.cases import Cases
from bot.data_key import FileKey, read_data_key
from bot.errors import CaseSealed
from bot.keepers import join, read_keepers
from bot.locks import Locks
from bot.outbox import Outbox
from bot.storage.sealing import decrypt
from bot.storage.sqlite import SqliteStore
from state import commands as do
from state.case import Case
from state.errors import TranscriptDamaged
from tests.bot.desk import ANJA, FRAMEWORKS, NOW, WORDING, Desk, FakeAccess
from tests.bot.test_keepers import make, opened
from tests.casework import NEWSPAPER, Casework
from tests.stores import open_store
from tests.trust.report import figure, say

SECRET = "kanarie-verzegeld"


def closed(number: int) -> Casework:
    """Give a case that was weighed and concluded, or broken off."""
    work = Casework(FRAMEWORKS.current, ANJA, NOW, case=Case(f"{number:032x}"))
    work.do(do.OpenCase(f"IL-2026-{number:04d}", "nl"))
    work.answer({**NEWSPAPER, "omschrijving": SECRET} if number % 2 else {"eigen_betrokkenheid": "nee"})
    work.do(do.FinishCase() if number % 2 else do.StopCase())
    return work


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keepers")
    for name in ("els", "omar"):
        make(folder, name)
    return folder


async def seal(path: Path, keys: Path, count: int) -> dict[str, tuple[bytes, ...]]:
    """Close and seal cases as the running bot does; give what was in them, by their random id."""
    store = open_store(path)
    keepers = read_keepers([keys / "els.pem", keys / "omar.pem"])
    desk = Desk(store)
    desk.outbox = Outbox(
        store=store, cases=desk.cases, access=FakeAccess(), teams=desk.teams, wording=WORDING, locks=Locks(),
        clock=lambda: NOW, seal=lambda case: store.seal(case, keepers),
    )  # fmt: skip
    kept = {}
    for number in range(count):
        work = closed(number)
        await desk.keep(work)
        kept[work.case.id] = tuple(row.body for row in await store.load(work.case.id))
    await desk.outbox.work_once()
    assert await store.owed() == 0
    assert await store.check() == ()
    await store.close()
    return kept


def everything(folder: Path) -> bytes:
    """Give every byte of the server's own files, the data key's included."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


async def opens(store: SqliteStore, case: str, key: bytes) -> bool:
    """Tell whether a key opens a case."""
    try:
        return bool(await store.load(case, key))
    except TranscriptDamaged:
        return False


def decrypts(key: bytes, case: str, seq: int, body: bytes) -> bool:
    """Tell whether a key decrypts the body of an event."""
    try:
        return bool(decrypt(AESGCM(key), ("event", case, seq), body))
    except TranscriptDamaged:
        return False


async def test_sealed_cases_open_for_two_keepers_together_and_for_nobody_else(tmp_path: Path, keys: Path):
    count = figure(50, 500)
    path = tmp_path / "weegwijzer.sqlite"
    kept = await seal(path, keys, count)
    assert SECRET.encode() not in everything(tmp_path)
    store = open_store(path)
    for case, bodies in kept.items():
        with pytest.raises(CaseSealed):
            await store.load(case)
        parts = await store.shares(case)
        els, omar = (opened(keys, name, parts[_print(keys, name)]) for name in ("els", "omar"))
        rows = await store.load(case, join([els, omar]))
        assert tuple(row.body for row in rows) == bodies
        alone = (els, omar, bytes(32), read_data_key(tmp_path / "data.key"))
        assert [key for key in alone if await opens(store, case, key)] == []
    assert await store.check() == ()
    await store.close()
    say("E18", f"{count} sealed cases: two keepers open each with openssl, the server or one keeper none")


def _print(keys: Path, name: str) -> str:
    """Give the print of a keeper's key as openssl and sha256sum give it."""
    command = ["openssl", "pkey", "-pubin", "-in", str(keys / f"{name}.pem"), "-outform", "DER"]
    return sha256(subprocess.run(command, capture_output=True, check=True).stdout).hexdigest()


async def test_the_whole_state_of_the_server_opens_no_sealed_body(tmp_path: Path, keys: Path):
    """Every key that can be had from keys file, data key and database is tried on every body."""
    path = tmp_path / "weegwijzer.sqlite"
    await seal(path, keys, 4)
    wrapper, known = FileKey(read_data_key(tmp_path / "data.key")), []
    store = open_store(path)
    for name, wrapped in store.keyring._db.execute("SELECT name, wrapped FROM wrapped"):
        known.append(wrapper.unwrap(wrapped, name))
    sealed = store._db.execute("SELECT case_id, seq, body FROM event").fetchall()
    assert len(known) == 2
    for key in (*known, read_data_key(tmp_path / "data.key")):
        assert [seq for case, seq, body in sealed if decrypts(key, case, seq, body)] == []
    await store.close()


async def test_nothing_can_be_added_to_a_sealed_case(tmp_path: Path, keys: Path):
    path = tmp_path / "weegwijzer.sqlite"
    kept = await seal(path, keys, 1)
    store = open_store(path)
    (case,) = kept
    with pytest.raises(CaseSealed):
        await Cases(store, FRAMEWORKS).load(case)
    assert [entry.phase for entry in await store.entries()] == ["stopped"]
    await store.close()


async def test_a_crash_between_sealing_and_saying_so_is_ended_at_the_next_start(tmp_path: Path, keys: Path):
    path = tmp_path / "weegwijzer.sqlite"
    store = open_store(path)
    keepers = read_keepers([keys / "els.pem", keys / "omar.pem"])
    desk = Desk(store)
    work = closed(1)
    await desk.keep(work)
    await store.seal(work.case.id, keepers)
    await desk.outbox.work_once()
    assert await store.owed() == 0
    assert (await store.register())[-1].action == "seal"
    await store.close()
