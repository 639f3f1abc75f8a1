"""JSON as it should be: no duplicate keys, no NaN, no half characters, no depth or number without end."""

import json
import re
from typing import Any

MAX_DEPTH = 32
_MAX_DIGITS = 20
_HALF_CHARACTER = re.compile(rb"\\[uU][dD][89a-fA-F]")


class NotJson(ValueError):
    """The bytes are no JSON that we read; the message never repeats them."""


def read_json(body: bytes) -> Any:
    """Give the value; raises NotJson for anything that another reader could read differently."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_decimal,
        )
    except (ValueError, RecursionError):
        raise NotJson from None
    # A surrogate can only come from an escape; without one there is nothing to look for.
    _walk(value, check_text=_HALF_CHARACTER.search(body) is not None)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson
    return found


def _no_constant(_: str) -> Any:
    raise NotJson


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise NotJson
    return int(digits)


def _decimal(digits: str) -> float:
    number = float(digits)
    if len(digits) > 2 * _MAX_DIGITS or number in (float("inf"), float("-inf")):
        raise NotJson
    return number


def _walk(value: Any, *, check_text: bool) -> None:
    """Look at every part, level by level: depth costs no stack here."""
    level = [value]
    for _ in range(MAX_DEPTH):
        if not level:
            return
        level = [part for whole in level for part in _parts(whole, check_text)]
    raise NotJson


def _parts(value: Any, check_text: bool) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()] if check_text else list(value.values())
    if isinstance(value, list):
        return value
    if check_text and isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
        raise NotJson
    return []
