"""The decisions about questions: beginning, answering, going back, changing."""

from collections.abc import Sequence

from state import commands as do
from state import lifecycle
from state.asking import ask, keep, label_of, next_events
from state.case import Case
from state.errors import AnswerNeeded, CommandRefused, NotAsked, NothingBefore, StaleCard
from state.events import AnswerGiven, AnswersLapsed, CaseOpened, CaseResumed, Event, QuestionSkipped
from state.involvement import is_recused, withdrawn_by
from state.questionnaire import asked, check_answer
from state.setting import Setting

Events = Sequence[Event]


def _check_open(case: Case, question: str) -> None:
    if case.phase != lifecycle.ASKING or case.open_question != question:
        raise StaleCard


def open_case(command: do.OpenCase, case: Case, setting: Setting) -> Events:
    """Begin the case with its first question."""
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


def give_answer(command: do.GiveAnswer, case: Case, setting: Setting) -> Events:
    """Take an answer; what no longer applies lapses, and a card that it forbids has to go."""
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
    return [
        given,
        *([AnswersLapsed(lapsed)] if lapsed else []),
        *withdrawn_by(case, kept, setting),
        *([] if is_recused(case) else next_events(path, done, kept, setting)),
    ]


def skip_question(command: do.SkipQuestion, case: Case, setting: Setting) -> Events:
    """Pass over an optional question, or keep the earlier answer."""
    _check_open(case, command.question)
    path = asked(setting.framework, case.answers)
    if command.question in case.answers:
        return keep(case, command.question, setting)
    if not setting.framework.framework.question_by_id[command.question].optional:
        raise AnswerNeeded
    done = case.answers.keys() | case.skipped | {command.question}
    return [QuestionSkipped(command.question), *next_events(path, done, case.answers, setting)]


def go_back(command: do.GoBack, case: Case, setting: Setting) -> Events:
    """Ask the question before the open one."""
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


def change_answer(command: do.ChangeAnswer, case: Case, setting: Setting) -> Events:
    """Ask an answered question again."""
    lifecycle.check_phase(case.phase, "question.asked")
    answered = case.answers.keys() | case.skipped
    if command.question not in asked(setting.framework, case.answers) or command.question not in answered:
        raise NotAsked
    return [ask(command.question, "change", setting)]


def show_again(command: do.ShowAgain, case: Case, setting: Setting) -> Events:
    """Go on after a pause; in another language the open question is asked anew."""
    resumed: list[Event] = [CaseResumed()] if case.paused else []
    if case.open_question and case.open_language != setting.language:
        return [*resumed, ask(case.open_question, "language", setting)]
    return resumed
