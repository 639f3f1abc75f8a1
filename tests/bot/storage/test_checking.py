"""The whole check of a file: sound files pass, and a change anywhere is found."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from bot.cases import Cases, Frameworks
from bot.storage.checking import Finding
from bot.storage.keyfile import keys_path
from bot.storage.opening import DAMAGED_FILE
from bot.storage.sqlite import SqliteStore
from bot.store import Write
from state import commands as do
from state.case import Case
from state.compiled import CompiledFramework
from state.errors import TranscriptDamaged
from tests.casework import Casework
from tests.conftest import ANJA, NOW
from tests.contracts.rows import Growing, answer, chat, handle, key, later, noted, owed_card
from tests.stores import open_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = open_store(tmp_path / "weegwijzer.sqlite")
    for case in (Growing(), Growing(id="d" * 32, number="IL-2026-0002")):
        for number in range(4):
            inbox = key(f"{case.number} {number}") if number != 2 else None
            write = case.write(answer(str(number)), answer(), inbox=inbox) if number else case.open(inbox=inbox)
            await store.commit(write)
            case.follow(write)
    beside = Write(inbox=key("help"), handles=(handle(),), chat=chat(), owed=(owed_card(),))
    await store.commit(replace(beside, register=(noted(), noted("export"))))
    yield store
    await store.close()


async def test_finds_nothing_wrong_with_a_sound_file(store: SqliteStore):
    assert await store.check() == ()


@pytest.mark.parametrize(
    ("table", "change", "found"),
    [
        ("event", "UPDATE event SET body = x'00' WHERE seq = 3 AND case_id LIKE 'c%'", "the body of event 3 is not"),
        ("event", "UPDATE event SET head = x'00' WHERE seq = 2 AND case_id LIKE 'd%'", "a head is not JSON"),
        ("event", "UPDATE event SET seq = 8 WHERE seq = 7 AND case_id LIKE 'c%'", "the body of event 8 is not"),
        ("event", "DELETE FROM event WHERE seq = 7 AND case_id LIKE 'c%'", "event 7 is not there"),
        ("event", "DELETE FROM event WHERE seq = 1 AND case_id LIKE 'c%'", "event 7 is not there"),
        ("inbox", "DELETE FROM inbox WHERE case_id LIKE 'd%' AND first_seq = 2", "the inbox does not fit"),
        ("inbox", "UPDATE inbox SET key = 'x' WHERE case_id LIKE 'd%' AND first_seq = 2", "the inbox does not fit"),
        ("inbox", "UPDATE inbox SET last_seq = 4 WHERE first_seq = 2", "the inbox does not fit"),
        ("inbox", "UPDATE inbox SET key = 'x' WHERE case_id IS NULL", "inbox: a row is not as it was written"),
        ("register", "UPDATE register SET body = x'00' WHERE seq = 1", "register: the body of register entry 1"),
        ("register", "DELETE FROM register WHERE seq = 1", "register: register entry 1 does not follow"),
        ("register", "DELETE FROM register WHERE seq = 2", "register: register entry 2 is not there"),
        ("cases", "UPDATE cases SET version = 9 WHERE id LIKE 'c%'", "not as it was written"),
        ("cases", "UPDATE cases SET phase = 'x' WHERE id LIKE 'c%'", "not as it was written"),
        ("handle", "UPDATE handle SET case_id = 'x'", "handle: what was encrypted is not as it was written"),
        ("chat", "UPDATE chat SET person = x'00'", "chat: what was encrypted is not as it was written"),
        ("outbox", "UPDATE outbox SET kind = 'tell'", "outbox: what was encrypted is not as it was written"),
        ("outbox", "UPDATE outbox SET not_before = '2030'", "outbox: what was encrypted is not as it was written"),
    ],
)
async def test_finds_a_change_behind_its_back(store: SqliteStore, table: str, change: str, found: str):
    for trigger in ("changed", "erased"):
        store._db.execute(f"DROP TRIGGER IF EXISTS {table}_is_never_{trigger}")
    store._db.execute(change)
    problems = await store.check()
    assert problems
    assert any(found in str(problem) for problem in problems)


async def test_a_file_of_which_a_page_is_gone_is_found_gently_too(tmp_path: Path):
    path = tmp_path / "weegwijzer.sqlite"
    store, case = open_store(path), Growing()
    for number in range(40):
        write = case.write(answer(str(number)), answer()) if number else case.open()
        await store.commit(write)
        case.follow(write)
    await store.close()
    _take_root_of("event", path)

    again = open_store(path)
    for gently in (True, False):
        assert Finding(None, DAMAGED_FILE) in await again.check(gently=gently)
    await again.close()


async def test_a_page_of_the_keys_that_is_gone_is_found_too_and_the_cases_are_still_checked(tmp_path: Path):
    path = tmp_path / "weegwijzer.sqlite"
    store, case = open_store(path), Growing()
    await store.commit(case.open())
    store._db.execute("UPDATE cases SET link = 'another'")
    await store.close()
    _take_root_of("share", keys_path(path))

    again = open_store(path)
    for gently in (True, False):
        found = await again.check(gently=gently)
        assert Finding(None, DAMAGED_FILE) in found
        assert case.id in {finding.case for finding in found}
    await again.close()


def _take_root_of(table: str, path: Path) -> None:
    """Put zeroes in the place of a table's first page."""
    with closing(sqlite3.connect(path)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = bytes(size)
    path.write_bytes(content)


async def test_beside_turns_every_row_is_read_and_sqlite_is_not_asked_about_the_file(store: SqliteStore):
    said: list[str] = []
    store._db.set_trace_callback(said.append)
    store.keyring.db.set_trace_callback(said.append)
    assert await store.check(gently=True) == ()
    assert not [one for one in said if "integrity_check" in one]
    assert await store.check() == ()
    # Of the cases' file and of the keys'.
    assert [one for one in said if "integrity_check" in one] == ["PRAGMA integrity_check"] * 2


async def test_a_damaged_keeping_locks_no_other(store: SqliteStore, framework: CompiledFramework):
    for number in ("one", "two"):
        work = Casework(framework, ANJA, NOW, case=Case(sha256(number.encode()).hexdigest()[:32]))
        work.do(do.OpenCase(f"IL-2026-1{len(number)}{number == 'one':d}0", "nl"))
        work.do(do.StopCase())
        cases = Cases(store, Frameworks(framework))
        await store.commit(cases.to_write(cases.fresh(work.case.id), work.case, work.transcript, "tenant"))
    whole = await store.keepings()
    assert len(whole) == 2
    store._db.execute("UPDATE keeping SET sealed = x'00' WHERE case_id = ?", (whole[0].case,))
    assert await store.keepings() == whole[1:]
    assert any("keeping" in str(finding) for finding in await store.check())


async def test_damaged_owed_work_stops_no_other_and_is_named(store: SqliteStore):
    await store.commit(Write(owed=(owed_card(version=2),)))
    store._db.execute("UPDATE outbox SET sealed = x'00' WHERE id = 1")
    assert [owed.body["version"] for owed in await store.due(NOW)] == [2]
    await store.put_off(2, 1, later(5))
    assert await store.due(NOW) == ()
    assert await store.next_due() == later(5)
    assert any("outbox" in str(finding) for finding in await store.check())


async def test_a_damaged_end_of_the_register_stops_only_what_must_be_registered(store: SqliteStore):
    store._db.execute("UPDATE meta SET value = x'00' WHERE name = 'register'")
    await store.commit(Write(chat=chat("dirk")))
    with pytest.raises(TranscriptDamaged):
        await store.commit(Write(register=(noted(),)))


async def test_a_certificate_that_was_put_there_by_hand_costs_no_key(tmp_path: Path):
    store = open_store(tmp_path / "weegwijzer.sqlite")
    await store.commit(Growing().open())
    store._db.execute("INSERT INTO certificate VALUES (?, x'01', x'02')", ("c" * 32,))
    await store.close()
    again = open_store(tmp_path / "weegwijzer.sqlite")
    assert len(await again.load("c" * 32)) == 1
    assert any("certificate" in str(finding) for finding in await again.check())
    await again.close()
