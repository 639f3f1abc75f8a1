"""The decisions: a case and a command give events, or a refusal; no clock, no chance, no input or output.

Moments and numbers come in as arguments. Who may do what is asked of `permissions` first.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import singledispatch
from hashlib import sha256

from state import commands as do
from state import lifecycle
from state.asking import ask, go_on, keep, label_of, next_events
from state.case import Case
from state.errors import (
    AnswerNeeded,
    CaseClosed,
    CommandRefused,
    HandOverNeeded,
    NoCardAllowed,
    NotAsked,
    NotConcluded,
    NothingBefore,
    NotPermitted,
    PreviewOutdated,
    ReasonMissing,
    SameGrade,
    StaleCard,
    SubjectMissing,
)
from state.events import (
    AnswerGiven,
    AnswersLapsed,
    CardOwed,
    CardPosted,
    CardRefused,
    CaseAccepted,
    CaseFinished,
    CaseOffered,
    CaseOpened,
    CasePaused,
    CaseResumed,
    CaseStopped,
    DeviationRecorded,
    DeviationWithdrawn,
    Event,
    OfferEnded,
    PreviewShown,
    QuestionSkipped,
    SubjectChosen,
)
from state.involvement import is_card_allowed, may_take, must_hand_over, why_hand_over
from state.permissions import action_of, check_permitted
from state.questionnaire import asked, check_answer
from state.setting import Setting
from state.weighing import weigh

# Hours left on a card are those at posting: a preview holds for an hour, then it is made anew.
PREVIEW_HOLDS = timedelta(hours=1)
Events = Sequence[Event]


def decide(case: Case, command: do.Command, setting: Setting) -> Events:
    """Give what happens, in order; raises CommandRefused when it may not or cannot happen."""
    check_permitted(case, action_of(command, setting.framework), setting)
    if case.is_closed:
        raise CaseClosed
    return _decide(command, case, setting)


@singledispatch
def _decide(command: do.Command, case: Case, setting: Setting) -> Events:
    raise NotImplementedError(type(command).__name__)


# --- questions -------------------------------------------------------------------------


@_decide.register
def _(command: do.OpenCase, case: Case, setting: Setting) -> Events:
    compiled = setting.framework
    opened = CaseOpened(
        number=command.number,
        language=command.language,
        framework=compiled.framework.id,
        framework_version=compiled.framework.version,
        framework_status=compiled.framework.status,
        framework_sha256=compiled.sha256,
    )
    return [opened, ask(asked(compiled, {})[0], "next", setting)]


@_decide.register
def _(command: do.GiveAnswer, case: Case, setting: Setting) -> Events:
    _check_open(case, command.question)
    framework = setting.framework
    value = check_answer(framework, command.question, command.value)
    answers = {**case.answers, command.question: value}
    path = asked(framework, answers)
    lapsed = tuple(
        question.id
        for question in framework.framework.questions
        if question.id not in path and (question.id in answers or question.id in case.skipped)
    )
    given = AnswerGiven(
        question=command.question,
        value=value,
        label=label_of(framework.framework.question_by_id[command.question], value, setting.language),
        note=command.note,
        previous=case.answers.get(command.question),
    )
    done = answers.keys() | case.skipped
    kept = {key: kept_value for key, kept_value in answers.items() if key not in lapsed}
    return [given, *([AnswersLapsed(lapsed)] if lapsed else []), *next_events(path, done, kept, setting)]


@_decide.register
def _(command: do.SkipQuestion, case: Case, setting: Setting) -> Events:
    _check_open(case, command.question)
    path = asked(setting.framework, case.answers)
    if command.question in case.answers:
        return keep(case, command.question, setting)
    if not setting.framework.framework.question_by_id[command.question].optional:
        raise AnswerNeeded
    done = case.answers.keys() | case.skipped | {command.question}
    return [QuestionSkipped(command.question), *next_events(path, done, case.answers, setting)]


@_decide.register
def _(command: do.GoBack, case: Case, setting: Setting) -> Events:
    if command.question is not None:
        _check_open(case, command.question)
    # After posting only `wijzig` reopens a case: a slip of the finger must not.
    if case.phase not in (lifecycle.ASKING, lifecycle.WEIGHING):
        raise CommandRefused
    path = asked(setting.framework, case.answers)
    position = path.index(case.open_question) if case.open_question in path else len(path)
    if position == 0:
        raise NothingBefore
    return [ask(path[position - 1], "back", setting)]


@_decide.register
def _(command: do.ChangeAnswer, case: Case, setting: Setting) -> Events:
    _check_phase(case, "question.asked")
    answered = case.answers.keys() | case.skipped
    if command.question not in asked(setting.framework, case.answers) or command.question not in answered:
        raise NotAsked
    return [ask(command.question, "change", setting)]


@_decide.register
def _(command: do.ShowAgain, case: Case, setting: Setting) -> Events:
    resumed: list[Event] = [CaseResumed()] if case.paused else []
    if case.open_question and case.open_language != setting.language:
        return [*resumed, ask(case.open_question, "language", setting)]
    return resumed


# --- the advice ------------------------------------------------------------------------


@_decide.register
def _(command: do.Deviate, case: Case, setting: Setting) -> Events:
    _check_phase(case, "deviation.recorded")
    advice = weigh(setting.framework, case.answers, setting.now)
    framework = setting.framework.framework
    if command.step not in advice.steps or command.grade not in framework.grade_by_id:
        raise CommandRefused
    indicated = advice.steps[command.step].grade
    if command.grade == indicated:
        if command.step not in case.deviations:
            raise SameGrade
        return [DeviationWithdrawn(command.step)]
    if not command.reason.strip():
        raise ReasonMissing
    return [DeviationRecorded(command.step, indicated, command.grade, command.reason.strip())]


@_decide.register
def _(command: do.ChooseSubject, case: Case, setting: Setting) -> Events:
    _check_phase(case, "subject.chosen")
    subject = setting.framework.framework.subject_by_id.get(command.subject)
    if subject is None:
        raise CommandRefused
    if subject.id == case.subject:
        return []
    return [SubjectChosen(subject.id, subject.name.in_language(setting.language))]


@_decide.register
def _(command: do.PreviewCard, case: Case, setting: Setting) -> Events:
    _check_card(case, setting)
    digest = sha256(command.card.encode()).hexdigest()
    if case.preview is not None and case.preview.sha256 == digest:
        return []
    return [PreviewShown(case.card_version + 1, command.card, digest)]


@_decide.register
def _(command: do.PostCard, case: Case, setting: Setting) -> Events:
    if case.preview is None or case.preview.seq != command.preview:
        raise StaleCard
    _check_card(case, setting)
    if setting.now - case.preview.at > PREVIEW_HOLDS:
        raise PreviewOutdated
    return [CardOwed(case.preview.version, case.preview.card, case.preview.sha256)]


@_decide.register
def _(command: do.ConfirmPosted, case: Case, setting: Setting) -> Events:
    _check_owed(case, command.version)
    return [CardPosted(command.version)]


@_decide.register
def _(command: do.ConfirmRefused, case: Case, setting: Setting) -> Events:
    _check_owed(case, command.version)
    return [CardRefused(command.version, command.code)]


# --- hand over, pause, end -------------------------------------------------------------


@_decide.register
def _(command: do.OfferCase, case: Case, setting: Setting) -> Events:
    _check_phase(case, "case.offered")
    because = why_hand_over(case, setting)
    if because is None:
        raise CommandRefused
    if command.to.id == setting.actor.id or not may_take(case, command.to, because):
        raise NotPermitted
    return [CaseOffered(command.to, because, command.reason)]


@_decide.register
def _(command: do.EndOffer, case: Case, setting: Setting) -> Events:
    _check_phase(case, "offer.ended")
    declined = case.offered_to is not None and case.offered_to.id == setting.actor.id
    return [OfferEnded(declined), *go_on(case, setting)]


@_decide.register
def _(command: do.AcceptCase, case: Case, setting: Setting) -> Events:
    _check_phase(case, "case.accepted")
    if not may_take(case, setting.actor, case.offered_because):
        raise NotPermitted
    conflict = setting.framework.framework.conflict_of_interest.question
    if case.offered_because != "involved":
        return [CaseAccepted(involved=False), *go_on(case, setting)]
    # The answer was about the giver; the receiver answers the question for themselves.
    return [CaseAccepted(involved=True), AnswersLapsed((conflict,)), ask(conflict, "handed_over", setting)]


@_decide.register
def _(command: do.PauseCase, case: Case, setting: Setting) -> Events:
    _check_phase(case, "case.paused")
    return [] if case.paused else [CasePaused()]


@_decide.register
def _(command: do.FinishCase, case: Case, setting: Setting) -> Events:
    if case.phase == lifecycle.ASKING:
        raise NotConcluded
    _check_phase(case, "case.finished")
    if case.phase == lifecycle.WEIGHING and must_hand_over(case, setting):
        raise HandOverNeeded
    return [CaseFinished()]


@_decide.register
def _(command: do.StopCase, case: Case, setting: Setting) -> Events:
    _check_phase(case, "case.stopped")
    return [CaseStopped()]


# --- what several decisions ask --------------------------------------------------------


def _check_open(case: Case, question: str) -> None:
    if case.phase != lifecycle.ASKING or case.open_question != question:
        raise StaleCard


def _check_phase(case: Case, trigger: str) -> None:
    if not lifecycle.is_allowed(case.phase, trigger):
        raise CommandRefused


def _check_card(case: Case, setting: Setting) -> None:
    _check_phase(case, "preview.shown")
    if not is_card_allowed(case, weigh(setting.framework, case.answers, setting.now)):
        raise NoCardAllowed
    if case.subject is None:
        raise SubjectMissing


def _check_owed(case: Case, version: int) -> None:
    if case.phase != lifecycle.POSTING or case.card_version != version:
        raise StaleCard
