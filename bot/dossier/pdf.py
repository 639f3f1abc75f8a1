"""The dossier as one PDF that is PDF/A-3a (to keep) and PDF/UA-1 (to read by any means) at once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from itertools import zip_longest
from threading import Lock
from typing import Any, cast

import typst

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
)
from bot.dossier.fitting import column_widths, pieces, width_of
from bot.dossier.glyphs import showable
from bot.errors import ShellError

# Which typesetter made a PDF: only the same one gives the same bytes.
TYPESETTER = f"typst {version('typst')}"

# In points; the same as in dossier.typ.
_PAGE = 481.0
_NAMES = 119.0
_BODY = 10.0
_TABLE = 8.5
_CHAIN = 7.0
_GAP = 8.0
# What is kept on one page, in characters and lines; it must never be more than a page holds.
_SHORT_TEXT = 600
_SHORT_LINES = 8
_ROOM_TO_WRITE = "n" * 14

# What an attached file is to the document, and how programs call its format.
_ATTACHED: Mapping[str, tuple[str, str, str]] = {
    "transcript.json": (
        "source",
        "application/json",
        "Het verloop van de zaak om door een programma te laten lezen; dit document is ervan gemaakt",
    ),
    "framework.yaml": ("supplement", "application/yaml", "Het afwegingskader waaronder de zaak is gewogen"),
}
_OTHER = ("supplement", "text/plain", "Bijlage bij het dossier")

# One for all: it holds the fonts. It is not made for two threads at once.
_COMPILER = typst.Compiler(ignore_system_fonts=True)
_ONE_AT_A_TIME = Lock()


class NotTypeset(ShellError):
    """The PDF could not be made; the message never holds text of the case."""

    code = "export_failed"


def to_pdf(document: Document, attachments: Mapping[str, bytes], at: datetime) -> bytes:
    """Give the document as a PDF with text files attached, dated `at`; the same bytes each time. Raises NotTypeset."""
    inside = {f"attached-{place}": content for place, content in enumerate(attachments.values())}
    data = json.dumps(_data(document, attachments)).encode()
    return typeset({"main.typ": template(), "document.json": data, **inside}, at)


def template() -> bytes:
    """Give the form of the dossier on paper."""
    return (files("bot.dossier") / "dossier.typ").read_bytes()


def typeset(inside: Mapping[str, bytes], at: datetime) -> bytes:
    """Give the PDF of files in memory; nothing is read from or written to a disk. Raises NotTypeset."""
    # The types of the wheel do not know that files can be given in memory.
    sources = cast(Any, dict(inside))
    when = at.astimezone(UTC).replace(microsecond=0)
    try:
        with _ONE_AT_A_TIME:
            made = _COMPILER.compile(sources, format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=when)
    except RuntimeError:
        # The message quotes the text at fault, which belongs to the case.
        raise NotTypeset(f"{TYPESETTER} could not make the PDF of this dossier") from None
    return cast(bytes, made)


# --- the document as data --------------------------------------------------------------


def _data(document: Document, attachments: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "title": showable(_said(document.title)),
        "marking": showable(document.marking),
        "description": "Verloop, uitkomst en verantwoording van een afweging bij een (mogelijk) informatielek",
        "keywords": ["afwegingskader informatielekken", "dossier"],
        "attachments": [_attachment(name, place) for place, name in enumerate(attachments)],
        "blocks": list(_blocks(document.blocks)),
    }


def _blocks(blocks: Sequence[Block]) -> Iterator[dict[str, Any]]:
    """Give every block, and whether a page may end after it: not between a step and the table of its reasons."""
    for block, after in zip_longest(blocks, blocks[1:]):
        yield {**_block(block), "sticky": isinstance(block, Facts) and isinstance(after, Table)}


def _attachment(name: str, place: int) -> dict[str, str]:
    relationship, mime, description = _ATTACHED.get(name, _OTHER)
    path = f"attached-{place}"
    return {"name": name, "path": path, "relationship": relationship, "mime": mime, "description": description}


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading(level=level, text=text, lang=lang):
            return {
                "type": "heading",
                "level": level - 1,
                "lang": _lang(lang),
                "pieces": _pieces(_said(text), _PAGE, 15.0),
            }
        case Paragraph(text=text, kind=kind, lang=lang):
            return {"type": "paragraph", "kind": kind, "lang": _lang(lang), "pieces": _pieces(text, _PAGE - 40, 12.0)}
        case Facts(rows=rows):
            return {"type": "facts", "whole": _fits(rows), "rows": [_fact(name, value) for name, value in rows]}
        case Bullets(items=items, kind=kind, lang=lang):
            cells = [_cell(item, _PAGE - 20, _BODY) for item in items]
            return {"type": "bullets", "kind": kind, "lang": _lang(lang), "items": cells}
        case Table():
            return _table(block)
        case Contents():
            return {"type": "contents"}
        case PageBreak():
            return {"type": "break"}


def _fact(name: str, value: Cell) -> dict[str, Any]:
    wide = width_of(showable(name), _BODY) > _NAMES
    room = _PAGE if wide else _NAMES
    return {
        "name": _pieces(name, room, _BODY),
        "wide": wide,
        "value": _cell(value, _PAGE - _NAMES, _BODY),
    }


def _table(table: Table) -> dict[str, Any]:
    size = _CHAIN if table.kind == "chain" else _TABLE
    columns = list(zip(table.headers, *([_text(cell) for cell in row] for row in table.rows), strict=True))
    widths = column_widths([_measured(table, column) for column in columns], _PAGE, size, _GAP)
    return {
        "type": "table",
        "kind": table.kind,
        "caption": _pieces(table.caption, _PAGE, _BODY),
        "widths": widths,
        "headers": [_pieces(header, width - _GAP, size) for header, width in zip(table.headers, widths, strict=True)],
        "rows": [{"whole": _fits([row]), "cells": list(_row(row, widths, size))} for row in table.rows],
    }


def _fits(rows: Sequence[Sequence[Cell]]) -> bool:
    """Tell whether rows are so short that they must not be parted by the end of a page."""
    texts = [_text(cell) for row in rows for cell in row]
    return sum(map(len, texts)) <= _SHORT_TEXT and sum(text.count("\n") for text in texts) <= _SHORT_LINES


def _measured(table: Table, column: Sequence[str]) -> list[str]:
    """Give what decides how wide a column is; one to fill in by hand must be wide enough to write in."""
    return [showable(text) or (_ROOM_TO_WRITE if table.kind == "fill" else "") for text in column]


def _row(row: Sequence[Cell], widths: Sequence[float], size: float) -> Iterator[dict[str, Any]]:
    for cell, width in zip(row, widths, strict=True):
        yield _cell(cell, width - _GAP, size)


def _cell(cell: Cell, width: float, size: float) -> dict[str, Any]:
    code = isinstance(cell, Code)
    return {"code": code, "pieces": pieces(showable(_text(cell)), width, size, code=code)}


def _pieces(text: str, width: float, size: float) -> list[str]:
    return pieces(showable(text), width, size)


def _text(cell: Cell) -> str:
    return cell.text if isinstance(cell, Code) else cell


def _said(heading: str) -> str:
    """Give a heading that says something: one without a word is not allowed (PDF/UA)."""
    return heading if heading.strip() else "-"


def _lang(lang: str) -> str:
    """Give a language other than the document's own."""
    return "" if lang == "nl" else lang
