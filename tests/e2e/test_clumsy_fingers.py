"""Clumsy fingers and a power cut, in Microsoft's own client."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.client import Client, bot, client, playground
from tests.ports import free_port

pytestmark = pytest.mark.e2e

FIRST, SECOND = "Bent u zelf, of is iemand", "direct gevaar voor personen"


@pytest.fixture
async def anja(tmp_path: Path) -> AsyncIterator[Client]:
    port = free_port()
    with bot(tmp_path, port), playground(free_port(), port) as address:
        async with client(address) as opened:
            yield opened


async def test_a_double_click_is_one_answer_and_a_friendly_word(anja: Client) -> None:
    await anja.type("nieuw")
    await anja.double_click("Nee")
    await anja.says("Deze kaart is al beantwoord")
    await anja.press("Waar was ik?")
    await anja.says(SECOND)
    await anja.press("Overzicht")
    await anja.says("✓ 1 beantwoord")
    await anja.pictures("overview")


async def test_going_round_and_coming_back(anja: Client) -> None:
    await anja.type("nieuw")
    await anja.choose("Nee")
    await anja.press("Terug")
    await anja.says("(uw huidige antwoord)")
    await anja.press("Laat staan")
    await anja.says(SECOND)
    await anja.press("Waarom deze vraag?")
    await anja.says("Grondslag")
    await anja.pictures("why")
    await anja.press("Terug naar de vraag")
    await anja.press("Pauze")
    await anja.says("staat op pauze")
    await anja.type("zaken")
    await anja.pictures("cases")
    await anja.type("verder")
    await anja.says(SECOND)
    await anja.type("iets anders")
    await anja.says("Dat herken ik niet als antwoord")
    await anja.type("wijzig 1")
    await anja.says(FIRST)


async def test_half_an_answer_is_not_sent(anja: Client) -> None:
    await anja.type("nieuw")
    await anja.choose("Nee")
    await anja.choose("Nee")
    before = await anja.cards.count()
    await anja.card.get_by_role("button", name="Antwoord", exact=True).click()
    await anja.says("Kies of typ eerst een antwoord")
    await expect(anja.cards).to_have_count(before)
    await anja.fill("ooit")
    await anja.press("Antwoord")
    await anja.pictures("moment")
    await anja.fill("gisteren 14:30")
    await anja.press("Antwoord")
    await expect(anja.cards.nth(-2)).to_contain_text("14:30")


async def test_an_involved_assessor_offers_the_case_to_another(anja: Client) -> None:
    await anja.type("nieuw")
    await anja.choose("Ja, ikzelf")
    await anja.says("U bent mogelijk zelf betrokken")
    await anja.pictures("involved")
    await anja.press("Draag over")
    await anja.pictures("hand-over")
    await anja.choose("Dirk Smit, wethouder")
    await anja.says("Aangeboden aan: Dirk Smit")
    await anja.press("Trek het aanbod in")
    await anja.says("U bent mogelijk zelf betrokken")


async def test_after_a_power_cut_the_old_card_still_works(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    with ExitStack() as power, ExitStack() as client_side:
        power.enter_context(bot(tmp_path, port))
        address = client_side.enter_context(playground(other, port))
        async with client(address) as anja:
            await anja.type("nieuw")
            await anja.choose("Nee")
            await anja.says(SECOND)
            power.close()
            power.enter_context(bot(tmp_path, port))
            await anja.choose("Nee")
            await anja.says("voor het eerst")
            await anja.press("Overzicht")
            await anja.says("✓ 2 beantwoord")
