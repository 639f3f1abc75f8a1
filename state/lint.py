"""What must hold between the parts of a framework file, beyond the shape of each.

Works on the plain tree, so that these mistakes are found together with those of shape; a part of the wrong
shape is passed over here, the reader has reported it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from state.errors import Finding
from state.framework import QuestionType
from state.lint_conditions import Conditions
from state.nodes import Path, Tree
from state.parts import LISTS, Part, Parts, items, parts_in, texts, unknown

_EFFECT = "an effect is exactly one of floor, cap, stop (with cap), deadline, reason_only, no_card"
_TYPES = get_args(QuestionType)
_CHOICES = ("single", "multi")
_DATES = ("datetime", "date")


def lint(tree: Tree) -> list[Finding]:
    """Give every mistake between the parts of a framework file."""
    return list(_Lint(Parts(tree)).findings()) if isinstance(tree.value, Mapping) else []


class _Lint:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def findings(self) -> Iterator[Finding]:
        """Give what is wrong, list by list."""
        for kind in LISTS:
            yield from self._duplicates(kind, self._parts.of(kind))
        yield from self._questions()
        yield from self._steps()
        yield from self._rules()
        yield from self._terms_and_frames()
        yield from self._deciders()
        yield from self._special_questions()
        yield from Conditions(self._parts).findings()

    # --- the lists ---------------------------------------------------------------------

    def _questions(self) -> Iterator[Finding]:
        for path, question in self._parts.of("questions"):
            yield from self._parts.refers((*path, "phase"), question.get("phase"), "phases")
            yield from self._basis(path, question)
            yield from self._duplicates("options", parts_in((*path, "options"), question.get("options")))
            # What fits a type that does not exist cannot be told.
            if question.get("type") in _TYPES:
                yield from self._fits_type(path, question, question["type"])

    def _fits_type(self, path: Path, question: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        options = question.get("options", [])
        if options == [] and kind in _CHOICES:
            yield self._parts.at(path, f"question {question.get('id')!r} is a choice without options; add `options`")
        if items(options) and kind not in _CHOICES:
            yield self._parts.at((*path, "options"), "only single and multi questions have options; remove them")
        for place, option in parts_in((*path, "options"), options):
            if option.get("exclusive") is True and kind != "multi":
                yield self._parts.at(
                    (*place, "exclusive"), "only an option of a multi question can be exclusive; remove `exclusive`"
                )
        if question.get("unknown_allowed") is True and kind not in _DATES:
            yield self._parts.at(
                (*path, "unknown_allowed"),
                "unknown_allowed is for dates; give a choice an option with `unknown: true`",
            )

    def _steps(self) -> Iterator[Finding]:
        for path, step in self._parts.of("steps"):
            yield from self._parts.refers((*path, "base"), step.get("base"), "grades")
            done = step.get("done_when")
            if isinstance(done, Mapping):
                yield from self._done((*path, "done_when"), done)

    def _done(self, path: Path, done: Mapping[str, Any]) -> Iterator[Finding]:
        question = done.get("question")
        yield from self._question((*path, "question"), question, "multi", "what was done is asked as several choices")
        yield from self._parts.has_option((*path, "option"), question, done.get("option"))

    def _rules(self) -> Iterator[Finding]:
        for path, rule in self._parts.of("rules"):
            yield from self._basis(path, rule)
            yield from self._each((*path, "steps"), rule.get("steps"), "steps")
            effect = rule.get("effect")
            if isinstance(effect, Mapping):
                yield from self._effect((*path, "effect"), effect)

    def _effect(self, path: Path, effect: Mapping[str, Any]) -> Iterator[Finding]:
        kinds = [key for key in effect if not (key == "cap" and "stop" in effect)]
        if len(kinds) != 1:
            yield self._parts.at(path, _EFFECT)
        for key, kind in (("floor", "grades"), ("cap", "grades"), ("stop", "stops"), ("deadline", "deadlines")):
            yield from self._parts.refers((*path, key), effect.get(key), kind)

    def _terms_and_frames(self) -> Iterator[Finding]:
        for path, deadline in self._parts.of("deadlines"):
            yield from self._parts.refers((*path, "basis"), deadline.get("basis"), "sources")
            start = deadline.get("starts_from")
            yield from self._question((*path, "starts_from"), start, "datetime", "a deadline starts from a moment")
        for path, frame in self._parts.of("frames"):
            yield from self._each((*path, "sources"), frame.get("sources"), "sources")

    def _deciders(self) -> Iterator[Finding]:
        covered = []
        for path, row in self._parts.of("deciders"):
            if row.get("step") != "*":
                yield from self._parts.refers((*path, "step"), row.get("step"), "steps")
            if row.get("when") == "always":
                covered.append(row.get("step"))
        # A row whose step is no text may be meant for any step.
        if "*" in covered or not all(isinstance(step, str) for step in covered):
            return
        for step, part in self._parts.known["steps"].items():
            if step not in covered:
                nobody = f"nobody decides on step {step!r} in every case"
                yield self._parts.at(part.path, f"{nobody}; add a last row with `when: always`")

    def _special_questions(self) -> Iterator[Finding]:
        conflict, review = self._parts.one("conflict_of_interest"), self._parts.one("review_date")
        path = ("conflict_of_interest",)
        question = conflict.get("question")
        yield from self._question((*path, "question"), question, "single", "involvement is asked as one choice")
        for position, option in texts(conflict.get("self")):
            yield from self._parts.has_option((*path, "self", position), question, option)
        yield from self._question(
            ("review_date", "question"), review.get("question"), "date", "a review date is a date"
        )

    # --- what several checks ask -------------------------------------------------------

    def _duplicates(self, name: str, parts: Iterator[Part]) -> Iterator[Finding]:
        seen: set[str] = set()
        for path, part in parts:
            found = part.get("id")
            if not isinstance(found, str):
                continue
            if found in seen:
                yield self._parts.at((*path, "id"), f"the id {found!r} stands in {name} twice; give one another")
            seen.add(found)

    def _basis(self, path: Path, part: Mapping[str, Any]) -> Iterator[Finding]:
        known = {**self._parts.known["sources"], **self._parts.known["frames"]}
        for position, source in texts(part.get("basis")):
            if source not in known:
                yield self._parts.at((*path, "basis", position), unknown("source or frame", source, known))

    def _each(self, path: Path, ids: Any, kind: str) -> Iterator[Finding]:
        for position, one in texts(ids):
            yield from self._parts.refers((*path, position), one, kind)

    def _question(self, path: Path, wanted: Any, kind: str, why: str) -> Iterator[Finding]:
        yield from self._parts.refers(path, wanted, "questions")
        found = self._parts.question(wanted)
        if found and found.get("type") in _TYPES and found["type"] != kind:
            given = f"question {wanted!r} is of type {found['type']}"
            yield self._parts.at(path, f"{given}, but {why}; choose a {kind} question")
