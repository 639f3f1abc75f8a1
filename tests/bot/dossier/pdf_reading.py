"""Reading the typesetter's PDF back without it: the text of each page, what is attached, its fonts."""

import re
import zlib
from collections.abc import Iterator, Mapping

_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_PLAIN = rb"[^()\\]|\\."
_LITERAL = rb"\((?:" + _PLAIN + rb")*\)"
for _ in range(6):  # parentheses inside a string may go unescaped where they pair
    _LITERAL = rb"\((?:" + _PLAIN + rb"|" + _LITERAL + rb")*\)"
_HEX = rb"<[0-9A-Fa-f]*>"
_TOKEN = re.compile(
    rb"/(?P<font>f\d+) [\d.]+ Tf"
    rb"|ActualText(?P<actual>" + _LITERAL + rb"|" + _HEX + rb")"
    rb"|/(?P<other>Lang)" + _LITERAL + rb"|(?P<begin>BDC|BMC)|(?P<end>EMC)"
    rb"|(?P<text>" + _LITERAL + rb"|<[0-9A-Fa-f]+>(?!>))",
    re.DOTALL,
)


def objects(pdf: bytes) -> dict[int, bytes]:
    """Give the objects of a PDF by number."""
    return {int(found[1]): found[2] for found in re.finditer(rb"(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL)}


def content(part: bytes) -> bytes:
    """Give what is in a stream."""
    at = part.index(b"stream\n")
    if b"/Filter/FlateDecode" in part[:at]:
        return zlib.decompress(part[at + 7 :])
    return part[at + 7 : part.rindex(b"\nendstream")]


def pages(pdf: bytes) -> list[str]:
    """Give the text of each page without white space, in the order in which it was set."""
    parts = objects(pdf)
    kids = re.search(rb"/Type/Pages.*?/Kids\[(.*?)\]", parts[1], re.DOTALL)
    assert kids is not None
    return [_page(parts, parts[int(key)]) for key in re.findall(rb"(\d+) 0 R", kids[1])]


def attached(pdf: bytes) -> dict[str, bytes]:
    """Give the attached files by name."""
    parts = objects(pdf)
    specs = [part for part in parts.values() if part.startswith(b"<</Type/Filespec")]
    return {_one(rb"/UF\((.*?)\)", spec).decode(): content(parts[int(_one(rb"/UF (\d+) 0 R", spec))]) for spec in specs}


def fonts(pdf: bytes) -> set[str]:
    """Give the names of the fonts without the mark that they are not whole."""
    return {name.decode() for name in re.findall(rb"/FontName/[A-Z]{6}\+([\w-]+)", pdf)}


def _one(pattern: bytes, text: bytes) -> bytes:
    found = re.search(pattern, text)
    assert found is not None, pattern
    return found[1]


def _page(parts: Mapping[int, bytes], page: bytes) -> str:
    resources = parts[int(_one(rb"/Resources (\d+) 0 R", page))]
    maps = {
        name: dict(_meanings(content(parts[int(_one(rb"/ToUnicode (\d+) 0 R", parts[int(key)]))])))
        for name, key in re.findall(rb"/(f\d+) (\d+) 0 R", resources)
    }
    return "".join(_shown(content(parts[int(_one(rb"/Contents (\d+) 0 R", page))]), maps)).translate({
        ord(blank): None for blank in " \n\t\u00a0"
    })


def _meanings(cmap: bytes) -> Iterator[tuple[int, str]]:
    """Give what each glyph of a font stands for."""
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for glyph, meaning in re.findall(rb"<(\w+)> <(\w+)>", block):
            yield int(glyph, 16), bytes.fromhex(meaning.decode()).decode("utf-16-be")
    assert b"beginbfrange" not in cmap


def _shown(stream: bytes, maps: Mapping[bytes, Mapping[int, str]]) -> Iterator[str]:
    """Give the text of a page's content; where a part says what it means as a whole, that counts."""
    meant: list[str | None] = []
    font, actual = b"", None
    for token in _TOKEN.finditer(stream):
        match token.lastgroup:
            case "font":
                font = token["font"]
            case "actual":
                actual = _plain(token["actual"]).removeprefix(b"\xfe\xff").decode("utf-16-be")
            case "begin":
                meant.append(actual)
                yield actual or ""
                actual = None
            case "end":
                meant.pop()
            case "text" if not any(one is not None for one in meant):
                codes = _plain(token["text"])
                yield "".join(maps[font][int.from_bytes(codes[at : at + 2])] for at in range(0, len(codes), 2))


def _plain(text: bytes) -> bytes:
    if text.startswith(b"<"):
        return bytes.fromhex(text[1:-1].decode())
    return re.sub(rb"\\([0-7]{1,3}|.)", _unescaped, text[1:-1], flags=re.DOTALL)


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1].isdigit():
        return bytes([int(found[1], 8)])
    return _ESCAPED.get(found[1], found[1])
