"""A reader with a mistake in it, which a fuzzer has to find: proof that the others would find theirs."""

import json
from collections.abc import Iterator

from tests.trust.fuzz.mutations import bytewise, in_json
from tests.trust.fuzz.target import Target


def _read(data: bytes) -> None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict) and value.get("a") == [] and "id" in value:
        raise ZeroDivisionError("the planted one")


def _seeds() -> Iterator[bytes]:
    yield b'{"a": 1, "b": 2}'


TARGET = Target(_read, _seeds, (in_json, bytewise), most=256)
