"""What must hold in conditions: known questions, notions and options, fitting operators, no look ahead."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, get_args

from state.errors import Finding
from state.framework import QuestionType
from state.nodes import Path
from state.parts import Parts, items, texts

# Which operator may be asked of which type of question.
_FITS = {
    "in": ("single",),
    "has": ("multi",),
    "only": ("multi",),
    "hours_over": ("datetime",),
    "unknown": ("datetime", "date"),
}

_TYPES = get_args(QuestionType)
# Conditions are called one within the other; without an end that exhausts the stack.
MAX_LEVELS = 20


class Conditions:
    """Looks through every condition of a framework's tree."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._questions = parts.known["questions"]
        self._notions = parts.known["notions"]
        self._order = {question: position for position, question in enumerate(self._questions)}

    def findings(self) -> Iterator[Finding]:
        """Give what is wrong in any condition."""
        for kind, key in (("questions", "asked_when"), ("notions", "when"), ("rules", "when"), ("deciders", "when")):
            for path, part in self._parts.of(kind):
                yield from self._check((*path, key), part.get(key))
        yield from self._asked()
        yield from self._circles()
        yield from self._towers()
        yield from self._leaks()

    # --- each by itself ----------------------------------------------------------------

    def _check(self, path: Path, condition: Any) -> Iterator[Finding]:
        if not isinstance(condition, Mapping):
            return
        if "question" in condition:
            yield from self._atom(path, condition)
        yield from self._parts.refers((*path, "notion"), condition.get("notion"), "notions")
        for key in ("all", "any"):
            for position, part in enumerate(items(condition.get(key))):
                yield from self._check((*path, key, position), part)
        yield from self._check((*path, "not"), condition.get("not"))

    def _atom(self, path: Path, atom: Mapping[str, Any]) -> Iterator[Finding]:
        operators = [key for key in _FITS if key in atom]
        # Where there is none but a key that does not exist, that key was meant for one.
        if len(operators) > 1 or len(atom) == 1:
            yield self._parts.at(path, "a comparison has exactly one of in, has, only, hours_over, unknown")
        yield from self._parts.refers((*path, "question"), atom["question"], "questions")
        question = self._parts.question(atom["question"])
        for operator in operators if question else ():
            yield from self._operator((*path, operator), operator, question or {}, atom[operator])

    def _operator(self, path: Path, operator: str, question: Mapping[str, Any], wanted: Any) -> Iterator[Finding]:
        kind, name = question.get("type"), question["id"]
        # A type that does not exist was reported where it stands.
        if kind in _TYPES and kind not in _FITS[operator]:
            fitting = [one for one, kinds in _FITS.items() if kind in kinds] or ["no operator"]
            wrong = f"`{operator}` does not fit question {name!r} of type {kind}"
            yield self._parts.at(path, f"{wrong}; use {' or '.join(fitting)}")
        elif operator == "unknown" and question.get("unknown_allowed", False) is False:
            never = f"question {name!r} cannot be answered with unknown"
            yield self._parts.at(path, f"{never}; give it `unknown_allowed: true` or leave this out")
        for position, option in texts(wanted):
            yield from self._parts.has_option((*path, position), name, option)

    # --- through notions ---------------------------------------------------------------

    def _asked(self) -> Iterator[Finding]:
        """Give the questions that are asked by what is not known yet: a later answer, or the time."""
        for question, (path, part) in self._questions.items():
            looked_at = self._looked_at(part.get("asked_when"))
            later = sorted(one for one in _named(looked_at, "question") if self._is_later(one, question))
            for other in later:
                message = f"question {question!r} depends on {other!r}, which is not asked before it; move one of them"
                yield self._parts.at((*path, "asked_when"), message)
            if any("hours_over" in one for one in looked_at):
                message = f"question {question!r} depends on `hours_over`, which is for rules and deciders alone"
                yield self._parts.at((*path, "asked_when"), f"{message}; compare with an answer")

    def _is_later(self, one: str, question: str) -> bool:
        return self._order.get(one, -1) >= self._order[question]

    def _circles(self) -> Iterator[Finding]:
        for name, (path, part) in self._notions.items():
            if name in _named(self._looked_at(part.get("when")), "notion"):
                message = f"notion {name!r} depends on itself; write its condition out"
                yield self._parts.at((*path, "when"), message)

    def _towers(self) -> Iterator[Finding]:
        """Give the notions that stand on too many others, one upon the other."""
        below = {name: _named(parts, "notion") for name, parts in self._inside.items()}
        high = set(below)
        for _ in range(MAX_LEVELS):
            high = {name for name in high if not high.isdisjoint(below[name])}
        # Those on top of these are too high because of them; a circle has no lowest one.
        for name in sorted(name for name in high if high.isdisjoint(below[name])):
            message = f"notion {name!r} stands on {MAX_LEVELS} others, one upon the other"
            yield self._parts.at((*self._notions[name].path, "when"), f"{message}; write some of them out")

    def _leaks(self) -> Iterator[Finding]:
        """Give the rules whose reason would show a sensitive answer in the channel."""
        for path, rule in self._parts.of("rules"):
            looked_at = sorted(_named(self._looked_at(rule.get("when")), "question")) if self._in_channel(rule) else []
            for question in (one for one in looked_at if (self._parts.question(one) or {}).get("channel") is False):
                yield self._parts.at(
                    (*path, "channel"),
                    f"the condition looks at {question!r}, which is not for the channel; write `channel: false`",
                )

    def _in_channel(self, rule: Mapping[str, Any]) -> bool:
        steps = self._parts.known["steps"]
        named = (steps[one].value for _, one in texts(rule.get("steps")) if one in steps)
        return rule.get("channel") is True and any(step.get("channel") is True for step in named)

    def _looked_at(self, condition: Any) -> list[Mapping[str, Any]]:
        """Give the comparisons and notions in a condition, and in those notions, each looked into once."""
        found = list(_atoms(condition))
        seen: set[str] = set()
        for part in found:  # grows on the way
            for notion in _named([part], "notion") - seen:
                seen.add(notion)
                found += self._inside.get(notion, ())
        return found

    @cached_property
    def _inside(self) -> Mapping[str, list[Mapping[str, Any]]]:
        """Give the comparisons and notions in each notion's own condition."""
        return {name: list(_atoms(notion.value.get("when"))) for name, notion in self._notions.items()}


def _named(parts: list[Mapping[str, Any]], key: str) -> set[str]:
    return {part[key] for part in parts if isinstance(part.get(key), str)}


def _atoms(condition: Any) -> Iterator[Mapping[str, Any]]:
    """Give the comparisons and notions in a condition."""
    if not isinstance(condition, Mapping):
        return
    if "question" in condition or "notion" in condition:
        yield condition
    for key in ("all", "any"):
        for part in items(condition.get(key)):
            yield from _atoms(part)
    yield from _atoms(condition.get("not"))
