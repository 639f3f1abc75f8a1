"""Reminders in the running bot: pressed and typed, by holders, deciders and others."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.bot.desk import NOW
from tests.bot.playing import play, settled
from tests.bot.room import Room, card_in, room, shown
from tests.bot.watching import DAY, END, LEAK
from tests.dialogs.stage import presses
from tests.ports import free_port


def reminder(here: Room, user: str) -> dict[str, object] | None:
    """Give the card of the last reminder to a person."""
    cards = [card_in(message) for message in here.said(user)]
    return next((card for card in reversed(cards) if card and "Herinnering bij zaak" in shown(card)), None)


async def until_reminded(here: Room, *users: str) -> None:
    for _ in range(500):
        if all(reminder(here, user) for user in users):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("no reminder came")


@pytest.fixture
async def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Room, list[datetime]]]:
    """Give a running bot in which Bram posted a card with the 72 hours on it, and its clock."""
    monkeypatch.setattr("bot.outbox._LOOK_AT_LEAST", 0.02)
    now = [NOW]
    async with room(tmp_path / "data", free_port(), clock=lambda: now[0]) as here:
        for user in ("user-id-0", "user-id-3"):
            await here.type(user, "hallo")
        await play(here, "user-id-1", {key: list(one) if isinstance(one, tuple) else one for key, one in LEAK.items()})
        await here.type("user-id-1", "onderwerp 1")
        await here.type("user-id-1", "plaats")
        await here.type("user-id-1", "plaats")
        await settled(here)
        yield here, now


async def test_a_decider_records_it_and_the_others_read_that_it_was(played: tuple[Room, list[datetime]]) -> None:
    here, now = played
    now[0] = END - DAY
    await until_reminded(here, "user-id-0", "user-id-1", "user-id-3")
    mine, theirs, holders = (reminder(here, f"user-id-{n}") for n in (0, 3, 1))
    assert mine and theirs and holders
    answer = await here.press("user-id-0", mine, "met")
    assert "vastgelegd als gedaan" in shown(answer)
    assert '"verb"' not in shown(answer)
    assert "Vastgelegd: dit is gedaan" in shown(here.last("user-id-0"))
    for user, card in (("user-id-3", theirs), ("user-id-0", mine)):
        again = await here.press(user, card, "met")
        assert "vastgelegd als gedaan" in shown(again)
        assert "Dit was al vastgelegd" in shown(here.last(user))
    await here.press("user-id-1", holders, "met")
    assert "Dit was al vastgelegd" in shown(here.last("user-id-1"))
    assert "AVG-melding AP: " in shown(here.last("user-id-1"))
    assert "al gedaan" in shown(here.last("user-id-1"))


async def test_the_reminder_of_a_decider_leads_to_who_can_take_over(played: tuple[Room, list[datetime]]) -> None:
    here, now = played
    now[0] = END - DAY
    await until_reminded(here, "user-id-0", "user-id-1")
    card, holders = reminder(here, "user-id-0"), reminder(here, "user-id-1")
    assert card and holders
    assert "Laat een ander overnemen" not in shown(holders)
    await here.press("user-id-0", card, "relieve")
    assert "U kunt deze zaak aan iemand aanbieden" in shown(here.last("user-id-0"))
    await here.press("user-id-0", here.last("user-id-0"), "relieve", answer="1", note="Bram is ziek.")
    assert "wordt u aangeboden" in shown(here.last("user-id-0"))


async def test_the_decider_gets_no_further_into_the_case(played: tuple[Room, list[datetime]]) -> None:
    here, now = played
    now[0] = END - DAY
    await until_reminded(here, "user-id-3")
    card = reminder(here, "user-id-3")
    assert card
    await here.press("user-id-3", card, "met")
    kept = shown(here.last("user-id-3"))
    for verb in ("overview", "change", "finish", "withdraw_card", "decide", "why", "back", "deviate", "pause"):
        data = {"verb": verb}
        body = here.activity("user-id-3", value={**_handle_of(card), **data})
        status, _ = await here.deliver(body)
        assert status < 300
        said = shown(here.last("user-id-3"))
        assert "al beantwoord of verlopen" in said, verb
        assert "IL-" not in said
    assert "IL-" not in kept
    assert "IL-" not in shown(await here.type("user-id-3", "hallo"))
    assert "geen open zaak" in shown(await here.type("user-id-3", "gedaan"))


def _handle_of(card: dict[str, object]) -> dict[str, str]:
    return {"handle": presses(card)[0]["handle"]}


async def test_the_own_case_of_a_decider_stays_open(played: tuple[Room, list[datetime]]) -> None:
    here, now = played
    question = await here.type("user-id-0", "nieuw")
    now[0] = END - DAY
    await until_reminded(here, "user-id-0")
    card = reminder(here, "user-id-0")
    assert card
    await here.press("user-id-0", card, "met")
    assert "vraag 1" in shown(await here.type("user-id-0", "verder"))
    assert "vraag 1" in shown(question)


async def test_someone_elses_reminder_is_no_way_in(played: tuple[Room, list[datetime]]) -> None:
    here, now = played
    now[0] = END - DAY
    await until_reminded(here, "user-id-0")
    card = reminder(here, "user-id-0")
    assert card
    for user in ("user-id-2", "user-id-3", "user-id-4", "user-id-5"):
        await here.press(user, card, "met")
        assert "gedaan" not in shown(here.last(user))
    await here.press("user-id-0", card, "met")
    assert "Vastgelegd: dit is gedaan" in shown(here.last("user-id-0"))


async def test_the_holder_goes_on_to_the_case_and_types_that_it_was_done(played: tuple[Room, list[datetime]]) -> None:
    here, now = played
    now[0] = END - DAY
    await until_reminded(here, "user-id-1")
    card = reminder(here, "user-id-1")
    assert card
    status = await here.type("user-id-1", "verder")
    assert "AVG-melding AP" in shown(status)
    chosen = await here.type("user-id-1", "gedaan")
    assert "Termijnen in zaak" in shown(chosen)
    await here.type("user-id-1", "1")
    assert "Vastgelegd: dit is gedaan" in shown(here.last("user-id-1"))


async def test_after_the_case_was_closed_a_reminder_is_past(played: tuple[Room, list[datetime]]) -> None:
    here, now = played
    now[0] = END - DAY
    await until_reminded(here, "user-id-0")
    card = reminder(here, "user-id-0")
    assert card
    await here.type("user-id-1", "afronden")
    await here.press("user-id-0", card, "met")
    assert "al beantwoord of verlopen" in shown(here.last("user-id-0"))
