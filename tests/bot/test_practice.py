"""Practice mode: marked everywhere, never in the channel, in no list or number, and gone when it is thrown away."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.control.source import StoreSource
from bot.shelf import PUBLISHED
from tests.bot.playing import ANJA, answer_all, settled
from tests.bot.room import Room, room, shown
from tests.ports import free_port
from tests.stores import open_store

BAND = "OEFENING – niets hiervan telt, en niets komt in het kanaal"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Room]:
    async with room(tmp_path, free_port()) as opened:
        yield opened


def answers() -> dict[str, Any]:
    return yaml.safe_load((PUBLISHED / "2.0" / "scenarios" / "C15.yaml").read_text("utf-8"))["answers"]


async def practised(here: Room) -> None:
    """Play an exercise up to where its card would be posted."""
    await here.type(ANJA, "oefenen")
    await answer_all(here, ANJA, here.last(ANJA), answers())
    await here.type(ANJA, "onderwerp 1")
    await here.type(ANJA, "plaats")


async def test_every_card_of_an_exercise_says_so_and_nothing_reaches_the_channel(here: Room) -> None:
    await here.type(ANJA, "hallo")
    before = len(here.said(ANJA))
    await practised(here)
    await here.type(ANJA, "teksten")
    await here.type(ANJA, "overzicht")
    await here.type(ANJA, "waarom 4")
    await here.type(ANJA, "besluit")
    await settled(here)
    cards = here.said(ANJA)[before:]
    assert len(cards) > 20
    assert all(BAND in shown(card) for card in cards)
    assert all("IL-2026" not in shown(card) for card in cards)
    assert "Hier zou de kaart in het CMT-kanaal komen" in shown(cards)
    assert here.channel_cards() == []
    assert not [call for call in here.teams.calls if call.path == "/v3/conversations"]
    # Its help has the number of a case as an example.
    assert BAND in shown(await here.type(ANJA, "help"))


async def test_an_answered_card_of_an_exercise_says_so_too(here: Room) -> None:
    card = await here.type(ANJA, "oefenen")
    answer = await here.press(ANJA, card, "answer", answer="nee")
    assert BAND in shown(answer)


async def test_a_past_card_of_an_exercise_says_so_too_and_one_of_a_real_case_does_not(here: Room) -> None:
    real = await here.type(ANJA, "nieuw")
    await here.press(ANJA, real, "answer", answer="nee")
    card = await here.type(ANJA, "oefenen")
    await here.press(ANJA, card, "answer", answer="nee")
    for pressed, is_exercise in ((card, True), (real, False)):
        await here.press(ANJA, pressed, "answer", answer="nee")
        assert "Deze kaart is al beantwoord of verlopen." in shown(here.last(ANJA))
        assert (BAND in shown(here.last(ANJA))) == is_exercise


async def test_among_cases_that_count_the_line_of_an_exercise_says_so(here: Room) -> None:
    await here.type(ANJA, "nieuw")
    await here.type(ANJA, "oefenen")
    listed = await here.type(ANJA, "zaken")
    assert BAND not in shown(listed)
    assert shown(listed).count(" – oefening, vragen.") == 1
    assert shown(listed).count(" – vragen.") == 1


async def test_an_exercise_is_in_no_list_and_is_not_exported(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        await practised(here)
        number = "OEFEN-" + shown(here.last(ANJA)).partition("OEFEN-")[2][:9]
    store = open_store(tmp_path / "weegwijzer.sqlite")
    source = StoreSource(store)
    assert len(await store.entries()) == 1
    assert await source.entries() == ()
    assert list(await source.prints()) == ["register"]
    assert await source.rows(number, "export") is None
    assert (await store.entries())[0].id not in {entry.case for entry in await store.register()}
    await store.close()


async def test_an_exercise_that_is_thrown_away_leaves_nothing(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        await practised(here)
        asked = await here.type(ANJA, "weggooien")
        assert "Oefening weggooien?" in shown(asked)
        await here.press(ANJA, asked, "discard", answer="ja")
        assert "De oefening is weggegooid." in shown(here.last(ANJA))
        assert "geen open zaken" in shown(await here.type(ANJA, "zaken"))
        # Its old cards are past, and the next one is a real case.
        await here.press(ANJA, asked, "discard", answer="ja")
        assert BAND not in shown(await here.type(ANJA, "nieuw"))
    store = open_store(tmp_path / "weegwijzer.sqlite")
    (entry,) = await store.entries()
    assert entry.number.startswith("IL-")
    assert await store.check() == ()
    kept = {name for (name,) in store.keyring.db.execute("SELECT name FROM wrapped")}
    assert kept - {"signing", "store"} == {entry.id}
    await store.close()
    with sqlite3.connect(tmp_path / "weegwijzer.sqlite") as db:
        for table in ("event", "inbox", "handle", "outbox", "card", "keeping"):
            found = db.execute(f"SELECT count(*) FROM {table} WHERE case_id <> ?", (entry.id,)).fetchone()
            assert found == (0,), table


@pytest.mark.parametrize("typed", ["afronden", "stop", "weggooien"])
async def test_ending_an_exercise_asks_once_and_throws_it_away(here: Room, typed: str) -> None:
    await practised(here)
    assert "Oefening weggooien?" in shown(await here.type(ANJA, typed))
    # Yes is said to what was asked.
    assert "weggegooid" in shown(await here.type(ANJA, "ja"))


@pytest.mark.parametrize(("first", "then"), [("oefenen", "nieuw"), ("nieuw", "oefenen")])
async def test_an_exercise_and_a_case_that_counts_never_pass_for_each_other(here: Room, first: str, then: str) -> None:
    await here.type(ANJA, first)
    assert (BAND in shown(await here.type(ANJA, then))) == (then == "oefenen")
    # The same word again is a double click.
    assert "al aan een nieuwe zaak begonnen" in shown(await here.type(ANJA, then))
    assert (BAND in shown(here.last(ANJA))) == (then == "oefenen")


async def test_a_real_case_cannot_be_thrown_away(here: Room) -> None:
    await here.type(ANJA, "nieuw")
    assert "Alleen een oefening kan worden weggegooid." in shown(await here.type(ANJA, "weggooien"))
    assert "Alleen een oefening" in shown(await here.type(ANJA, "ja gooi weg"))


async def test_the_rows_of_a_real_case_stay(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        await here.type(ANJA, "nieuw")
    with sqlite3.connect(tmp_path / "weegwijzer.sqlite") as db, pytest.raises(sqlite3.IntegrityError):
        db.execute("DELETE FROM event")
