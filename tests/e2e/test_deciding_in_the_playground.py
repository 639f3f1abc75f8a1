"""The card in the channel as the CMT works with it, in Microsoft's own client."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.cases import posted
from tests.e2e.client import Client, client, demo
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
    await anja.pictures("involved")
    await anja.press_in_place("Ja, ik ben betrokken")
    # The Playground cannot delete: the neutral card is what stays.
    await anja.says("Dit bericht is ingetrokken.")
    await expect(anja.cards).to_have_count(1)
    await anja.pictures("withdrawn")
