"""A document as Markdown, for people who read plain text and for programs that compare it."""

import re

from bot.dossier.document import (
    Block,
    Bullets,
    Cell,
    Code,
    Contents,
    Document,
    Facts,
    Heading,
    PageBreak,
    Paragraph,
    Table,
    visible,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_AT_START = re.compile(r"^(\s*(?:\d+(?=[.)]))?)([-+=.)])")


def to_markdown(document: Document) -> str:
    """Give the document as Markdown."""
    marking = f"**{_text(document.marking)}**"
    blocks = (_block(block, document) for block in document.blocks)
    parts = [marking, f"# {_text(document.title)}", *(block for block in blocks if block), marking]
    return "\n\n".join(parts) + "\n"


def _block(block: Block, document: Document) -> str:
    match block:
        case Heading(level=level, text=text):
            return f"{'#' * level} {_line(text)}"
        case Paragraph(text=text, kind=kind):
            lines = _text(text).split("\n")
            mark = "> " if kind in ("warning", "quote") else ""
            return "  \n".join(mark + line for line in lines)
        case Facts(rows=rows):
            return "\n".join(f"- {_line(name)}: {_cell(value)}" for name, value in rows)
        case Bullets(items=items):
            return "\n".join(f"- {_cell(item)}" for item in items)
        case Table():
            return _table(block)
        case Contents():
            return "\n".join(f"- {_line(part.text)}" for _, part in document.parts)
        case PageBreak():
            return ""


def _table(table: Table) -> str:
    rows = [table.headers, tuple("---" for _ in table.headers)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in table.rows]
    return f"**{_line(table.caption)}**\n\n" + "\n".join(lines)


def _cell(cell: Cell) -> str:
    return f"`{visible(cell.text)}`" if isinstance(cell, Code) else _line(cell)


def _line(text: str) -> str:
    return _text(text).replace("\n", "<br>")


def _text(text: str) -> str:
    """Give text in which nothing is taken for Markdown."""
    escaped = _SPECIAL.sub(r"\\\1", visible(text)).replace("://", ":\\//")
    return "\n".join(_AT_START.sub(r"\1\\\2", line) for line in escaped.split("\n"))
