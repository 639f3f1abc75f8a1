"""Terms are watched from the store: reminders come when they are due, and once."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.errors import ChannelUnavailable, PostRefused
from bot.store import WATCH
from state import commands as do
from state.events import BOT
from tests.bot.desk import FRAMEWORKS, NOW
from tests.bot.watching import DAY, END, HOUR, ID, LEAK, LOGS, Watch, leaked, posted, practised
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, DIRK
from tests.stores import open_store

# --- when ------------------------------------------------------------------------------


async def test_a_reminder_comes_when_it_is_due_and_not_before(watch: Watch) -> None:
    await watch.keep(leaked())
    await watch.until(END - DAY - timedelta(seconds=1))
    assert watch.reminders() == 0
    await watch.until(END - DAY)
    assert watch.reminders() == 1
    assert (await watch.cases.load(ID)).case.reminded["T_AP72"] == 1


async def test_there_are_three_at_most(watch: Watch) -> None:
    await watch.keep(leaked())
    await watch.until(NOW + 400 * DAY)
    assert (watch.reminders(), watch.reminders(LOGS)) == (3, 3)
    assert await watch.store.next_due() is None


async def test_it_comes_before_all_questions_are_answered(watch: Watch) -> None:
    names = list(LEAK)
    await watch.keep(leaked({name: LEAK[name] for name in names[: names.index("persoonsgegevens") + 1]}))
    await watch.until(END)
    assert watch.reminders() == 3


async def test_one_that_is_not_urgent_waits_for_a_weekday(watch: Watch) -> None:
    friday = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
    work = Casework(FRAMEWORKS.current, BRAM, friday).open().answer(NEWSPAPER)
    watch.now = friday
    await watch.keep(work)
    await watch.until(datetime(2026, 11, 30, 7, 59, tzinfo=UTC))
    assert watch.reminders(LOGS) == 0
    await watch.until(datetime(2026, 11, 30, 8, 0, tzinfo=UTC))
    assert watch.reminders(LOGS) == 1


async def test_an_urgent_one_comes_at_night(watch: Watch) -> None:
    await watch.keep(leaked({**LEAK, "bekend_sinds": "2026-11-23T04:00:00+01:00"}))
    await watch.until(datetime(2026, 11, 25, 3, 0, tzinfo=UTC))
    assert watch.reminders() == 1


async def test_missed_while_the_bot_was_down_it_comes_once(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.sqlite")
    await Watch(store).keep(leaked())
    await store.close()
    store = open_store(tmp_path / "store.sqlite")
    after = Watch(store)
    await after.at(END + 3 * HOUR)
    assert after.reminders() == 1
    assert "Termijn verstreken" in after.told()[0][1]
    await after.at(END + 30 * DAY)
    assert after.reminders() == 1
    await store.close()


async def test_a_restart_between_two_reminders_forgets_and_repeats_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.sqlite")
    before = Watch(store)
    await before.keep(leaked())
    await before.until(END - DAY)
    await store.close()
    store = open_store(tmp_path / "store.sqlite")
    after = Watch(store, now=END - 20 * HOUR)
    await after.at(END - 20 * HOUR)
    assert after.reminders() == 0
    await after.until(END)
    assert (before.reminders(), after.reminders()) == (1, 2)
    await store.close()


async def test_a_clock_that_was_put_back_sends_nothing_again(watch: Watch) -> None:
    await watch.keep(leaked())
    await watch.until(END - DAY)
    await watch.at(END - 2 * DAY)
    await watch.until(END - 5 * HOUR)
    assert watch.reminders() == 1


# --- once ------------------------------------------------------------------------------


async def test_two_instances_on_one_store_never_send_twice(watch: Watch) -> None:
    await watch.keep(posted())
    other = watch.another()
    for moment in (END - DAY, END - 4 * HOUR, END):
        watch.now = moment
        for _ in range(4):
            await asyncio.gather(watch.outbox.work_once(), other.work_once())
    assert [watch.reminders(to=one) for one in (BRAM, ANJA, DIRK)] == [3, 3, 3]
    assert (await watch.cases.load(ID)).case.reminded["T_AP72"] == 3


async def test_of_an_instance_that_was_ended_while_sending_another_goes_on(watch: Watch) -> None:
    await watch.keep(leaked())
    watch.now = END - DAY
    await watch.outbox.work_once()
    [owed] = [one for one in await watch.store.due(watch.now) if one.kind == "remind"]
    assert await watch.store.take(owed, watch.now + timedelta(minutes=5))
    assert not await watch.store.take(owed, watch.now + timedelta(minutes=5))
    await watch.at(watch.now + timedelta(minutes=4))
    assert watch.reminders() == 0
    await watch.at(watch.now + timedelta(minutes=2))
    assert watch.reminders() == 1


async def test_a_reminder_that_teams_did_not_take_is_tried_again(watch: Watch) -> None:
    await watch.keep(leaked())
    await watch.until(END - DAY - HOUR)
    watch.teams.failures = [ChannelUnavailable(None), ChannelUnavailable(None)]
    await watch.until(END - DAY + HOUR)
    assert watch.reminders() == 1
    assert await watch.store.owed() == 0


async def test_a_reminder_that_teams_refuses_is_given_up(watch: Watch) -> None:
    await watch.keep(leaked())
    await watch.until(END - DAY - HOUR)
    watch.teams.failures = [PostRefused(403)]
    await watch.until(END - DAY + HOUR)
    assert (watch.reminders(), await watch.store.owed()) == (0, 0)


async def test_tried_again_at_night_it_waits_for_the_morning(watch: Watch) -> None:
    await watch.keep(Casework(FRAMEWORKS.current, BRAM, NOW).open().answer(NEWSPAPER))
    watch.teams.failures = [ChannelUnavailable(None, retry_after=12 * 3600)]
    await watch.until(datetime(2026, 11, 24, 22, 0, tzinfo=UTC))
    assert watch.reminders(LOGS) == 0
    await watch.until(datetime(2026, 11, 25, 8, 0, tzinfo=UTC))
    assert watch.reminders(LOGS) == 1


async def test_a_case_has_one_row_that_waits_and_it_is_not_late_work(watch: Watch) -> None:
    await watch.keep(leaked())
    for day in ("2026-11-23T07:00:00+01:00", "2026-11-23T06:00:00+01:00"):
        await watch.let(do.ChangeAnswer("bekend_sinds"), BRAM)
        await watch.let(do.GiveAnswer("bekend_sinds", day), BRAM)
    [owed] = await watch.store.due(NOW + 400 * DAY)
    assert (owed.kind, owed.not_before, owed.body) == (WATCH, datetime(2026, 11, 24, 9, 0, tzinfo=UTC), {})
    assert await watch.store.owed() == 0


# --- an exercise -----------------------------------------------------------------------


async def test_an_exercise_goes_thirty_days_after_its_last_turn_and_nobody_is_told(watch: Watch) -> None:
    await watch.keep(practised())
    last = practised().transcript[-1].at
    await watch.until(last + 30 * DAY - timedelta(seconds=1))
    assert (await watch.cases.load(ID)).case.is_practice
    await watch.until(last + 30 * DAY)
    assert await watch.store.load(ID) == ()
    assert (await watch.store.entry(ID), await watch.store.next_due(), await watch.store.check()) == (None, None, ())
    assert not watch.store.keyring.kept_of([ID])
    assert watch.teams.told == []
    (noted,) = await watch.store.register()
    assert (noted.actor, noted.action, noted.outcome, noted.case) == (BOT.id, "discard", "ok", None)


async def test_a_later_turn_puts_it_off(watch: Watch) -> None:
    await watch.keep(practised())
    watch.now = NOW + 29 * DAY
    await watch.let(do.ChooseSubject(FRAMEWORKS.current.framework.card_subjects[0].id), BRAM)
    await watch.until(NOW + 59 * DAY - HOUR)
    assert (await watch.cases.load(ID)).case.subject
    await watch.until(NOW + 59 * DAY)
    assert await watch.store.load(ID) == ()


async def test_looked_at_early_it_stays_until_its_day(watch: Watch) -> None:
    await watch.keep(practised())
    await watch.at(NOW + DAY)
    # A clock that was put back makes the outbox look at everything.
    await watch.at(NOW)
    assert (await watch.cases.load(ID)).case.is_practice
    await watch.until(NOW + 31 * DAY)
    assert await watch.store.load(ID) == ()


async def test_forgotten_while_the_bot_was_down_it_goes_at_the_next_start(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.sqlite")
    await Watch(store).keep(practised())
    await store.close()
    later = Watch(open_store(tmp_path / "store.sqlite"))
    await later.at(NOW + 400 * DAY)
    assert await later.store.load(ID) == ()
    await later.store.close()


async def test_two_instances_throw_it_away_once(watch: Watch) -> None:
    await watch.keep(practised())
    watch.now = NOW + 31 * DAY
    await asyncio.gather(watch.outbox.work_once(), watch.another().work_once())
    assert await watch.store.load(ID) == ()
    assert len(await watch.store.register()) == 1


async def test_a_real_case_is_never_forgotten(watch: Watch) -> None:
    await watch.keep(leaked())
    await watch.until(NOW + 400 * DAY)
    assert (await watch.cases.load(ID)).case.phase == "weighing"
