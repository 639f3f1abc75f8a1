"""The part of the dossier with what people decided: on each step, otherwise than advised, against it, and after it."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot.dossier import words
from bot.dossier.document import Block, Heading, Paragraph, Table
from bot.dossier.outcome import advice_of, indicated_and_chosen
from bot.dossier.timeline import grade_name, step_name, tell
from bot.dossier.transcript import Dossier, Step
from state.events import (
    DecisionRecorded,
    DeviationRecorded,
    DeviationWithdrawn,
    DissentRecorded,
    Event,
    MemberInvolved,
    Recorded,
    ReminderOwed,
    StepDecision,
    TermMet,
    WordsKept,
)


def decisions(dossier: Dossier) -> list[Block]:
    """Give the part with all that people decided, every earlier decision included."""
    return [
        Heading(2, "5. Wat mensen besloten"),
        Heading(3, "Afwijkingen van het advies door de weger"),
        *_deviations(dossier),
        Heading(3, "Besluiten"),
        *_recorded(dossier),
        *_left(dossier),
        *_told(dossier, "Afwijkende meningen en betrokkenheid", (DissentRecorded, MemberInvolved)),
        *_told(dossier, "Termijnen: herinneringen en wat is gedaan", (ReminderOwed, TermMet)),
        *_told(dossier, "Woorden voor anderen, zoals bewaard", (WordsKept,)),
    ]


def _deviations(dossier: Dossier) -> Iterator[Block]:
    rows = tuple(row for step in dossier.steps for row in _deviation(dossier, step))
    if not rows:
        yield Paragraph("De weger is nergens van het advies afgeweken.", "note")
        return
    headers = ("Stap", "Aangegeven", "Gekozen", "Reden", "Door", "Wanneer")
    yield Table("Afwijkingen, in volgorde", headers, rows)


def _deviation(dossier: Dossier, step: Step) -> Iterator[tuple[str, ...]]:
    framework, recorded = dossier.framework.framework, step.recorded
    by, at = words.person(recorded.actor), f"{words.moment(recorded.at)} (gebeurtenis {recorded.seq})"
    match recorded.event:
        case DeviationRecorded(step=name, indicated=old, chosen=new, reason=reason):
            grades = (grade_name(framework, old), grade_name(framework, new))
            yield (step_name(framework, name), *grades, reason, by, at)
        case DeviationWithdrawn(step=name):
            yield (step_name(framework, name), "-", "ingetrokken", "-", by, at)


def _recorded(dossier: Dossier) -> Iterator[Block]:
    """Give what counts now, and then every round as it was recorded: an earlier decision is never replaced."""
    rounds = [step.recorded for step in dossier.steps if isinstance(step.recorded.event, DecisionRecorded)]
    if not rounds:
        yield Paragraph("Er zijn nog geen besluiten vastgelegd.", "warning")
        return
    if len(rounds) > 1:
        yield Paragraph("Wie een besluit herziet, laat het eerdere staan: per stap geldt het laatste.", "note")
        yield _last(dossier, rounds)
        yield from _review("Opnieuw bekijken op", dossier.case.review)
    for recorded in rounds:
        yield from _round(dossier, recorded)


def _last(dossier: Dossier, rounds: Sequence[Recorded]) -> Table:
    last = {
        one.step: (one, recorded.event.round)
        for recorded in rounds
        if isinstance(recorded.event, DecisionRecorded)
        for one in recorded.event.decisions
    }
    rows = tuple(
        (step_name(dossier.framework.framework, step), _word(one), one.competent, f"ronde {number}")
        for step, (one, number) in last.items()
    )
    return Table("Wat nu geldt, per stap", ("Stap", "Besluit", "Bevoegd volgens het kader", "Vastgelegd in"), rows)


def _round(dossier: Dossier, recorded: Recorded) -> Iterator[Block]:
    framework, event = dossier.framework.framework, recorded.event
    assert isinstance(event, DecisionRecorded)  # noqa: S101  # `_recorded` gives nothing else
    where = f"op kaart v{event.version}" if event.version else "in de privéchat"
    vouched = ", die zegt dat wie bevoegd is zo besloot" if event.vouched else ""
    by = f"vastgelegd door {words.person(recorded.actor)}{vouched}"
    said = f"Ronde {event.round}, {by}, {where}, {words.moment(recorded.at)} (gebeurtenis {recorded.seq})"
    rows = tuple(
        (
            f"{step_name(framework, one.step)}\n{grade_name(framework, one.indicated)}",
            one.competent,
            _word(one),
            one.reason or "-",
        )
        for one in event.decisions
    )
    if rows:
        yield Table(said, ("Stap en wat het kader aangaf", "Bevoegd volgens het kader", "Besluit", "Reden"), rows)
    else:
        yield Paragraph(f"{said}:")
    yield from _review(f"Ronde {event.round}: opnieuw bekijken op", event.review)


def _review(said: str, day: str) -> Iterator[Block]:
    if day:
        yield Paragraph(f"{said} {words.long_date(date.fromisoformat(day))}.")


def _word(one: StepDecision) -> str:
    return words.DECIDED.get(one.decided, one.decided) + ("\nwijkt af" if one.deviates else "")


def _left(dossier: Dossier) -> Iterator[Block]:
    """Give a row to fill in for each step above the lightest grade, or deviated on, that was not decided on."""
    advice, framework, deviations = advice_of(dossier), dossier.framework.framework, dossier.case.deviations
    if advice is None:
        return
    lightest, made = framework.grades[0].id, dossier.case.decisions
    rows = tuple(
        (step_name(framework, key), indicated_and_chosen(dossier, key, found["grade"]), found["decider"], "", "", "")
        for key, found in advice["steps"].items()
        if key not in made and (found["grade"] != lightest or key in deviations)
    )
    if not rows:
        return
    yield Paragraph(
        "Over deze stappen is nog geen besluit vastgelegd. Dit dossier is pas rond als hier per stap staat wat is"
        " besloten, door wie en wanneer, en bij afwijking van het advies waarom.",
        "warning",
    )
    headers = ("Stap", "Advies", "Wie besluit", "Besluit", "Door wie, wanneer", "Motivering bij afwijking")
    yield Table("In te vullen", headers, rows, "fill")


def _told(dossier: Dossier, title: str, kinds: tuple[type[Event], ...]) -> Iterator[Block]:
    """Give the events of some kinds as the timeline tells them; nothing where there are none."""
    rows = tuple(
        (
            words.moment(step.recorded.at),
            words.person(step.recorded.actor),
            tell(step.recorded.event, step, dossier.framework.framework),
        )
        for step in dossier.steps
        if isinstance(step.recorded.event, kinds)
    )
    if rows:
        yield Heading(3, title)
        yield Table(title, ("Tijdstip", "Wie", "Wat"), rows)
