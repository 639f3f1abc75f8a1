"""The register on its chain: heads without content, and no entry changed unnoticed."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.storage.register import REGISTER, read_register, to_register_row
from bot.store import RegisterEntry
from state.codec import FIRST, Row, canonical, read_head
from state.errors import TranscriptDamaged

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ENTRIES = (
    RegisterEntry(NOW, "anja", "talk", "no_access"),
    RegisterEntry(NOW, "account:root", "export", "ok", "c" * 32),
    RegisterEntry(NOW, "account:root", "list", "ok"),
)


def rows_of(entries: tuple[RegisterEntry, ...] = ENTRIES) -> list[Row]:
    rows, prev = [], FIRST
    for seq, entry in enumerate(entries, 1):
        rows.append(to_register_row(entry, seq, prev, bytes([seq]) * 32))
        prev = rows[-1].link
    return rows


def test_gives_the_entries_back():
    assert read_register(rows_of()) == ENTRIES
    assert read_register([]) == ()


def test_a_head_does_not_say_who_did_what_to_which_case():
    for row in rows_of():
        head = read_head(row.head)
        assert (head["case"], head["kind"]) == (REGISTER, "register.entry")
        for content in (b"anja", b"root", b"export", b"cccc"):
            assert content not in row.head


@pytest.mark.parametrize("place", range(3))
def test_names_an_entry_that_was_changed(place: int):
    rows = rows_of()
    rows[place] = replace(rows[place], body=rows[place].body.replace(b'"ok"', b'"no"') + b" ")
    with pytest.raises(TranscriptDamaged, match=f"body of register entry {place + 1} is not"):
        read_register(rows)


@pytest.mark.parametrize("place", range(2))
def test_names_the_place_where_an_entry_was_left_out(place: int):
    rows = rows_of()
    with pytest.raises(TranscriptDamaged, match=f"register entry {place + 1} does not follow"):
        read_register(rows[:place] + rows[place + 1 :])


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff"])
def test_names_an_entry_that_says_nothing(body: bytes):
    row = rows_of()[0]
    head = canonical({**read_head(row.head), "body": sha256(body).hexdigest()})
    with pytest.raises(TranscriptDamaged, match="register entry 1 cannot be read"):
        read_register([Row(1, head, body)])


@given(st.data())
def test_no_changed_bit_before_the_last_head_goes_unnoticed(data: st.DataObject):
    rows = rows_of()
    place = data.draw(st.integers(0, 1))
    part = data.draw(st.sampled_from(["head", "body"]))
    content = bytearray(getattr(rows[place], part))
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    rows[place] = replace(rows[place], **{part: bytes(content)})
    with pytest.raises(TranscriptDamaged):
        read_register(rows)
