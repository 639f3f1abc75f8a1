"""The dossier as one PDF that is PDF/A-3a (to keep) and PDF/UA-1 (to read with any means) at once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, cast

import typst

from bot.dossier.document import Document

# Which typesetter made a PDF: only the same one gives the same bytes.
TYPESETTER = f"typst {version('typst')}"

_COMPILER = typst.Compiler(ignore_system_fonts=True)


def to_pdf(document: Document, attachments: Mapping[str, bytes], at: datetime) -> bytes:
    """Give the document as a PDF with files attached; the same bytes each time for the same input."""
    files = {"main.typ": b'#set document(title: "Dossier")\n#set text(lang: "nl")\n#title()'}
    return cast(
        bytes,
        _COMPILER.compile(cast(Any, files), format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=at.astimezone(UTC)),
    )
