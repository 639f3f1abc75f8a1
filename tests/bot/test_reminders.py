"""Reminders go to who may have them, say nothing in the notification, and stop."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import CaseSealed
from bot.store import WATCH, Owed, Write
from state import commands as do
from state.events import BOT, MemberInvolved, ReminderOwed
from state.fold import record
from state.setting import Setting
from tests.bot.desk import FRAMEWORKS, NOW, TENANT
from tests.bot.watching import AP, DAY, END, HOUR, ID, LEAK, LOGS, REVIEW, Watch, leaked, posted
from tests.casework import Casework
from tests.conftest import ANJA, BRAM, DIRK
from tests.dialogs.stage import presses

# --- to whom ---------------------------------------------------------------------------


async def test_the_holder_alone_is_reminded_while_no_card_stands_in_the_channel(watch: Watch) -> None:
    await watch.keep(leaked())
    await watch.until(END)
    assert {who for who, _ in watch.told()} == {BRAM.id}


async def test_with_the_card_in_the_channel_every_free_decider_is_reminded_of_its_terms(watch: Watch) -> None:
    await watch.keep(posted())
    await watch.until(END)
    assert [watch.reminders(to=one) for one in (BRAM, ANJA, DIRK)] == [3, 3, 3]
    assert [watch.reminders(LOGS, to=one) for one in (BRAM, ANJA, DIRK)] == [1, 0, 0]
    assert watch.teams.opened == [DIRK.id]


async def test_the_day_of_the_next_look_counts_as_on_the_card(watch: Watch) -> None:
    await watch.keep(posted())
    await watch.until(NOW + 22 * DAY)
    assert [watch.reminders(REVIEW, to=one) for one in (BRAM, ANJA)] == [2, 2]


async def test_a_decider_who_is_involved_hears_nothing(watch: Watch) -> None:
    work = posted()
    work.case, done = record(work.case, [MemberInvolved(1)], ANJA, NOW)
    work.transcript += done
    await watch.keep(work)
    await watch.until(END)
    assert [watch.reminders(to=one) for one in (BRAM, ANJA, DIRK)] == [3, 0, 3]


async def test_a_card_that_was_withdrawn_reminds_no_decider(watch: Watch) -> None:
    work = posted()
    work.do(do.WithdrawCard("toch niet"))
    await watch.keep(work)
    await watch.until(END)
    assert [watch.reminders(to=one) for one in (BRAM, ANJA, DIRK)] == [3, 0, 0]


async def test_whoever_lost_access_hears_nothing(watch: Watch) -> None:
    await watch.keep(posted())
    await watch.at(END - DAY - timedelta(seconds=1))
    del watch.people.known[DIRK.id]
    await watch.until(END - DAY)
    assert [watch.reminders(to=one) for one in (BRAM, ANJA, DIRK)] == [1, 1, 0]
    del watch.people.known[BRAM.id]
    await watch.until(END)
    assert [watch.reminders(to=one) for one in (BRAM, ANJA, DIRK)] == [1, 3, 0]


async def test_access_that_is_lost_after_it_was_owed_counts_too(watch: Watch) -> None:
    await watch.keep(posted())
    watch.now = END - DAY
    await watch.outbox.work_once()
    watch.people.known.clear()
    await watch.until(END - DAY + HOUR)
    assert (watch.told(), await watch.store.owed()) == ([], 0)


async def test_a_reminder_is_a_read_in_the_register(watch: Watch) -> None:
    await watch.keep(posted())
    await watch.until(END - DAY)
    entries = await watch.store.register()
    assert {(one.actor, one.action, one.outcome, one.case) for one in entries} == {
        (person.id, "read", "ok", ID) for person in (BRAM, ANJA, DIRK)
    }
    assert len(entries) == 3 + 1  # of the log files, to the holder


async def test_when_nobody_may_hear_it_the_next_holder_does(watch: Watch) -> None:
    work = leaked()
    work.do(do.ChangeAnswer("eigen_betrokkenheid"))
    work.do(do.GiveAnswer("eigen_betrokkenheid", "ja_ikzelf"))
    work.do(do.OfferCase(ANJA, ""))
    await watch.keep(work)
    await watch.until(END - HOUR)
    assert watch.reminders() == watch.reminders(to=ANJA) == 0
    await watch.let(do.AcceptCase(), ANJA)
    await watch.until(END - HOUR)
    assert (watch.reminders(), watch.reminders(to=ANJA)) == (0, 1)
    await watch.until(END)
    assert watch.reminders(to=ANJA) == 2


# --- what it says, and when it stops ---------------------------------------------------


async def test_the_notification_says_nothing(watch: Watch) -> None:
    await watch.keep(posted())
    await watch.until(END)
    for _, outgoing in watch.teams.told:
        assert outgoing.card is not None
        assert outgoing.summary == outgoing.card["fallbackText"] == "Weegwijzer: nieuw bericht"
        assert outgoing.text is None


async def test_its_buttons_say_nothing_of_the_case(watch: Watch) -> None:
    await watch.keep(posted())
    await watch.until(END - DAY)
    for who, outgoing in watch.teams.told:
        assert outgoing.card is not None
        found = presses(outgoing.card)
        assert [data["verb"] for data in found] == (["met", "resume"] if who == BRAM.id else ["met", "relieve"])
        assert all(data.keys() == {"verb", "handle"} for data in found)


async def test_it_says_which_term_when_it_ends_and_what_the_framework_says(watch: Watch) -> None:
    await watch.keep(leaked())
    await watch.until(END - DAY)
    _, text = next(told for told in watch.told() if AP in told[1])
    for said in ("do 26-11-2026 08:00", "nog 24 uur", "Zonder onredelijke vertraging", "geen opdracht"):
        assert said in text, said


async def test_what_was_recorded_as_done_stops_it(watch: Watch) -> None:
    await watch.keep(posted())
    await watch.until(END - DAY)
    await watch.let(do.MeetTerm("T_AP72"), BRAM)
    await watch.until(END + DAY)
    assert [watch.reminders(to=one) for one in (BRAM, ANJA, DIRK)] == [1, 1, 1]


async def test_what_was_done_after_it_was_owed_is_not_sent(watch: Watch) -> None:
    await watch.keep(leaked())
    watch.now = END - DAY
    await watch.outbox.work_once()
    await watch.let(do.MeetTerm("T_AP72"), BRAM)
    await watch.until(END)
    assert (watch.reminders(), await watch.store.owed()) == (0, 0)


async def test_what_the_answers_say_is_done_stops_it(watch: Watch) -> None:
    await watch.keep(leaked())
    await watch.let(do.ChangeAnswer("al_gedaan"), BRAM)
    await watch.let(do.GiveAnswer("al_gedaan", ("ap_gemeld",)), BRAM)
    await watch.until(END)
    assert watch.reminders() == 0


async def test_a_closed_case_reminds_of_nothing(watch: Watch) -> None:
    work = leaked()
    work.do(do.FinishCase())
    await watch.keep(work)
    await watch.until(NOW + 400 * DAY)
    assert watch.told() == []
    assert await watch.store.next_due() is None


async def test_an_exercise_reminds_of_nothing_and_waits_to_be_thrown_away(watch: Watch) -> None:
    work = Casework(FRAMEWORKS.current, BRAM, NOW)
    work.do(do.OpenCase("OEFEN-2026-0042", "nl"))
    await watch.keep(work.answer(LEAK))
    assert await watch.store.next_due() == NOW + 30 * DAY
    await watch.until(NOW + 31 * DAY)
    assert watch.reminders() == 0
    assert await watch.store.entries() == ()


async def test_what_is_left_of_a_sealed_case_ends(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    await watch.keep(leaked())

    async def sealed(case: str) -> None:
        raise CaseSealed

    monkeypatch.setattr(watch.cases, "load", sealed)
    await watch.until(END)
    assert await watch.store.next_due() is None


async def test_a_refused_commit_leaves_the_row(watch: Watch) -> None:
    """Another instance changed the case meanwhile: nothing is recorded, and the moment is looked at again."""
    await watch.keep(leaked())
    watch.now = END - DAY
    loaded = await watch.cases.load(ID)
    [owed] = await watch.store.due(watch.now)
    setting = Setting(BOT, watch.now, "nl", loaded.framework)
    after, recorded = record(loaded.case, [ReminderOwed("T_AP72", 1, "")], BOT, setting.now)
    await watch.store.commit(replace(watch.cases.to_write(loaded, after, recorded, TENANT), owed_done=owed.id))
    await watch.store.commit(Write(owed=(Owed(WATCH, ID, {}),)))
    await watch.until(END - DAY)
    assert watch.reminders() == 0
    await watch.until(END)
    assert watch.reminders() == 2
