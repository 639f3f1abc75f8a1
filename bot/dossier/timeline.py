"""What happened in a case, told one event at a time in Dutch."""

from datetime import date
from functools import singledispatch

from bot.dossier import words
from bot.dossier.document import Block, Facts, Heading, Paragraph, Table
from bot.dossier.transcript import Dossier, Step
from state.events import (
    AdviceGiven,
    AnswerGiven,
    AnswersLapsed,
    CardGone,
    CardOwed,
    CardPosted,
    CardRefused,
    CardWithdrawn,
    CaseAccepted,
    CaseFinished,
    CaseOffered,
    CaseOpened,
    CasePaused,
    CaseReopened,
    CaseResumed,
    CaseStopped,
    DecisionRecorded,
    DeviationRecorded,
    DeviationWithdrawn,
    DissentRecorded,
    Event,
    MemberInvolved,
    OfferEnded,
    PreviewShown,
    QuestionAsked,
    QuestionSkipped,
    ReminderOwed,
    StepDecision,
    SubjectChosen,
    TermMet,
    WordsKept,
)
from state.framework import Framework


def timeline(dossier: Dossier) -> list[Block]:
    """Give the part with everything that happened, in order."""
    framework = dossier.framework.framework
    rows = tuple(
        (
            str(step.recorded.seq),
            words.moment(step.recorded.at),
            f"{step.recorded.actor.name} ({words.role(step.recorded.actor)})",
            tell(step.recorded.event, step, framework),
        )
        for step in dossier.steps
    )
    table = Table("Gebeurtenissen in volgorde", ("Nr.", "Tijdstip", "Wie", "Wat"), rows)
    return [Heading(2, "2. Tijdlijn"), *_starts(dossier), table]


def _starts(dossier: Dossier) -> list[Block]:
    """Give the moments from which terms run, as they were answered."""
    framework, answers = dossier.framework.framework, dossier.case.answers
    starts = dict.fromkeys(deadline.starts_from for deadline in framework.deadlines if deadline.starts_from)
    rows = tuple(
        (framework.question_by_id[start].text.nl, words.in_words(framework, start, answers[start]))
        for start in starts
        if start in answers
    )
    if not rows:
        return [Paragraph("Er is geen moment beantwoord waarop een termijn begint.", "note")]
    return [Facts(rows)]


@singledispatch
def tell(event: Event, step: Step, framework: Framework) -> str:
    """Give a sentence on what happened."""
    raise NotImplementedError(type(event).__name__)


@tell.register
def _(event: CaseOpened, step: Step, framework: Framework) -> str:
    return f"Weging {event.number} begonnen onder kader {event.framework}, versie {event.framework_version}."


@tell.register
def _(event: QuestionAsked, step: Step, framework: Framework) -> str:
    because = words.ASKED_BECAUSE.get(event.reason, event.reason)
    return f"Vraag {event.number} gesteld ({because}): {event.text}"


@tell.register
def _(event: AnswerGiven, step: Step, framework: Framework) -> str:
    number = framework.number_of.get(event.question, event.question)
    new = words.in_words(framework, event.question, event.value)
    note = f"\nOpmerking: {event.note}" if event.note else ""
    if event.previous is None:
        return f"Vraag {number} beantwoord: {new}{note}"
    old = words.in_words(framework, event.question, event.previous)
    if event.previous == event.value:
        return f"Vraag {number} opnieuw hetzelfde beantwoord: {new}{note}"
    return f"Antwoord op vraag {number} gewijzigd.\nOud: {old}\nNieuw: {new}{note}"


@tell.register
def _(event: QuestionSkipped, step: Step, framework: Framework) -> str:
    return f"Vraag {framework.number_of.get(event.question, event.question)} overgeslagen (niet verplicht)."


@tell.register
def _(event: AnswersLapsed, step: Step, framework: Framework) -> str:
    lapsed = (
        f"Vraag {framework.number_of.get(question, question)}: "
        + (
            words.in_words(framework, question, step.before.answers[question])
            if question in step.before.answers
            else "overgeslagen"
        )
        for question in event.questions
    )
    return "Vervallen, telt niet meer mee:\n" + "\n".join(lapsed)


@tell.register
def _(event: AdviceGiven, step: Step, framework: Framework) -> str:
    return "Alle vragen zijn beantwoord. Het volledige advies is getoond."


@tell.register
def _(event: DeviationRecorded, step: Step, framework: Framework) -> str:
    name = step_name(framework, event.step)
    old, new = grade_name(framework, event.indicated), grade_name(framework, event.chosen)
    return f"Afgeweken bij “{name}”: van “{old}” naar “{new}”.\nReden: {event.reason}"


@tell.register
def _(event: DeviationWithdrawn, step: Step, framework: Framework) -> str:
    return f"Afwijking bij “{step_name(framework, event.step)}” ingetrokken."


@tell.register
def _(event: SubjectChosen, step: Step, framework: Framework) -> str:
    return f"Neutraal onderwerp voor de kaart gekozen: {event.label}."


@tell.register
def _(event: PreviewShown, step: Step, framework: Framework) -> str:
    return f"Voorbeeld getoond van kaart v{event.version}, zoals die geplaatst zou worden."


@tell.register
def _(event: CardOwed, step: Step, framework: Framework) -> str:
    return f"Plaatsing van kaart v{event.version} bevestigd."


@tell.register
def _(event: CardPosted, step: Step, framework: Framework) -> str:
    return f"Kaart v{event.version} staat in het CMT-kanaal."


@tell.register
def _(event: CardRefused, step: Step, framework: Framework) -> str:
    return f"Teams heeft kaart v{event.version} geweigerd (code {event.code})."


@tell.register
def _(event: CardWithdrawn, step: Step, framework: Framework) -> str:
    because = words.WITHDRAWN_BECAUSE.get(event.because, event.because)
    reason = f"\nReden: {event.reason}" if event.reason else ""
    return f"Kaart v{event.version} ingetrokken, want {because}.{reason}"


@tell.register
def _(event: CardGone, step: Step, framework: Framework) -> str:
    return f"Kaart v{event.version}: {words.GONE.get(event.outcome, event.outcome)}."


@tell.register
def _(event: DecisionRecorded, step: Step, framework: Framework) -> str:
    where = f"op kaart v{event.version}" if event.version else "in de privéchat"
    vouched = ", voor wie bevoegd is" if event.vouched else ""
    lines = [f"Besluit vastgelegd {where}{vouched} (ronde {event.round})."]
    lines += [f"{step_name(framework, one.step)}: {decided(one)}" for one in event.decisions]
    if event.review:
        lines.append(f"Opnieuw bekijken op {words.long_date(date.fromisoformat(event.review))}.")
    return "\n".join(lines)


def decided(one: StepDecision) -> str:
    """Give a decision on one step, with what it deviates from and why."""
    word = words.DECIDED.get(one.decided, one.decided)
    deviating = " (wijkt af)" if one.deviates else ""
    reason = f"; reden: {one.reason}" if one.reason else ""
    return f"{word}{deviating}{reason}"


@tell.register
def _(event: DissentRecorded, step: Step, framework: Framework) -> str:
    return f"Afwijkende mening bij kaart v{event.version}. Reden: {event.reason}"


@tell.register
def _(event: MemberInvolved, step: Step, framework: Framework) -> str:
    return "Gaf op de kaart aan betrokken te zijn, en heeft sindsdien geen toegang meer tot deze zaak."


@tell.register
def _(event: ReminderOwed, step: Step, framework: Framework) -> str:
    due = f", die eindigt op {words.iso_moment(event.due)}" if "T" in event.due else ""
    return f"Herinnering {event.count} aan de termijn “{term_name(framework, event.term)}”{due}."


@tell.register
def _(event: TermMet, step: Step, framework: Framework) -> str:
    note = f"\nOpmerking: {event.note}" if event.note else ""
    return f"Vastgelegd dat is gedaan waar de termijn “{term_name(framework, event.term)}” over gaat.{note}"


@tell.register
def _(event: WordsKept, step: Step, framework: Framework) -> str:
    audience = words.AUDIENCES.get(event.audience, event.audience)
    return f"Tekst bewaard ({audience}, {words.LANGUAGES.get(event.language, event.language)}):\n{event.text}"


@tell.register
def _(event: CaseReopened, step: Step, framework: Framework) -> str:
    return f"Weging heropend. Reden: {event.reason}"


@tell.register
def _(event: CaseOffered, step: Step, framework: Framework) -> str:
    because = words.BECAUSE.get(event.because, event.because)
    reason = f"\nToelichting: {event.reason}" if event.reason else ""
    return f"Weging aangeboden aan {words.person(event.to)}, omdat {because}.{reason}"


@tell.register
def _(event: OfferEnded, step: Step, framework: Framework) -> str:
    return "Aanbod niet aanvaard." if event.declined else "Aanbod ingetrokken."


@tell.register
def _(event: CaseAccepted, step: Step, framework: Framework) -> str:
    return "Weging overgenomen."


@tell.register
def _(event: CasePaused, step: Step, framework: Framework) -> str:
    return "Weging onderbroken."


@tell.register
def _(event: CaseResumed, step: Step, framework: Framework) -> str:
    return "Weging hervat."


@tell.register
def _(event: CaseFinished, step: Step, framework: Framework) -> str:
    return "Weging afgesloten."


@tell.register
def _(event: CaseStopped, step: Step, framework: Framework) -> str:
    return "Weging afgebroken."


def step_name(framework: Framework, step: str) -> str:
    """Give the Dutch name of a step, or its id when the framework does not know it."""
    known = framework.step_by_id.get(step)
    return known.name.nl if known else step


def term_name(framework: Framework, term: str) -> str:
    """Give the Dutch name of a term, or its id when the framework does not know it."""
    known = framework.deadline_by_id.get(term)
    return known.name.nl if known else words.TERMS.get(term, term)


def grade_name(framework: Framework, grade: str) -> str:
    """Give the Dutch name of a grade with its glyph, or its id when the framework does not know it."""
    known = framework.grade_by_id.get(grade)
    return f"{known.glyph} {known.name.nl}" if known else grade
