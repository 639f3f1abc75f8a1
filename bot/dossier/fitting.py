"""How wide the columns of a table are on paper, and where a word that is too long for its place may break."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from math import ceil

# A line that is this short stays on one line where there is room: a moment, a grade, a name.
_SHORT = (26, 20)
# The widest word that a column is made wide enough for, in characters; a longer one may break anywhere.
_KEPT_WHOLE = 24
_MONO = 0.602 * 0.82
# A check value breaks where it can be compared in eights.
_CODE = re.compile(r"\w{1,16}")
# A line is never broken after an opening bracket or quotation mark, so that no piece ends with one if it need not.
_OPENING = "([{¡¿‚„“‘‛‟«‹"
_PIECE = re.compile(rf".{{0,3}}[^{re.escape(_OPENING)}]|.{{1,4}}")
_ZERO_WIDTH_SPACE = "\u200b"

_NARROW = frozenset("ijlt.,;:'|()[]!Ifr-/ ’")
_WIDE = frozenset("mwMW@%—…ǅ")


def width_of(text: str, size: float, *, code: bool = False) -> float:
    """Give about how wide a text is in points, rather too much than too little."""
    if code:
        return len(text) * size * _MONO
    return size * sum(map(_em, text))


# A dossier measures 110 000 characters, a few thousand different ones at most (those of the fonts): 3 ms less of 52.
@cache
def _em(char: str) -> float:
    if char in _NARROW:
        return 0.36
    if char in _WIDE or char > "\u2100":
        return 0.98
    return 0.74 if char.isupper() else 0.54


def pieces(text: str, width: float, size: float, *, code: bool = False) -> list[str]:
    """Give a text in pieces between which a line may break: inside words that are wider than `width`."""
    in_eights = code and width_of("0" * 16, size, code=True) <= width
    found = [""]
    for word in re.findall(r"[ \n]+|[^ \n]+", text):
        part = _CODE if in_eights and word.isalnum() else _PIECE
        parts = list(map(_breakable, part.findall(word))) if width_of(word, size, code=code) > width else [word]
        found[-1] += parts[0]
        found += parts[1:]
    return found


def _breakable(piece: str) -> str:
    """Give a piece after which a line may break: a run of opening marks needs more than a gap."""
    return piece + _ZERO_WIDTH_SPACE if piece[-1] in _OPENING else piece


def column_widths(columns: Sequence[Sequence[str]], room: float, size: float, gap: float) -> list[float]:
    """Share the room among columns so that the table is as short as it can be, and no word broken if possible."""
    # How wide every line of every cell is, per column: measured once, tried out several times.
    lines = [[[width_of(line, size) for line in text.split("\n")] for text in column] for column in columns]
    most = [min(room, max(max(cell) for cell in column)) for column in lines]
    whole = [sum(map(sum, column)) for column in lines]
    found = []
    for short in (*_SHORT, 0):
        least = [gap + max(_unbroken(column, size, short)) for column in columns]
        if sum(least) <= room:
            found += [_shared(least, wanted, room) for wanted in (most, whole)]
    if found:
        return min(found, key=lambda widths: _height(lines, widths, gap))
    return [width * room / sum(least) for width in least]


def _shared(least: list[float], wanted: list[float], room: float) -> list[float]:
    """Give every column what it cannot do without, and the rest of the room to those that want more."""
    more = [max(1.0, much - little) for much, little in zip(wanted, least, strict=True)]
    share = (room - sum(least)) / sum(more)
    return [little + share * extra for little, extra in zip(least, more, strict=True)]


def _height(lines: Sequence[Sequence[list[float]]], widths: Sequence[float], gap: float) -> int:
    """Give about how many lines a table takes."""
    high = [
        [sum(max(1, ceil(line / (width - gap))) for line in cell) for cell in column]
        for column, width in zip(lines, widths, strict=True)
    ]
    return sum(map(max, zip(*high, strict=True)))


def _unbroken(column: Sequence[str], size: float, short: int) -> Iterator[float]:
    """Give how wide the parts of a column are that should not break."""
    yield 0.0
    for line in (line for text in column for line in text.split("\n")):
        words = [line] if len(line) <= short else line.split()
        yield from (width_of(word[:_KEPT_WHOLE], size) for word in words)
