"""Which characters the PDF's own fonts can show; every other one is written out, so that none is lost."""

import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files

from bot.dossier.document import visible, written_out


def _fonts() -> Iterator[frozenset[str]]:
    table = (files("bot.dossier") / "glyphs.txt").read_text("utf-8")
    for part in re.split(r"^\[.*\]$", table, flags=re.MULTILINE)[1:]:
        ends = (one.partition("-") for one in part.split())
        yield frozenset(
            chr(code) for first, _, last in ends for code in range(int(first, 16), int(last or first, 16) + 1)
        )


FONTS = tuple(_fonts())
_COVERED = frozenset[str]().union(*FONTS)
_MARKS = "".join(sorted(char for char in _COVERED if unicodedata.category(char).startswith("M")))
# A character with the marks that stand on it; what is plain is passed over quickly.
_CLUSTER = re.compile(f"[^\n][{_MARKS}]+|[^\n -~]")
# Never between a character and a mark on it.
_PIECE = re.compile(f"(?:.[{_MARKS}]*){{1,4}}", re.DOTALL)


def showable(text: str) -> str:
    """Give text of which every character can be shown, and nothing hides."""
    return _CLUSTER.sub(_shown, visible(text).replace("\t", "    "))


def _shown(cluster: re.Match[str]) -> str:
    whole = cluster[0]
    if any(font.issuperset(whole) for font in FONTS):
        return whole
    base, marks = whole[0], whole[1:]
    return (base if base in _COVERED else written_out(base)) + "".join(map(written_out, marks))


def in_pieces(word: str) -> list[str]:
    """Give a word in short pieces, no mark parted from its character."""
    return _PIECE.findall(word)
