"""After a case is closed: the last print on its card, a signed checkpoint, and nothing twice."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import ChannelUnavailable, PostRefused
from bot.keepers import read_keepers
from bot.locks import Locks
from bot.outbox import Outbox
from bot.ports import PostedActivity
from bot.store import Owed, Write
from dialogs.values import Outgoing
from state import commands as do
from state.decide import decide
from state.fold import record
from state.setting import Setting
from tests.bot.desk import ANJA, FRAMEWORKS, NOW, TENANT, WORDING, Desk, FakeAccess, words
from tests.bot.test_keepers import make
from tests.bot.test_outbox import owing_a_card
from tests.casework import Casework
from tests.stores import open_store


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store = open_store(tmp_path / "store.sqlite")
    desk = Desk(store)
    await desk.keep(owing_a_card())
    await desk.outbox.work_once()
    yield desk
    await store.close()


async def finish(desk: Desk) -> str:
    """Conclude the case as a turn of Anja would, and give the print of its last event."""
    return await take(desk, do.FinishCase())


async def take(desk: Desk, command: do.Command) -> str:
    """Do what a turn of Anja would, and give the print of its last event."""
    loaded = await desk.cases.load("0" * 32)
    setting = Setting(ANJA, NOW, "nl", FRAMEWORKS.current)
    after, recorded = record(loaded.case, decide(loaded.case, command, setting), ANJA, NOW)
    await desk.store.commit(desk.cases.to_write(loaded, after, recorded, TENANT))
    (entry,) = await desk.store.entries()
    return entry.link[:16]


async def test_the_card_gets_the_last_print_and_keeps_what_was_on_it(desk: Desk):
    before = desk.teams.updates[-1].card
    link = await finish(desk)
    await desk.outbox.work_once()
    assert before is not None
    after = desk.teams.updates[-1].card
    assert after is not None
    # What can be pressed is gone; the last print stands in its place.
    kept = [part for part in json.loads(json.dumps(before))["body"] if part["type"] != "ActionSet"]
    assert after["body"][:-1] == kept
    assert f"Slotcontrolegetal: {link}" in words(desk.teams.updates[-1])
    assert "Zaak afgesloten op" in words(desk.teams.updates[-1])
    assert await desk.store.owed() == 0


async def test_the_case_is_signed_off_so_that_an_older_database_is_found(desk: Desk):
    await finish(desk)
    await desk.outbox.work_once()
    (entry,) = await desk.store.entries()
    assert desk.store.keyring.last_signed(entry.id) == (entry.version, entry.link)
    assert [noted.action for noted in await desk.store.register()][-1] == "close"
    assert await desk.store.check() == ()


async def test_is_tried_again_when_teams_does_not_take_it(desk: Desk):
    link = await finish(desk)
    desk.teams.failures = [ChannelUnavailable(503)]
    await desk.outbox.work_once()
    assert await desk.store.owed() > 0
    await desk.after(3)
    assert f"Slotcontrolegetal: {link}" in words(desk.teams.updates[-1])
    assert await desk.store.owed() == 0


async def is_at_hand(desk: Desk) -> bool:
    """Tell whether the case is in memory: else each reading makes it anew."""
    return await desk.cases.load("0" * 32) is await desk.cases.load("0" * 32)


async def test_a_closed_case_is_at_hand_until_its_closing_is_done(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    assert await is_at_hand(desk)
    await finish(desk)
    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "load", None)
        await desk.outbox.work_once()
    assert "Zaak afgesloten op" in words(desk.teams.updates[-1])
    await desk.outbox.work_once()
    assert await desk.store.owed() == 0
    assert not await is_at_hand(desk)


async def test_a_closed_case_is_not_at_hand_while_its_closing_is_put_off(desk: Desk):
    await finish(desk)
    desk.teams.failures = [ChannelUnavailable(503)]
    await desk.outbox.work_once()
    await desk.outbox.work_once()
    assert not await is_at_hand(desk)
    await desk.after(3)
    assert "Zaak afgesloten op" in words(desk.teams.updates[-1])
    assert not await is_at_hand(desk)


async def test_a_case_that_is_opened_again_is_at_hand_again(desk: Desk):
    await finish(desk)
    await take(desk, do.ReopenCase("nieuwe feiten"))
    for _ in range(3):
        await desk.outbox.work_once()
    assert await is_at_hand(desk)


@dataclass
class Sealing:
    """What seals, and what comes between."""

    desk: Desk
    sealed: list[str] = field(default_factory=list)

    async def __call__(self, case: str) -> None:
        self.sealed.append(case)

    def outbox(self) -> Outbox:
        return Outbox(
            store=self.desk.store,
            cases=self.desk.cases,
            access=FakeAccess(),
            teams=self.desk.teams,
            wording=WORDING,
            locks=Locks(),
            clock=lambda: self.desk.now,
            seal=self,
        )


async def test_a_case_that_was_opened_again_before_teams_took_its_closing_is_not_sealed(desk: Desk):
    sealing = Sealing(desk)
    outbox = sealing.outbox()
    await desk.outbox.work_once()
    await finish(desk)
    desk.teams.failures = [ChannelUnavailable(503)]
    await outbox.work_once()
    await take(desk, do.ReopenCase("nieuwe feiten"))
    desk.now += timedelta(minutes=1)
    await outbox.work_once()
    assert sealing.sealed == []
    assert await desk.store.owed() == 0
    assert "Zaak afgesloten op" not in words(desk.teams.updates[-1])
    assert "Besluit vastleggen" in words(desk.teams.updates[-1])


async def test_a_case_that_is_opened_again_while_its_closing_is_under_way_is_not_sealed(desk: Desk):
    sealing = Sealing(desk)
    await finish(desk)
    update = desk.teams.update

    async def update_slowly(posted: PostedActivity, outgoing: Outgoing) -> None:
        desk.teams.update = update
        await take(desk, do.ReopenCase("nieuwe feiten"))
        await update(posted, outgoing)

    desk.teams.update = update_slowly
    outbox = sealing.outbox()
    await outbox.work_once()
    await outbox.work_once()
    assert sealing.sealed == []
    assert await desk.store.owed() == 0
    # What was drawn as closed is drawn as open again.
    assert "Besluit vastleggen" in words(desk.teams.updates[-1])
    await finish(desk)
    await outbox.work_once()
    assert sealing.sealed == ["0" * 32]
    assert "Zaak afgesloten op" in words(desk.teams.updates[-1])


async def test_of_two_closings_that_wait_the_first_does_all_and_the_second_no_harm(desk: Desk):
    await finish(desk)
    await take(desk, do.ReopenCase("nieuwe feiten"))
    link = await finish(desk)
    await desk.outbox.work_once()
    await desk.outbox.work_once()
    assert f"Slotcontrolegetal: {link}" in words(desk.teams.updates[-1])
    assert await desk.store.owed() == 0
    assert await desk.store.check() == ()


async def test_a_card_that_is_gone_keeps_no_case_open(desk: Desk):
    await finish(desk)
    told = desk.teams.told[-1:]
    desk.teams.failures = [PostRefused(404)]
    await desk.outbox.work_once()
    assert await desk.store.owed() == 0
    assert [noted.action for noted in await desk.store.register()][-1] == "close"
    assert desk.teams.told[-1:] == told


async def test_word_that_was_put_off_until_after_the_sealing_is_owed_no_more(tmp_path: Path):
    store = open_store(tmp_path / "other.sqlite")
    desk = Desk(store)
    work = Casework(FRAMEWORKS.current, ANJA, NOW).open()
    work.do(do.StopCase())
    await desk.keep(work)
    await store.commit(Write(owed=(Owed("tell", work.case.id, {"to": ANJA.id, "by": ANJA.id}),)))
    keepers = read_keepers([make(tmp_path, name) for name in ("els", "omar")])
    await store.seal(work.case.id, keepers)
    await desk.outbox.work_once()
    assert (await store.owed(), desk.teams.told) == (0, [])
    await store.close()


async def test_a_case_without_a_card_says_nothing_in_the_channel(tmp_path: Path):
    store = open_store(tmp_path / "other.sqlite")
    desk = Desk(store)
    work = Casework(FRAMEWORKS.current, ANJA, NOW).open()
    work.do(do.StopCase())
    await desk.keep(work)
    await desk.outbox.work_once()
    assert (desk.teams.placeholders, desk.teams.updates) == ([], [])
    assert await store.owed() == 0
    await store.close()
