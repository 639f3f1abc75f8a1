"""A document as one HTML page: complete in itself, without scripts, for screen, reader and paper."""

import re
from html import escape

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

_WIDTH = 32
_LONG_WORD = re.compile(r"\S{33,}")
_CHARACTER = re.compile(r"&[a-z0-9#]+;|.")

_STYLE = """
:root { --ink: #1a1a1a; --soft: #4d4d4d; --line: #b8bcc2; --accent: #0b3d66; --wash: #f2f5f8; }
* { box-sizing: border-box; }
html { font: 16px/1.5 "Liberation Sans", Arial, Helvetica, sans-serif; color: var(--ink); background: #fff; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1.25rem 4rem; }
.marking { border: 2px solid var(--ink); padding: .4rem .75rem; font-weight: 700; letter-spacing: .02em;
  text-align: center; max-width: none; }
h1 { font-size: 2rem; line-height: 1.2; margin: 1.75rem 0 .5rem; color: var(--accent); }
h2 { font-size: 1.4rem; line-height: 1.25; margin: 3rem 0 .75rem; padding-bottom: .25rem;
  color: var(--accent);
  border-bottom: 2px solid var(--accent); }
h3 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h4 { font-size: 1rem; margin: 1.5rem 0 .35rem; }
p { margin: .5rem 0; max-width: 46rem; white-space: pre-line; overflow-wrap: anywhere; }
.lead { font-size: 1.05rem; }
.note { color: var(--soft); }
.warning { border: 1px solid var(--ink); border-left-width: 6px; padding: .5rem .75rem;
  background: var(--wash); max-width: none; }
.quote { border-left: 3px solid var(--line); padding-left: .75rem; }
dl { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: .3rem 1.25rem; margin: .75rem 0; }
dt { color: var(--soft); }
dd { margin: 0; white-space: pre-line; overflow-wrap: anywhere; }
ul { margin: .4rem 0; padding-left: 1.25rem; }
ul.options { list-style: none; padding-left: .25rem; }
li { margin: .1rem 0; overflow-wrap: anywhere; }
code { font: .82em/1.4 "Liberation Mono", "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0 1.25rem; font-size: .9rem; }
caption { text-align: left; font-weight: 700; padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
  border-bottom: 1px solid var(--line); white-space: pre-line; font-weight: 400; }
thead th { font-weight: 700; color: var(--soft); border-bottom: 2px solid var(--line);
  white-space: normal; }
table.chain { font-size: .72rem; }
table.chain td:nth-child(-n+3) { white-space: nowrap; }
table.fill td { height: 3.2rem; }
nav ul { columns: 2; list-style: none; padding: 0; }
a { color: var(--accent); }
.scroll { overflow-x: auto; }
@page { size: A4; margin: 18mm 16mm 20mm;
  @bottom-left { content: MARKING; font: 8pt sans-serif; }
  @bottom-right { content: "pagina " counter(page) " van " counter(pages); font: 8pt sans-serif; } }
@media print {
  html { font-size: 10.5pt; }
  body { padding: 0; max-width: none; }
  a { color: inherit; text-decoration: none; }
  h2, h3, h4, caption { break-after: avoid; }
  tr, li, dl > div, .warning { break-inside: avoid; }
  thead { display: table-header-group; break-inside: avoid; break-after: avoid; }
  tbody tr:first-child { break-before: avoid; }
  .break { break-before: page; }
}
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
"""


def to_html(document: Document) -> str:
    """Give the document as an HTML page."""
    # A colour or font from outside, a script or an image would make the page say more than the record.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    style = _STYLE.replace("MARKING", _css_text(f"{document.marking} \N{EN DASH} {document.title}"))
    body = "\n".join(_block(block, place, document) for place, block in enumerate(document.blocks))
    marking = f'<p class="marking">{_text(document.marking)}</p>'
    return (
        '<!DOCTYPE html>\n<html lang="nl">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(document.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header>\n{marking}\n<h1>{_text(document.title)}</h1>\n</header>\n"
        f"<main>\n{body}\n</main>\n"
        f"<footer>\n{marking}\n</footer>\n</body>\n</html>\n"
    )


def _contents(document: Document) -> str:
    links = "\n".join(f'<li><a href="#deel-{place}">{_text(part.text)}</a></li>' for place, part in document.parts)
    return f'<nav aria-labelledby="inhoud">\n<h2 id="inhoud">Inhoud</h2>\n<ul>\n{links}\n</ul>\n</nav>'


def _block(block: Block, place: int, document: Document) -> str:
    match block:
        case Heading(level=level, text=text, lang=lang):
            anchor = f' id="deel-{place}"' if level == 2 else ""
            return f"<h{level}{anchor}{_lang(lang)}>{_text(text)}</h{level}>"
        case Paragraph(text=text, kind=kind, lang=lang):
            return f"<p{_class(kind)}{_lang(lang)}>{_text(text)}</p>"
        case Facts(rows=rows):
            return "<dl>\n" + "\n".join(f"<dt>{_text(k)}</dt><dd>{_cell(v)}</dd>" for k, v in rows) + "\n</dl>"
        case Bullets(items=items, kind=kind, lang=lang):
            lines = "\n".join(f"<li>{_cell(item)}</li>" for item in items)
            return f"<ul{_class(kind)}{_lang(lang)}>\n{lines}\n</ul>"
        case Table():
            return _table(block)
        case Contents():
            return _contents(document)
        case PageBreak():
            return '<div class="break"></div>'


def _table(table: Table) -> str:
    heads = "".join(f'<th scope="col">{_text(header)}</th>' for header in table.headers)
    rows = "\n".join(
        f'<tr><th scope="row">{_cell(row[0])}</th>' + "".join(f"<td>{_cell(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in table.rows
    )
    return (
        f'<div class="scroll"><table{_class(table.kind)}>\n<caption>{_text(table.caption)}</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _cell(cell: Cell) -> str:
    return f"<code>{escape(visible(cell.text))}</code>" if isinstance(cell, Code) else _text(cell)


def _text(text: str) -> str:
    """Give text for a page; a word too long for a line may be broken, and copies as it was."""
    return _LONG_WORD.sub(_may_break, escape(visible(text)))


def _may_break(word: re.Match[str]) -> str:
    """Allow a break between characters, but never inside an escaped one."""
    characters = _CHARACTER.findall(word[0])
    return "<wbr>".join("".join(characters[at : at + _WIDTH]) for at in range(0, len(characters), _WIDTH))


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _lang(lang: str) -> str:
    return f' lang="{escape(lang)}"' if lang and lang != "nl" else ""


def _css_text(text: str) -> str:
    """Give a CSS string that can end neither itself nor the style element."""
    return '"' + "".join(f"\\{ord(char):x} " if char in '"\\<>\n' else char for char in visible(text)) + '"'
