"""What is kept of a case that is opened again: nothing is destroyed meanwhile, holds stay, and no stage comes back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import TranscriptConflict
from bot.storage.sqlite import SqliteStore
from bot.store import Write
from state import commands as do
from state.decide import decide
from state.fold import record
from state.keeping import Proposal, certify, hold
from state.setting import Setting
from tests.bot.desk import ANJA, FRAMEWORKS, NOW, TENANT, Desk
from tests.casework import Casework
from tests.contracts.rows import noted
from tests.stores import open_store

COMMANDS = {"reopen": do.ReopenCase("nieuwe feiten"), "stop": do.StopCase()}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """Give a store with a case that was broken off."""
    store = open_store(tmp_path / "weegwijzer.sqlite")
    work = Casework(FRAMEWORKS.current, ANJA, NOW).open()
    work.do(do.StopCase())
    await Desk(store).keep(work)
    yield store
    await store.close()


async def take(store: SqliteStore, name: str) -> None:
    """Do what a turn of Anja would, or a keeper's hold."""
    if name == "hold":
        (kept,) = await store.keepings()
        held = hold(kept, "fatima", NOW, "rechtszaak")
        await store.commit(Write(keeping=held, register=(noted("hold", "ok", kept.case),)))
        return
    cases = Desk(store).cases
    loaded = await cases.load("0" * 32)
    events = decide(loaded.case, COMMANDS[name], Setting(ANJA, NOW, "nl", FRAMEWORKS.current))
    after, recorded = record(loaded.case, events, ANJA, NOW)
    await store.commit(cases.to_write(loaded, after, recorded, TENANT))


def sealed(store: SqliteStore) -> bytes:
    (row,) = store._db.execute("SELECT sealed FROM keeping").fetchone()
    return bytes(row)


async def test_a_hold_outlives_opening_again_and_the_next_closing(store: SqliteStore):
    await take(store, "hold")
    await take(store, "reopen")
    assert await store.keepings() == ()
    await take(store, "stop")
    (kept,) = await store.keepings()
    assert ([one.reason for one in kept.held], kept.version, kept.reopened_at) == (["rechtszaak"], 4, None)
    assert await store.check() == ()


async def test_a_case_that_is_open_again_is_not_destroyed(store: SqliteStore):
    (kept,) = await store.keepings()
    await take(store, "reopen")
    (entry,) = await store.entries()
    certificate = certify(kept, Proposal("els", NOW), entry.version, entry.link, NOW)
    for version in (1, 2, 3):
        with pytest.raises(TranscriptConflict):
            await store.destroy(certificate, version, ())
    assert await store.entries() == (entry,)


async def test_a_keeper_who_was_looking_at_it_changes_nothing(store: SqliteStore):
    (kept,) = await store.keepings()
    await take(store, "reopen")
    with pytest.raises(TranscriptConflict):
        await store.commit(Write(keeping=hold(kept, "fatima", NOW, "rechtszaak")))


@pytest.mark.parametrize(
    "course",
    ["hold", "reopen", "hold reopen", "reopen stop", "hold reopen stop", "reopen stop hold", "reopen stop reopen stop"],
)
async def test_what_is_kept_cannot_be_put_back_to_any_earlier_stage(store: SqliteStore, course: str):
    stages = [sealed(store)]
    for name in course.split():
        await take(store, name)
        assert await store.check() == (), name
        stages.append(sealed(store))
    for earlier in stages[:-1]:
        store._db.execute("UPDATE keeping SET sealed = ?", (earlier,))
        assert await store.check() != ()


async def test_a_case_that_stays_kept_as_open_after_it_was_closed_is_found(store: SqliteStore):
    await take(store, "reopen")
    is_open = sealed(store)
    await take(store, "stop")
    store._db.execute("UPDATE keeping SET sealed = ?", (is_open,))
    assert "a closed case is kept as if it were open again" in {finding.what for finding in await store.check()}
