"""Changing what is read so that it stays nearly right: a reader that stops at the first byte is not tested by noise."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**15, "", " ", "x", "..", "a/b", "\u0000", "\u202e", "\U0001f600", "é", "e\u0301",
    "x" * 600, [], {}, [[]], [None], {"id": ""}, {"": None}, "0001-01-01", "9999-12-31T23:59:59+00:00", "onbekend", "²",
    "٣", "-0", "1" * 30, "11111111-1111-4111-8111-111111111111",
)  # fmt: skip
_BITS_OF_LINES = (*" -:#'\"|>{}[]\t", "", "  ", "- ", ": ", "&a", "*a", "!!str ")


def bytewise(data: bytes, chance: Random) -> bytes:
    """Give the bytes with a few of them changed, added, taken out or repeated."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randint(0, len(found))
        match chance.randrange(4):
            case 0:
                found[place : place + 1] = bytes((chance.randrange(256),))
            case 1:
                found[place:place] = chance.choice((b"\x00", b"\xff", b"\n", b'"', b"\\", b"9", b"-", b"\xe2\x80\xae"))
            case 2:
                del found[place : place + chance.randint(1, 8)]
            case _:
                other = chance.randint(0, len(found))
                found[place:place] = found[other : other + chance.randint(1, 16)]
    return bytes(found)


def linewise(data: bytes, chance: Random) -> bytes:
    """Give a text with one or two of its lines moved, doubled, left out, indented or cut."""
    lines = data.decode("utf-8", "replace").splitlines() or [""]
    for _ in range(chance.randint(1, 2)):
        place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                lines[place], lines[other] = lines[other], lines[place]
            case 1:
                lines.insert(place, lines[other])
            case 2 if len(lines) > 1:
                del lines[place]
            case 3:
                lines[place] = "  " + lines[place] if chance.random() < 0.5 else lines[place].removeprefix("  ")
            case 4:
                cut = chance.randint(0, len(lines[place]))
                lines[place] = lines[place][:cut] + chance.choice(_BITS_OF_LINES) + lines[place][cut:]
            case _:
                key, mark, _ = lines[place].partition(": ")
                lines[place] = f"{key}{mark}{_odd_word(chance)}"
    return "\n".join(lines).encode("utf-8", "replace")


def _odd_word(chance: Random) -> str:
    odd = chance.choice(_ODD)
    return json.dumps(odd) if chance.random() < 0.5 else str(odd)


def in_json(data: bytes, chance: Random) -> bytes:
    """Give JSON with one part of it odd, gone, doubled or under another name; other bytes bytewise."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return bytewise(data, chance)
    places = list(_places(value))
    if not places:
        return bytewise(data, chance)
    whole, key = chance.choice(places)
    match chance.randrange(4):
        case 0:
            del whole[key]
        case 1 if isinstance(whole, dict):
            whole[chance.choice(("id", "type", "x", key + key))] = whole[key]
        case 2:
            whole[key] = chance.choice([part[one] for part, one in places])
        case _:
            whole[key] = chance.choice(_ODD)
    return _dumped(value)


def _dumped(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        # A part was put into itself.
        return b"{}"


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])
