"""What is asked next, in the words that are shown."""

from collections.abc import Sequence, Set

from state.advice import to_json
from state.case import Case
from state.conditions import Answers
from state.events import AdviceGiven, AnswerGiven, AnswerValue, Event, QuestionAsked, ShownOption
from state.framework import Question
from state.involvement import is_recused, says_involved
from state.questionnaire import asked
from state.setting import Setting
from state.weighing import missing, weigh, weigh_for_channel


def go_on(case: Case, setting: Setting) -> Sequence[Event]:
    """Give what comes next in a case as it stands; nothing where its holder said on the card to be involved."""
    if is_recused(case):
        return []
    done = case.answers.keys() | case.skipped
    return next_events(asked(setting.framework, case.answers), done, case.answers, setting)


def keep(case: Case, question: str, setting: Setting) -> Sequence[Event]:
    """Give what follows when an earlier answer stays as it is."""
    following = go_on(case, setting)
    if following:
        return following
    # Who was asked again whether they are involved, and stays with it, has said so again.
    value = case.answers[question]
    label = label_of(setting.framework.framework.question_by_id[question], value, setting.language)
    return [AnswerGiven(question, value, label, case.notes.get(question, ""), value)]


def next_events(path: Sequence[str], done: Set[str], answers: Answers, setting: Setting) -> Sequence[Event]:
    """Give the first question that is still open, or the advice when there is none.

    Nothing where the answers say that the assessor is involved: the next one goes on.
    """
    if says_involved(answers, setting.framework):
        return []
    following = next((question for question in path if question not in done), None)
    if following is not None:
        return [ask(following, "next", setting)]
    compiled, now = setting.framework, setting.now
    advice, channel = weigh(compiled, answers, now), weigh_for_channel(compiled, answers, now)
    return [AdviceGiven(to_json(advice, channel, missing(compiled, answers, now)))]


def ask(question_id: str, reason: str, setting: Setting) -> QuestionAsked:
    """Give a question with the exact words and options that are shown."""
    framework, language = setting.framework.framework, setting.language
    question = framework.question_by_id[question_id]
    return QuestionAsked(
        question=question_id,
        reason=reason,
        language=language,
        number=framework.number_of[question_id],
        phase=framework.phase_by_id[question.phase].name.in_language(language),
        type=question.type,
        text=question.text.in_language(language),
        help=question.help.in_language(language),
        options=tuple(ShownOption(option.id, option.label.in_language(language)) for option in question.options),
        optional=question.optional,
        unknown_allowed=question.unknown_allowed,
    )


def label_of(question: Question, value: AnswerValue, language: str) -> str:
    """Give the words of the chosen options; empty for an answer that has none."""
    chosen = (value,) if isinstance(value, str) else value
    options = question.option_by_id
    return ", ".join(options[option].label.in_language(language) for option in chosen if option in options)
