"""A case that is sealed, damaged or closed to who asks is answered as one that never was: real HTTP, real SQLite."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cases import Cases, Loaded
from bot.errors import CaseSealed
from state.errors import TranscriptDamaged
from tests.bot.playing import ANJA, BRAM, CHANTAL
from tests.bot.room import Room, room, shown
from tests.ports import free_port
from tests.stores import open_store

MISSING = "IL-2026-9999"
_HANDLE = re.compile(r'"handle": "[^"]+"')


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Room]:
    async with room(tmp_path, free_port()) as opened:
        yield opened


async def begun(here: Room, user: str) -> str:
    """Begin a case, and give its number."""
    await here.type(user, "nieuw")
    found = re.search(r"IL-\d{4}-\d{4}", shown(await here.type(user, "overzicht")))
    assert found is not None
    return found[0]


async def answer(here: Room, user: str, text: str) -> str:
    """Give all bytes of the answer, but for the name of the handle, which is drawn at random."""
    await here.type(user, text)
    return _HANDLE.sub('"handle": ""', shown(here.said(user)[-1]))


def cannot_be_read(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def load(cases: Cases, case_id: str) -> Loaded:
        raise error

    monkeypatch.setattr(Cases, "load", load)


async def refusals(path: Path) -> list[str]:
    store = open_store(path / "weegwijzer.sqlite")
    noted = [entry.outcome for entry in await store.register() if entry.action == "refused"]
    await store.close()
    return noted


async def test_a_sealed_case_is_answered_as_one_that_never_was(here: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await begun(here, BRAM)
    await here.type(BRAM, "1")
    await here.type(BRAM, "stop ja")
    cannot_be_read(monkeypatch, CaseSealed())
    for user in (BRAM, ANJA, CHANTAL):
        sealed = await answer(here, user, f"heropen {number} De raad vraagt ernaar.")
        assert sealed == await answer(here, user, f"heropen {MISSING} De raad vraagt ernaar."), user
        assert "dossierhouders" in sealed


async def test_a_damaged_case_is_known_to_its_holder_alone(here: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await begun(here, BRAM)
    cannot_be_read(monkeypatch, TranscriptDamaged("a row is gone"))
    for user in (ANJA, CHANTAL):
        damaged = await answer(here, user, f"overdragen {number} Bram is ziek.")
        assert damaged == await answer(here, user, f"overdragen {MISSING} Bram is ziek."), user
    assert "op slot gezet" in await answer(here, BRAM, "overzicht")


async def test_what_is_closed_open_or_not_permitted_is_answered_so_too_and_kept_in_the_register(
    tmp_path: Path,
) -> None:
    async with room(tmp_path, free_port()) as here:
        number = await begun(here, BRAM)
        tries = [(ANJA, "heropen {} omdat"), (CHANTAL, "overdragen {} ziek"), (CHANTAL, "heropen {} omdat")]
        for user, text in tries:
            assert await answer(here, user, text.format(number)) == await answer(here, user, text.format(MISSING))
        await here.type(BRAM, "1")
        await here.type(BRAM, "stop ja")
        closed = await answer(here, ANJA, f"overdragen {number} ziek")
        assert closed == await answer(here, ANJA, f"overdragen {MISSING} ziek")
    assert (await refusals(tmp_path)).count("no_such_case") == 8
