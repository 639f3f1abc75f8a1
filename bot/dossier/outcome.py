"""The part of the dossier with the full advice: grades, reasons and basis, limits, terms, what is unknown."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.dossier import words
from bot.dossier.document import Block, Bullets, Facts, Heading, Paragraph, Table
from bot.dossier.timeline import grade_name, step_name
from bot.dossier.transcript import Dossier
from state.events import AdviceGiven, QuestionAsked
from state.framework import Framework
from state.weighing import touched_frames

Advice = Mapping[str, Any]


def advice_of(dossier: Dossier) -> Advice | None:
    """Give the last advice as it was recorded and shown."""
    step = dossier.last_advice
    if step is None or not isinstance(step.recorded.event, AdviceGiven):
        return None
    return step.recorded.event.advice


def outcome(dossier: Dossier) -> list[Block]:
    """Give the part with the advice."""
    heading = Heading(2, "4. Uitkomst van de weging")
    step, advice = dossier.last_advice, advice_of(dossier)
    if step is None or advice is None:
        return [heading, Paragraph("Er is geen advies gegeven: niet alle vragen zijn beantwoord.", "warning")]
    framework = dossier.framework.framework
    given = f"Zoals getoond op {words.moment(step.recorded.at)} (gebeurtenis {step.recorded.seq})."
    return [
        heading,
        Paragraph(f"{given} Een graad wijst aan; mensen besluiten."),
        *_outdated(dossier, step.recorded.seq),
        *_deadlines(framework, advice),
        *_stops(framework, advice),
        *_steps(dossier, advice),
        *_missing(framework, advice),
        *_sources(framework, advice),
    ]


def _outdated(dossier: Dossier, seq: int) -> Iterator[Block]:
    later = dossier.steps[seq:]
    if any(isinstance(step.recorded.event, QuestionAsked) for step in later):
        yield Paragraph("Na dit advies zijn opnieuw vragen gesteld en is nog geen nieuw advies gegeven.", "warning")


def _deadlines(framework: Framework, advice: Advice) -> Iterator[Block]:
    yield Heading(3, "Termijnen")
    if not advice["deadlines"]:
        yield Paragraph("Er lopen geen termijnen.", "note")
        return
    rows = tuple(_deadline(framework, key, found) for key, found in advice["deadlines"].items())
    headers = ("Termijn", "Uiterlijk", "Stand", "Berekening", "Toelichting", "Grondslag")
    yield Table("Termijnen op het moment van het advies", headers, rows)


def _deadline(framework: Framework, key: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    deadline = framework.deadline_by_id[key]
    return (
        f"{deadline.name.nl} ({key})",
        words.iso_moment(found["due"]) if found["due"] else "-",
        words.DEADLINES.get(found["status"], found["status"]),
        deadline.calculation.nl,
        deadline.text.nl,
        basis_names(framework, [deadline.basis]),
    )


def _stops(framework: Framework, advice: Advice) -> Iterator[Block]:
    yield Heading(3, "Grenzen")
    if not advice["stops"]:
        yield Paragraph("Er geldt geen grens.", "note")
        return
    stops = (framework.stop_by_id[key] for key in advice["stops"])
    yield Facts(tuple((f"{stop.name.nl} ({stop.id})", stop.text.nl) for stop in stops))


def indicated_and_chosen(dossier: Dossier, step: str, grade: str) -> str:
    """Give the indicated grade, with the one that the assessor chose where that is another."""
    framework, deviation = dossier.framework.framework, dossier.case.deviations.get(step)
    chosen = f"\nweger koos: {grade_name(framework, deviation.chosen)} (zie deel 5)" if deviation else ""
    return grade_name(framework, grade) + chosen


def _steps(dossier: Dossier, advice: Advice) -> Iterator[Block]:
    """Give the steps from the strongest grade to the lightest; a step without any rule only by name."""
    for grade in reversed(dossier.framework.framework.grades):
        steps = {key: found for key, found in advice["steps"].items() if found["grade"] == grade.id}
        yield Heading(3, f"{grade.glyph} {grade.name.nl[:1].upper()}{grade.name.nl[1:]}")
        yield from _of_one_grade(dossier, steps)


def _of_one_grade(dossier: Dossier, steps: Mapping[str, Any]) -> Iterator[Block]:
    if not steps:
        yield Paragraph("Geen stappen.", "note")
    bare = []
    for key, found in steps.items():
        if found["reasons"] or key in dossier.case.deviations:
            yield from _step(dossier, key, found)
        else:
            bare.append(step_name(dossier.framework.framework, key))
    if bare:
        yield Paragraph("Zonder regel die hierop ziet:", "note")
        yield Bullets(tuple(bare))


def _step(dossier: Dossier, key: str, found: Mapping[str, Any]) -> Iterator[Block]:
    framework = dossier.framework.framework
    step = framework.step_by_id[key]
    yield Heading(4, f"{step.name.nl} ({key})")
    yield Facts((
        ("Graad", indicated_and_chosen(dossier, key, found["grade"])),
        ("Begingraad", grade_name(framework, step.base)),
        ("Wie besluit", found["decider"]),
        ("Al gedaan", "ja" if found["done"] else "nee"),
    ))
    if found["reasons"]:
        yield _reasons(framework, step.name.nl, found["reasons"])


def _reasons(framework: Framework, step: str, reasons: list[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (
            reason["rule"],
            _effect(framework, reason),
            reason["text"],
            basis_names(framework, reason["basis"]),
            "ja" if reason["channel"] else "nee",
        )
        for reason in reasons
    )
    headers = ("Regel", "Werking", "Reden", "Grondslag", "Mag in kanaal")
    return Table(f"Redenen bij “{step}”", headers, rows)


def _effect(framework: Framework, reason: Mapping[str, Any]) -> str:
    """Give what a rule does, with the grade to which it raises or limits."""
    word = words.EFFECTS.get(reason["effect"], reason["effect"])
    rule = framework.rule_by_id.get(reason["rule"])
    grade = rule and (rule.effect.floor or rule.effect.cap)
    return f"{word} {grade_name(framework, grade)}" if grade else word


def _missing(framework: Framework, advice: Advice) -> Iterator[Block]:
    yield Heading(3, "Nog onbekend, en wat dat kan veranderen")
    if not advice["missing"]:
        yield Paragraph("Geen onbekend antwoord kan dit advies veranderen.", "note")
        return
    rows = tuple(
        (
            _question(framework, one["question"]),
            ", ".join(step_name(framework, step) for step in one["could_change"]),
        )
        for one in advice["missing"]
    )
    yield Table("Onbekende feiten", ("Vraag", "Kan veranderen"), rows)


def _question(framework: Framework, question: str) -> str:
    return f"Vraag {framework.number_of[question]}. {framework.question_by_id[question].text.nl}"


def _sources(framework: Framework, advice: Advice) -> Iterator[Block]:
    """Give every source that a reason or a term rests on, with how well it was read."""
    reasons = [reason for step in advice["steps"].values() for reason in step["reasons"]]
    cited = {source for reason in reasons for source in reason["basis"]}
    cited |= {framework.deadline_by_id[key].basis for key in advice["deadlines"]}
    frames = [framework.frame_by_id[frame].name.nl for frame in touched_frames(framework, cited)]
    yield Heading(3, "Kaders en bronnen")
    yield Paragraph("Geraakte kaders: " + (", ".join(frames) or "geen") + ".")
    rows = tuple(
        (source.id, source.short.nl, source.name.nl, words.SOURCE_STATUS[source.status], source.found_at.nl)
        for source in framework.sources
        if source.id in cited
    )
    yield Table("Bronnen van dit advies", ("Kenmerk", "Kort", "Bron", "Stand", "Vindplaats"), rows)


def basis_names(framework: Framework, basis: list[str]) -> str:
    """Give the short names of sources and frames with their ids."""
    return "\n".join(f"{_short(framework, one)} ({one})" for one in basis)


def _short(framework: Framework, one: str) -> str:
    source, frame = framework.source_by_id.get(one), framework.frame_by_id.get(one)
    return source.short.nl if source else frame.name.nl if frame else one
