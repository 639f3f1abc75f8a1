"""An answer as typed or pressed becomes a value, or a sentence that says what is missing."""

import re
from collections.abc import Sequence
from datetime import datetime

from dialogs.dates import ReadError, read_date, read_moment
from dialogs.reading import bare, folded
from state.events import AnswerValue
from state.framework import Option, Question

UNKNOWN = "onbekend"
_UNKNOWN_WORDS = frozenset({"onbekend", "weet ik niet", "weet niet", "unknown", "i dont know", "i do not know"})
LONGEST_TEXT = 4000
_BETWEEN = re.compile(r"\s*[,;&+/]\s*|\s+(?:en|and)\s+|(?<=\d)(?:en|and)(?=\d)|\s+(?=\d+\b)")


class Misread(Exception):
    """What was said does not answer the question; `key` is the sentence that says what would."""

    def __init__(self, key: str, **parameters: str) -> None:
        super().__init__(key)
        self.key = key
        self.parameters = parameters


def to_value(question: Question, text: str, now: datetime, language: str) -> AnswerValue:
    """Give the value of an answer; raises Misread when the text does not fit the question."""
    if not text:
        raise Misread("answer_empty")
    match question.type:
        case "single":
            return _one(question, text)
        case "multi":
            return _several(question, text)
        case "text":
            return within_limit(text)
        case _:
            return _date(question, text, now, language)


def to_unknown(question: Question) -> AnswerValue:
    """Give the value that says that the answer is not known; raises Misread where there is none."""
    if question.unknown_allowed:
        return UNKNOWN
    unknown = next((option.id for option in question.options if option.unknown), None)
    if unknown is None:
        raise Misread("no_unknown" if question.options else skip_key(question))
    return (unknown,) if question.type == "multi" else unknown


def within_limit(text: str) -> str:
    """Give the text; raises Misread when it is longer than a card can show."""
    if len(text) > LONGEST_TEXT:
        raise Misread("too_long", most=str(LONGEST_TEXT))
    return text


def skip_key(question: Question) -> str:
    """Give the sentence for a question that has no answer for "I do not know"."""
    return "no_unknown_skip" if question.optional else "no_unknown_text"


def _date(question: Question, text: str, now: datetime, language: str) -> AnswerValue:
    if question.unknown_allowed and folded(text) in _UNKNOWN_WORDS:
        return UNKNOWN
    read = read_date if question.type == "date" else read_moment
    try:
        return read(text, now, language, direction=question.direction).isoformat()
    except ReadError as error:
        raise Misread(error.key) from None


def _one(question: Question, text: str) -> str:
    option = _option(question.options, text)
    if option is None:
        raise Misread("no_such_option", last=str(len(question.options)))
    return option.id


def _several(question: Question, text: str) -> tuple[str, ...]:
    whole = _option(question.options, text)
    if whole is not None:
        return (whole.id,)
    parts = [part for part in _BETWEEN.split(text) if part]
    chosen = [_option(question.options, part) for part in parts]
    if not chosen or None in chosen:
        raise Misread("no_such_options", last=str(len(question.options)))
    return tuple(dict.fromkeys(option.id for option in chosen if option))


def _option(options: Sequence[Option], text: str) -> Option | None:
    """Give the option with this id, number (from 1) or label; a beginning counts when it fits only one."""
    number, wanted = bare(text), folded(text)
    if number.isdecimal() and len(number) <= 3:
        position = int(number)
        return options[position - 1] if 1 <= position <= len(options) else None
    exact = [option for option in options if option.id == text or wanted in _names(option)]
    if exact:
        return exact[0]
    starts = [option for option in options if any(_begins(name, wanted) for name in _names(option))]
    return starts[0] if len(starts) == 1 else None


def _names(option: Option) -> tuple[str, str]:
    return folded(option.label.nl), folded(option.label.en)


def _begins(name: str, wanted: str) -> bool:
    # One letter is too little to be sure of; "nee" begins "nee, gedicht", not "neeltje".
    return len(wanted) > 1 and re.match(re.escape(wanted) + r"\b", name) is not None
