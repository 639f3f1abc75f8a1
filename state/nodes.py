"""YAML text as plain values that know where they stand.

YAML 1.2's core schema: only true, false, null and numbers are not text, so `no`, `72:00` and dates stay
what the author typed. Duplicate keys, anchors and tags are mistakes. The C parser gives the marks.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from state.errors import Finding

MAX_BYTES = 4_000_000
MAX_DEPTH = 40

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]+")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}

_EMPTY = "the file is empty; write what belongs in it"
_QUOTED = ("'", '"', "|", ">")

Path = tuple[str | int, ...]


@dataclass
class Tree:
    """The plain value of a text, where each part of it stands, and what was wrong with the text itself."""

    value: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def place(self, path: Path) -> tuple[int, int]:
        """Give line and column (from 1) of the part at `path`, or of the nearest part around it."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def read_nodes(text: str) -> Tree:
    """Give a text's tree; a text that is no YAML gives a tree with findings and no value."""
    tree = Tree()
    if len(text) > MAX_BYTES:
        tree.findings.append(Finding(1, 1, f"the file is longer than {MAX_BYTES} characters"))
        return tree
    try:
        tree.value = _Reading(text, tree).whole()
    except _Forbidden as forbidden:
        tree.findings.append(forbidden.finding)
    except (yaml.YAMLError, ValueError) as error:
        tree.findings.append(_syntax(error, text))
    else:
        if tree.value is None:
            tree.findings.append(Finding(*tree.place(()), _EMPTY))
    return tree


def _syntax(error: Exception, text: str) -> Finding:
    if isinstance(error, yaml.reader.ReaderError):
        line, column = _place_of_byte(text, error.position)
        return Finding(line, column, f"this is not YAML: {error.reason}; remove the character U+{error.character:04X}")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable"
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Finding(line, column, f"this is not YAML: {problem}; check indentation, colons and quotes")


def _place_of_byte(text: str, position: int) -> tuple[int, int]:
    """Give line and column of a byte: the C parser says no more of a character that it does not take."""
    before = text.encode()[:position].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _Forbidden(Exception):
    """What ends the reading: nesting without end would exhaust the stack, an alias can stand for too much."""

    def __init__(self, where: yaml.Event, message: str) -> None:
        super().__init__(message)
        self.finding = _at(where, message)


class _Reading:
    """Values straight from the C parser's events: composing nodes of them first doubled the time."""

    def __init__(self, text: str, tree: Tree) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._tree = tree

    def whole(self) -> Any:
        """Give the value of the text's one document; None when there is none."""
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        value = self._value(next(self._events), ())
        next(self._events)
        more = next(self._events)
        if not isinstance(more, yaml.StreamEndEvent):
            raise yaml.MarkedYAMLError(problem="but found another document", problem_mark=more.start_mark)
        return value

    def _value(self, event: Any, path: Path) -> Any:
        self._check(event, path)
        self._tree.places.setdefault(path, _place(event))
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(item, (*path, position)) for position, item in enumerate(self._until_end())]
        return self._mapping(path)

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in self._until_end():
            name = self._name(key, path, found)
            value = self._value(next(self._events), (*path, name or ""))
            if name is not None:
                found.setdefault(name, value)
        return found

    def _name(self, key: Any, path: Path, found: Mapping[str, Any]) -> str | None:
        """Give what a key says; None for what is no key."""
        if not isinstance(key, yaml.ScalarEvent):
            self._tree.findings.append(_at(key, "a key must be one word; remove the brackets"))
            self._value(key, (*path, ""))
            return None
        self._check(key, path)
        name: str = key.value
        if name in found:
            self._tree.findings.append(_at(key, f"the key {name!r} stands here twice; keep one"))
        else:
            # A mistake in a key is shown at the key, one in a value at the value.
            self._tree.places[*path, f"key:{name}"] = _place(key)
        return name

    def _until_end(self) -> Iterator[Any]:
        while not isinstance(event := next(self._events), yaml.CollectionEndEvent):
            yield event

    def _check(self, event: Any, path: Path) -> None:
        """Keep a tag as a mistake; raise for what ends the reading."""
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _Forbidden(event, "anchors and aliases are not allowed; write the text out")
        if event.tag is not None:
            short = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._tree.findings.append(_at(event, f"the tag {short!r} is not allowed; remove it"))
        if len(path) >= MAX_DEPTH and isinstance(event, yaml.CollectionStartEvent):
            raise _Forbidden(event, f"nested deeper than {MAX_DEPTH}; use fewer levels")


def _scalar(event: yaml.ScalarEvent) -> Any:
    text: str = event.value
    if event.style in _QUOTED:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text) and len(text) < 20:
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) and len(text) < 40 else text


def _place(where: Any) -> tuple[int, int]:
    return where.start_mark.line + 1, where.start_mark.column + 1


def _at(where: Any, message: str) -> Finding:
    return Finding(*_place(where), message)
