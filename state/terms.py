"""The terms that run in a case, and when a person is reminded of each: pure, of case, framework and moment.

A term with a moment of its own (72 hours, publication) is urgent: it is reminded of at any time of day. Others wait
for a weekday between 9 and 18 o'clock. Where the framework gives no moment, none is made up.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from state.advice import AMSTERDAM, DeadlineAdvice
from state.case import Case
from state.compiled import CompiledFramework
from state.conditions import UNKNOWN
from state.deadlines import deadlines_of
from state.events import REVIEW
from state.weighing import review_date

MOST_REMINDERS = 3
NO_DATE, RUNNING, EXPIRED = "no_date", "running", "expired"

# Before the end: of a term that is counted in hours, and of a moment at which something happens anyway.
_COUNTED = (timedelta(hours=24), timedelta(hours=4), timedelta(0))
_AWAITED = (timedelta(hours=3), timedelta(hours=1), timedelta(0))
# The framework says of log files "usually 6 months, sometimes shorter": early, since nobody knows how much shorter.
_LOGS = "T_LOG"
_AFTER_ADVICE = (timedelta(days=1), timedelta(days=7), timedelta(days=28))
_AROUND_REVIEW = (timedelta(days=-1), timedelta(0), timedelta(days=7))
# Of what was over when it became known: not while the person is still answering.
_AFTERWARDS = timedelta(hours=1)
_OPENS, _CLOSES, _SATURDAY = time(9), time(18), 5


@dataclass(frozen=True, slots=True)
class Term:
    """A term that runs: when it ends (of a day: its beginning; None without a moment), and when to remind of it."""

    id: str
    status: str
    due: datetime | None = None
    moments: tuple[datetime, ...] = ()
    urgent: bool = False


def running_terms(case: Case, compiled: CompiledFramework, now: datetime) -> tuple[Term, ...]:
    """Give the terms that were started and neither met nor recorded as met: the framework's, then the review."""
    return () if case.is_closed else (*open_terms(case, compiled, now), *_review(case, compiled, now))


def open_terms(case: Case, compiled: CompiledFramework, now: datetime) -> tuple[Term, ...]:
    """Give the framework's own of those, also of a closed case: the law goes on, the reminders do not."""
    deadlines = deadlines_of(compiled, case.answers, now).values()
    return tuple(_term(one, case, compiled) for one in deadlines if one.status != "met" and one.id not in case.met)


def due_terms(case: Case, compiled: CompiledFramework, now: datetime) -> tuple[Term, ...]:
    """Give the terms of which a reminder is due now; of several that were missed, one."""
    return tuple(
        term
        for term in _watched(case, compiled, now)
        if any(moment <= now for moment in _pending(case, term)) and may_disturb(term, now)
    )


def next_moment(
    case: Case, compiled: CompiledFramework, now: datetime, passed: Collection[str] = ()
) -> datetime | None:
    """Give when the next reminder is due, now where one was missed; of the terms in `passed` a later one alone."""
    moments = (
        _moved(max(moment, now), term)
        for term in _watched(case, compiled, now)
        for moment in _pending(case, term)
        if moment > now or term.id not in passed
    )
    return min(moments, default=None)


def may_disturb(term: Term, now: datetime) -> bool:
    """Tell whether people may be reminded of this term at this moment."""
    return _moved(now, term) == now


def in_office_hours(moment: datetime) -> datetime:
    """Give the first moment from this one on that is on a weekday between 9 and 18 o'clock in Amsterdam."""
    local = moment.astimezone(AMSTERDAM)
    day, is_over = local.date(), local.time() >= _CLOSES
    if day.weekday() < _SATURDAY and _OPENS <= local.time() < _CLOSES:
        return moment.astimezone(UTC)
    day += timedelta(days=1 if is_over else 0)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return _opening(day)


def _moved(moment: datetime, term: Term) -> datetime:
    return moment.astimezone(UTC) if term.urgent else in_office_hours(moment)


def _opening(day: date) -> datetime:
    return datetime.combine(day, _OPENS, AMSTERDAM).astimezone(UTC)


# --- which terms, and when -------------------------------------------------------------


def _watched(case: Case, compiled: CompiledFramework, now: datetime) -> tuple[Term, ...]:
    """Give the running terms, unless nobody is reminded of anything: an exercise has no terms."""
    return () if case.is_practice else running_terms(case, compiled, now)


def _term(advice: DeadlineAdvice, case: Case, compiled: CompiledFramework) -> Term:
    if advice.due is not None:
        # In UTC: an hour before is an hour before, also in the night of a clock change.
        due = advice.due.astimezone(UTC)
        before = _COUNTED if compiled.framework.deadline_by_id[advice.id].hours else _AWAITED
        return Term(advice.id, advice.status, advice.due, tuple(due - wait for wait in before), urgent=True)
    started = case.started.get(advice.id) if advice.id == _LOGS else None
    moments = [in_office_hours(started + wait) for wait in _AFTER_ADVICE] if started else []
    return Term(advice.id, advice.status, moments=tuple(moments))


def _review(case: Case, compiled: CompiledFramework, now: datetime) -> Iterator[Term]:
    day = _review_day(case, compiled)
    if day is None or REVIEW in case.met:
        return
    moments = dict.fromkeys(in_office_hours(_opening(day + shift)) for shift in _AROUND_REVIEW)
    is_over = now.astimezone(AMSTERDAM).date() > day
    due = datetime.combine(day, time(0), AMSTERDAM)
    yield Term(REVIEW, EXPIRED if is_over else RUNNING, due, tuple(moments))


def _review_day(case: Case, compiled: CompiledFramework) -> date | None:
    """Give the day of the next look: as decided, as answered, else the one that stands on the card in the channel.

    None before anything was advised.
    """
    answer = case.answers.get(compiled.framework.review_date.question)
    if not case.advised:
        return None
    if case.review:
        return date.fromisoformat(case.review)
    if isinstance(answer, str) and answer != UNKNOWN:
        return date.fromisoformat(answer)
    return review_date(compiled.framework, case.posted.answers, case.posted.at) if case.posted else None


def _pending(case: Case, term: Term) -> tuple[datetime, ...]:
    """Give the moments that are still to be reminded at: since the last reminder, and since the term is known."""
    if case.reminded.get(term.id, 0) >= MOST_REMINDERS or not term.moments:
        return ()
    known = [at for at in (case.known_at, case.reminded_at.get(term.id)) if at]
    pending = tuple(moment for moment in term.moments if not known or moment > max(known))
    if pending or term.id in case.reminded or case.known_at is None:
        return pending
    return (case.known_at + _AFTERWARDS,)
