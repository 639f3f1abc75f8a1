"""The decisions of the CMT: on each step, dissent, involvement, terms that were met, and words for others."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from state import commands as do
from state import lifecycle
from state.advice import StepAdvice
from state.asking import go_on
from state.case import Case
from state.duties import DECIDED, deviates
from state.errors import (
    CardAbsent,
    CardOutdated,
    CommandRefused,
    DecidedMeanwhile,
    DecisionReasonMissing,
    DissentReasonMissing,
    NoSuchTerm,
    NothingDecided,
    VouchNeeded,
    WordsChanged,
    WordsMissing,
)
from state.events import (
    REVIEW,
    CardWithdrawn,
    CaseOffered,
    DecisionRecorded,
    DissentRecorded,
    Event,
    MemberInvolved,
    OfferEnded,
    ReminderOwed,
    StepDecision,
    TermMet,
    WordsKept,
)
from state.framework import Framework
from state.involvement import may_take
from state.setting import Setting
from state.terms import MOST_REMINDERS, running_terms
from state.weighing import weigh, weigh_for_channel

AUDIENCES = ("council", "press", "staff")
DECIDER = "decider"
Events = Sequence[Event]


# --- what can be decided ---------------------------------------------------------------


def steps_on_card(case: Case, setting: Setting) -> Mapping[str, StepAdvice]:
    """Give the steps that the card in the channel shows above the lightest grade, as they were when it was made."""
    if case.posted is None:
        return {}
    advice = weigh_for_channel(setting.framework, case.posted.answers, case.posted.at)
    return _indicated(setting.framework.framework, advice.steps)


def steps_of_advice(case: Case, setting: Setting) -> Mapping[str, StepAdvice]:
    """Give the steps of the full advice above the lightest grade, as they are now."""
    return _indicated(setting.framework.framework, weigh(setting.framework, case.answers, setting.now).steps)


def terms_on_card(case: Case, setting: Setting) -> Collection[str]:
    """Give the terms that the card in the channel shows; the day of the next look is one of them."""
    if case.posted is None:
        return ()
    return {REVIEW, *weigh_for_channel(setting.framework, case.posted.answers, case.posted.at).deadlines}


def _indicated(framework: Framework, steps: Mapping[str, StepAdvice]) -> Mapping[str, StepAdvice]:
    """Give them as the cards have them: the strongest grade first."""
    lightest, rank = framework.grades[0].id, framework.rank_of
    found = [step for step in steps.values() if step.grade != lightest]
    return {step.step: step for step in sorted(found, key=lambda step: -rank[step.grade])}


# --- recording -------------------------------------------------------------------------


def record_decision(command: do.RecordDecision, case: Case, setting: Setting) -> Events:
    """Take decisions on the card; of two that come at once the first counts."""
    lifecycle.check_phase(case.phase, "decision.recorded")
    check_card(case, command.version)
    if command.round != case.round:
        raise DecidedMeanwhile
    decisions = tuple(_decisions(command.choices, steps_on_card(case, setting), case, setting))
    is_decider = setting.actor.role == DECIDER
    if not (is_decider or command.vouched):
        raise VouchNeeded
    return [_recorded(command.version, case, decisions, command.review, vouched=not is_decider)]


def decide_privately(command: do.DecidePrivately, case: Case, setting: Setting) -> Events:
    """Take decisions in the private chat, also on steps that may not be in the channel."""
    lifecycle.check_phase(case.phase, "decision.recorded")
    if case.phase == lifecycle.ASKING:
        raise CommandRefused
    if command.round != case.round:
        raise DecidedMeanwhile
    decisions = tuple(_decisions(command.choices, steps_of_advice(case, setting), case, setting))
    return [_recorded(0, case, decisions, command.review, vouched=False)]


def _recorded(
    version: int, case: Case, decisions: tuple[StepDecision, ...], review: str, *, vouched: bool
) -> DecisionRecorded:
    review = "" if review == case.review else review
    if review and not _is_day(review):
        raise CommandRefused
    if not (decisions or review):
        raise NothingDecided
    return DecisionRecorded(version, case.round + 1, decisions, review, vouched)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _decisions(
    choices: Mapping[str, do.Choice], steps: Mapping[str, StepAdvice], case: Case, setting: Setting
) -> Iterator[StepDecision]:
    """Give what was decided anew; raises DecisionReasonMissing that names every step without its reason."""
    if not choices.keys() <= steps.keys() or any(choice.decided not in DECIDED for choice in choices.values()):
        raise CommandRefused
    made = [_decision(steps[key], choices[key], setting) for key in steps if key in choices]
    lacking = tuple(one.step for one in made if one.deviates and not one.reason)
    if lacking:
        raise DecisionReasonMissing(lacking)
    return (one for one in made if not _is_known(one, case))


def _decision(step: StepAdvice, choice: do.Choice, setting: Setting) -> StepDecision:
    return StepDecision(
        step=step.step,
        indicated=step.grade,
        decided=choice.decided,
        competent=step.decider.in_language(setting.language),
        deviates=deviates(setting.framework.framework, step, choice.decided),
        reason=choice.reason.strip(),
    )


def _is_known(one: StepDecision, case: Case) -> bool:
    known = case.decisions.get(one.step)
    return known is not None and (known.decided, known.indicated, known.reason) == (
        one.decided,
        one.indicated,
        one.reason,
    )


def check_card(case: Case, version: int) -> None:
    """Raise CardAbsent where no card stands, CardOutdated where another version does."""
    if case.posted is None:
        raise CardAbsent
    if version != case.posted.version:
        raise CardOutdated


# --- members ---------------------------------------------------------------------------


def dissent(command: do.Dissent, case: Case, setting: Setting) -> Events:
    """Keep that a member does not agree, for the dossier; the same said twice, as by a double click, is one."""
    lifecycle.check_phase(case.phase, "dissent.recorded")
    check_card(case, command.version)
    if not command.reason.strip():
        raise DissentReasonMissing
    said = DissentRecorded(command.version, command.reason.strip())
    return [] if case.dissents.get(setting.actor.id) == said else [said]


def say_involved(command: do.SayInvolved, case: Case, setting: Setting) -> Events:
    """Close the case to a member who is involved; the card goes, and a decider gets the case privately.

    rules.md and output.md part 2: where a member of CMT or college is involved, no card is in the channel.
    """
    lifecycle.check_phase(case.phase, "member.involved")
    check_card(case, command.version)
    events: list[Event] = []
    is_receiver = case.offered_to is not None and case.offered_to.id == setting.actor.id
    if is_receiver:
        events += [OfferEnded(declined=True), *go_on(case, setting)]
    events += [MemberInvolved(command.version), CardWithdrawn(command.version, "involved")]
    if is_receiver or case.phase != lifecycle.OFFERED:
        events += _to_decider(case, command, setting)
    return events


def _to_decider(case: Case, command: do.SayInvolved, setting: Setting) -> Iterator[Event]:
    """Offer the case to a decider, unless one has it who is not the one that is involved."""
    heir, holder = command.heir, case.assessor
    is_holder = holder is not None and holder.id == setting.actor.id
    stays = holder is not None and holder.role == DECIDER and not is_holder
    if stays or heir is None or heir.id == setting.actor.id or not may_take(case, heir, "no_card"):
        return
    yield CaseOffered(heir, "involved" if is_holder else "no_card")


# --- terms and words -------------------------------------------------------------------


def owe_reminder(command: do.OweReminder, case: Case, setting: Setting) -> Events:
    """Keep that a reminder goes out, so that no other instance sends it."""
    lifecycle.check_phase(case.phase, "reminder.owed")
    count = case.reminded.get(command.term, 0) + 1
    if command.term in case.met or command.count != count or count > MOST_REMINDERS:
        raise NoSuchTerm
    return [ReminderOwed(command.term, command.count, command.due)]


def meet_term(command: do.MeetTerm, case: Case, setting: Setting) -> Events:
    """Keep that what a term is about was done; who does not hold the case says so of terms on the card alone."""
    lifecycle.check_phase(case.phase, "term.met")
    runs = {term.id for term in running_terms(case, setting.framework, setting.now)}
    is_shown = not command.of_others or command.term in terms_on_card(case, setting)
    if command.term not in runs or not is_shown:
        raise NoSuchTerm
    return [TermMet(command.term, command.note.strip())]


def keep_words(command: do.KeepWords, case: Case, setting: Setting) -> Events:
    """Keep a text for others, unless it was changed elsewhere meanwhile."""
    lifecycle.check_phase(case.phase, "words.kept")
    text = command.text.strip()
    if command.audience not in AUDIENCES or not text:
        raise WordsMissing
    known = case.words.get(command.audience)
    if (known.seq if known else 0) != command.seen:
        raise WordsChanged
    return [] if known and known.text == text else [WordsKept(command.audience, setting.language, text)]
