"""The parts of a framework's tree for the checks between them, each with its place.

What has the wrong shape is passed over, the reader has reported it; it keeps its place in the count.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any, NamedTuple

from state.errors import Finding
from state.nodes import Path, Tree

LISTS = (
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


class Part(NamedTuple):
    """A part with keys of its own, and where it stands."""

    path: Path
    value: Mapping[str, Any]


class Parts:
    """The parts of a framework's tree, by list and by id."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def of(self, kind: str) -> Iterator[Part]:
        """Give the parts in a list of the framework."""
        return parts_in((kind,), self._tree.value.get(kind))

    def one(self, kind: str) -> Mapping[str, Any]:
        """Give the framework's part of which there is one; an empty one where it has another shape."""
        value = self._tree.value.get(kind)
        return value if isinstance(value, Mapping) else {}

    @cached_property
    def known(self) -> Mapping[str, Mapping[str, Part]]:
        """Give the parts of each list by id; the first where an id stands twice."""
        return {kind: _by_id(self.of(kind)) for kind in LISTS}

    def question(self, wanted: Any) -> Mapping[str, Any] | None:
        """Give the question with an id; None where there is none."""
        found = self.known["questions"].get(wanted) if isinstance(wanted, str) else None
        return found.value if found else None

    def at(self, path: Path, message: str) -> Finding:
        """Give a finding at a place in the tree."""
        line, column = self._tree.place(path)
        return Finding(line, column, message)

    def refers(self, path: Path, wanted: Any, kind: str) -> Iterator[Finding]:
        """Give a finding where the part that is referred to does not exist."""
        if isinstance(wanted, str) and wanted not in self.known[kind]:
            yield self.at(path, unknown(kind.rstrip("s"), wanted, self.known[kind]))

    def has_option(self, path: Path, question: Any, option: Any) -> Iterator[Finding]:
        """Give a finding where a question has options, but not this one."""
        options = _options_of(self.question(question) or {})
        if options and isinstance(option, str) and option not in options:
            yield self.at(path, unknown(f"option of {question!r}", option, options))


def parts_in(path: Path, value: Any) -> Iterator[Part]:
    """Give the parts in a list that stands at `path`."""
    for position, part in enumerate(items(value)):
        if isinstance(part, Mapping):
            yield Part((*path, position), part)


def items(value: Any) -> list[Any]:
    """Give a list; an empty one for what is none."""
    return value if isinstance(value, list) else []


def texts(value: Any) -> Iterator[tuple[int, str]]:
    """Give the texts in a list with their places."""
    return ((position, one) for position, one in enumerate(items(value)) if isinstance(one, str))


def unknown(kind: str, wanted: str, known: Iterable[str]) -> str:
    """Give the words for a reference to nothing, with what may be meant."""
    near = get_close_matches(wanted, list(known), 1)
    return f"there is no {kind} {wanted!r}" + (f"; did you mean {near[0]!r}?" if near else "; add it or correct the id")


def _by_id(parts: Iterable[Part]) -> dict[str, Part]:
    known: dict[str, Part] = {}
    for part in parts:
        if isinstance(part.value.get("id"), str):
            known.setdefault(part.value["id"], part)
    return known


def _options_of(question: Mapping[str, Any]) -> list[str]:
    return list(_by_id(parts_in((), question.get("options"))))
