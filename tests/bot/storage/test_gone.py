"""The whole check notices what is gone, though every row that is left is as it was written."""

import sqlite3
from pathlib import Path

import pytest

from bot.keepers import read_keepers
from bot.storage.checking import steps
from bot.storage.keyfile import open_keyring
from bot.storage.opening import connect
from bot.storage.sqlite import SqliteStore
from bot.store import Write
from state import commands as do
from state.keeping import hold
from tests.bot.desk import ANJA, FRAMEWORKS, NOW, Desk
from tests.bot.test_keepers import make
from tests.bot.test_outbox import owing_a_card
from tests.casework import Casework
from tests.contracts.rows import Growing, handle, noted
from tests.stores import open_store


async def test_a_whole_case_that_was_never_signed_is_noticed(tmp_path: Path):
    store = open_store(tmp_path / "weegwijzer.sqlite")
    case = Growing(id="e" * 32, number="IL-2026-0005")
    await store.commit(case.open(register=(noted("read", "ok", case.id),)))
    assert await store.check() == ()
    trigger = "SELECT sql FROM sqlite_master WHERE name = 'event_is_never_erased'"
    (made,) = store._db.execute(trigger).fetchone()
    store._db.execute("DROP TRIGGER event_is_never_erased")
    store._db.execute("DELETE FROM event WHERE case_id = ?", (case.id,))
    store._db.execute("DELETE FROM cases WHERE id = ?", (case.id,))
    store._db.execute(made)
    assert list(map(str, await store.check())) == [f"case {case.id}: the register names it, and it is gone"]
    await store.close()


async def test_a_card_that_is_owed_no_more_is_noticed(tmp_path: Path):
    store = open_store(tmp_path / "weegwijzer.sqlite")
    await Desk(store).keep(owing_a_card())
    assert await store.check() == ()
    store._db.execute("DELETE FROM outbox")
    (finding,) = await store.check()
    assert finding.what == "its card must still be posted, and is not owed any more"
    await store.close()


@pytest.mark.parametrize("change", ["UPDATE keeping SET sealed = ?", "DELETE FROM keeping WHERE sealed <> ?"])
async def test_a_hold_that_was_taken_away_is_noticed(tmp_path: Path, change: str):
    store = open_store(tmp_path / "weegwijzer.sqlite")
    work = Casework(FRAMEWORKS.current, ANJA, NOW).open()
    work.do(do.StopCase())
    await Desk(store).keep(work)
    (before,) = store._db.execute("SELECT sealed FROM keeping").fetchone()
    (kept,) = await store.keepings()
    held = hold(kept, "fatima", NOW, "rechtszaak")
    await store.commit(Write(keeping=held, register=(noted("hold", "ok", kept.case),)))
    assert await store.check() == ()
    store._db.execute(change, (before,))
    assert [finding.what for finding in await store.check()] == ["what is kept of it is older than the register says"]
    await store.close()


async def test_checks_in_slices_between_which_everything_else_goes_on(tmp_path: Path):
    store = open_store(tmp_path / "weegwijzer.sqlite")
    handles = tuple(handle(str(number), case=None) for number in range(1_200))
    await store.commit(Write(handles=handles, register=(noted(),) * 1_200))
    count = 0
    for count, found in enumerate(steps(store._db, store.keyring, lambda: iter(())), 1):
        assert found == ()
        await store.commit(Write(register=(noted(),), handles=(handle(f"new {count}", case=None),)))
        await store.backup(tmp_path / f"copy-{count}.sqlite")
    # 1 200 handles and as many entries of the register, 200 at a time, and what is looked at whole.
    assert count >= 2 * 6 + 4
    await store.close()


@pytest.mark.parametrize("change", ["case_id = 'x'", "keeper = 'x'", "share = x'00'", "tag = x'00'"])
async def test_a_changed_part_of_a_key_is_noticed(tmp_path: Path, change: str):
    store = open_store(tmp_path / "weegwijzer.sqlite")
    case = Growing()
    await store.commit(case.open())
    await store.seal(case.id, read_keepers([make(tmp_path, "els"), make(tmp_path, "fleur")]))
    assert await store.check() == ()
    store.keyring.db.execute(f"UPDATE share SET {change} WHERE keeper = (SELECT min(keeper) FROM share)")
    assert "a keeper's part of its key is not as it was written" in {found.what for found in await store.check()}
    await store.close()


async def test_a_start_looks_at_no_case_and_no_key_of_one(tmp_path: Path):
    path, said = tmp_path / "weegwijzer.sqlite", list[str]()

    def told(path: Path) -> sqlite3.Connection:
        db = connect(path)
        db.set_trace_callback(said.append)
        return db

    store = open_store(path)
    await store.commit(Growing().open())
    await store.close()
    keyring = open_keyring(path, tmp_path / "data.key")
    keyring.db.set_trace_callback(said.append)
    store = SqliteStore(path, keyring, told)
    assert said
    assert not [one for one in said if "FROM cases" in one or "FROM event" in one or "FROM wrapped" in one]
    await store.close()
