"""The part of the dossier with every question as it was shown, and what was answered."""

from collections.abc import Iterator
from dataclasses import replace

from bot.dossier import words
from bot.dossier.document import Block, Bullets, Facts, Heading, Paragraph, Table
from bot.dossier.transcript import Dossier
from state.events import AnswerGiven, AnswersLapsed, AnswerValue, QuestionAsked, QuestionSkipped, Recorded
from state.framework import Question
from state.questionnaire import AnswerState, states_of

Put = tuple[Recorded, QuestionAsked]


def questions_and_answers(dossier: Dossier) -> list[Block]:
    """Give every question that was put, word for word, in the framework's order; then those that were not."""
    states = states_of(dossier.framework, dossier.case.answers)
    blocks: list[Block] = [
        Heading(2, "3. Vraag en antwoord"),
        Paragraph(
            "Letterlijk zoals getoond. Achter elke keuze staat tussen haakjes haar vaste kenmerk in het"
            " kader; ● is gekozen, ○ is niet gekozen.",
            "note",
        ),
    ]
    not_put = []
    for question in dossier.framework.framework.questions:
        put = _put(dossier, question.id)
        if put:
            blocks += _question(dossier, question, states[question.id], put)
        else:
            not_put.append((question, states[question.id]))
    return [*blocks, *_not_put(dossier, not_put)]


def _put(dossier: Dossier, question: str) -> list[Put]:
    asked = ((step.recorded, step.recorded.event) for step in dossier.steps)
    return [
        (recorded, event)
        for recorded, event in asked
        if isinstance(event, QuestionAsked) and event.question == question
    ]


def _question(dossier: Dossier, question: Question, state: AnswerState, put: list[Put]) -> Iterator[Block]:
    # The same words stand there once, however often and for whatever reason they were put.
    shown = list(dict.fromkeys(replace(event, reason="") for _, event in put))
    value = dossier.case.answers.get(question.id)
    number = dossier.framework.framework.number_of[question.id]
    yield Heading(3, f"Vraag {number}. {shown[0].text}", shown[0].language)
    for event in shown:
        if event is not shown[0]:
            yield Paragraph(f"Ook getoond in het {words.LANGUAGES.get(event.language, event.language)}:", "note")
            yield Paragraph(event.text, "quote", event.language)
        yield Paragraph(event.help, "note", event.language)
        if event.options:
            yield Bullets(_options(event, value), "options", event.language)
    yield Facts(_facts(dossier, question, state, put))


def _options(event: QuestionAsked, value: AnswerValue | None) -> tuple[str, ...]:
    chosen = () if value is None else (value,) if isinstance(value, str) else value
    return tuple(f"{'●' if option.id in chosen else '○'} {option.label} ({option.id})" for option in event.options)


def _facts(dossier: Dossier, question: Question, state: AnswerState, put: list[Put]) -> tuple[tuple[str, str], ...]:
    framework, case = dossier.framework.framework, dossier.case
    skipped = question.id in case.skipped and state is AnswerState.NOT_ASKED
    rows = [
        ("Fase en kenmerk", f"{framework.phase_by_id[question.phase].name.nl}; {question.id}"),
        ("Stand", "overgeslagen (niet verplicht)" if skipped else words.STATES[state]),
        ("Gesteld", "\n".join(_put_when(*one) for one in put)),
    ]
    if question.id in case.answers:
        rows.append(("Antwoord", words.in_words(framework, question.id, case.answers[question.id])))
    if case.notes.get(question.id) and question.id in case.answers:
        rows.append(("Opmerking", case.notes[question.id]))
    rows.append(("Verloop", "\n".join(_course(dossier, question.id)) or "geen antwoord gegeven"))
    return tuple(rows)


def _put_when(recorded: Recorded, event: QuestionAsked) -> str:
    because = words.ASKED_BECAUSE.get(event.reason, event.reason)
    return f"{words.moment(recorded.at)} (gebeurtenis {recorded.seq}, {because})"


def _course(dossier: Dossier, question: str) -> Iterator[str]:
    """Give every answer to a question in order, also those that were replaced or lapsed."""
    framework = dossier.framework.framework
    for step in dossier.steps:
        at = f"{words.moment(step.recorded.at)} (gebeurtenis {step.recorded.seq})"
        match step.recorded.event:
            case AnswerGiven(question=answered, value=value, note=note) if answered == question:
                remark = f"; opmerking: {note}" if note else ""
                yield f"{at}: {words.in_words(framework, question, value)}{remark}"
            case QuestionSkipped(question=skipped) if skipped == question:
                yield f"{at}: overgeslagen"
            case AnswersLapsed(questions=lapsed) if question in lapsed:
                yield f"{at}: vervallen"


def _not_put(dossier: Dossier, questions: list[tuple[Question, AnswerState]]) -> list[Block]:
    if not questions:
        return []
    numbers = dossier.framework.framework.number_of
    rows = tuple((str(numbers[question.id]), question.text.nl, words.STATES[state]) for question, state in questions)
    return [Table("Vragen die niet zijn gesteld", ("Nr.", "Vraag", "Stand"), rows)]
