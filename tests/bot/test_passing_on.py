"""Handing over, taking over for an assessor who is ill, closing and opening again: real HTTP, real SQLite."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.playing import ANJA, BRAM, CHANTAL, DIRK, FATIMA, post, settled
from tests.bot.room import Room, room, shown
from tests.ports import free_port
from tests.stores import open_store


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Room]:
    async with room(tmp_path, free_port()) as opened:
        for user in (ANJA, BRAM, CHANTAL):
            await opened.type(user, "hallo")
        yield opened


def number_on(card: object) -> str:
    return "IL-" + shown(card).partition("IL-")[2][:9]


def position_of(name: str, card: object) -> str:
    """Give the value of the choice that names this person."""
    found = re.search(rf'"value": "(\d+)", "title": "\d+ · {name}', shown(card))
    assert found is not None
    return found[1]


async def test_a_case_is_handed_over_with_a_reason_and_the_giver_sees_no_more(here: Room) -> None:
    await here.type(BRAM, "nieuw")
    asked = await here.type(BRAM, "overdragen")
    assert "Waarom draagt u de zaak over?" in shown(asked)
    assert "Schrijf op waarom u de zaak overdraagt." in shown(await here.type(BRAM, "overdragen 1"))
    await here.type(BRAM, "overdragen 1 ik ga met verlof")
    await settled(here)
    offer = here.last(ANJA)
    assert "De weger draagt deze zaak over." in shown(offer)
    assert "verlof" not in shown(offer)
    await here.type(ANJA, "overnemen")
    await settled(here)
    assert "heeft de zaak overgenomen" in shown(here.last(BRAM))
    assert "mogelijk betrokken" in shown(here.last(ANJA))
    for text in ("overzicht", "advies", "1", "verder"):
        assert "IL-" not in shown(await here.type(BRAM, text)), text
    await here.press(BRAM, asked, "finish", answer="1", note="nog eens")
    assert "verlopen" in shown(here.last(BRAM))


async def test_a_decider_lets_someone_take_over_for_who_is_ill_and_the_holder_can_object(here: Room) -> None:
    await here.type(BRAM, "nieuw")
    number = number_on(await here.type(BRAM, "overzicht"))
    listed = await here.type(ANJA, f"overdragen {number}")
    assert "Chantal Bakker" in shown(listed), shown(listed)[100:600]
    await here.press(ANJA, listed, "relieve", answer="1", note=" ")
    assert "Schrijf op waarom u de zaak overdraagt." in shown(here.last(ANJA))
    await here.press(ANJA, here.last(ANJA), "relieve", answer=position_of("Chantal", listed), note="Bram is ziek.")
    await settled(here)
    assert "Een beslisser biedt uw zaak aan een ander aan" in shown(here.last(BRAM))
    assert "De weger kan niet verder met deze zaak." in shown(here.last(CHANTAL))
    await here.type(BRAM, "intrekken")
    assert "mogelijk betrokken" in shown(here.last(BRAM))


async def test_a_decider_gets_there_by_pressing_alone(here: Room) -> None:
    await here.type(BRAM, "nieuw")
    number = number_on(await here.type(BRAM, "overzicht"))
    assert '"relieve"' not in shown(await here.type(BRAM, "help"))
    helped = await here.type(ANJA, "help")
    await here.press(ANJA, helped, "relieve")
    asked = here.last(ANJA)
    assert "Zaaknummer" in shown(asked)
    await here.press(ANJA, asked, "relieve", answer="IL-2026-9999", note="Bram is ziek.")
    assert "Er is geen zaak met dat nummer" in shown(here.last(ANJA))
    await here.press(ANJA, here.last(ANJA), "relieve", answer=number.lower(), note="Bram is ziek.")
    listed = here.last(ANJA)
    assert "Bram is ziek." in shown(listed)
    await here.press(ANJA, listed, "relieve", answer=position_of("Chantal", listed), note="Bram is ziek.")
    await settled(here)
    assert "De weger kan niet verder met deze zaak." in shown(here.last(CHANTAL))
    # An old help card still leads there, also when it was shown in a case that is closed.
    await here.press(ANJA, helped, "relieve")
    assert "Zaaknummer" in shown(here.last(ANJA))


async def test_help_of_a_case_that_is_closed_still_leads_to_someone_elses(here: Room) -> None:
    await here.type(ANJA, "nieuw")
    helped = await here.type(ANJA, "help")
    await here.type(ANJA, "stop ja")
    await here.press(ANJA, helped, "relieve")
    assert "Zaaknummer" in shown(here.last(ANJA))


async def test_another_decider_ends_an_offer_that_nobody_answers(here: Room) -> None:
    await here.type(BRAM, "nieuw")
    number = number_on(await here.type(BRAM, "overzicht"))
    listed = await here.type(ANJA, f"overdragen {number}")
    await here.press(ANJA, listed, "relieve", answer=position_of("Chantal", listed), note="Bram is ziek.")
    assert "De zaak is aangeboden." in shown(here.last(ANJA))
    await here.type(DIRK, "zaak van een ander")
    await here.press(DIRK, here.last(DIRK), "relieve", answer=number)
    waits = here.last(DIRK)
    assert "is aangeboden" in shown(waits)
    assert not any(name in shown(waits) for name in ("Anja", "Chantal", "Bram"))
    await here.press(DIRK, waits, "back")
    assert "Het aanbod is ingetrokken." in shown(here.last(DIRK))
    await settled(here)
    assert "Een beslisser trok het aanbod van uw zaak in." in shown(here.last(BRAM))
    assert "is niet overgenomen" in shown(here.last(ANJA))
    assert "IL-" not in shown(await here.type(CHANTAL, "overnemen"))
    again = here.last(DIRK)
    await here.press(DIRK, again, "relieve", answer=position_of("Dirk", again), note="Bram is nog ziek.")
    await here.type(DIRK, "overnemen")
    assert "mogelijk betrokken" in shown(here.last(DIRK))
    # A second delivery of the old button ends nothing.
    await here.press(DIRK, waits, "back")
    assert "Deze kaart is al beantwoord of verlopen." in shown(here.last(DIRK))


async def test_who_has_no_such_offer_ends_none_of_their_own(here: Room) -> None:
    await here.type(ANJA, "nieuw")
    await here.type(ANJA, "overdragen 1 met verlof")
    await here.type(ANJA, "intrekken IL-2026-9999")
    assert "Er is geen zaak met dat nummer" in shown(here.last(ANJA))
    assert "Trek het aanbod in" in shown(await here.type(ANJA, "verder"))


async def test_an_old_button_on_someone_elses_case_is_past(here: Room) -> None:
    await here.type(BRAM, "nieuw")
    number = number_on(await here.type(BRAM, "overzicht"))
    listed = await here.type(ANJA, f"overdragen {number}")
    closed = await here.type(BRAM, "stop ja")
    await here.press(ANJA, listed, "relieve", answer=position_of("Chantal", listed), note="Bram is ziek.")
    assert "Deze kaart is al beantwoord of verlopen." in shown(here.last(ANJA))
    await here.press(BRAM, closed, "reopen", note="nieuwe feiten")
    await here.press(BRAM, closed, "reopen", note="nog eens")
    assert "Deze kaart is al beantwoord of verlopen." in shown(here.last(BRAM))


@pytest.mark.parametrize("typed", ["overdragen {}", "heropen {} omdat het moet"])
async def test_what_does_not_exist_is_answered_as_what_is_not_yours(here: Room, typed: str) -> None:
    await here.type(BRAM, "nieuw")
    number = number_on(await here.type(BRAM, "overzicht"))
    given = shown(await here.type(CHANTAL, typed.format(number)))
    missing = shown(await here.type(CHANTAL, typed.format("IL-2026-9999")))
    assert "Er is geen zaak met dat nummer" in given
    assert len(given) == len(missing)
    status, _ = await here.deliver(here.activity(FATIMA, text=typed.format(number)))
    assert status == 200
    assert "kunt Weegwijzer hier niet gebruiken" in shown(here.last(FATIMA))


async def test_closing_says_how_long_it_is_kept_and_it_opens_again_with_a_reason(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        await post(here, ANJA, "C15")
        await settled(here)
        closed = await here.type(ANJA, "afronden")
        assert "Het dossier wordt bewaard tot" in shown(closed)
        assert "nog geen besluit vastgelegd" in shown(closed)
        await settled(here)
        assert "Zaak afgesloten op" in shown(here.channel_cards()[-1])
        await here.press(ANJA, closed, "reopen", note=" ")
        assert "Schrijf op waarom de zaak weer open moet." in shown(here.last(ANJA))
        await here.press(ANJA, closed, "reopen", note="De raad vraagt ernaar.")
        assert "De zaak is weer open." in shown(here.last(ANJA))
        await settled(here)
        assert "Zaak afgesloten op" not in shown(here.channel_cards()[-1])
        assert "Besluit vastleggen" in shown(here.channel_cards()[-1])
        assert "is afgerond" in shown(await here.type(ANJA, "afronden"))
        await settled(here)
    store = open_store(tmp_path / "weegwijzer.sqlite")
    (kept,) = await store.keepings()
    assert kept.version == 3
    assert await store.check() == ()
    await store.close()
