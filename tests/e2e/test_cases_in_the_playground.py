"""Whole cases in Microsoft's own client: the bot's cards drawn, pressed and answered there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from state.framework import Question
from tests.casework import NEWSPAPER
from tests.e2e.cases import asked, typed
from tests.e2e.client import Client, client, demo
from tests.ports import free_port

pytestmark = pytest.mark.e2e


@pytest.fixture
async def anja(tmp_path: Path) -> AsyncIterator[Client]:
    with demo(tmp_path, free_port(), free_port()) as address:
        async with client(address) as opened:
            yield opened


async def test_a_whole_case_by_clicking_in_dutch(anja: Client) -> None:
    await anja.press("Nederlands")
    await anja.press("Nieuwe zaak")
    await anja.pictures("question")
    async for question in asked(anja, "nl"):
        await _click_an_answer(anja, question)
    await anja.says("Advies bij zaak")
    await anja.pictures("advice")
    await anja.press("Kaart voor het CMT-kanaal")
    await anja.choose("bestuurlijk stuk")
    await anja.says("Er is nog niets geplaatst.")
    await anja.pictures("preview")
    await anja.press("Plaats in CMT-kanaal")
    await anja.says("De kaart staat in het CMT-kanaal")
    await anja.open_channel()
    await anja.says("VERTROUWELIJK - uitsluitend CMT - niet doorsturen")
    await anja.says("bestuurlijk stuk")
    await expect(anja.cards).to_have_count(1)
    await anja.pictures("channel")


async def test_deviating_needs_a_reason_and_a_remark_is_kept(anja: Client) -> None:
    await anja.type("nieuw")
    await anja.open_remark()
    await anja.fill("Nog nagaan bij de griffier.")
    await anja.choose("Nee")
    await anja.press("Overzicht")
    await anja.says("(met opmerking)")
    await anja.press("Ga verder")
    async for question in asked(anja, "nl"):
        await anja.type(typed(question).replace("skip", "overslaan"))
    await anja.press("Afwijken")
    await anja.pictures("deviate-step")
    await anja.select("15 · ▽ Aangifte doen")
    await anja.press("Verder")
    await anja.pictures("deviate-grade")
    await anja.card.get_by_text("Ligt voor de hand").last.click()
    await anja.press("Leg vast")
    await anja.says("Schrijf op waarom u anders weegt.")
    await anja.fill("De raad vraagt erom.")
    await anja.press("Leg vast")
    await anja.says("Afgeweken, gekozen: ▲ Ligt voor de hand.")
    await anja.pictures("deviated")
    await anja.press("Rond af")
    await anja.says("is afgerond")


async def test_a_whole_case_by_typing_in_english(anja: Client) -> None:
    await anja.type("new")
    async for question in asked(anja, "en"):
        await anja.type(typed(question))
    await anja.says("Advice on case")
    await anja.pictures("advice-en")
    await anja.type("subject 1")
    await anja.says("Nothing has been posted yet.")
    await anja.type("post")
    await anja.says("The card is in the CMT channel")
    await anja.open_channel()
    await anja.says("VERTROUWELIJK - uitsluitend CMT - niet doorsturen")


async def _click_an_answer(anja: Client, question: Question) -> None:
    given = NEWSPAPER.get(question.id)
    names = {option.id: option.label.nl for option in question.options}
    if given is None:
        await anja.press("Overslaan")
    elif question.type == "single":
        await anja.choose(names[str(given)])
    elif question.type == "multi":
        await anja.tick([names[one] for one in given])
        await anja.press("Antwoord")
    else:
        await anja.fill("20-11 8.15" if question.type == "datetime" else str(given))
        await anja.press("Antwoord")
