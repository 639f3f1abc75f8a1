"""A document as plain blocks, so that every form of it (HTML, Markdown) says the same."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A check value or id, shown in a fixed-width type."""

    text: str


Cell = str | Code


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
    return "".join(_written_out(char) for char in text)


def _written_out(char: str) -> str:
    if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return char
    return f"[U+{ord(char):04X}]"
