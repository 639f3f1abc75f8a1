"""What every store promises (`bot.ports.Store`), whatever it is made of."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from bot.errors import NumberTaken, StoreUnavailable, TranscriptConflict
from bot.storage.paging import pages
from bot.storage.records import Records
from bot.storage.sql import Cursor, Db, Values
from bot.storage.tables import TableStore
from bot.store import WATCH, Owed, Store, Write
from state.codec import Row, read_rows
from state.errors import TranscriptDamaged
from state.lifecycle import CLOSED, PHASES
from tests.contracts.rows import NOW, Growing, answer, chat, handle, key, later, noted, owed_card
from tests.stores import open_postgres, open_store


@dataclass
class Place:
    """Where a store keeps its things, so that a test can close it and open it again."""

    open: Callable[[], Store]


def _sqlite(request: pytest.FixtureRequest, folder: Path) -> Place:
    return Place(lambda: open_store(folder / "weegwijzer.sqlite"))


def _postgres(request: pytest.FixtureRequest, folder: Path) -> Place:
    url = request.getfixturevalue("postgres").new_database()
    return Place(lambda: open_postgres(url, folder / "data.key"))


@pytest.fixture(params=[pytest.param(_sqlite, id="sqlite"), pytest.param(_postgres, id="postgres")])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return request.param(request, tmp_path)


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    store = place.open()
    yield store
    await store.close()


async def _grow(store: Store, case: Growing, *writes: Write) -> None:
    for write in writes:
        await store.commit(write)
        case.follow(write)


# --- events ----------------------------------------------------------------------------


async def test_gives_the_rows_back_in_order_and_unchanged(store: Store):
    case = Growing()
    await _grow(store, case, case.open())
    for number in range(1, 8):
        await _grow(store, case, case.write(answer(f"antwoord {number}"), answer("nog een")))
    rows = await store.load(case.id)
    assert rows == tuple(case.rows)
    assert [recorded.seq for recorded in read_rows(case.id, rows)] == list(range(1, 16))


async def test_has_no_rows_of_a_case_that_does_not_exist(store: Store):
    assert await store.load("x" * 32) == ()
    assert await store.entry("x" * 32) is None
    assert await store.entries() == ()


async def test_refuses_an_append_at_an_old_version(store: Store):
    case = Growing()
    await _grow(store, case, case.open())
    mine, theirs = case.write(answer("van mij")), case.write(answer("van een ander"))
    await store.commit(mine)
    with pytest.raises(TranscriptConflict):
        await store.commit(theirs)
    assert (await store.load(case.id))[-1] == mine.rows[-1]


async def test_refuses_an_append_at_a_version_that_is_still_to_come(store: Store):
    case = Growing()
    await _grow(store, case, case.open())
    with pytest.raises(TranscriptConflict):
        await store.commit(replace(case.write(answer()), expected_version=5))


async def test_opens_a_case_once(store: Store):
    first, second = Growing(), Growing()
    await store.commit(first.open())
    with pytest.raises(TranscriptConflict):
        await store.commit(second.open())


async def test_keeps_nothing_of_a_write_that_conflicts(store: Store):
    case = Growing()
    await _grow(store, case, case.open())
    stale = replace(
        case.write(answer(), inbox=key("two")),
        expected_version=0,
        handles=(handle(),),
        chat=chat(),
        owed=(owed_card(),),
        register=(noted(),),
    )
    with pytest.raises(TranscriptConflict):
        await store.commit(stale)
    seat = await store.seat("anja", "chat-anja", key("two"), "handle")
    assert (seat.seen, seat.handle, seat.chat) == (False, None, None)
    assert await store.due(later(60)) == ()
    assert (await store.entry(case.id)).version == 1


async def test_refuses_rows_that_do_not_continue_the_chain(store: Store):
    case = Growing()
    await _grow(store, case, case.open())
    case.link = "a" * 64
    with pytest.raises(TranscriptDamaged):
        await store.commit(case.write(answer()))
    assert len(await store.load(case.id)) == 1


async def test_refuses_a_row_that_is_not_in_its_place(store: Store):
    case = Growing()
    await _grow(store, case, case.open())
    write = case.write(answer())
    moved = Row(7, write.rows[0].head, write.rows[0].body)
    with pytest.raises(TranscriptDamaged):
        await store.commit(replace(write, rows=(moved,)))


async def test_takes_one_of_twenty_parallel_turns_and_refuses_the_others(store: Store):
    case = Growing()
    await _grow(store, case, case.open())
    writes = [case.write(answer(f"beurt {number}")) for number in range(20)]
    outcomes = await asyncio.gather(*(store.commit(write) for write in writes), return_exceptions=True)
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, TranscriptConflict) for outcome in outcomes) == 19
    assert len(read_rows(case.id, await store.load(case.id))) == 2


async def test_one_conflict_leaves_the_turns_that_came_with_it_alone(store: Store):
    cases = [Growing(id=f"{number:032x}", number=f"IL-2026-{number:04d}") for number in range(8)]
    writes = [case.open(inbox=key(case.number)) for case in cases]
    writes[3] = replace(writes[3], expected_version=9)
    outcomes = await asyncio.gather(*(store.commit(write) for write in writes), return_exceptions=True)
    assert [isinstance(outcome, TranscriptConflict) for outcome in outcomes] == [number == 3 for number in range(8)]
    assert {entry.number for entry in await store.entries()} == {case.number for case in cases if case is not cases[3]}


async def test_keeps_a_turn_whose_person_did_not_wait(store: Store):
    case = Growing()
    task = asyncio.create_task(store.commit(case.open()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        while not await store.load(case.id):  # noqa: ASYNC110 - another thread has no event to wait for
            await asyncio.sleep(0.01)
    assert len(await store.load(case.id)) == 1


async def test_keeps_big_bodies_and_every_script(store: Store):
    case = Growing()
    texts = ["ë é ñ 漢字 🦊 \u202e \u0000 \u2028 'quote\" ; DROP TABLE event; --", "x" * 1_000_000]
    await _grow(store, case, case.open())
    await _grow(store, case, case.write(*[answer(text, text[:10]) for text in texts]))
    transcript = read_rows(case.id, await store.load(case.id))
    assert [recorded.event.note for recorded in transcript[1:]] == texts


# --- entries ---------------------------------------------------------------------------


async def test_finds_a_case_by_its_number_and_by_its_id(store: Store):
    case = Growing()
    await _grow(store, case, case.open())
    assert await store.entry(case.number) == await store.entry(case.id) == case.entry(1)


async def test_refuses_a_number_that_is_in_use(store: Store):
    await store.commit(Growing().open())
    with pytest.raises(NumberTaken):
        await store.commit(Growing(id="d" * 32).open(inbox=key("one")))
    assert await store.load("d" * 32) == ()
    assert not (await store.seat("anja", "chat-anja", key("one"), None)).seen


async def test_refuses_a_number_that_is_taken_in_the_same_tick(store: Store):
    writes = [Growing(id=letter * 32).open() for letter in "abc"]
    outcomes = await asyncio.gather(*(store.commit(write) for write in writes), return_exceptions=True)
    assert Counter(map(type, outcomes)) == {type(None): 1, NumberTaken: 2}


async def test_lists_the_cases_that_a_person_holds_or_is_offered_oldest_first(store: Store):
    held, offered = Growing(), Growing(id="d" * 32, number="IL-2026-0002", holder="boris")
    other = Growing(id="e" * 32, number="IL-2026-0003", holder="boris")
    await store.commit(replace(held.open(), entry=held.entry(1, opened_at=later(2))))
    await store.commit(replace(offered.open(), entry=offered.entry(1, opened_at=later(1), offered_to="anja")))
    await store.commit(other.open())
    assert [entry.number for entry in await store.entries("anja")] == ["IL-2026-0002", "IL-2026-0001"]
    assert [entry.id for entry in await store.entries()] == [other.id, offered.id, held.id]
    assert await store.entries("niemand") == ()


async def test_lists_no_closed_case_of_a_person(store: Store):
    for number, phase in enumerate(PHASES[1:]):
        case = Growing(id=f"{number:032x}", number=f"IL-2026-{number:04d}")
        await store.commit(replace(case.open(), entry=case.entry(1, phase=phase)))
    assert {entry.phase for entry in await store.entries("anja")} == set(PHASES[1:]) - CLOSED
    assert {entry.phase for entry in await store.entries()} == set(PHASES[1:])


async def test_an_entry_follows_its_case(store: Store):
    case = Growing()
    await _grow(store, case, case.open())
    write = case.write(answer())
    moved = case.entry(2, phase="offered", holder="boris", offered_to="anja")
    await store.commit(replace(write, entry=moved))
    assert await store.entry(case.id) == moved


# --- turns that were seen, handles, chats ----------------------------------------------


async def test_knows_an_activity_that_was_seen_before(store: Store):
    assert not (await store.seat("anja", "chat-anja", key("one"), None)).seen
    await store.commit(Write(inbox=key("one")))
    assert (await store.seat("anja", "chat-anja", key("one"), None)).seen
    assert not (await store.seat("anja", "chat-anja", key("two"), None)).seen


async def test_refuses_the_same_activity_twice(store: Store):
    case = Growing()
    await _grow(store, case, case.open(inbox=key("one")))
    with pytest.raises(TranscriptConflict):
        await store.commit(case.write(answer(), inbox=key("one")))
    assert len(await store.load(case.id)) == 1


async def test_knows_what_a_handle_stands_for(store: Store):
    await store.commit(Write(handles=(handle(), handle("tweede", context="advice", case=None))))
    assert (await store.seat("anja", "chat-anja", key("x"), "handle")).handle == handle()
    assert (await store.seat("anja", "chat-anja", key("x"), "tweede")).handle.context == "advice"


@pytest.mark.parametrize(
    ("person", "conversation", "forged"),
    [
        ("boris", "chat-anja", "handle"),
        ("anja", "chat-boris", "handle"),
        ("anja", "chat-anja", "Handle"),
        ("anja", "chat-anja", ""),
        ("anja", "chat-anja", "\ud800"),
        ("", "", "handle"),
    ],
)
async def test_a_handle_of_someone_else_or_elsewhere_is_unknown(store: Store, person, conversation, forged):
    await store.commit(Write(handles=(handle(),)))
    assert (await store.seat(person, conversation, key("x"), forged)).handle is None


async def test_rows_are_looked_up_a_page_at_a_time(store: TableStore):
    """Where a page did not begin with the last row of the one before, rows would be counted off: ever more of them."""
    case = Growing()
    await _grow(store, case, case.open(handles=tuple(handle(str(number), case=case.id) for number in range(9))))
    await store.commit(Write(owed=tuple(Owed("redraw", case.id, {}) for _ in range(9))))
    for select, key_ in (("SELECT digest, sealed FROM handle", "digest"), ("SELECT id, sealed FROM outbox", "id")):
        said = await store._read(partial(_walked, select, key_))
        assert len(said) == 9 // 2 + 2
        assert not [one for one in said if "OFFSET" in one]


class _Heard:
    def __init__(self, db: Db) -> None:
        self.db = db
        self.said: list[str] = []

    def execute(self, sql: str, values: Values = ()) -> Cursor:
        self.said.append(sql)
        return self.db.execute(sql, values)


def _walked(select: str, key: str, records: Records) -> list[str]:
    heard = _Heard(records.db)
    assert sum(map(len, pages(heard, select, key, 2))) == 9
    return heard.said


async def test_a_handle_stays_used(store: Store):
    await store.commit(Write(handles=(handle(), handle("ander"))))
    await store.commit(Write(used_handle="handle"))
    await store.commit(Write(used_handle="handle"))
    assert (await store.seat("anja", "chat-anja", key("x"), "handle")).handle.used
    assert not (await store.seat("anja", "chat-anja", key("x"), "ander")).handle.used


async def test_keeps_one_chat_for_each_person(store: Store):
    await store.commit(Write(chat=chat()))
    await store.commit(Write(chat=chat("boris")))
    changed = chat(active_case="c" * 32, language="en")
    await store.commit(Write(chat=changed))
    assert await store.chat_of("anja") == changed
    assert (await store.seat("anja", "chat-anja", key("x"), None)).chat == changed
    assert await store.chat_of("boris") == chat("boris")
    assert await store.chat_of("niemand") is None


# --- owed work -------------------------------------------------------------------------


async def test_owes_work_in_order_until_it_is_done(store: Store):
    case = Growing()
    await store.commit(case.open(owed=(owed_card(), owed_card(version=2))))
    first, second = await store.due(NOW)
    assert (first.kind, first.case, first.body) == ("card", case.id, {"version": 1})
    assert second.body == {"version": 2}
    await store.commit(Write(owed_done=first.id))
    assert [owed.id for owed in await store.due(NOW)] == [second.id]


async def test_refuses_to_end_owed_work_twice(store: Store):
    case = Growing()
    await _grow(store, case, case.open(owed=(owed_card(),)))
    (owed,) = await store.due(NOW)
    await store.commit(Write(owed_done=owed.id))
    with pytest.raises(TranscriptConflict):
        await store.commit(case.write(answer(), owed_done=owed.id))
    assert len(await store.load(case.id)) == 1


async def test_owed_work_waits_until_its_time(store: Store):
    await store.commit(Growing().open(owed=(owed_card(),)))
    (owed,) = await store.due(NOW)
    await store.put_off(owed.id, 3, later(10))
    assert await store.due(later(9)) == ()
    (again,) = await store.due(later(10))
    assert (again.attempts, again.not_before) == (3, later(10))


async def test_progress_stays_when_work_is_put_off(store: Store):
    await store.commit(Growing().open(owed=(owed_card(),)))
    (owed,) = await store.due(NOW)
    await store.keep_progress(replace(owed, progress={"posted": {"activity": "1:é"}}))
    await store.put_off(owed.id, 1, later(1))
    assert (await store.due(later(1)))[0].progress == {"posted": {"activity": "1:é"}}


async def test_knows_where_a_card_stands_after_the_work_is_done(store: Store):
    case = Growing()
    await store.commit(case.open(owed=(owed_card(),)))
    (owed,) = await store.due(NOW)
    assert await store.card_place(case.id) is None
    for tried in (1, 2):
        await store.keep_progress(replace(owed, progress={"posted": {"activity": "1"}, "tried": tried}))
    await store.commit(Write(owed_done=owed.id))
    assert await store.card_place(case.id) == {"activity": "1"}
    assert await store.card_place("d" * 32) is None


async def test_of_two_who_place_a_card_the_second_hears_that_it_stands_already(store: Store):
    """A failover takes locks away: what counts is what the store says."""
    case = Growing()
    await store.commit(case.open(owed=(owed_card(),)))
    (owed,) = await store.due(NOW)
    await store.keep_progress(replace(owed, progress={"tried": 1}))
    await store.keep_progress(replace(owed, progress={"posted": {"activity": "1"}, "tried": 1}))
    for progress in ({"posted": {"activity": "2"}, "tried": 1}, {"tried": 2}):
        with pytest.raises(TranscriptConflict):
            await store.keep_progress(replace(owed, progress=progress))
    assert (await store.card_place(case.id), len(await store.due(NOW))) == ({"activity": "1"}, 1)
    await store.commit(Write(owed_done=owed.id))
    with pytest.raises(TranscriptConflict):
        await store.keep_progress(replace(owed, progress={"posted": {"activity": "1"}}))


async def test_knows_when_the_next_owed_work_comes(store: Store):
    assert await store.next_due() is None
    assert await store.owed() == 0
    await store.commit(Growing().open(owed=(owed_card(), owed_card(version=2))))
    assert await store.owed() == 2
    assert await store.next_due() <= NOW
    first, second = await store.due(NOW)
    await store.put_off(first.id, 1, later(20))
    assert await store.next_due() <= NOW
    await store.put_off(second.id, 1, later(10))
    assert await store.next_due() == later(10)


async def test_a_case_has_one_watch_which_waits_and_is_not_counted(store: Store):
    case, other = Growing(), Growing(id="d" * 32, number="IL-2026-0002")
    await _grow(store, case, case.open(owed=(Owed(WATCH, case.id, {}, not_before=later(5)),)))
    await store.commit(other.open(owed=(Owed(WATCH, other.id, {}, not_before=later(7)),)))
    await store.commit(Write(owed=(Owed(WATCH, case.id, {}, not_before=later(9)),)))
    assert await store.owed() == 0
    assert await store.next_due() == later(7)
    assert [(owed.case, owed.not_before) for owed in await store.due(later(20))] == [
        (other.id, later(7)),
        (case.id, later(9)),
    ]


async def test_a_watch_that_is_done_is_followed_in_the_same_write(store: Store):
    case = Growing()
    await store.commit(case.open(owed=(Owed(WATCH, case.id, {}, not_before=later(5)),)))
    (owed,) = await store.due(later(5))
    following = Write(owed_done=owed.id, owed=(Owed(WATCH, case.id, {}, not_before=later(9)),))
    await store.commit(following)
    with pytest.raises(TranscriptConflict):
        await store.commit(following)
    assert await store.next_due() == later(9)


async def test_work_is_taken_by_one(store: Store):
    await store.commit(Growing().open(owed=(owed_card(),)))
    (owed,) = await store.due(NOW)
    assert await store.take(owed, later(5))
    assert not await store.take(owed, later(5))
    assert await store.due(later(4)) == ()
    (again,) = await store.due(later(5))
    assert await store.take(again, later(9))
    await store.commit(Write(owed_done=again.id))
    assert not await store.take(again, later(12))


# --- the register, and coming back -----------------------------------------------------


async def test_keeps_a_register_in_order(store: Store):
    entries = (noted(), noted("export", "ok", "c" * 32), noted("read", "ok"))
    await store.commit(Write(register=entries[:2]))
    await store.commit(Write(register=entries[2:]))
    assert await store.register() == entries


async def test_everything_is_there_after_a_restart(place: Place):
    store, case = place.open(), Growing()
    write = case.open(inbox=key("one"), handles=(handle(),), chat=chat(), owed=(owed_card(),), register=(noted(),))
    await _grow(store, case, write)
    await _grow(store, case, case.write(answer(), used_handle="handle"))
    await store.close()

    again = place.open()
    seat = await again.seat("anja", "chat-anja", key("one"), "handle")
    assert (seat.seen, seat.handle, seat.chat) == (True, handle(used=True), chat())
    assert await again.load(case.id) == tuple(case.rows)
    assert await again.entry(case.number) == case.entry(2)
    assert len(await again.due(NOW)) == len(await again.register()) == 1
    await _grow(again, case, case.write(answer()))
    await again.close()


async def test_of_what_is_tried_nothing_is_left(store: TableStore):
    await _grow(store, case := Growing(), case.open())

    def counted(records: Records) -> int:
        return records.db.execute("SELECT count(*) FROM meta").fetchone()[0]

    before = await store._read(counted)
    await asyncio.gather(*(store.try_keeping() for _ in range(3)))
    assert await store._read(counted) == before
    assert (await store.load(case.id), await store.check()) == (tuple(case.rows), ())


async def test_a_closed_store_says_that_it_is_not_available(place: Place):
    store = place.open()
    await store.close()
    asked = (store.load("c" * 32), store.commit(Growing().open()), store.entries(), store.due(NOW), store.try_keeping())
    for call in asked:
        with pytest.raises(StoreUnavailable):
            await call
