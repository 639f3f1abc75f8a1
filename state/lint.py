"""What must hold between the parts of a framework file, beyond the shape of each.

Works on the plain tree, so that these mistakes are found together with those of shape; a part of the wrong
shape is passed over here, the reader has reported it.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from state.errors import Finding
from state.lint_conditions import Conditions
from state.nodes import Path, Tree

_LISTS = (
    "grades",
    "frames",
    "sources",
    "phases",
    "questions",
    "notions",
    "steps",
    "stops",
    "deadlines",
    "rules",
    "card_subjects",
)
_EFFECT = "an effect is exactly one of floor, cap, stop (with cap), deadline, reason_only, no_card"
_CHOICES = ("single", "multi")
_DATES = ("datetime", "date")


def lint(tree: Tree) -> list[Finding]:
    """Give every mistake between the parts of a framework file."""
    return list(_Lint(tree).findings()) if isinstance(tree.value, Mapping) else []


class _Lint:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    @cached_property
    def _known(self) -> Mapping[str, Mapping[str, Any]]:
        """Give the parts of each list by id."""
        return {
            kind: {part["id"]: part for _, part in self._parts(kind) if isinstance(part.get("id"), str)}
            for kind in _LISTS
        }

    def findings(self) -> Iterator[Finding]:
        """Give what is wrong, list by list."""
        for kind in _LISTS:
            yield from self._duplicates((kind,), [part for _, part in self._parts(kind)])
        yield from self._questions()
        yield from self._steps()
        yield from self._rules()
        yield from self._terms_and_frames()
        yield from self._deciders()
        yield from self._special_questions()
        yield from Conditions(self._tree, self._known["questions"], self._known["notions"]).findings()

    # --- the lists ---------------------------------------------------------------------

    def _questions(self) -> Iterator[Finding]:
        for path, question in self._parts("questions"):
            yield from self._refers((*path, "phase"), question.get("phase"), "phases")
            yield from self._basis(path, question)
            yield from self._options(path, question)
            if question.get("unknown_allowed") is True and question.get("type") not in _DATES:
                yield self._at(
                    (*path, "unknown_allowed"),
                    "unknown_allowed is for dates; give a choice an option with `unknown: true`",
                )

    def _options(self, path: Path, question: Mapping[str, Any]) -> Iterator[Finding]:
        options = [one for one in question.get("options") or [] if isinstance(one, Mapping)]
        is_choice = question.get("type") in _CHOICES
        if is_choice and not options:
            yield self._at(path, f"question {question.get('id')!r} is a choice without options; add `options`")
        if options and not is_choice:
            yield self._at((*path, "options"), "only single and multi questions have options; remove them")
        yield from self._duplicates((*path, "options"), options)
        for position, option in enumerate(options):
            if option.get("exclusive") is True and question.get("type") != "multi":
                yield self._at(
                    (*path, "options", position, "exclusive"),
                    "only an option of a multi question can be exclusive; remove `exclusive`",
                )

    def _steps(self) -> Iterator[Finding]:
        for path, step in self._parts("steps"):
            yield from self._refers((*path, "base"), step.get("base"), "grades")
            done = step.get("done_when")
            if isinstance(done, Mapping):
                yield from self._option((*path, "done_when"), done, "multi")

    def _rules(self) -> Iterator[Finding]:
        for path, rule in self._parts("rules"):
            yield from self._basis(path, rule)
            yield from self._each((*path, "steps"), rule.get("steps"), "steps")
            effect = rule.get("effect")
            if isinstance(effect, Mapping):
                yield from self._effect((*path, "effect"), effect)

    def _effect(self, path: Path, effect: Mapping[str, Any]) -> Iterator[Finding]:
        kinds = [key for key in effect if not (key == "cap" and "stop" in effect)]
        if len(kinds) != 1:
            yield self._at(path, _EFFECT)
        for key, kind in (("floor", "grades"), ("cap", "grades"), ("stop", "stops"), ("deadline", "deadlines")):
            if key in effect:
                yield from self._refers((*path, key), effect[key], kind)

    def _terms_and_frames(self) -> Iterator[Finding]:
        for path, deadline in self._parts("deadlines"):
            yield from self._refers((*path, "basis"), deadline.get("basis"), "sources")
            start = deadline.get("starts_from")
            if start is not None:
                yield from self._question((*path, "starts_from"), start, "datetime", "a deadline starts from a moment")
        for path, frame in self._parts("frames"):
            yield from self._each((*path, "sources"), frame.get("sources"), "sources")

    def _deciders(self) -> Iterator[Finding]:
        covered = set()
        for path, row in self._parts("deciders"):
            if row.get("step") != "*":
                yield from self._refers((*path, "step"), row.get("step"), "steps")
            if row.get("when") == "always":
                covered.add(row.get("step"))
        if "*" in covered:
            return
        for path, step in self._parts("steps"):
            if step.get("id") not in covered:
                nobody = f"nobody decides on step {step.get('id')!r} in every case"
                yield self._at(path, f"{nobody}; add a last row with `when: always`")

    def _special_questions(self) -> Iterator[Finding]:
        conflict, review = self._tree.value.get("conflict_of_interest"), self._tree.value.get("review_date")
        if isinstance(conflict, Mapping):
            path = ("conflict_of_interest",)
            question = conflict.get("question")
            yield from self._question((*path, "question"), question, "single", "involvement is asked as one choice")
            for position, option in enumerate(_list(conflict.get("self"))):
                yield from self._has_option((*path, "self", position), question, option)
        if isinstance(review, Mapping):
            question = review.get("question")
            yield from self._question(("review_date", "question"), question, "date", "a review date is a date")

    # --- what several checks ask -------------------------------------------------------

    def _parts(self, kind: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        for position, part in enumerate(_list(self._tree.value.get(kind))):
            if isinstance(part, Mapping):
                yield (kind, position), part

    def _duplicates(self, path: Path, parts: list[Mapping[str, Any]]) -> Iterator[Finding]:
        seen: set[str] = set()
        for position, part in enumerate(parts):
            found = part.get("id")
            if isinstance(found, str) and found in seen:
                again = f"the id {found!r} stands in {path[-1]} twice"
                yield self._at((*path, position, "id"), f"{again}; give one another")
            seen.add(str(found))

    def _basis(self, path: Path, part: Mapping[str, Any]) -> Iterator[Finding]:
        known = {**self._known["sources"], **self._known["frames"]}
        for position, source in enumerate(_list(part.get("basis"))):
            if isinstance(source, str) and source not in known:
                yield self._at((*path, "basis", position), _unknown("source or frame", source, known))

    def _each(self, path: Path, ids: Any, kind: str) -> Iterator[Finding]:
        for position, one in enumerate(_list(ids)):
            yield from self._refers((*path, position), one, kind)

    def _refers(self, path: Path, wanted: Any, kind: str) -> Iterator[Finding]:
        if isinstance(wanted, str) and wanted not in self._known[kind]:
            yield self._at(path, _unknown(kind.rstrip("s"), wanted, self._known[kind]))

    def _question(self, path: Path, wanted: Any, kind: str, why: str) -> Iterator[Finding]:
        yield from self._refers(path, wanted, "questions")
        found = self._known["questions"].get(wanted) if isinstance(wanted, str) else None
        if found and found.get("type") != kind:
            given = f"question {wanted!r} is of type {found.get('type')}"
            yield self._at(path, f"{given}, but {why}; choose a {kind} question")

    def _option(self, path: Path, reference: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        question = reference.get("question")
        yield from self._question((*path, "question"), question, kind, "what was done is asked as several choices")
        yield from self._has_option((*path, "option"), question, reference.get("option"))

    def _has_option(self, path: Path, question: Any, option: Any) -> Iterator[Finding]:
        found = self._known["questions"].get(question) if isinstance(question, str) else None
        options = {one.get("id") for one in _list((found or {}).get("options")) if isinstance(one, Mapping)}
        if found and isinstance(option, str) and option not in options:
            yield self._at(path, _unknown(f"option of {question!r}", option, options))

    def _at(self, path: Path, message: str) -> Finding:
        line, column = self._tree.place(path)
        return Finding(line, column, message)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _unknown(kind: str, wanted: str, known: Any) -> str:
    near = get_close_matches(wanted, [str(one) for one in known], 1)
    return f"there is no {kind} {wanted!r}" + (f"; did you mean {near[0]!r}?" if near else "; add it or correct the id")
