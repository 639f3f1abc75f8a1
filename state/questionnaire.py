"""Which questions apply, which comes next, and whether an answer fits its question."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum

from state.compiled import CompiledFramework
from state.conditions import UNKNOWN, Answers
from state.errors import AnswerError
from state.framework import Question

MAX_TEXT = 4000
# Terms run for at most a hundred years and are tried in both directions: no moment may run out of the calendar.
YEARS = range(1900, 2200)
# No condition on a question looks at the clock; the forward pass needs a moment all the same.
_ANY_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


class AnswerState(StrEnum):
    """The four states of an answer, kept apart everywhere."""

    ANSWERED = "answered"
    UNKNOWN = "unknown"
    NOT_ASKED = "not_asked"
    NOT_APPLICABLE = "not_applicable"


def walk(compiled: CompiledFramework, answers: Answers) -> tuple[tuple[str, ...], Answers]:
    """Give the questions that apply, in order, and the answers that count.

    An answer to a question that does not apply is invisible to the later questions.
    """
    asked_: list[str] = []
    effective: dict[str, str | tuple[str, ...]] = {}
    for question, applies in compiled.applies:
        if not applies(effective, _ANY_MOMENT):
            continue
        asked_.append(question)
        if question in answers:
            effective[question] = answers[question]
    return tuple(asked_), effective


def asked(compiled: CompiledFramework, answers: Answers) -> tuple[str, ...]:
    """Give every question that applies given the answers, answered or not, in the framework's order."""
    return walk(compiled, answers)[0]


def effective_answers(compiled: CompiledFramework, answers: Answers) -> Answers:
    """Give the answers to questions that apply."""
    return walk(compiled, answers)[1]


def next_question(compiled: CompiledFramework, answers: Answers) -> str | None:
    """Give the first question that applies, is unanswered and not optional, or None."""
    questions = compiled.framework.question_by_id
    path, effective = walk(compiled, answers)
    return next((one for one in path if one not in effective and not questions[one].optional), None)


def states_of(compiled: CompiledFramework, answers: Answers) -> Mapping[str, AnswerState]:
    """Give the state of every question of the framework, in its order."""
    path, effective = walk(compiled, answers)
    applicable = frozenset(path)
    return {
        question.id: _state(question, question.id in applicable, effective) for question in compiled.framework.questions
    }


def _state(question: Question, applies: bool, answers: Answers) -> AnswerState:
    if not applies:
        return AnswerState.NOT_APPLICABLE
    if question.id not in answers:
        return AnswerState.NOT_ASKED
    return AnswerState.UNKNOWN if is_unknown(question, answers[question.id]) else AnswerState.ANSWERED


def is_unknown(question: Question, value: str | tuple[str, ...]) -> bool:
    """Tell whether an answer says that it is not known; also when one of several choices says so."""
    if not question.options:
        return question.unknown_allowed and value == UNKNOWN
    chosen = (value,) if isinstance(value, str) else value
    return any(question.option_by_id[option].unknown for option in chosen)


def check_answer(compiled: CompiledFramework, question_id: str, value: object) -> str | tuple[str, ...]:
    """Give the answer in the form in which it is kept; raises AnswerError when it does not fit."""
    question = compiled.framework.question_by_id.get(question_id)
    if question is None:
        raise AnswerError(f"there is no question {question_id!r}")
    if question.type == "multi":
        return _check_several(question, value)
    if not isinstance(value, str):
        raise AnswerError(f"{question_id}: the answer must be one text")
    if question.type == "single":
        _check_option(question, value)
        return value
    return _check_text(question, value) if question.type == "text" else _check_date(question, value)


def _check_several(question: Question, value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, list | tuple) or not value:
        raise AnswerError(f"{question.id}: the answer must be a list of at least one option")
    for option in value:
        _check_option(question, option)
    exclusive = [option for option in value if question.option_by_id[option].exclusive]
    if exclusive and len(set(value)) > 1:
        raise AnswerError(f"{question.id}: option {exclusive[0]!r} cannot be combined with others")
    return tuple(option.id for option in question.options if option.id in value)


def _check_option(question: Question, option: object) -> None:
    if not isinstance(option, str) or option not in question.option_by_id:
        known = ", ".join(question.option_by_id)
        raise AnswerError(f"{question.id}: there is no option {str(option)[:64]!r}; known are {known}")


def _check_text(question: Question, value: str) -> str:
    text = unicodedata.normalize("NFC", value).strip()
    if not text or len(text) > MAX_TEXT:
        raise AnswerError(f"{question.id}: the text must have 1 to {MAX_TEXT} characters")
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs") and char not in "\n\t" for char in text):
        raise AnswerError(f"{question.id}: the text must not hold control or invisible characters")
    return text


def _check_date(question: Question, value: str) -> str:
    if value == UNKNOWN:
        if question.unknown_allowed:
            return value
        raise AnswerError(f"{question.id}: this date cannot be unknown")
    try:
        moment = date.fromisoformat(value) if question.type == "date" else datetime.fromisoformat(value)
    except ValueError:
        raise AnswerError(f"{question.id}: not an ISO 8601 {question.type}") from None
    if moment.year not in YEARS:
        raise AnswerError(f"{question.id}: the year must be one from {YEARS[0]} to {YEARS[-1]}")
    if isinstance(moment, datetime) and moment.tzinfo is None:
        raise AnswerError(f"{question.id}: the moment needs a zone, as in 2026-11-23T10:00:00+01:00")
    return moment.isoformat()
