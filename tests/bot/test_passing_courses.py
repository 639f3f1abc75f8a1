"""Cases that go from one to another over HTTP: who hears what, restarts in the middle, and two chats of one person."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.bot.playing import ANJA, BRAM, CHANTAL, post, settled
from tests.bot.room import TENANT, Room, data_of, room, shown
from tests.ports import free_port
from tests.stores import open_store


async def begun(here: Room, user: str) -> str:
    """Begin a case, and give its number."""
    await here.type(user, "nieuw")
    found = re.search(r"IL-\d{4}-\d{4}", shown(await here.type(user, "overzicht")))
    assert found is not None
    return found[0]


def place_of(name: str, card: Any) -> str:
    """Give the number of the person with this name on a card."""
    found = re.search(rf'"value": "(\d+)", "title": "\d+ · {name}', shown(card))
    assert found is not None
    return found[1]


async def relieved(here: Room, to: str) -> str:
    """Let Anja offer Bram's case, and give its number."""
    for user in (ANJA, CHANTAL):
        await here.type(user, "hallo")
    number = await begun(here, BRAM)
    listed = await here.type(ANJA, f"overdragen {number}")
    await here.press(ANJA, listed, "relieve", answer=place_of(to, listed), note="Bram is ziek.")
    await settled(here)
    return number


async def register(path: Path) -> list[tuple[str, str]]:
    store = open_store(path / "weegwijzer.sqlite")
    noted = [(entry.action, entry.outcome) for entry in await store.register()]
    assert await store.check() == ()
    await store.close()
    return noted


async def test_holder_and_decider_hear_that_it_was_taken_over_and_the_decider_saw_nothing(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        number = await relieved(here, "Chantal")
        holders = shown(here.last(BRAM))
        assert "Een beslisser biedt uw zaak aan een ander aan" in holders
        assert "Aangeboden door:" in holders
        assert "Anja de Vries" in holders
        assert "ziek" not in holders + shown(here.last(CHANTAL))
        await here.type(CHANTAL, "overnemen")
        await settled(here)
        assert "heeft de zaak overgenomen die bij u was" in shown(here.last(BRAM))
        assert "die u voor een weger aanbood, is overgenomen" in shown(here.last(ANJA))
        for user, text in ((BRAM, "intrekken"), (BRAM, f"overdragen {number} terug"), (BRAM, "1")):
            assert number not in shown(await here.type(user, text)), text
    assert [one for one in await register(tmp_path) if one[0] == "relieve"] == [("relieve", "ok")]


@pytest.mark.parametrize("by", [CHANTAL, BRAM], ids=["declined", "taken back"])
async def test_the_decider_hears_that_it_was_not_taken_over(tmp_path: Path, by: str) -> None:
    async with room(tmp_path, free_port()) as here:
        number = await relieved(here, "Chantal")
        offer = here.last(CHANTAL)
        await here.type(by, "weigeren" if by == CHANTAL else "intrekken")
        await settled(here)
        assert "niet overgenomen. Zij is weer bij die weger." in shown(here.last(ANJA))
        assert number not in shown(here.last(ANJA))
        await here.press(CHANTAL, offer, "resume")
        assert "verlopen" in shown(here.last(CHANTAL))
        assert number in shown(await here.type(BRAM, "overzicht"))


async def test_what_was_offered_outlives_a_restart_and_its_old_cards_do_nothing_more(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        number = await begun(here, BRAM)
        await here.type(ANJA, "hallo")
        asked = await here.type(BRAM, "overdragen")
    async with room(tmp_path, free_port()) as here:
        await here.press(BRAM, asked, "finish", answer="", note="met verlof")
        again = here.last(BRAM)
        assert "Kies aan wie u de zaak aanbiedt." in shown(again)
        assert "met verlof" in shown(again)
    async with room(tmp_path, free_port()) as here:
        await here.type(ANJA, "hallo")
        await here.press(BRAM, again, "finish", answer=place_of("Anja", again), note="met verlof")
        await settled(here)
        offer = here.last(ANJA)
    async with room(tmp_path, free_port()) as here:
        await here.type(BRAM, "zaken")
        await here.press(ANJA, offer, "resume")
        await settled(here)
        assert "heeft de zaak overgenomen die bij u was" in shown(here.last(BRAM))
        for card in (asked, again):
            await here.press(BRAM, card, "finish", answer="1", note="nog eens")
            assert "verlopen" in shown(here.last(BRAM))
            await here.press(BRAM, card, "resume")
            assert number not in shown(here.last(BRAM))


async def test_a_case_that_is_opened_again_is_the_open_one_of_its_holders_chat_also_after_a_restart(
    tmp_path: Path,
) -> None:
    async with room(tmp_path, free_port()) as here:
        number = await begun(here, BRAM)
        await here.type(BRAM, "1")
        closed = await here.type(BRAM, "stop ja")
        await settled(here)
    async with room(tmp_path, free_port()) as here:
        await here.press(BRAM, closed, "reopen", note="toch niet klaar")
        assert "De zaak is weer open." in shown(here.last(BRAM))
        # Typed, without saying of which case.
        assert number in shown(await here.type(BRAM, "overzicht"))
        await here.press(BRAM, closed, "reopen", note="nog eens")
        assert "Deze kaart is al beantwoord of verlopen." in shown(here.last(BRAM))


async def test_a_decider_opens_anothers_case_and_its_holder_hears_so(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        await here.type(ANJA, "hallo")
        number = await begun(here, BRAM)
        await here.type(BRAM, "1")
        await here.type(BRAM, "stop ja")
        await settled(here)
        assert "Schrijf op waarom" in shown(await here.type(ANJA, f"heropen {number}"))
        assert "De zaak is weer open." in shown(await here.type(ANJA, f"heropen {number} De raad vraagt ernaar."))
        await settled(here)
        assert "Een beslisser heeft uw zaak heropend." in shown(here.last(BRAM))
        assert number not in shown(await here.type(ANJA, "zaken"))


async def test_a_case_with_a_card_is_handed_over_and_its_card_stays(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        await here.type(CHANTAL, "hallo")
        await post(here, ANJA, "C15")
        await settled(here)
        cards = len(here.channel_cards())
        listed = await here.type(ANJA, "overdragen")
        await here.press(ANJA, listed, "finish", answer=place_of("Chantal", listed), note="met verlof")
        await settled(here)
        await here.type(CHANTAL, "overnemen")
        await settled(here)
        assert len(here.channel_cards()) == cards
        assert "heeft de zaak overgenomen" in shown(here.last(ANJA))


async def test_a_card_of_one_chat_does_nothing_in_another_of_the_same_person(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        await begun(here, BRAM)
        asked = await here.type(BRAM, "overdragen")
        elsewhere = {"id": "chat-elsewhere", "conversationType": "personal", "tenantId": TENANT}
        for verb in ("finish", "relieve", "reopen", "answer"):
            data = {**data_of(asked, "finish"), "verb": verb, "answer": "1", "note": "met verlof"}
            value = {"action": {"type": "Action.Execute", "verb": verb, "data": data}}
            body = here.activity(BRAM, type="invoke", name="adaptiveCard/action", value=value, conversation=elsewhere)
            status, _ = await here.deliver(body)
            assert status == 200
        assert "Aangeboden aan" not in shown(await here.type(BRAM, "verder"))
