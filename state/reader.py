"""Framework text to a framework, or all of its mistakes at once with line and column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from state.errors import Finding, FrameworkError
from state.framework import Framework
from state.lint import lint
from state.messages import in_words, message
from state.nodes import Path, Tree, read_nodes
from state.shapes import AllOf, AnyOf, Atom, Not, NotionHolds


def read_framework(text: str, name: str) -> Framework:
    """Give the framework; raises FrameworkError with every mistake, in the order of the lines."""
    tree = read_nodes(text)
    findings, framework = list(tree.findings), None
    if tree.value is not None:
        try:
            framework = Framework.model_validate(tree.value)
        except ValidationError as error:
            details = error.errors(include_url=False)
            findings += [_shape(detail, tree) for detail in details if not _follows(detail)]
        findings += lint(tree)
    if findings or framework is None:
        raise FrameworkError(tuple(sorted({replace(finding, file=name) for finding in findings})))
    return framework


def _follows(detail: ErrorDetails) -> bool:
    """Tell whether a list is too short only because parts of it have mistakes, which are told themselves."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]


def _shape(detail: ErrorDetails, tree: Tree) -> Finding:
    loc = detail["loc"]
    if detail["type"] == "extra_forbidden":
        key = str(loc[-1])
        line, column = tree.place((*_path(loc[:-1]), f"key:{key}"))
        return Finding(line, column, _unknown_key(key, loc[:-1]))
    path = _path(loc)
    line, column = tree.place(path)
    return Finding(line, column, f"{in_words(path)}: {message(detail)}")


def _path(loc: Sequence[int | str]) -> Path:
    """Give the place in the file that a pydantic location of known keys names: the tags of conditions left out."""
    return tuple(part for part in loc if part not in _TAGGED and part != "#always")


def _unknown_key(key: str, around: Sequence[int | str]) -> str:
    known = sorted(_known_keys(around))
    near = get_close_matches(key, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known keys are {', '.join(known)}"
    return f"unknown key {key!r}; {hint}"


def _known_keys(loc: Sequence[int | str]) -> set[str]:
    """Give the keys of the model at a location, by walking the models along it."""
    model: type[BaseModel] = Framework
    for part in loc:
        # A place in a list has the model that its list was found to hold.
        if isinstance(part, str):
            model = _TAGGED.get(part) or next(_models_in(_fields(model)[part].annotation))
    return set(_fields(model))


def _fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Give the models in a type; in that of a condition there are several, and a tag says which."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in getattr(annotation, "__args__", ()):
        yield from _models_in(one)


_TAGGED: Mapping[int | str, type[BaseModel]] = {
    "#question": Atom,
    "#notion": NotionHolds,
    "#all": AllOf,
    "#any": AnyOf,
    "#not": Not,
}
