"""Which characters the PDF's own fonts can show; every other one is written out, so that none is lost."""

import re
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
# What is plain is passed over quickly.
_UNUSUAL = re.compile("[^\n -~]")


def showable(text: str) -> str:
    """Give text of which every character can be shown, and nothing hides."""
    return _UNUSUAL.sub(_shown, visible(text).replace("\t", "    "))


def _shown(found: re.Match[str]) -> str:
    return found[0] if found[0] in _COVERED else written_out(found[0])
