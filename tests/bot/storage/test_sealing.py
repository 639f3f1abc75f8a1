"""What the size of an encrypted row tells: not which answer was given."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import example, given
from hypothesis import strategies as st

from bot.storage.sealing import decrypt, encrypt
from bot.store import Write
from state.codec import FIRST, to_row
from state.events import AnswerGiven, Recorded
from tests.bot.desk import ANJA, FRAMEWORKS, NOW
from tests.contracts.rows import Growing, chat, handle, noted
from tests.stores import open_store


def answers() -> list[AnswerGiven]:
    """Give every answer that can be pressed."""
    questions = FRAMEWORKS.current.framework.questions
    return [AnswerGiven(one.id, option.id, option.label.nl) for one in questions for option in one.options]


async def test_no_answer_is_told_by_the_size_of_its_row(tmp_path: Path):
    store, case = open_store(tmp_path / "weegwijzer.sqlite"), Growing()
    await store.commit(write := case.open())
    case.follow(write)
    write = case.write(*answers())
    await store.commit(write)
    plain = {len(to_row(case.id, Recorded(1, NOW, ANJA, one), FIRST, bytes(32)).body) for one in answers()}
    sizes = store._db.execute("SELECT DISTINCT length(body) FROM event WHERE seq > 1").fetchall()
    assert (len(plain) > 20, len(sizes)) == (True, 1)
    assert (await store.load(case.id))[1:] == write.rows
    await store.close()


async def test_nor_by_what_stands_beside_it(tmp_path: Path):
    store = open_store(tmp_path / "weegwijzer.sqlite")
    await store.commit(Growing().open())
    for number, context in enumerate(("question:schade", "question:eigen_betrokkenheid", "advice")):
        card = handle(f"handle {number}", context=context)
        person = chat(f"person {number}", shown=context)
        await store.commit(Write(handles=(card,), chat=person, register=(noted("read" * (number + 1)),)))
    for table, column in (("handle", "sealed"), ("chat", "sealed"), ("register", "body")):
        assert len(store._db.execute(f"SELECT DISTINCT length({column}) FROM {table}").fetchall()) == 1
    await store.close()


@given(st.lists(st.none() | st.integers(-(2**53), 2**53) | st.text() | st.binary()))
@example(["cases", "caf\xe9", "\x7f", None, b"\x00"])
def test_what_was_sealed_under_earlier_versions_is_still_in_its_place(place: list[str | int | bytes | None]):
    cipher, nonce = AESGCM(bytes(32)), bytes(12)
    bound = json.dumps(place, separators=(",", ":"), default=bytes.hex).encode()
    assert decrypt(cipher, place, nonce + cipher.encrypt(nonce, b"x", bound)) == b"x"


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 5_000])
def test_gives_back_exactly_what_was_encrypted(size: int):
    plain = b"x" * size
    cipher = AESGCM(bytes(32))
    sealed = encrypt(cipher, ("event", "case", 1), plain)
    assert decrypt(cipher, ("event", "case", 1), sealed) == plain
    assert len(sealed) % 512 == 12 + 16
