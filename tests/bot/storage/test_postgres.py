"""What the store in PostgreSQL promises beyond the contract: several stores on one database, as instances have them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copyfile

import psycopg
import pytest

from bot.errors import CaseSealed, SettingsError, StoreUnavailable, TranscriptConflict
from bot.keepers import read_keepers
from bot.storage.postgres import PostgresStore
from bot.storage.postgres_locks import PostgresLocks
from state.errors import TranscriptDamaged
from tests.bot.test_keepers import make
from tests.contracts.rows import Growing, answer, noted
from tests.postgres.servers import Server
from tests.stores import open_postgres


@pytest.fixture
def url(postgres: Server) -> str:
    return postgres.new_database()


@pytest.fixture
async def stores(url: str, tmp_path: Path) -> AsyncIterator[tuple[PostgresStore, PostgresStore]]:
    first = open_postgres(url, tmp_path / "first.key")
    await first.open()
    copyfile(tmp_path / "first.key", tmp_path / "second.key")
    (tmp_path / "second.key").chmod(0o600)
    second = open_postgres(url, tmp_path / "second.key")
    yield first, second
    await first.close()
    await second.close()


Two = tuple[PostgresStore, PostgresStore]


async def test_of_two_turns_on_one_case_one_is_kept(stores: Two):
    case = Growing()
    opening = case.open()
    await stores[0].commit(opening)
    case.follow(opening)
    for _ in range(20):
        writes = [case.write(answer(name)) for name in ("een", "twee")]
        outcomes = await asyncio.gather(
            *(store.commit(write) for store, write in zip(stores, writes, strict=True)), return_exceptions=True
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "TranscriptConflict"]
        case.follow(writes[outcomes.index(None)])
    assert await stores[1].load(case.id) == tuple(case.rows)
    assert await stores[0].check() == ()


async def test_turns_about_different_cases_are_all_kept_and_the_register_is_one_chain(stores: Two):
    cases = [Growing(id=f"{number:032x}", number=f"IL-2026-{number:04d}") for number in range(40)]
    await asyncio.gather(
        *(stores[number % 2].commit(case.open(register=(noted(),))) for number, case in enumerate(cases))
    )
    for store in stores:
        assert len(await store.register()) == 40
        assert (await store.register_head())[0] == 40
        assert await store.check() == ()


async def test_a_case_that_one_sealed_opens_for_no_other(stores: Two, tmp_path: Path):
    for name in ("els", "omar"):
        make(tmp_path, name)
    case = Growing()
    await stores[0].commit(case.open())
    assert len(await stores[1].load(case.id)) == 1
    await stores[0].seal(case.id, read_keepers([tmp_path / "els.pem", tmp_path / "omar.pem"]))
    with pytest.raises(CaseSealed):
        await stores[1].load(case.id)


async def test_a_new_data_key_is_taken_up_once_it_is_there(stores: Two, tmp_path: Path):
    case = Growing()
    await stores[0].commit(case.open())
    await stores[1].load(case.id)
    assert await stores[0].rotate(tmp_path / "first.key") == 3
    with pytest.raises(StoreUnavailable, match=r"put the new one in .*second\.key"):
        await stores[1].load(case.id)
    copyfile(tmp_path / "first.key", tmp_path / "second.key")
    assert len(await stores[1].load(case.id)) == 1


async def test_a_key_that_was_changed_by_hand_locks_its_case(stores: Two, url: str):
    case = Growing()
    await stores[0].commit(case.open())
    with psycopg.connect(url) as db:
        db.execute("UPDATE weegwijzer_keys.wrapped SET wrapped = decode('00', 'hex') WHERE name = %s", (case.id,))
    with pytest.raises(TranscriptDamaged):
        await stores[1].load(case.id)


async def test_what_was_stored_is_neither_changed_nor_erased(stores: Two, url: str):
    await stores[0].commit(Growing().open(register=(noted(),)))
    await stores[0].register()
    for change in (
        "UPDATE weegwijzer.event SET body = head",
        "DELETE FROM weegwijzer.event",
        "TRUNCATE weegwijzer.event CASCADE",
        "DELETE FROM weegwijzer.register",
    ):
        with psycopg.connect(url) as db, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            db.execute(change)
    with psycopg.connect(url) as db:
        db.execute("ALTER TABLE weegwijzer.event DISABLE TRIGGER event_is_never_erased")
    assert [str(finding) for finding in await stores[1].check()] == [
        "the tables or triggers are not those of this version"
    ]


async def test_without_its_data_key_a_database_is_not_opened_and_no_new_one_is_made(stores: Two, tmp_path: Path):
    (tmp_path / "second.key").unlink()
    with pytest.raises(SettingsError, match="put back the data key"):
        await stores[1].open()
    assert not (tmp_path / "second.key").exists()


async def test_two_that_start_at_once_on_an_empty_database_agree(url: str, tmp_path: Path):
    stores = [open_postgres(url, tmp_path / "data.key") for _ in range(4)]
    await stores[0].open() if not (tmp_path / "data.key").exists() else None
    await asyncio.gather(*(store.open() for store in stores))
    await stores[3].commit(Growing().open())
    assert len(await stores[1].load("c" * 32)) == 1
    for store in stores:
        await store.close()


# --- locks -----------------------------------------------------------------------------


async def test_what_is_tried_takes_as_much_room_on_the_disk_as_a_large_turn(stores: Two, url: str):
    with psycopg.connect(url, autocommit=True) as db:

        def size() -> int:
            [found] = db.execute("SELECT pg_total_relation_size('weegwijzer.meta')").fetchone() or (0,)
            return int(found)

        before = size()
        await stores[0].try_keeping()
        assert size() >= before + 65_536


async def test_a_lock_is_had_by_one_instance_at_a_time(url: str):
    first, second = PostgresLocks(url, "weegwijzer"), PostgresLocks(url, "weegwijzer")
    held: list[str] = []

    async def take(locks: PostgresLocks, name: str) -> None:
        for _ in range(10):
            async with locks.hold("case:x"):
                held.append(name)
                await asyncio.sleep(0)
                assert held.pop() == name
                assert held == []

    await asyncio.gather(*(take(locks, name) for locks, name in ((first, "a"), (second, "b"), (first, "c"))))
    async with first.try_hold("owed:1") as is_mine, second.try_hold("owed:1") as is_theirs:
        assert (is_mine, is_theirs) == (True, False)
    async with second.try_hold("owed:1") as is_free:
        assert is_free
    await first.close()
    await second.close()


async def test_a_lock_ends_with_the_session_that_held_it(url: str, postgres: Server):
    first, second = PostgresLocks(url, "weegwijzer"), PostgresLocks(url, "weegwijzer")
    async with first.hold("case:x"):
        postgres.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            f" (SELECT oid FROM pg_database WHERE datname = '{url.rpartition('/')[2]}')"
        )
        async with second.try_hold("case:x") as is_free:
            assert is_free
    async with first.hold("case:x"):
        pass
    await first.close()
    await second.close()


async def test_a_server_that_is_not_there_is_said_to_be_not_available(tmp_path: Path):
    url = "postgresql://nobody:secret@127.0.0.1:1/none"
    store, locks = open_postgres(url, tmp_path / "data.key"), PostgresLocks(url, "weegwijzer")
    with pytest.raises(StoreUnavailable) as said:
        await store.entries()
    assert "secret" not in str(said.value)
    with pytest.raises(StoreUnavailable):
        async with locks.hold("case:x"):
            raise TranscriptConflict
    await store.close()
    await locks.close()
