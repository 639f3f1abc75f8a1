"""YAML text as plain values that know where they stand.

YAML 1.2's core schema: only true, false, null and numbers are not text, so `no`, `72:00` and dates stay
what the author typed. Duplicate keys, anchors and tags are mistakes. The C parser gives the marks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

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


class _Loader(yaml.CSafeLoader):
    """The C parser; resolving is ours."""


def read_nodes(text: str) -> Tree:
    """Give a text's tree; a text that is no YAML gives a tree with findings and no value."""
    tree = Tree()
    if len(text) > MAX_BYTES:
        tree.findings.append(Finding(1, 1, f"the file is longer than {MAX_BYTES} characters"))
        return tree
    try:
        # Events first: composing a deeply nested text would exhaust the stack.
        deep = _too_deep(text, tree)
        root = None if deep else yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError) as error:
        tree.findings.append(_syntax(error))
        return tree
    if deep is not None:
        tree.findings.append(deep)
        return tree
    tree.value = None if root is None else _value(root, (), tree)
    if tree.value is None:
        tree.findings.append(_at(root, _EMPTY) if root else Finding(1, 1, _EMPTY))
    return tree


def _too_deep(text: str, tree: Tree) -> Finding | None:
    """Give what forbids composing at all: nesting without end, or an alias; add each tag to the tree's findings."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        # Only here does an explicit `!!str` differ from the tag that composing adds by itself.
        tag: str | None = getattr(event, "tag", None)
        if tag is not None:
            short = tag.replace("tag:yaml.org,2002:", "!!")
            tree.findings.append(_at(event, f"the tag {short!r} is not allowed; remove it"))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return _at(event, "anchors and aliases are not allowed; write the text out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            return _at(event, f"nested deeper than {MAX_DEPTH}; use fewer levels")
    return None


def _syntax(error: Exception) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable"
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Finding(line, column, f"this is not YAML: {problem}; check indentation, colons and quotes")


def _value(node: yaml.Node, path: Path, tree: Tree) -> Any:
    tree.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, yaml.MappingNode):
        return dict(_items(node, path, tree))
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, position), tree) for position, item in enumerate(node.value)]
    return _scalar(cast("yaml.ScalarNode", node))


def _items(node: yaml.MappingNode, path: Path, tree: Tree) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            tree.findings.append(_at(key, "a key must be one word; remove the brackets"))
            continue
        if key.value in seen:
            tree.findings.append(_at(key, f"the key {key.value!r} stands here twice; keep one"))
            continue
        seen.add(key.value)
        # A mistake in a key is shown at the key, one in a value at the value.
        tree.places[(*path, f"key:{key.value}")] = (key.start_mark.line + 1, key.start_mark.column + 1)
        yield key.value, _value(value, (*path, key.value), tree)


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.style in _QUOTED:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text) and len(text) < 20:
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) and len(text) < 40 else text


def _at(where: Any, message: str) -> Finding:
    return Finding(where.start_mark.line + 1, where.start_mark.column + 1, message)
