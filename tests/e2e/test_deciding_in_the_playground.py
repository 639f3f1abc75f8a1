"""The card in the channel as the CMT works with it, in Microsoft's own client."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.cases import advised, asked, posted, typed
from tests.e2e.client import Client, bot, client, demo, playground
from tests.ports import free_port

pytestmark = pytest.mark.e2e


@pytest.fixture
async def anja(tmp_path: Path) -> AsyncIterator[Client]:
    with demo(tmp_path, free_port(), free_port()) as address:
        async with client(address) as opened:
            yield opened


async def choose(anja: Client, step: str, decided: str) -> None:
    """Choose from the list of one step of the form."""
    await anja.card.get_by_role("combobox", name=f"Besluit over {step}").click()
    await anja.page.get_by_role("option", name=decided).last.click()


async def test_decide_deviate_dissent_and_be_involved(anja: Client) -> None:
    await posted(anja)
    await anja.pictures("standing")
    await anja.press_in_place("Besluit vastleggen")
    await anja.says("Kies per stap.")
    await anja.pictures("decide")
    await choose(anja, "Raad informeren", "ja")
    await choose(anja, "Persreactie", "nee")
    await anja.press_in_place("Leg vast")
    await anja.says("wijkt u af")
    await anja.pictures("decide-reason")
    await anja.card.get_by_label("Reden (nodig)").first.fill("De krant heeft het al rechtgezet.")
    await anja.press_in_place("Leg vast")
    await anja.says("Besloten")
    await anja.says("Afwijkend van wat het kader aangeeft")
    await anja.pictures("decided")
    await anja.press_in_place("Ik ben het niet eens")
    await anja.says("Waarom bent u het niet eens?")
    await anja.fill("Ik had liever gewacht.")
    await anja.press_in_place("Leg vast")
    await anja.says("Zij komt niet op de kaart.")
    await anja.pictures("dissent")
    await anja.press_in_place("Ik ben betrokken")
    await anja.says("Bent u betrokken?")
    await anja.pictures("card-involved")
    await anja.press_in_place("Ja, ik ben betrokken")
    # The Playground cannot delete: the neutral card is what stays.
    await anja.says("Dit bericht is ingetrokken.")
    await expect(anja.cards).to_have_count(1)
    await anja.pictures("withdrawn")


async def test_new_facts_come_as_a_difference_and_on_the_same_card(anja: Client) -> None:
    await posted(anja)
    await anja.open_chat()
    await anja.type("wijzig 4")
    await anja.choose("Gerucht of vage aanwijzing")
    await anja.says("Wat is er veranderd?")
    await anja.says("Ja, vastgesteld → Gerucht of vage aanwijzing")
    await anja.pictures("difference")
    await anja.press("Bekijk de kanaalkaart")
    await anja.says("Gewijzigd sinds versie 1")
    await anja.pictures("preview-v2")
    await anja.press("Plaats in CMT-kanaal")
    await anja.says("De kaart staat in het CMT-kanaal")
    await anja.open_channel()
    await anja.says("Kaart v2")
    await anja.says("Gewijzigd sinds versie 1")
    await expect(anja.cards).to_have_count(1)
    await anja.pictures("channel-v2")


async def test_words_closing_and_opening_again(anja: Client) -> None:
    await posted(anja)
    await anja.open_chat()
    await anja.press("Teksten voor anderen")
    await anja.says("Mondeling en alleen desgevraagd")
    await anja.pictures("words")
    await anja.type("afronden")
    await anja.says("is afgerond")
    await anja.says("Het dossier wordt bewaard tot")
    await anja.pictures("closing")
    await anja.fill("De raad vraagt ernaar.")
    await anja.press("Heropen de zaak")
    await anja.says("De zaak is weer open.")


async def test_a_case_is_handed_over_with_a_reason(anja: Client) -> None:
    await anja.type("nieuw")
    await anja.type("overdragen")
    await anja.says("Waarom draagt u de zaak over?")
    await anja.pictures("hand-over-reason")
    await anja.type("overdragen 1")
    await anja.says("Schrijf op waarom u de zaak overdraagt.")
    await anja.type("overdragen 1 ik ga met verlof")
    await anja.says("is aangeboden")


async def test_an_exercise_is_marked_and_leaves_nothing_in_the_channel(anja: Client) -> None:
    await anja.press("Nederlands")
    await anja.press("Oefenen")
    await anja.says("OEFENING")
    await anja.pictures("practice")
    async for question in asked(anja, "nl"):
        await anja.type(typed(question).replace("skip", "overslaan"))
    await anja.says("OEFENING")
    await anja.type("onderwerp 1")
    await anja.type("plaats")
    await anja.says("Hier zou de kaart in het CMT-kanaal komen")
    await anja.pictures("practised")
    await anja.press("Gooi de oefening weg")
    await anja.press("Ja, gooi weg")
    await anja.says("De oefening is weggegooid.")
    await anja.open_channel()
    await expect(anja.cards).to_have_count(0)


async def test_a_reminder_comes_after_time_has_passed_and_stops_when_it_is_done(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    with ExitStack() as power, ExitStack() as client_side:
        power.enter_context(bot(tmp_path, port, "2026-11-20 10:00"))
        address = client_side.enter_context(playground(other, port))
        async with client(address) as anja:
            await advised(anja, persoonsgegevens="ja_hoog")
            before = await anja.cards.count()
            power.close()
            # Of the 72 hours since 8.15 on the 20th less than 24 are left.
            power.enter_context(bot(tmp_path, port, "2026-11-22 10:00"))
            await expect(anja.cards.nth(before)).to_be_visible(timeout=15_000)
            await anja.says("AVG-melding AP")
            await anja.pictures("reminder")
            await anja.press("Dit is gedaan")
            await anja.says("Vastgelegd: dit is gedaan. De herinneringen hierover stoppen.")
            await anja.says("AVG-melding AP: al gedaan.")
