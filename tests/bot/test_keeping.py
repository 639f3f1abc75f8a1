"""Dossier keepers talk to the real desk: hold, two persons, destruction; and all of it is in the register."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import NumberTaken, TranscriptConflict
from bot.keepers import read_keepers
from bot.keeping import complete_keepings
from bot.locks import Locks
from bot.store import Write
from bot.teams.incoming import to_activity, to_turn
from state import commands as do
from state import keeping as keep
from state.fold import rebuild
from tests.bot.keeping_room import ANJA, BRAM, CLOSED, DUE, ELS, FLEUR, KeepingRoom, closed, open_room
from tests.bot.room import data_of
from tests.bot.room import room as running_room
from tests.bot.slow_teams import turns
from tests.bot.test_keepers import make
from tests.ports import free_port
from tests.trust.office import Visitor, to_file

CASE = f"{42:032x}"
NUMBER = "IL-2026-0042"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[KeepingRoom]:
    opened = open_room(tmp_path / "room")
    yield opened
    await opened.office.store.close()


async def propose(room: KeepingRoom) -> None:
    await room.keep(closed())
    room.office.now = DUE
    await room.type(ELS, f"vernietig {NUMBER}")
    assert "Uw voorstel is vastgelegd" in await room.press(ELS, "destroy", "ja")
    room.office.now = DUE + timedelta(days=7)


# --- the list --------------------------------------------------------------------------


async def test_a_case_is_kept_from_its_closing_with_the_term_of_what_was_done(room):
    await room.keep(closed(1))
    await room.keep(closed(2, al_gedaan=("onderzoek_afgerond",)))
    await room.keep(closed(3, stopped=True))
    said = await room.type(ELS, "dossiers")
    assert "IL-2026-0001 – te bewaren tot 25 november 2031." in said.replace("\n", "")
    assert "IL-2026-0002 – te bewaren tot 25 november 2036." in said.replace("\n", "")
    assert "IL-2026-0003 – te bewaren tot 25 november 2027." in said.replace("\n", "")
    assert await room.register() == [("list", "ok", None)]


async def test_who_only_keeps_dossiers_is_answered_whatever_they_type(room):
    await room.keep(closed())
    for text in ("hallo", "nieuw", "verder"):
        assert "Dossiers in bewaring" in await room.type(ELS, text)
    assert "Dat begrijp ik niet" in await room.type(ELS, "een mooie dag")
    assert "bewaar IL-2026-1234 reden" in await room.type(ELS, "help")
    assert "Dossiers kept" in await room.type(ELS, "taal en")
    assert "Dossiers kept" in await room.type(ELS, "dossiers")
    assert "no_access" not in [outcome for _, outcome, _ in await room.register()]


async def test_who_only_keeps_dossiers_is_welcomed_with_them(room):
    await room.keep(closed())
    for person, words in ((ELS, NUMBER), (ANJA, "Ik stel u één vraag tegelijk")):
        turn = replace(to_turn(to_activity(Visitor(person).activity(1, ""))), welcome=True)
        (message,) = (await room.desk.take_turn(turn)).messages
        assert words in json.dumps(message.card, ensure_ascii=False)


async def test_who_also_weighs_keeps_the_weighing_and_gets_the_keepers_words(room):
    await room.keep(closed())
    assert "Bent u zelf" in await room.type(ANJA, "nieuw")
    assert NUMBER in await room.type(ANJA, "dossiers")
    assert "Bent u zelf" in await room.type(ANJA, "verder")
    assert "Wat u kunt typen" in await room.type(ANJA, "help")
    await room.type(ANJA, "dossiers")
    assert f"Dossier {NUMBER}" in await room.type(ANJA, "1")
    assert "English" in await room.type(ANJA, "help")


async def test_a_keepers_word_of_someone_else_is_an_answer_and_shows_nothing(room):
    await room.keep(closed())
    said = await room.type(BRAM, "dossiers")
    assert NUMBER not in said
    assert "list" not in [action for action, _, _ in await room.register()]


async def test_a_dossier_is_not_shown_to_who_weighed_it(room):
    await room.keep(closed(by=ANJA), ANJA)
    assert "een ander beheert dit dossier" in await room.type(ANJA, "dossiers")
    assert "21.1" not in await room.type(ANJA, f"dossier {NUMBER}")
    assert ("read_keeping", "not_permitted", CASE) in await room.register()


# --- hold ------------------------------------------------------------------------------


async def test_a_hold_is_kept_with_its_reason_and_lifted_by_a_button(room):
    await room.keep(closed())
    said = await room.type(ELS, f"bewaar {NUMBER} lopend Woo-verzoek")
    assert "lopend Woo-verzoek" in said
    assert "bewaarplicht" in await room.type(FLEUR, "dossiers")
    await room.press(FLEUR, "choose_case", "1")
    assert "De bewaarplicht is opgeheven" in await room.press(FLEUR, "release", "1", "afgehandeld")
    (kept,) = await room.office.store.keepings()
    (hold,) = kept.holds
    assert (kept.version, hold.reason, hold.lifted_because) == (3, "lopend Woo-verzoek", "afgehandeld")
    assert [entry[:2] for entry in await room.register()] == [
        ("hold", "ok"),
        ("list", "ok"),
        ("read_keeping", "ok"),
        ("lift_hold", "ok"),
    ]


async def test_a_button_works_once_and_a_message_that_comes_again_changes_nothing(room):
    await room.keep(closed())
    await room.type(ELS, f"dossier {NUMBER}")
    press = {**room.button(ELS, "hold"), "note": "bezwaar"}
    await room.send(ELS, press)
    number = room.office.sent
    assert "al beantwoord" in await room.send(ELS, press)
    # The same message once more, to a bot that was started anew.
    again = KeepingRoom(room.office)
    room.office.now, room.office.sent = CLOSED, number - 1
    assert "Dossiers in bewaring" in await again.send(ELS, press)
    (kept,) = await room.office.store.keepings()
    assert len(kept.holds) == 1


async def test_a_handle_of_another_keeper_is_nothing(room):
    await room.keep(closed())
    await room.type(ELS, f"dossier {NUMBER}")
    press = {**room.button(ELS, "hold"), "note": "bezwaar"}
    assert "al beantwoord" in await room.send(FLEUR, press)
    assert "al beantwoord" in await room.send(ELS, {"verb": "hold", "handle": "made up", "note": "bezwaar"})
    assert (await room.office.store.keepings())[0].holds == ()


async def test_two_keepers_at_once_at_two_desks_lose_nothing(room):
    await room.keep(closed())
    other = KeepingRoom(room.office)
    turns = [
        desk.take_turn(to_turn(to_activity(Visitor(person).activity(number, f"bewaar {NUMBER} {reason}"))))
        for number, (desk, person, reason) in enumerate([(room.desk, ELS, "Woo"), (other.desk, FLEUR, "bezwaar")])
    ]
    await asyncio.gather(*turns)
    (kept,) = await room.office.store.keepings()
    assert sorted(hold.reason for hold in kept.held) == ["Woo", "bezwaar"]


async def test_what_is_kept_and_damaged_is_said_to_be_and_stops_no_start(room):
    await room.keep(closed())
    room.office.store._db.execute("UPDATE keeping SET sealed = x'00'")
    assert "kan worden gelezen hoelang zij blijven: 1" in await room.type(ELS, "dossiers")
    assert await complete_keepings(room.office.store, room.office.cases, Locks()) == 0


# --- destruction -----------------------------------------------------------------------


async def test_two_keepers_destroy_a_dossier_and_a_certificate_remains(room):
    await propose(room)
    entry = await room.office.store.entry(NUMBER)
    said = await room.type(FLEUR, f"vernietig {NUMBER}")
    assert "Naam els" in said
    assert "Niemand kan dat terugdraaien" in said
    said = await room.press(FLEUR, "destroy", "ja")
    assert "is vernietigd" in said
    store = room.office.store
    (certificate,) = await store.certificates()
    assert (certificate.number, certificate.events, certificate.link) == (NUMBER, entry.version, entry.link)
    assert (await store.entries(), await store.keepings(), await store.load(CASE)) == ((), (), ())
    assert await store.entry(NUMBER) is None
    assert [entry[:2] for entry in await room.register()][-2:] == [("confirm_destruction", "ok"), ("destroy", "ok")]
    assert await store.check() == ()
    assert NUMBER in await room.type(ELS, "verklaringen")
    assert "Er zijn geen gesloten zaken" in await room.type(ELS, "dossiers")
    assert "is vernietigd" in await room.type(ELS, f"dossier {NUMBER}")


async def test_one_keeper_alone_destroys_nothing(room):
    await propose(room)
    await room.type(ELS, f"vernietig {NUMBER}")
    assert "Een ander moet dit bevestigen" in await room.type(ELS, f"vernietig {NUMBER} ja")
    assert await room.office.store.certificates() == ()
    assert ("confirm_destruction", "second_person_needed", CASE) in await room.register()


async def test_who_lost_the_role_counts_no_more_neither_as_first_nor_as_second(room):
    await propose(room)
    room.office.file.write_text(to_file((FLEUR, ANJA, BRAM)), "utf-8")
    assert "geen voorstel" in await room.type(FLEUR, f"vernietig {NUMBER}")
    assert "kunt Weegwijzer hier niet gebruiken" in await room.type(ELS, "dossiers")
    assert await room.office.store.certificates() == ()


async def test_a_hold_between_seeing_and_confirming_stops_the_destruction(room):
    await propose(room)
    await room.type(FLEUR, f"vernietig {NUMBER}")
    await room.type(ELS, f"bewaar {NUMBER} bezwaar")
    assert "al beantwoord" in await room.press(FLEUR, "destroy", "ja")
    assert "bewaarplicht" in await room.type(FLEUR, f"vernietig {NUMBER} ja")
    assert await room.office.store.certificates() == ()


async def test_what_changed_in_between_is_not_destroyed_and_not_overwritten(room):
    await propose(room)
    store = room.office.store
    (kept,) = await store.keepings()
    entry = await store.entry(NUMBER)
    certificate = keep.certify(kept, kept.proposal, entry.version, entry.link, room.office.now)
    await store.commit(Write(keeping=keep.hold(kept, ELS.id, room.office.now, "bezwaar")))
    with pytest.raises(TranscriptConflict):
        await store.destroy(certificate, kept.version, ())
    with pytest.raises(TranscriptConflict):
        await store.commit(Write(keeping=keep.withdraw(kept, room.office.now)))
    assert (await store.keepings())[0].held


async def test_a_number_of_a_destroyed_case_is_never_given_again(room):
    await propose(room)
    await room.type(FLEUR, f"vernietig {NUMBER}")
    await room.press(FLEUR, "destroy", "ja")
    with pytest.raises(NumberTaken):
        await room.keep(closed())


# --- from before -----------------------------------------------------------------------


async def test_cases_that_were_closed_before_are_taken_along_once(room):
    work = closed()
    store, cases = room.office.store, room.office.cases
    write = cases.to_write(cases.fresh(work.case.id), work.case, work.transcript, "tenant")
    await store.commit(replace(write, owed=(), keeping=None))
    assert await store.keepings() == ()
    assert await complete_keepings(store, cases, Locks()) == 1
    assert await complete_keepings(store, cases, Locks()) == 0
    (kept,) = await store.keepings()
    assert (kept.number, kept.closed_at, kept.due.isoformat()) == (NUMBER, CLOSED, "2031-11-25")


async def test_two_instances_that_take_them_along_at_once_do_so_once(room):
    work = closed()
    store, cases = room.office.store, room.office.cases
    write = cases.to_write(cases.fresh(work.case.id), work.case, work.transcript, "tenant")
    await store.commit(replace(write, owed=(), keeping=None))
    assert sorted(await asyncio.gather(*(complete_keepings(store, cases, Locks()) for _ in range(2)))) == [0, 1]
    assert len(await store.keepings()) == 1


async def test_a_case_that_is_opened_again_meanwhile_is_not_kept(room):
    work = closed()
    store, cases, locks = room.office.store, room.office.cases, Locks()
    write = cases.to_write(cases.fresh(work.case.id), work.case, work.transcript, "tenant")
    await store.commit(replace(write, owed=(), keeping=None))
    async with locks.hold(f"case:{work.case.id}"):
        completing = asyncio.create_task(complete_keepings(store, cases, locks))
        await turns()
        before = await cases.load(work.case.id)
        work.do(do.ReopenCase("nieuwe feiten"))
        recorded = work.transcript[before.case.version :]
        await store.commit(replace(cases.to_write(before, work.case, recorded, "tenant"), owed=()))
    assert await completing == 0
    assert await store.keepings() == ()


async def test_a_sealed_case_from_before_cannot_be_taken_along_and_stops_nothing(room, tmp_path):
    work = closed()
    store, cases = room.office.store, room.office.cases
    write = cases.to_write(cases.fresh(work.case.id), work.case, work.transcript, "tenant")
    await store.commit(replace(write, owed=(), keeping=None))
    await store.seal(CASE, read_keepers([make(tmp_path, "els"), make(tmp_path, "fleur")]))
    assert await complete_keepings(store, cases, Locks()) == 0


async def test_a_sealed_dossier_is_held_and_destroyed_like_any_other(room, tmp_path):
    await room.keep(closed())
    await room.office.store.seal(CASE, read_keepers([make(tmp_path, "els"), make(tmp_path, "fleur")]))
    room.office.now = DUE
    await room.type(ELS, f"vernietig {NUMBER}")
    await room.press(ELS, "destroy", "ja")
    room.office.now += timedelta(days=7)
    await room.type(FLEUR, f"vernietig {NUMBER}")
    assert "is vernietigd" in await room.press(FLEUR, "destroy", "ja")
    assert await room.office.store.shares(CASE) == {}


async def test_a_term_runs_from_the_latest_moment_of_the_transcript_when_a_clock_went_back(room):
    work = closed()
    store, cases = room.office.store, room.office.cases
    rest = work.transcript[:-1]
    last = replace(work.transcript[-1], at=rest[-1].at - timedelta(days=900))
    before = rebuild(work.case.id, rest)
    await store.commit(replace(cases.to_write(cases.fresh(work.case.id), before, rest, "tenant"), owed=()))
    loaded = await cases.load(work.case.id)
    closing = cases.to_write(loaded, rebuild(work.case.id, [last], loaded.case), [last], "tenant")
    assert closing.keeping.closed_at == rest[-1].at


async def test_in_the_running_bot_a_keeper_sees_a_case_that_was_just_closed(tmp_path):
    async with running_room(tmp_path, free_port()) as here:
        await here.type("user-id-0", "nieuw")
        await here.type("user-id-0", "nee")
        await here.type("user-id-0", "stop")
        await here.type("user-id-0", "stop ja")
        seen = json.dumps(await here.type("user-id-4", "dossiers"), ensure_ascii=False)
        assert "te bewaren tot" in seen
        card = here.last("user-id-4")
        seen = json.dumps(await here.type("user-id-4", "1"), ensure_ascii=False)
        assert "21.3 Adviseren: afgebroken" in seen
        assert data_of(card, "choose_case")["verb"] == "choose_case"
        assert "Dat begrijp ik niet" in json.dumps(await here.type("user-id-0", "dossiers"), ensure_ascii=False)
