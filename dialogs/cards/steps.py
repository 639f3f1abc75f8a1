"""How steps, grades, reasons and terms are put in words, on the private advice and on the channel card."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from dialogs.cards.elements import Element, Voice, bold, run, runs
from dialogs.dates import hours_left, show_short
from state.advice import DeadlineAdvice, Reason
from state.duties import is_legal
from state.framework import Deadline, Framework, Grade

# Where a late report must say why it is late (its art. 33, paragraph 1); another law may want something else.
_LATE_WITH_REASONS = "AVG-33"


def citations(framework: Framework, basis: Iterable[str], voice: Voice) -> str:
    """Give the short citations of a basis, of which some may be frames."""
    return "; ".join(dict.fromkeys(citation(framework, one, voice) for one in basis))


def citation(framework: Framework, basis: str, voice: Voice) -> str:
    """Give the short citation of a source, or the name of a frame."""
    if basis in framework.source_by_id:
        return voice.of(framework.source_by_id[basis].short)
    return voice.of(framework.frame_by_id[basis].name)


def graded(framework: Framework, grade: str, voice: Voice) -> str:
    """Give a grade as its glyph and its words, never as a colour."""
    return in_words(framework.grade_by_id[grade], voice)


def in_words(grade: Grade, voice: Voice) -> str:
    """Give a grade's glyph and name, with a capital."""
    name = voice.of(grade.name)
    return f"{grade.glyph} {name[0].upper()}{name[1:]}"


def reason_pair(framework: Framework, reason: Reason, grade: str, voice: Voice) -> tuple[str, str]:
    """Give what a reason does, and the reason with its legal basis."""
    cited = citations(framework, reason.basis, voice)
    return sign(framework, reason, grade, voice), f"{voice.of(reason.text)} ({cited})"


def sign(framework: Framework, reason: Reason, grade: str, voice: Voice) -> str:
    """Give in words what a reason does; those that made the step's grade are its ground."""
    if reason.effect not in ("floor", "cap") or reason.grade is None:
        return voice.say(f"effect.{reason.effect}")
    if reason.grade == grade:
        return voice.say("effect.ground")
    return voice.say(f"effect.{reason.effect}", grade=voice.of(framework.grade_by_id[reason.grade].name))


# --- terms -----------------------------------------------------------------------------


def term_lines(
    framework: Framework, deadlines: Mapping[str, DeadlineAdvice], now: datetime, voice: Voice, *, posted: bool
) -> Iterator[Element]:
    """Give a line for each term: legal duties first, and called so; `posted`: hours are those at posting."""
    known = framework.deadline_by_id
    for legal in (True, False):
        found = [one for one in deadlines.values() if is_legal(framework, known[one.id]) is legal]
        if found:
            yield runs(bold(voice.say("term.legal" if legal else "term.other")), spacing="Small")
        for advice in found:
            yield term_line(framework, advice, now, voice, posted=posted)


def term_line(framework: Framework, advice: DeadlineAdvice, now: datetime, voice: Voice, *, posted: bool) -> Element:
    """Give what a term is, when it ends, and what the framework says about it."""
    deadline = framework.deadline_by_id[advice.id]
    # In no colour: Teams' red on its dark ground has a contrast of 3.2 to 1. The words say how pressing it is.
    what = "" if advice.status == "met" else f" {voice.of(deadline.text)}"
    return runs(
        bold(f"⏱ {voice.of(deadline.name)}: "),
        bold(_when(deadline, advice, now, voice, posted=posted)),
        run(f"{what} ({citation(framework, deadline.basis, voice)})"),
        spacing="Small",
    )


def term_change(
    framework: Framework,
    term: str,
    old: DeadlineAdvice | None,
    new: DeadlineAdvice | None,
    now: datetime,
    voice: Voice,
) -> Iterator[Element]:
    """Give pieces of a line that says what became of a term: it started, stopped, or stands otherwise."""
    deadline = framework.deadline_by_id[term]
    yield bold(f"⏱ {voice.of(deadline.name)}: ")
    if new is None:
        yield run(voice.say("difference.term_stopped"))
        return
    key = "started" if old is None and new.status not in ("met", "expired") else "changed"
    yield run(voice.say(f"difference.term_{key}", when=_when(deadline, new, now, voice, posted=False)))
    if old is not None and old.due is not None and old.due != new.due:
        yield run(" " + voice.say("difference.term_was", moment=show_short(old.due, voice.language)))


def _when(deadline: Deadline, advice: DeadlineAdvice, now: datetime, voice: Voice, *, posted: bool) -> str:
    """Give when a term ends; a term counted in hours is a last moment, another one a moment to know."""
    kind = "until" if deadline.hours else "at"
    if advice.status == "unknown":
        return voice.say(f"term.{kind}_unknown")
    if advice.due is None or advice.status not in ("running", "expired"):
        return voice.say(f"term.{advice.status}", calculation=voice.of(deadline.calculation))
    moment = show_short(advice.due, voice.language)
    if advice.status == "expired":
        is_late_report = kind == "until" and deadline.basis == _LATE_WITH_REASONS
        return voice.say(f"term.{kind}_{'report_late' if is_late_report else 'expired'}", moment=moment)
    left = _hours(hours_left(advice.due, now), voice)
    return voice.say(f"term.{kind}_posted" if posted else f"term.{kind}", moment=moment, left=left)


def _hours(hours: int, voice: Voice) -> str:
    key = "hours.none" if hours < 1 else "hours.one" if hours == 1 else "hours.many"
    return voice.say(key, hours=str(hours))
