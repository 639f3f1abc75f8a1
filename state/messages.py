"""What is wrong with the shape of a framework's part, in words that say what would be right."""

from typing import Any

from pydantic_core import ErrorDetails

from state.nodes import Path

_CONDITION = "a condition is `always`, or has one of the keys question, notion, all, any, not"
_ID = "{given} cannot be an id; use letters, digits, - _ . :"
_KEYS = "{given} must have keys of its own"
_WHOLE = "{given} must be a whole number"

# By pydantic's name of the mistake, or by our own from `state.shapes`.
_WORDS = {
    "missing": "this key is missing; add it",
    "empty": "this is empty; write its value, or remove the key",
    "nothing": "this is empty; write its value",
    "condition": _CONDITION,
    "literal_error": "{given} is not one of {expected}",
    "exactly": "{given} must be {wanted}",
    "string_type": "{given} must be text; put it in quotes",
    "no_text": "{given} must be text, without brackets or keys",
    "string_too_short": "this text is empty; write it",
    "string_too_long": "{given} is too long; use at most {max_length} characters",
    "string_pattern_mismatch": _ID,
    "bool_type": "{given} must be true or false",
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "greater_than_equal": "{given} must be at least {ge}",
    "less_than_equal": "{given} must be at most {le}",
    "day": "{given} must be a date that exists, as in 2026-11-23",
    "tuple_type": "{given} must be a list",
    "too_short": "this list holds {held} of at least {min_length}; add what is missing",
    "model_type": _KEYS,
}


def message(detail: ErrorDetails) -> str:
    """Give the words for one of pydantic's mistakes."""
    given = detail["input"]
    held = len(given) if isinstance(given, list) else 0
    words = _WORDS.get(_kind(detail["type"], given), "{given} does not fit here")
    return words.format(given=_short(given), held=held, **detail.get("ctx", {}))


def in_words(path: Path) -> str:
    """Give a place in the file as people count: from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path) or "the file"


def _kind(kind: str, given: Any) -> str:
    if given is None and kind != "empty":
        return "nothing"
    return "no_text" if kind == "string_type" and isinstance(given, list | dict) else kind


def _short(given: Any) -> str:
    text = str(given).lower() if isinstance(given, bool) else repr(given)
    return text if len(text) <= 60 else text[:57] + "..."
