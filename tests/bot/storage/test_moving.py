"""Moving a store, putting a backup back, and forms of databases: with real files and a real PostgreSQL."""

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bot.data_key import write_key
from bot.errors import SettingsError, StoreUnavailable
from bot.storage import copying, moving, postgres_schema, schema
from bot.storage.keyfile import keys_path, open_keyring
from bot.storage.moving import Database, ends_of, forms, move, upgrade_database
from bot.storage.sql import Db
from bot.storage.sqlite import SqliteStore
from bot.storage.tables import TableStore
from tests.contracts.rows import Growing, answer, chat, handle, key, later, noted, owed_card
from tests.postgres.servers import Server
from tests.stores import open_postgres

New = Callable[[str], Database]


@pytest.fixture
def new(request: pytest.FixtureRequest, tmp_path: Path) -> New:
    """Give a database of a kind that does not exist yet; all have one data key."""
    names = itertools.count(1)

    def make(kind: str) -> Database:
        if kind == "sqlite":
            url = f"sqlite:///{tmp_path / f'{next(names)}.sqlite'}"
        else:
            url = request.getfixturevalue("postgres").new_database()
        return Database(url, "weegwijzer", tmp_path, tmp_path / "data.key", "weegwijzer")

    return make


def opened(database: Database) -> TableStore:
    """Give the store there, with a data key that is made when there is none."""
    if database.url.startswith("sqlite"):
        return SqliteStore(database.path, open_keyring(database.path, database.key_file, make=True))
    return open_postgres(database.url, database.key_file, database.schema)


async def fill(store: TableStore, cases: int = 3) -> None:
    """Keep something of everything."""
    for number in range(cases):
        case = Growing(id=f"{number:032x}", number=f"IL-2026-{number:04d}")
        opening = case.open(
            inbox=key(f"in {number}"),
            handles=(handle(),),
            chat=chat(),
            owed=(owed_card(case.id),),
            register=(noted(),),
        )
        for write in (opening, None):
            kept = write or case.write(answer("met é en 漢"), answer("nog een"))
            await store.commit(kept)
            case.follow(kept)
        await store.sign_off(case.id)


@pytest.mark.parametrize("there", ["sqlite", "postgres"])
@pytest.mark.parametrize("here", ["sqlite", "postgres"])
async def test_a_moved_store_holds_what_it_held_and_goes_on(new: New, here: str, there: str):
    source, target = new(here), new(there)
    store = opened(source)
    await fill(store)
    rows = await store.load(f"{1:032x}")
    due, register = await store.due(later(60)), await store.register()
    await store.close()
    assert await move(source, target) == (3, 9, 3)
    moved = opened(target)
    assert await moved.load(f"{1:032x}") == rows
    assert (await moved.due(later(60)), await moved.register()) == (due, register)
    assert (await moved.seat("anja", "chat-anja", key("in 1"), "handle")).seen
    await fill_one_more(moved)
    assert len({owed.id for owed in await moved.due(later(60))}) == 4
    assert await moved.check() == ()
    await moved.close()


async def fill_one_more(store: TableStore) -> None:
    case = Growing(id="e" * 32, number="IL-2026-9999")
    await store.commit(case.open(owed=(owed_card(case.id),), register=(noted(),)))


@pytest.mark.parametrize("there", ["sqlite", "postgres"])
async def test_nothing_is_copied_over_what_is_there(new: New, there: str):
    source, target = new("sqlite"), new(there)
    for database in (source, target):
        store = opened(database)
        await fill(store, 1)
        await store.close()
    with pytest.raises(SettingsError, match=r"new file|empty one"):
        await move(source, target)
    store = opened(target)
    assert await store.check() == ()
    assert len(await store.entries()) == 1
    await store.close()


async def test_what_is_copied_is_compared_with_what_was_there(new: New, monkeypatch: pytest.MonkeyPatch):
    source, target = new("sqlite"), new("postgres")
    store = opened(source)
    await fill(store)
    await store.close()
    tables = {name: columns for name, columns in postgres_tables().items() if name != "inbox"}
    monkeypatch.setattr("bot.storage.copying._TABLES", tables)
    with pytest.raises(SettingsError, match="not what was copied"):
        await move(source, target)


def postgres_tables() -> dict[str, tuple[str, str]]:
    return copying._TABLES


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_backup_under_load_can_be_put_back(new: New, kind: str, tmp_path: Path):
    """The drill of docs/scale.md: a copy of cases and one of keys, and from both a store that goes on."""
    source = new(kind)
    store = opened(source)
    await fill(store)
    copy, keys = tmp_path / "copy.sqlite", tmp_path / "kept.sqlite"
    more = asyncio.create_task(fill_one_more(store))
    await store.backup(copy)
    await more
    await store.backup_keys(keys)
    held = await ends_of(store)
    await store.close()
    keys.rename(keys_path(copy))
    restored = Database(f"sqlite:///{copy}", "weegwijzer", tmp_path, source.key_file, "weegwijzer")
    back = new(kind)
    await move(restored, back)
    again = opened(back)
    ends = await ends_of(again)
    assert {name: held[name] for name in ends if name} == {name: end for name, end in ends.items() if name}
    assert len(ends) >= 4
    assert await again.check() == ()
    await fill_one_more_with(again, "IL-2026-8888")
    await again.close()


async def fill_one_more_with(store: TableStore, number: str) -> None:
    case = Growing(id="f" * 32, number=number)
    await store.commit(case.open())
    assert (await store.entry(number)) is not None


# --- forms -----------------------------------------------------------------------------


@pytest.fixture
async def old(postgres: Server, new: New) -> AsyncIterator[Database]:
    """Give a PostgreSQL database of the first form, with cases in it."""
    database = new("postgres")
    with pytest.MonkeyPatch.context() as patch:
        for module in ("bot.storage.postgres_schema", "bot.storage.postgres"):
            patch.setattr(f"{module}.VERSION", 1)
        patch.setattr(postgres_schema, "STEPS", postgres_schema.STEPS[:1])
        store = opened(database)
        await fill(store)
        await store.close()
    yield database


async def test_tables_of_an_earlier_form_are_refused_until_someone_upgrades_them(old: Database):
    store = opened(old)
    with pytest.raises(SettingsError, match="weegwijzer db upgrade"):
        await store.entries()
    await store.close()
    assert forms(old) == (1, postgres_schema.VERSION)
    assert await upgrade_database(old) == (1, postgres_schema.VERSION)
    assert await upgrade_database(old) == (postgres_schema.VERSION, postgres_schema.VERSION)
    store = opened(old)
    assert len(await store.entries()) == 3
    assert await store.check() == ()
    await store.close()


async def test_a_step_that_fails_changes_nothing(old: Database, monkeypatch: pytest.MonkeyPatch):
    steps = (*postgres_schema.STEPS, "CREATE TABLE half (a {TEXT}); SELECT 1 / 0;")
    monkeypatch.setattr(postgres_schema, "STEPS", steps)
    with pytest.raises(StoreUnavailable, match="DivisionByZero"):
        await upgrade_database(old)
    assert forms(old).found == 1
    with psycopg.connect(old.url) as db:
        assert db.execute("SELECT to_regclass('weegwijzer.half')").fetchone() == (None,)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_newer_form_is_refused_everywhere(new: New, kind: str):
    database = new(kind)
    store = opened(database)
    await fill(store, 1)
    await store.close()
    if kind == "sqlite":
        with closing(sqlite3.connect(database.path)) as db:
            db.execute("PRAGMA user_version = 99")
    else:
        with psycopg.connect(database.url) as db:
            db.execute("INSERT INTO weegwijzer.form VALUES (99)")
    assert forms(database).found == 99
    with pytest.raises(SettingsError, match="newer"):
        await upgrade_database(database)
    with pytest.raises(SettingsError, match="newer"):
        await opened(database).entries()


async def test_two_organisations_share_a_database_and_nothing_else(postgres: Server, tmp_path: Path):
    url = postgres.new_database()
    first = open_postgres(url, tmp_path / "first.key", "gm0001")
    second = open_postgres(url, tmp_path / "second.key", "gm0002")
    await fill(first)
    await fill(second, 1)
    assert (len(await first.entries()), len(await second.entries())) == (3, 1)
    assert (await first.check(), await second.check()) == ((), ())
    await first.close()
    await second.close()


async def test_a_file_of_an_earlier_form_is_upgraded_by_hand_or_by_its_first_start(new: New):
    database = new("sqlite")
    assert await upgrade_database(database) == (0, schema.VERSION)
    for how in (upgrade_database, use):
        store = opened(database)
        await store.close()
        with closing(sqlite3.connect(database.path)) as db:
            db.execute("PRAGMA user_version = 3")
        assert forms(database) == (3, schema.VERSION)
        await how(database)
        assert forms(database) == (schema.VERSION, schema.VERSION)
        store = opened(database)
        assert await store.check() == ()
        await store.close()


async def use(database: Database) -> None:
    await opened(database).close()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_store_that_is_not_there_is_not_taken_for_an_empty_one(new: New, kind: str):
    source, target = new(kind), new("postgres")
    write_key(source.key_file)
    with pytest.raises(SettingsError, match=r"no such database|has no schema weegwijzer"):
        await move(source, target)
    assert (forms(source).found, forms(target).found) == (0, 0)


async def test_tables_whose_keys_were_not_put_back_are_not_opened(new: New):
    database = new("postgres")
    store = opened(database)
    await store.entries()
    await store.close()
    with psycopg.connect(database.url) as db:
        db.execute("DROP SCHEMA weegwijzer_keys CASCADE")
    store = opened(database)
    with pytest.raises(SettingsError, match=r"weegwijzer_keys is not there.*put it back"):
        await store.entries()
    await store.close()


async def test_nothing_is_copied_to_tables_of_a_newer_form(new: New):
    source, target = new("sqlite"), new("postgres")
    for database in (source, target):
        store = opened(database)
        await store.entries()
        await store.close()
    with psycopg.connect(target.url) as db:
        db.execute("DELETE FROM weegwijzer_keys.wrapped")
        db.execute("INSERT INTO weegwijzer.form VALUES (99)")
    with pytest.raises(SettingsError, match="newer"):
        await move(source, target)
    with psycopg.connect(target.url) as db:
        assert db.execute("SELECT count(*) FROM weegwijzer_keys.wrapped").fetchone() == (0,)


async def test_of_two_that_copy_to_one_database_at_once_one_hears_of_it(new: New, monkeypatch: pytest.MonkeyPatch):
    source, target = new("sqlite"), new("postgres")
    store = opened(source)
    await fill(store)
    await store.close()
    look = moving._check_empty

    def and_then_the_other_writes(db: Db) -> None:
        look(db)
        with psycopg.connect(target.url) as other:
            other.execute("INSERT INTO weegwijzer_keys.wrapped VALUES ('store', '', '')")

    monkeypatch.setattr(moving, "_check_empty", and_then_the_other_writes)
    with pytest.raises(SettingsError, match="something else wrote to the database that is copied to"):
        await move(source, target)
