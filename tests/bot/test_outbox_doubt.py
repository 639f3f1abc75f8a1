"""What cannot be known about a post: nothing is guessed, a person is asked to look."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import ChannelUnavailable, PostRefused
from bot.ports import ChatReference, PostedActivity
from dialogs.values import Outgoing
from tests.bot.desk import ANJA, NOW, Desk, words
from tests.bot.test_outbox import CONTENT, owing_a_card
from tests.stores import open_store

ASKED = "Kijk in het kanaal"


async def test_after_a_post_that_may_have_arrived_its_assessor_is_asked_to_look(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.teams.failures = [ChannelUnavailable(500, may_have_arrived=True)]
    await desk.after(0)
    await desk.after(2)
    await desk.after(0)
    assert (len(desk.teams.placeholders), len(desk.teams.updates)) == (1, 1)
    [(to, told)] = desk.teams.told
    assert to == ANJA.id
    assert ASKED in words(told)


@pytest.mark.parametrize("failure", [ChannelUnavailable(429, retry_after=1), ChannelUnavailable(None)])
async def test_after_a_post_that_surely_did_not_arrive_nobody_is_asked(desk: Desk, failure: Exception) -> None:
    await desk.keep(owing_a_card())
    desk.teams.failures = [failure]
    await desk.after(0)
    await desk.after(2)
    await desk.after(0)
    [(_, told)] = desk.teams.told
    assert ASKED not in words(told)


async def test_a_crash_between_the_post_and_its_place_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path / "store.sqlite")
    before = Desk(store)
    await before.keep(owing_a_card())

    async def posted_and_died(outgoing: Outgoing, like: ChatReference) -> PostedActivity:
        raise asyncio.CancelledError

    monkeypatch.setattr(before.teams, "post_in_channel", posted_and_died)
    await before.outbox.work_once()
    await store.close()
    store = open_store(tmp_path / "store.sqlite")
    after = Desk(store, now=NOW + timedelta(seconds=2))
    await after.outbox.work_once()
    await after.outbox.work_once()
    assert ASKED in words(after.teams.told[0][1])
    assert CONTENT not in words(after.teams.placeholders[0])
    await store.close()


async def test_an_assessor_whose_card_is_refused_after_a_doubt_is_asked_as_well(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.teams.failures = [ChannelUnavailable(None, may_have_arrived=True), PostRefused(403)]
    await desk.after(0)
    await desk.after(2)
    await desk.after(0)
    assert not desk.teams.placeholders
    assert ASKED in words(desk.teams.told[0][1])


async def test_an_error_that_nobody_thought_of_is_logged_and_the_work_is_tried_again(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.keep(owing_a_card())
    desk.teams.failures = [ValueError("geheim")]
    await desk.after(0)
    assert [record.message for record in caplog.records] == ["owed_work_failed"]
    await desk.after(600)
    await desk.after(0)
    assert (len(desk.teams.updates), len(desk.teams.told)) == (1, 1)


async def test_after_the_clock_was_put_back_nothing_waits_for_the_old_time(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.teams.failures = [ChannelUnavailable(429, retry_after=30)]
    await desk.after(0)
    await desk.after(1)
    assert not desk.teams.updates
    await desk.after(-86_400)
    assert len(desk.teams.updates) == 1
