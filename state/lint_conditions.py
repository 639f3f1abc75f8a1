"""What must hold in conditions: known questions, notions and options, fitting operators, no look ahead."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from state.errors import Finding
from state.framework import QuestionType
from state.nodes import Path, Tree

# Which operator may be asked of which type of question.
_FITS = {
    "in": ("single",),
    "has": ("multi",),
    "only": ("multi",),
    "hours_over": ("datetime",),
    "unknown": ("datetime", "date"),
}

_TYPES = get_args(QuestionType)


class Conditions:
    """Looks through every condition of a framework's tree."""

    def __init__(self, tree: Tree, questions: Mapping[str, Any], notions: Mapping[str, Any]) -> None:
        self._tree = tree
        self._questions = questions
        self._notions = notions
        self._order = {question: position for position, question in enumerate(questions)}

    def findings(self) -> Iterator[Finding]:
        """Give what is wrong in any condition."""
        for kind, key in (("questions", "asked_when"), ("notions", "when"), ("rules", "when"), ("deciders", "when")):
            for position, part in _parts(self._tree.value.get(kind)):
                yield from self._check((kind, position, key), part.get(key))
        yield from self._looks_ahead()
        yield from self._circles()
        yield from self._leaks()

    def _check(self, path: Path, condition: Any) -> Iterator[Finding]:
        if not isinstance(condition, Mapping):
            return
        if "question" in condition:
            yield from self._atom(path, condition)
        notion = condition.get("notion")
        if isinstance(notion, str) and notion not in self._notions:
            yield self._at((*path, "notion"), self._unknown("notion", notion, self._notions))
        for key in ("all", "any"):
            parts = condition.get(key)
            for position, part in enumerate(parts if isinstance(parts, list) else []):
                yield from self._check((*path, key, position), part)
        yield from self._check((*path, "not"), condition.get("not"))

    def _atom(self, path: Path, atom: Mapping[str, Any]) -> Iterator[Finding]:
        operators = [key for key in _FITS if key in atom]
        if len(operators) != 1:
            yield self._at(path, "a comparison has exactly one of in, has, only, hours_over, unknown")
        question = atom["question"]
        found = self._questions.get(question) if isinstance(question, str) else None
        if found is None:
            if isinstance(question, str):
                yield self._at((*path, "question"), self._unknown("question", question, self._questions))
            return
        for operator in operators:
            yield from self._operator((*path, operator), operator, found, atom[operator])

    def _operator(self, path: Path, operator: str, question: Mapping[str, Any], wanted: Any) -> Iterator[Finding]:
        kind = question.get("type")
        # A type that does not exist was reported where it stands.
        if kind in _TYPES and kind not in _FITS[operator]:
            fitting = [name for name, kinds in _FITS.items() if kind in kinds] or ["no operator"]
            wrong = f"`{operator}` does not fit question {question.get('id')!r} of type {kind}"
            yield self._at(path, f"{wrong}; use {' or '.join(fitting)}")
        options = {one.get("id") for one in question.get("options") or [] if isinstance(one, Mapping)}
        for position, option in enumerate(wanted if isinstance(wanted, list) else []):
            if options and isinstance(option, str) and option not in options:
                yield self._at((*path, position), self._unknown(f"option of {question.get('id')!r}", option, options))

    def _looks_ahead(self) -> Iterator[Finding]:
        for question, part in self._questions.items():
            looked_at = sorted(self._looked_at(part.get("asked_when"), frozenset()))
            for other in (one for one in looked_at if self._order.get(one, -1) >= self._order[question]):
                yield self._at(
                    ("questions", self._place_of(question), "asked_when"),
                    f"question {question!r} depends on {other!r}, which is not asked before it; move one of them",
                )

    def _circles(self) -> Iterator[Finding]:
        for name, part in self._notions.items():
            if name in self._notions_in(part.get("when"), frozenset()):
                path = ("notions", list(self._notions).index(name), "when")
                yield self._at(path, f"notion {name!r} depends on itself; write its condition out")

    def _leaks(self) -> Iterator[Finding]:
        """Give the rules whose reason would show a sensitive answer in the channel."""
        for position, rule in _parts(self._tree.value.get("rules")):
            looked_at = sorted(self._looked_at(rule.get("when"), frozenset())) if self._in_channel(rule) else []
            for question in (one for one in looked_at if self._questions.get(one, {}).get("channel") is False):
                yield self._at(
                    ("rules", position, "channel"),
                    f"the condition looks at {question!r}, which is not for the channel; write `channel: false`",
                )

    def _in_channel(self, rule: Mapping[str, Any]) -> bool:
        if rule.get("channel") is not True:
            return False
        shown = {step.get("id") for _, step in _parts(self._tree.value.get("steps")) if step.get("channel") is True}
        named = rule.get("steps")
        return not shown.isdisjoint(named if isinstance(named, list) else ())

    def _looked_at(self, condition: Any, seen: frozenset[str]) -> set[str]:
        """Give the questions in a condition, through notions; circles end where they began."""
        found: set[str] = set()
        for part in _atoms(condition):
            notion, question = part.get("notion"), part.get("question")
            if isinstance(question, str):
                found.add(question)
            if isinstance(notion, str) and notion in self._notions and notion not in seen:
                found |= self._looked_at(self._notions[notion].get("when"), seen | {notion})
        return found

    def _notions_in(self, condition: Any, seen: frozenset[str]) -> set[str]:
        found: set[str] = set()
        for part in _atoms(condition):
            notion = part.get("notion")
            if isinstance(notion, str) and notion in self._notions and notion not in seen:
                found |= {notion} | self._notions_in(self._notions[notion].get("when"), seen | {notion})
        return found

    def _place_of(self, question: str) -> int:
        parts = _parts(self._tree.value["questions"])
        return next(place for place, part in parts if part.get("id") == question)

    def _unknown(self, kind: str, wanted: str, known: Any) -> str:
        near = get_close_matches(wanted, [str(one) for one in known], 1)
        hint = f"did you mean {near[0]!r}?" if near else "add it or correct the id"
        return f"there is no {kind} {wanted!r}; {hint}"

    def _at(self, path: Path, message: str) -> Finding:
        line, column = self._tree.place(path)
        return Finding(line, column, message)


def _parts(value: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Give the parts of a list with their places; what has another shape is passed over."""
    for position, part in enumerate(value if isinstance(value, list) else []):
        if isinstance(part, Mapping):
            yield position, part


def _atoms(condition: Any) -> Iterator[Mapping[str, Any]]:
    """Give the comparisons and notions in a condition."""
    if not isinstance(condition, Mapping):
        return
    if "question" in condition or "notion" in condition:
        yield condition
    for key in ("all", "any"):
        parts = condition.get(key)
        for part in parts if isinstance(parts, list) else []:
            yield from _atoms(part)
    yield from _atoms(condition.get("not"))
