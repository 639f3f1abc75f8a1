"""Work owed after a turn: done until it is done, its content never twice in the channel."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import AccessUnknown, ChannelUnavailable, NoAccess, PostRefused
from bot.ports import ChatReference, Person, PostedActivity, Sender
from dialogs.cards.channel import channel_card
from dialogs.values import Outgoing
from state import commands as do
from state.case import Case
from state.codec import canonical
from state.weighing import weigh_for_channel
from tests.bot.desk import ANJA, DIRK, FRAMEWORKS, NOW, WORDING, Desk, FakeAccess, words
from tests.casework import NEWSPAPER, Casework
from tests.stores import open_store

CONTENT = "Hulpmiddel bij de afweging"


def opened(n: int = 0) -> Casework:
    """Give a case that Anja just opened, each number another."""
    work = Casework(FRAMEWORKS.current, ANJA, NOW, case=Case(f"{n:032x}"))
    work.do(do.OpenCase(f"IL-2026-{42 + n:04d}", "nl"))
    return work


def owing_a_card(n: int = 0) -> Casework:
    """Give a case whose card was just released."""
    compiled, work = FRAMEWORKS.current, opened(n).answer(NEWSPAPER)
    work.do(do.ChooseSubject(compiled.framework.card_subjects[0].id))
    card = channel_card(
        compiled.framework,
        weigh_for_channel(compiled, work.case.answers, NOW),
        number=work.case.number,
        subject="Bestuurlijk dossier",
        version=1,
        function=ANJA.function,
        prepared_at=NOW,
        print_="0123456789abcdef",
        language="nl",
        wording=WORDING,
    )
    work.do(do.PreviewCard(canonical(card).decode()))
    assert work.case.preview is not None
    work.do(do.PostCard(work.case.preview.seq))
    return work


def offered(n: int = 0) -> Casework:
    """Give a case that Anja, who is involved, offered to Dirk."""
    work = opened(n)
    work.do(do.GiveAnswer("eigen_betrokkenheid", "ja_ikzelf"))
    work.do(do.OfferCase(DIRK, ""))
    return work


async def test_a_card_is_a_placeholder_without_content_and_then_its_update(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    await desk.outbox.work_once()
    [placeholder], [update] = desk.teams.placeholders, desk.teams.updates
    assert CONTENT not in words(placeholder)
    assert CONTENT in words(update)
    base = json.loads(owing_a_card().case.owed.card)
    assert update.card is not None
    confirmed, beneath = update.card["body"][: len(base["body"])], update.card["body"][len(base["body"]) :]
    assert {**update.card, "body": confirmed} == base
    assert [part["type"] for part in beneath] == ["ActionSet"] * 3
    assert beneath[0]["actions"][0]["title"] == "Besluit vastleggen"
    assert (await desk.case()).phase == "posted"


async def test_the_assessor_hears_that_the_card_was_posted(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    await desk.outbox.work_once()
    await desk.outbox.work_once()
    [(to, told)] = desk.teams.told
    assert to == ANJA.id
    assert "IL-2026-0042" in words(told)
    assert await desk.store.owed() == 0


async def test_work_that_is_done_is_never_done_again(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    for _ in range(5):
        await desk.after(3600)
    assert (len(desk.teams.placeholders), len(desk.teams.updates), len(desk.teams.told)) == (1, 1, 1)


async def test_teams_says_how_long_to_wait(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.teams.failures = [ChannelUnavailable(429, retry_after=30)]
    await desk.after(0)
    await desk.after(29)
    assert not desk.teams.placeholders
    await desk.after(1)
    assert len(desk.teams.updates) == 1


async def test_pauses_double_up_to_ten_minutes(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.teams.failures = [ChannelUnavailable(None) for _ in range(12)]
    waits = []
    while desk.teams.failures:
        await desk.outbox.work_once()
        due = await desk.store.next_due()
        assert due is not None
        waits.append((due - desk.now).total_seconds())
        desk.now = due
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]
    await desk.outbox.work_once()
    assert len(desk.teams.updates) == 1


@pytest.mark.parametrize("failure", [ChannelUnavailable(None), ChannelUnavailable(None, may_have_arrived=True)])
async def test_an_update_that_teams_did_not_answer_is_repeated_in_its_place(
    desk: Desk, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.keep(owing_a_card())
    take, calls = desk.teams._take, []

    def fail_the_second() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise failure
        take()

    monkeypatch.setattr(desk.teams, "_take", fail_the_second)
    await desk.outbox.work_once()
    assert (len(desk.teams.placeholders), len(desk.teams.updates)) == (1, 0)
    assert (await desk.case()).phase == "posting"
    await desk.after(2)
    assert (len(desk.teams.placeholders), len(desk.teams.updates)) == (1, 1)


async def test_after_a_restart_the_owed_card_is_posted_without_anyone_speaking(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.sqlite")
    await Desk(store).keep(owing_a_card())
    await store.close()
    store = open_store(tmp_path / "store.sqlite")
    again = Desk(store)
    await again.outbox.work_once()
    assert len(again.teams.updates) == 1
    await store.close()


async def test_after_a_restart_the_placeholder_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path / "store.sqlite")
    before = Desk(store)
    await before.keep(owing_a_card())

    async def lost(posted: PostedActivity, outgoing: Outgoing) -> None:
        raise ChannelUnavailable(None)

    monkeypatch.setattr(before.teams, "update", lost)
    await before.outbox.work_once()
    await store.close()
    store = open_store(tmp_path / "store.sqlite")
    again = Desk(store, now=NOW + timedelta(seconds=2))
    await again.outbox.work_once()
    assert (len(again.teams.placeholders), len(again.teams.updates)) == (0, 1)
    await store.close()


async def test_a_card_that_teams_refuses_goes_back_to_its_assessor(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.teams.failures = [PostRefused(403)]
    await desk.outbox.work_once()
    await desk.outbox.work_once()
    assert not desk.teams.placeholders
    assert (await desk.case()).phase == "weighing"
    [(to, _)] = desk.teams.told
    assert to == ANJA.id


async def test_a_chat_is_opened_with_someone_the_bot_never_spoke_to(desk: Desk) -> None:
    await desk.keep(offered())
    await desk.outbox.work_once()
    assert desk.teams.opened == [DIRK.id]
    [(to, told)] = desk.teams.told
    assert to == DIRK.id
    assert "IL-2026-0042" in words(told)


async def test_word_to_a_person_is_tried_again(desk: Desk) -> None:
    await desk.keep(offered())
    desk.teams.failures = [ChannelUnavailable(None)]
    await desk.outbox.work_once()
    assert not desk.teams.told
    await desk.after(2)
    assert len(desk.teams.told) == 1


async def test_word_that_teams_refuses_is_given_up(desk: Desk) -> None:
    await desk.keep(offered())
    desk.teams.failures = [PostRefused(403)]
    await desk.outbox.work_once()
    assert await desk.store.next_due() is None


async def test_an_offer_that_was_taken_back_is_not_told(desk: Desk) -> None:
    work = offered()
    work.do(do.EndOffer())
    await desk.keep(work)
    await desk.outbox.work_once()
    assert not desk.teams.told
    assert await desk.store.next_due() is None


async def test_whoever_left_the_access_file_is_told_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.keep(offered())
    monkeypatch.setattr(FakeAccess, "person", lambda self, object_id: None)
    await desk.outbox.work_once()
    assert (desk.teams.told, await desk.store.next_due()) == ([], None)


async def test_word_to_a_person_is_in_the_register(desk: Desk) -> None:
    await desk.keep(offered())
    await desk.outbox.work_once()
    [entry] = await desk.store.register()
    assert (entry.actor, entry.action, entry.outcome, entry.case) == (DIRK.id, "offer", "ok", "0" * 32)


@pytest.mark.parametrize(
    ("refusal", "code", "is_due"), [(NoAccess(), "no_access", False), (AccessUnknown(), None, True)], ids=str
)
async def test_whoever_is_not_admitted_now_is_told_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, refusal: NoAccess, code: str | None, is_due: bool
) -> None:
    async def refuse(self: FakeAccess, sender: Sender, chat: ChatReference) -> Person:
        raise refusal

    await desk.keep(offered())
    monkeypatch.setattr(FakeAccess, "admit", refuse)
    await desk.outbox.work_once()
    assert not desk.teams.told
    assert [(entry.action, entry.outcome) for entry in await desk.store.register()] == (
        [("refused", code)] if code else []
    )
    assert (await desk.store.next_due() is not None) == is_due


async def test_a_damaged_transcript_stops_its_own_card_alone(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.store._db.execute("DROP TRIGGER event_is_never_changed")
    desk.store._db.execute("UPDATE event SET body = X'7B7D' WHERE seq = 3")
    await desk.outbox.work_once()
    assert not desk.teams.placeholders
    assert await desk.store.next_due() == NOW + timedelta(minutes=10)


async def test_the_loop_looks_again_when_it_is_woken(desk: Desk) -> None:
    running = asyncio.create_task(desk.outbox.run())
    await desk.keep(owing_a_card())
    desk.outbox.wake()
    async with asyncio.timeout(5):
        await desk.teams.heard.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_what_is_owed_is_told_before_the_first_of_it_is_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nothing would seem to be owed after a start, however long Teams takes."""
    await desk.keep(owing_a_card())
    depths: list[int] = []
    begun = asyncio.Event()

    async def wait_for_ever(outgoing: Outgoing, like: ChatReference) -> PostedActivity:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(desk.outbox, "_tell_depth", depths.append)
    monkeypatch.setattr(desk.teams, "post_in_channel", wait_for_ever)
    running = asyncio.create_task(desk.outbox.run())
    await begun.wait()
    running.cancel()
    assert depths == [1]
