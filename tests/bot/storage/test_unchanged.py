"""Whether a case still stands as it was read or written last: seen from the stored bytes, without decrypting them."""

from pathlib import Path

import pytest

from bot.storage.unchanged import Stored, Unchanged
from tests.contracts.rows import Growing, answer, opened
from tests.stores import open_store

ROWS: list[Stored] = [(1, b"head 1", b"body 1"), (2, b"head 2", b"body 2")]


async def test_a_case_is_unchanged_since_it_was_read_and_written_and_not_at_another_event(tmp_path: Path):
    store = open_store(tmp_path / "weegwijzer.sqlite")
    case = Growing(id="c" * 32, number="IL-2026-0001")
    for event in (opened(), answer()):
        write = case.write(event)
        await store.commit(write)
        case.follow(write)
        # Once read, what is written behind it is known too.
        known = await store.is_unchanged(case.id, case.version, case.link)
        assert known is (case.version > 1)
        assert await store.load(case.id) == tuple(case.rows)
        assert await store.is_unchanged(case.id, case.version, case.link)
    assert not await store.is_unchanged(case.id, case.version + 1, case.link)
    assert not await store.is_unchanged(case.id, case.version - 1, case.rows[0].link)
    assert not await store.is_unchanged("d" * 32, case.version, case.link)
    await store.close()


@pytest.mark.parametrize(
    "changed",
    [
        [ROWS[0]],
        [ROWS[1], ROWS[0]],
        [*ROWS, (3, b"head 3", b"body 3")],
        [ROWS[0], (2, b"head 2", b"bodY 2")],
        [ROWS[0], (2, b"heaD 2", b"body 2")],
        [ROWS[0], (2, b"head 2body", b" 2")],
        [ROWS[0], (3, b"head 2", b"body 2")],
    ],
)
def test_rows_that_are_not_the_same_to_the_byte_are_others(changed: list[Stored]):
    known = Unchanged()
    known.read("case", "link 1", ROWS[:1])
    known.wrote("case", "link 1", "link 2", ROWS[1:])
    assert known.are_same("case", "link 2", ROWS)
    assert not known.are_same("case", "link 2", changed)


def test_what_was_not_written_behind_what_is_known_is_not_remembered():
    known = Unchanged()
    known.read("case", "link 1", ROWS[:1])
    known.wrote("case", "another link", "link 2", ROWS[1:])
    assert not known.are_same("case", "link 2", ROWS)
    assert known.are_same("case", "link 1", ROWS[:1])
