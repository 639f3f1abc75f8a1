"""A document as plain blocks, so that every form of it (HTML, Markdown) says the same."""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A check value or id, shown in a fixed-width type."""

    text: str


Cell = str | Code

# Letters and marks that show as nothing at all (Unicode: default ignorable), so that a text could hide in them.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {
    chr(code)
    for first, last in ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for code in range(first, last + 1)
}
# What is plain hides nothing and is passed over: 7 ms less of the 52 that a PDF takes.
_UNUSUAL = re.compile("[^\n\t -~]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 2 ones make the table of contents."""

    level: int
    text: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `kind` is empty, note, warning, quote or lead."""

    text: str
    kind: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with what belongs to them."""

    rows: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; the first column heads its row."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[Cell, ...]
    kind: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """The table of contents: every heading of level 2."""


@dataclass(frozen=True, slots=True)
class PageBreak:
    """A new page in print."""


Block = Heading | Paragraph | Facts | Table | Bullets | Contents | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document, with the marking that stands on every page."""

    title: str
    marking: str
    blocks: tuple[Block, ...]

    @property
    def parts(self) -> tuple[tuple[int, Heading], ...]:
        """Give the headings of level 2 with their places."""
        return tuple(
            (place, block) for place, block in enumerate(self.blocks) if isinstance(block, Heading) and block.level == 2
        )


def visible(text: str) -> str:
    """Give text in which nothing can hide: control and direction characters are written out."""
    return _UNUSUAL.sub(_shown, text)


def written_out(char: str) -> str:
    """Give a character by its number."""
    return f"[U+{ord(char):04X}]"


def _shown(found: re.Match[str]) -> str:
    hides = unicodedata.category(found[0]) in ("Cc", "Cf", "Cs", "Zl", "Zp") or found[0] in _BLANKS
    return written_out(found[0]) if hides else found[0]
