"""Framework text to a framework, or all of its mistakes at once with line and column."""

from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from state.errors import Finding, FrameworkError
from state.framework import AllOf, AnyOf, Atom, Framework, Not, NotionHolds
from state.lint import lint
from state.nodes import Path, Tree, read_nodes


def read_framework(text: str, name: str) -> Framework:
    """Give the framework; raises FrameworkError with every mistake, in the order of the lines."""
    tree = read_nodes(text)
    findings, framework = list(tree.findings), None
    if tree.value is not None:
        try:
            framework = Framework.model_validate(tree.value)
        except ValidationError as error:
            findings += [_shape(detail, tree) for detail in error.errors(include_url=False)]
        findings += lint(tree)
    if findings or framework is None:
        raise FrameworkError(tuple(sorted({replace(finding, file=name) for finding in findings})))
    return framework


def _shape(detail: ErrorDetails, tree: Tree) -> Finding:
    path = _path(detail["loc"])
    if detail["type"] == "extra_forbidden":
        line, column = tree.place((*path[:-1], f"key:{path[-1]}"))
        return Finding(line, column, _unknown_key(str(path[-1]), detail["loc"]))
    line, column = tree.place(path)
    return Finding(line, column, f"{_where(path)}: {_message(detail)}")


def _path(loc: tuple[int | str, ...]) -> Path:
    """Give the place in the file that a pydantic location names: the tags of unions left out."""
    return tuple(part for part in loc if not (isinstance(part, str) and part.startswith("#")))


def _unknown_key(key: str, loc: tuple[int | str, ...]) -> str:
    known = sorted(_known_keys(loc))
    near = get_close_matches(key, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known keys are {', '.join(known)}"
    return f"unknown key {key!r}; {hint}"


def _known_keys(loc: tuple[int | str, ...]) -> set[str]:
    """Give the keys of the model in which an unknown key stands, by walking the models along the location."""
    model: Any = Framework
    for part in loc[:-1]:
        model = _inside(model, part)
    models = model if isinstance(model, list) else [model]
    return {
        field.alias or name
        for one in models
        if isinstance(one, type) and issubclass(one, BaseModel)
        for name, field in one.model_fields.items()
    }


def _inside(model: Any, part: int | str) -> Any:
    if isinstance(part, int):
        return model
    if part.startswith("#"):
        return _TAGGED.get(part, model)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return model
    fields = {key: field for name, field in model.model_fields.items() for key in (name, field.alias)}
    return _models_in(fields[part].annotation) if part in fields else model


def _models_in(annotation: Any) -> Any:
    found: list[Any] = []
    todo = [annotation]
    while todo:
        one = todo.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            found.append(one)
        todo += getattr(one, "__args__", ())
    return found[0] if len(found) == 1 else found


def _message(detail: ErrorDetails) -> str:
    given = detail["input"]
    match detail["type"]:
        case "missing":
            return "this key is missing; add it"
        case "literal_error":
            return f"{_short(given)} is not one of {detail['ctx']['expected']}"
        case "string_type":
            return f"{_short(given)} must be text; put it in quotes"
        case "bool_type":
            return f"{_short(given)} must be true or false"
        case "tuple_type":
            return f"{_short(given)} must be a list"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"{_short(given)} must have keys of its own"
        case "string_pattern_mismatch":
            return f"{_short(given)} cannot be an id; use letters, digits, - _ . :"
        case "string_too_short":
            return "this text is empty; write it"
        case _:
            return detail["msg"][0].lower() + detail["msg"][1:]


def _short(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else text[:57] + "..."


def _where(path: Path) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path) or "the file"


_TAGGED = {"#question": Atom, "#notion": NotionHolds, "#all": AllOf, "#any": AnyOf, "#not": Not}
