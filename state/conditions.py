"""Conditions as fast functions of the answers; two-valued, as the contract says.

A comparison with a question that was not asked is false, and `not` turns it round. *Onbekend* is an
ordinary value that only `in`, `has` and `unknown` see.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from state.framework import Framework
from state.shapes import AllOf, AnyOf, Atom, Condition, Not, NotionHolds

UNKNOWN = "onbekend"

Answers = Mapping[str, str | tuple[str, ...]]
Predicate = Callable[[Answers, datetime], bool]


def compile_condition(condition: Condition, framework: Framework) -> Predicate:
    """Give the function that tells whether the condition holds for answers at a moment."""
    return _compile(condition, framework, {})


def questions_in(condition: Condition, framework: Framework) -> Iterator[str]:
    """Give the ids of the questions that the condition looks at, through notions too, each looked into once."""
    yield from _questions_in(condition, framework, set())


def _compile(condition: Condition, framework: Framework, notions: dict[str, Predicate]) -> Predicate:
    match condition:
        case Atom():
            return _atom(condition)
        case NotionHolds(notion=notion):
            # Each once: notions that name others twice would double the work with every level.
            if notion not in notions:
                notions[notion] = _compile(framework.notion_by_id[notion].when, framework, notions)
            return notions[notion]
        case AllOf(all=parts):
            return _all([_compile(part, framework, notions) for part in parts])
        case AnyOf(any=parts):
            return _any([_compile(part, framework, notions) for part in parts])
        case Not(not_=part):
            inner = _compile(part, framework, notions)
            return lambda answers, now: not inner(answers, now)
        case _:
            return lambda answers, now: True


def _questions_in(condition: Condition, framework: Framework, seen: set[str]) -> Iterator[str]:
    match condition:
        case Atom(question=question):
            yield question
        case NotionHolds(notion=notion) if notion not in seen:
            seen.add(notion)
            yield from _questions_in(framework.notion_by_id[notion].when, framework, seen)
        case AllOf(all=parts) | AnyOf(any=parts):
            for part in parts:
                yield from _questions_in(part, framework, seen)
        case Not(not_=part):
            yield from _questions_in(part, framework, seen)


def _all(parts: list[Predicate]) -> Predicate:
    def holds(answers: Answers, now: datetime) -> bool:
        for part in parts:  # noqa: SIM110  # `all(...)` costs a generator for each of 165 rules
            if not part(answers, now):
                return False
        return True

    return holds


def _any(parts: list[Predicate]) -> Predicate:
    def holds(answers: Answers, now: datetime) -> bool:
        for part in parts:  # noqa: SIM110  # as in `_all`
            if part(answers, now):
                return True
        return False

    return holds


def _atom(atom: Atom) -> Predicate:
    question = atom.question
    if atom.in_ is not None:
        accepted = frozenset(atom.in_)
        return lambda answers, now: answers.get(question) in accepted
    if atom.has is not None:
        wanted = frozenset(atom.has)
        return lambda answers, now: not wanted.isdisjoint(answers.get(question, ()))
    if atom.only is not None:
        return _only(question, frozenset(atom.only))
    if atom.hours_over is not None:
        return _hours_over(question, timedelta(hours=atom.hours_over))
    return lambda answers, now: answers.get(question) == UNKNOWN


def _only(question: str, allowed: frozenset[str]) -> Predicate:
    def holds(answers: Answers, now: datetime) -> bool:
        value = answers.get(question)
        return bool(value) and allowed.issuperset(value or ())

    return holds


def _hours_over(question: str, limit: timedelta) -> Predicate:
    def holds(answers: Answers, now: datetime) -> bool:
        moment = to_moment(answers.get(question))
        return moment is not None and now - moment > limit

    return holds


def to_moment(value: str | tuple[str, ...] | None) -> datetime | None:
    """Give the moment that an answer names; None for unknown or no answer."""
    if not isinstance(value, str) or value == UNKNOWN:
        return None
    return datetime.fromisoformat(value)
