"""What is kept of new events: bound to those before, and telling nothing by its hash."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.cases import Cases
from bot.shelf import open_frameworks
from state import commands as do
from state.case import Case
from state.codec import Row
from state.errors import TranscriptDamaged
from tests.casework import Casework
from tests.conftest import ANJA

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FRAMEWORKS = open_frameworks(None)


def opened() -> list[dict[str, str]]:
    """Give the heads of a case that was just opened."""
    work = Casework(FRAMEWORKS.current, ANJA, NOW, case=Case("0" * 32))
    work.do(do.OpenCase("IL-2026-0042", "nl"))
    cases = Cases(None, FRAMEWORKS)
    write = cases.to_write(cases.fresh(work.case.id), work.case, work.transcript, "tenant")
    return [json.loads(row.head) for row in write.rows]


def test_the_same_events_have_other_hashes_each_time():
    """Without a salt of its own, whoever has the heads could try out which answer was given."""
    one, other = opened(), opened()
    assert [head["kind"] for head in one] == [head["kind"] for head in other]
    assert {head["body"] for head in one}.isdisjoint(head["body"] for head in other)


class Shelf:
    """A store that gives rows, as they are now."""

    def __init__(self) -> None:
        self.rows: tuple[Row, ...] = ()
        self.sound: tuple[Row, ...] = ()

    def put(self, rows: tuple[Row, ...]) -> None:
        """Put rows behind those that are there, as they should be."""
        self.rows = self.sound = self.rows + rows

    async def load(self, case: str) -> tuple[Row, ...]:
        return self.rows

    async def is_unchanged(self, case: str, version: int, link: str) -> bool:
        return self.rows == self.sound and (len(self.rows), self.rows[-1].link) == (version, link)


def begun(cases: Cases, shelf: Shelf) -> Casework:
    """Open a case, and put its rows on the shelf."""
    work = Casework(FRAMEWORKS.current, ANJA, NOW, case=Case("0" * 32))
    work.do(do.OpenCase("IL-2026-0042", "nl"))
    shelf.put(cases.to_write(cases.fresh(work.case.id), work.case, work.transcript, "tenant").rows)
    return work


async def answer(cases: Cases, shelf: Shelf, work: Casework) -> None:
    """Answer the open question, as a turn does."""
    before, known = await cases.load(work.case.id), len(work.transcript)
    work.do(do.GiveAnswer(str(work.case.open_question), "nee"))
    shelf.put(cases.to_write(before, work.case, work.transcript[known:], "tenant").rows)


async def test_a_case_at_hand_is_the_one_that_its_rows_make():
    shelf = Shelf()
    cases = Cases(shelf, FRAMEWORKS)
    work = begun(cases, shelf)
    for _ in range(2):
        await answer(cases, shelf, work)
        assert await cases.load(work.case.id) is await cases.load(work.case.id)
        assert await cases.load(work.case.id) == await Cases(shelf, FRAMEWORKS).load(work.case.id)


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("part", ["head", "body"])
async def test_a_changed_row_of_a_case_at_hand_is_found_at_its_next_turn(number: int, part: str):
    shelf = Shelf()
    cases = Cases(shelf, FRAMEWORKS)
    work = begun(cases, shelf)
    await answer(cases, shelf, work)
    sound = await cases.load(work.case.id)
    rows = shelf.rows
    changed = replace(rows[number], **{part: getattr(rows[number], part).replace(b"a", b"e", 1)})
    shelf.rows = (*rows[:number], changed, *rows[number + 1 :])
    with pytest.raises(TranscriptDamaged):
        await cases.load(work.case.id)
    shelf.rows = rows
    assert await cases.load(work.case.id) == sound


async def test_what_was_not_stored_after_all_is_not_at_hand():
    shelf = Shelf()
    cases = Cases(shelf, FRAMEWORKS)
    work = begun(cases, shelf)
    stored = shelf.rows
    await answer(cases, shelf, work)
    shelf.rows = shelf.sound = stored
    assert (await cases.load(work.case.id)).case.answers == {}


async def test_what_another_process_stored_is_read():
    shelf = Shelf()
    cases, other = Cases(shelf, FRAMEWORKS), Cases(shelf, FRAMEWORKS)
    work = begun(cases, shelf)
    await cases.load(work.case.id)
    await answer(other, shelf, work)
    assert (await cases.load(work.case.id)).case == work.case
