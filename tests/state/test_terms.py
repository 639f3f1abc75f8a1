"""Which terms run in a case, and when people are reminded of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state import commands as do
from state import lifecycle
from state.case import Case, Posted
from state.compiled import CompiledFramework
from state.errors import CommandRefused, NoSuchTerm, NotPermitted
from state.events import BOT, REVIEW, AnswerValue, ReminderOwed
from state.terms import Term, due_terms, in_office_hours, may_disturb, next_moment, running_terms
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, NOW

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LEAK: Mapping[str, AnswerValue] = {
    **NEWSPAPER,
    "persoonsgegevens": "ja_risico",
    "bekend_sinds": "2026-11-23T08:00:00+01:00",
}
END = datetime(2026, 11, 26, 8, 0, tzinfo=AMSTERDAM)
HOUR = timedelta(hours=1)


def local(text: str) -> datetime:
    """Give a moment from its time in the Netherlands."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def by_id(work: Casework) -> Mapping[str, Term]:
    return {term.id: term for term in running_terms(work.case, work.framework, work.now)}


def remind(work: Casework) -> list[str]:
    """Let everything that is due be reminded of, and give the terms."""
    due = due_terms(work.case, work.framework, work.now)
    for term in due:
        work.do(do.OweReminder(term.id, work.case.reminded.get(term.id, 0) + 1, ""), BOT)
    return [term.id for term in due]


def live(work: Casework, until: datetime) -> list[tuple[str, datetime]]:
    """Let time pass from one moment to the next, as the watch does, and give what was reminded of and when."""
    told = []
    while (moment := next_moment(work.case, work.framework, work.now)) and moment <= until:
        work.now = max(moment, work.now)
        found = remind(work)
        assert found, "a moment came at which nothing was due"
        told += [(term, work.now) for term in found]
    return told


@pytest.fixture
def leak(framework: CompiledFramework) -> Casework:
    """Give a case in which the 72 hours run, with its advice."""
    return Casework(framework, BRAM, NOW).open().answer(LEAK)


# --- which terms run -------------------------------------------------------------------


def test_a_term_runs_from_the_answers_that_start_it(leak: Casework) -> None:
    terms = by_id(leak)
    assert (terms["T_AP72"].due, terms["T_AP72"].status, terms["T_AP72"].urgent) == (END, "running", True)
    assert (terms["T_LOG"].due, terms["T_LOG"].status, terms["T_LOG"].urgent) == (None, "no_date", False)


def test_it_runs_before_all_questions_are_answered(framework: CompiledFramework) -> None:
    names = list(LEAK)
    answers = {name: LEAK[name] for name in names[: names.index("persoonsgegevens") + 1]}
    work = Casework(framework, BRAM, NOW).open().answer(answers)
    assert work.case.phase == lifecycle.ASKING
    assert "T_AP72" in by_id(work)
    assert next_moment(work.case, framework, NOW) == END - 24 * HOUR


def test_a_term_without_a_moment_is_never_reminded_of_by_guess(framework: CompiledFramework) -> None:
    work = Casework(framework, BRAM, NOW).open().answer({**LEAK, "bekend_sinds": "onbekend"})
    assert by_id(work)["T_AP72"] == Term("T_AP72", "unknown")
    assert by_id(work)["T_RAAD"].moments == ()


def test_what_the_answers_say_is_done_does_not_run(leak: Casework) -> None:
    leak.do(do.ChangeAnswer("al_gedaan"))
    leak.do(do.GiveAnswer("al_gedaan", ("ap_gemeld",)))
    assert "T_AP72" not in by_id(leak)


def test_what_a_person_recorded_as_done_does_not_run(leak: Casework) -> None:
    leak.do(do.MeetTerm("T_AP72"))
    assert "T_AP72" not in by_id(leak)
    assert not [told for told in live(leak, END + 48 * HOUR) if told[0] == "T_AP72"]
    with pytest.raises(NoSuchTerm):
        leak.do(do.MeetTerm("T_AP72"))


def test_what_does_not_run_cannot_be_recorded_as_done(leak: Casework) -> None:
    for term in ("T_PERS", "T_ONTSLAG", "REVIEW", "x"):
        with pytest.raises(NoSuchTerm):
            leak.do(do.MeetTerm(term))


def test_a_closed_case_has_no_terms(leak: Casework) -> None:
    leak.do(do.FinishCase())
    assert by_id(leak) == {}
    assert next_moment(leak.case, leak.framework, NOW) is None


def test_of_an_exercise_nobody_is_reminded(leak: Casework) -> None:
    leak.case = replace(leak.case, number="OEFEN-0001")
    assert "T_AP72" in by_id(leak)
    assert next_moment(leak.case, leak.framework, NOW) is None
    assert due_terms(leak.case, leak.framework, END) == ()


# --- the 72 hours and the publication --------------------------------------------------


def test_of_the_72_hours_is_reminded_a_day_and_four_hours_before_and_at_the_end(leak: Casework) -> None:
    told = [at for term, at in live(leak, END + 100 * HOUR) if term == "T_AP72"]
    assert told == [END - 24 * HOUR, END - 4 * HOUR, END]


def test_at_night_and_at_the_weekend_too(framework: CompiledFramework) -> None:
    friday = local("2026-11-27 03:00")
    work = Casework(framework, BRAM, friday).open().answer({**LEAK, "bekend_sinds": friday.isoformat()})
    told = [at for term, at in live(work, friday + 100 * HOUR) if term == "T_AP72"]
    assert told == [local("2026-11-29 03:00"), local("2026-11-29 23:00"), local("2026-11-30 03:00")]


def test_of_a_publication_is_reminded_nearer(framework: CompiledFramework) -> None:
    moment = "2026-11-23T22:00:00+01:00"
    answers = {"verspreiding": "aangekondigd", "publicatie_moment": moment}
    given = {key: value for key, value in {**NEWSPAPER, **answers}.items() if key not in ("klokkenluider",)}
    names = [*list(NEWSPAPER)[:9], "publicatie_moment"]
    work = Casework(framework, BRAM, NOW).open().answer({name: given[name] for name in names})
    told = [at for term, at in live(work, NOW + 48 * HOUR) if term == "T_PERS"]
    assert told == [local("2026-11-23 19:00"), local("2026-11-23 21:00"), local("2026-11-23 22:00")]


def test_only_what_lies_after_the_answer_is_reminded_of(framework: CompiledFramework) -> None:
    late = Casework(framework, BRAM, END - 10 * HOUR).open().answer(LEAK)
    assert [at for term, at in live(late, END + 48 * HOUR) if term == "T_AP72"] == [END - 4 * HOUR, END]


def test_what_was_over_when_it_became_known_is_reminded_of_once(framework: CompiledFramework) -> None:
    late = Casework(framework, BRAM, END + HOUR).open().answer(LEAK)
    assert by_id(late)["T_AP72"].status == "expired"
    assert [at for term, at in live(late, END + 480 * HOUR) if term == "T_AP72"] == [END + 2 * HOUR]


def test_what_was_missed_is_sent_once_and_not_three_times(leak: Casework) -> None:
    leak.now = END + 5 * HOUR
    assert next_moment(leak.case, leak.framework, leak.now) == leak.now.astimezone(UTC)
    assert "T_AP72" in remind(leak)
    assert "T_AP72" not in remind(leak)
    assert leak.case.reminded["T_AP72"] == 1


def test_of_the_missed_ones_those_to_come_are_left(leak: Casework) -> None:
    leak.now = END - 3 * HOUR
    remind(leak)
    assert [at for term, at in live(leak, END + 48 * HOUR) if term == "T_AP72"] == [END]


def test_a_term_that_shifts_has_three_reminders_in_all(leak: Casework) -> None:
    """Who corrects the beginning when the end has passed is still reminded of the new end."""
    leak.now = END + HOUR
    remind(leak)
    leak.do(do.ChangeAnswer("bekend_sinds"))
    leak.do(do.GiveAnswer("bekend_sinds", (END - 12 * HOUR).isoformat()))
    told = [at for term, at in live(leak, END + 200 * HOUR) if term == "T_AP72"]
    assert told == [END + 36 * HOUR, END + 56 * HOUR]
    assert leak.case.reminded["T_AP72"] == 3


def test_of_what_could_be_told_to_nobody_only_a_later_moment_counts(leak: Casework) -> None:
    leak.now = END - 10 * HOUR
    assert next_moment(leak.case, leak.framework, leak.now, {"T_AP72", "T_LOG"}) == END - 4 * HOUR


# --- log files and the review ----------------------------------------------------------


def test_of_log_files_is_reminded_from_the_advice_that_started_it(leak: Casework) -> None:
    told = [at for term, at in live(leak, NOW + timedelta(days=200)) if term == "T_LOG"]
    assert told == [NOW + timedelta(days=days) for days in (1, 7, 28)]


def test_log_files_are_counted_from_the_first_advice_that_started_them(leak: Casework) -> None:
    started = leak.case.started["T_LOG"]
    leak.later(timedelta(days=2))
    leak.do(do.ChangeAnswer("raad_betrokken"))
    leak.do(do.GiveAnswer("raad_betrokken", "nee"))
    assert leak.case.started["T_LOG"] == started
    leak.do(do.ChangeAnswer("al_gedaan"))
    leak.do(do.GiveAnswer("al_gedaan", ("logs_veilig",)))
    assert "T_LOG" not in leak.case.started
    assert "T_LOG" not in by_id(leak)


def test_before_any_advice_nothing_is_reviewed(framework: CompiledFramework) -> None:
    case = Case("0" * 32, answers={"evaluatiedatum": "2026-12-07"}, known_at=NOW, phase="asking")
    assert next_moment(case, framework, NOW) is None


def reviewed(framework: CompiledFramework, **more: object) -> Casework:
    """Give a case after its advice, in which nothing but the review runs."""
    case = Case("0" * 32, advised=True, phase="posted", assessor=BRAM, known_at=NOW)
    return Casework(framework, BRAM, NOW, case=replace(case, **more))


def test_a_review_is_reminded_of_on_weekdays(framework: CompiledFramework) -> None:
    work = reviewed(framework, answers={"evaluatiedatum": "2026-12-06"})  # a Sunday
    assert by_id(work)[REVIEW].due == local("2026-12-06 00:00")
    told = live(work, NOW + timedelta(days=100))
    assert told == [(REVIEW, local("2026-12-07 09:00")), (REVIEW, local("2026-12-14 09:00"))]
    assert by_id(work)[REVIEW].status == "expired"


def test_a_decided_review_comes_before_the_answered_one(framework: CompiledFramework) -> None:
    work = reviewed(framework, answers={"evaluatiedatum": "2026-12-06"}, review="2026-12-10")
    assert by_id(work)[REVIEW].due == local("2026-12-10 00:00")
    assert [at for _, at in live(work, NOW + timedelta(days=100))] == [
        local("2026-12-09 09:00"),
        local("2026-12-10 09:00"),
        local("2026-12-17 09:00"),
    ]


@pytest.mark.parametrize("answers", [{}, {"evaluatiedatum": "onbekend"}])
def test_the_day_on_the_card_in_the_channel_counts_where_none_was_chosen(
    framework: CompiledFramework, answers: Mapping[str, AnswerValue]
) -> None:
    work = reviewed(framework, answers=answers, posted=Posted(1, "{}", answers, NOW))
    assert by_id(work)[REVIEW].due == local("2026-12-07 00:00")
    assert REVIEW not in by_id(reviewed(framework, answers=answers))


def test_what_was_reviewed_is_not_reminded_of_until_another_day_is_chosen(framework: CompiledFramework) -> None:
    work = reviewed(framework, review="2026-12-10", assessor=ANJA, phase="weighing")
    work.actor = ANJA
    work.now = local("2026-12-10 09:00")
    remind(work)
    work.do(do.MeetTerm(REVIEW))
    assert by_id(work) == {}
    work.do(do.DecidePrivately(0, {}, "2027-01-07"))
    assert work.case.reminded == {}
    assert [at for _, at in live(work, work.now + timedelta(days=100))] == [
        local("2027-01-06 09:00"),
        local("2027-01-07 09:00"),
        local("2027-01-14 09:00"),
    ]


def test_a_day_that_is_none_cannot_be_decided(framework: CompiledFramework) -> None:
    work = reviewed(framework, assessor=ANJA, phase="weighing")
    with pytest.raises(CommandRefused):
        work.do(do.DecidePrivately(0, {}, "over een week"), ANJA)


def test_a_quiet_hour_puts_a_missed_one_off(framework: CompiledFramework) -> None:
    work = reviewed(framework, review="2026-12-03")
    work.now = local("2026-12-05 02:00")
    assert due_terms(work.case, framework, work.now) == ()
    assert next_moment(work.case, framework, work.now) == local("2026-12-07 09:00")


# --- weekdays, 9 to 18 -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("2026-11-23 08:59", "2026-11-23 09:00"),
        ("2026-11-23 09:00", "2026-11-23 09:00"),
        ("2026-11-23 17:59", "2026-11-23 17:59"),
        ("2026-11-23 18:00", "2026-11-24 09:00"),
        ("2026-11-27 18:00", "2026-11-30 09:00"),
        ("2026-11-28 12:00", "2026-11-30 09:00"),
        # Over both clock changes.
        ("2026-10-23 18:00", "2026-10-26 09:00"),
        ("2026-10-25 02:30", "2026-10-26 09:00"),
        ("2026-03-27 18:00", "2026-03-30 09:00"),
        ("2026-03-29 12:00", "2026-03-30 09:00"),
    ],
)
def test_the_first_moment_on_a_weekday_from_nine_to_six(moment: str, first: str) -> None:
    assert in_office_hours(local(moment)) == local(first)


@given(st.integers(0, 7 * 365 * 24 * 3600))
def test_a_moved_moment_is_the_first_that_fits(seconds: int) -> None:
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    moved = in_office_hours(moment)
    shown = moved.astimezone(AMSTERDAM)
    assert moved >= moment
    assert shown.weekday() < 5
    assert 9 <= shown.hour < 18
    assert in_office_hours(moved) == moved
    assert moved == moment or (shown.hour, shown.minute, shown.second, shown.microsecond) == (9, 0, 0, 0)
    assert moved - moment < timedelta(days=3)


@pytest.mark.parametrize(
    ("since", "end"),
    [
        ("2026-10-24T12:00:00+02:00", "2026-10-27 11:00"),  # a day of 25 hours between
        ("2026-03-28T12:00:00+01:00", "2026-03-31 13:00"),  # a day of 23
    ],
)
def test_hours_are_hours_over_a_clock_change(framework: CompiledFramework, since: str, end: str) -> None:
    now = datetime.fromisoformat(since) + HOUR
    work = Casework(framework, BRAM, now).open().answer({**LEAK, "bekend_sinds": since})
    told = [at for term, at in live(work, now + 100 * HOUR) if term == "T_AP72"]
    assert told[-1] == local(end)
    # Between two times of one zone Python counts by the clock on the wall: in UTC they are hours.
    spans = [(local(end).astimezone(UTC) - at.astimezone(UTC)) / HOUR for at in told]
    assert spans == [24, 4, 0]


# --- at most three, whatever happens ---------------------------------------------------

_STEPS = st.lists(
    st.one_of(
        st.integers(0, 400).map(lambda hours: ("wait", hours)),
        st.integers(-100, 100).map(lambda hours: ("since", hours)),
        st.sampled_from([("meet", "T_AP72"), ("meet", "T_LOG")]),
    ),
    max_size=12,
)


@given(_STEPS, st.booleans())
def test_never_more_than_three_and_never_after_it_was_met(
    framework: CompiledFramework, steps: list[tuple[str, int | str]], watched: bool
) -> None:
    work = Casework(framework, BRAM, NOW).open().answer(LEAK)
    for kind, value in steps:
        match kind, value:
            case "wait", int(hours):
                until = work.now + hours * HOUR
                if watched:
                    live(work, until)
                work.now = max(until, work.now)
                remind(work)
                assert not remind(work)
            case "since", int(hours):
                work.do(do.ChangeAnswer("bekend_sinds"))
                work.do(do.GiveAnswer("bekend_sinds", min(work.now, NOW + hours * HOUR).isoformat()))
            case _, term if term in by_id(work):
                work.do(do.MeetTerm(str(term)))
    met_at: dict[str, int] = {}
    counts: dict[str, list[int]] = {}
    for recorded in work.transcript:
        if isinstance(recorded.event, ReminderOwed):
            counts.setdefault(recorded.event.term, []).append(recorded.event.count)
            assert recorded.event.term not in met_at
            local_at = recorded.at.astimezone(AMSTERDAM)
            assert recorded.event.term == "T_AP72" or (local_at.weekday() < 5 and 9 <= local_at.hour < 18)
        elif getattr(recorded.event, "note", None) is not None and hasattr(recorded.event, "term"):
            met_at[recorded.event.term] = recorded.seq
    assert all(found == list(range(1, len(found) + 1)) and len(found) <= 3 for found in counts.values())


def test_a_fourth_reminder_is_refused(leak: Casework) -> None:
    leak.case = replace(leak.case, reminded={"T_AP72": 3})
    with pytest.raises(NoSuchTerm):
        leak.do(do.OweReminder("T_AP72", 4, ""), BOT)
    assert "T_AP72" not in [term.id for term in due_terms(leak.case, leak.framework, END)]


def test_nobody_but_the_bot_records_a_reminder(leak: Casework) -> None:
    with pytest.raises(NotPermitted):
        leak.do(do.OweReminder("T_AP72", 1, ""))


def test_an_urgent_term_may_disturb_at_any_time() -> None:
    night = local("2026-11-28 03:00")
    assert may_disturb(Term("T_AP72", "running", urgent=True), night)
    assert not may_disturb(Term(REVIEW, "running"), night)


def test_a_case_without_answers_has_nothing_to_remind_of(framework: CompiledFramework) -> None:
    """As of one whose rows are gone."""
    assert next_moment(Case("0" * 32), framework, NOW) is None


def test_after_it_was_opened_again_only_later_moments_count(leak: Casework) -> None:
    leak.do(do.FinishCase())
    leak.now = END + HOUR
    leak.do(do.ReopenCase("nieuwe feiten"))
    assert [at for term, at in live(leak, END + 48 * HOUR) if term == "T_AP72"] == [END + 2 * HOUR]


def test_a_decider_says_so_of_terms_on_the_card_alone(leak: Casework) -> None:
    met = do.MeetTerm("T_AP72", of_others=True)
    with pytest.raises(NoSuchTerm):
        leak.do(met, ANJA)
    leak.case = replace(leak.case, posted=Posted(1, "{}", leak.case.answers, NOW))
    with pytest.raises(NoSuchTerm):
        leak.do(do.MeetTerm("T_LOG", of_others=True), ANJA)
    leak.do(met, ANJA)
    leak.do(do.MeetTerm(REVIEW, of_others=True), ANJA)
    assert leak.case.met == {"T_AP72", REVIEW}


def test_the_day_of_a_review_is_a_day(framework: CompiledFramework) -> None:
    work = reviewed(framework, review="2026-12-10")
    due = by_id(work)[REVIEW].due
    assert due is not None
    assert due.date() == date(2026, 12, 10)
    work.now = local("2026-12-10 23:59")
    assert by_id(work)[REVIEW].status == "running"
