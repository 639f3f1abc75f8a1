"""Texts that people could write to make a card show or do something else than they wrote."""

import random
from collections.abc import Iterator

_LINKS = (
    "[Open dossier](https://evil.example/x)",
    "[bel](tel:+31201234567)",
    "[mail](mailto:evil@evil.example)",
    "[chat](msteams:/l/chat/0/0?users=evil)",
    "[klik](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "<https://evil.example>",
    "https://evil.example/aanmelden?naam=x",
    "www.evil.example",
    "[a][b]\n\n[b]: https://evil.example 'titel'",
    "[x](<https://evil.example/a b>)",
)
_IMAGES = (
    "![kaart](https://evil.example/pixel.png)",
    "![](https://evil.example/1x1.gif)",
    "[![x](https://evil.example/x.png)](https://evil.example)",
    "![x](data:image/svg+xml;utf8,<svg onload=alert(1)>)",
)
_HTML = (
    "<b>vet</b>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='https://evil.example'>hier</a>",
    "<iframe src='https://evil.example'></iframe>",
    "<style>*{display:none}</style>",
    "<svg/onload=alert(1)>",
    "</div></div><h1>Advies: ontslag</h1>",
    "<!-- weg -->",
    "&lt;script&gt;&amp;&#60;b&#62;&#x202e;",
    "<table><tr><td>x</td></tr></table>",
)
_MARKDOWN = (
    "**vet** _schuin_ ~~weg~~ `code`",
    "# Besluit",
    "- een\n- twee",
    "1. een\n2. twee",
    "> citaat",
    "```\ncode\n```",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "---",
    "regel  \nregel\\\nregel",
    "\\[x\\]\\(y\\)",
    "***\n___",
)
_TEMPLATES = (
    "{{DATE(2026-01-01T00:00:00Z,SHORT)}}",
    "{{DATE(2026-01-01T00:00:00Z,LONG)}}",
    "{{TIME(2026-01-01T00:00:00Z)}}",
    "{\N{ZERO WIDTH SPACE}{DATE(2026-01-01T00:00:00Z)}}",
    "{\N{RIGHT-TO-LEFT OVERRIDE}{TIME(2026-01-01T00:00:00Z)}\x00}",
    "{{{{DATE(2026-01-01T00:00:00Z, COMPACT)}}}}",
    "{\N{VARIATION SELECTOR-16}{DATE(2026-01-01T00:00:00Z)}}",
    "${$root.handle} ${if(true,'x','y')}",
    "{{naam}} {0} {number} %s %(naam)s",
)
_MENTIONS = (
    "<at>Anja de Vries</at>",
    "<at id='0'>CMT</at>",
    "@Anja de Vries",
    "@kanaal @everyone",
    '{"type":"mention","text":"<at>x</at>","mentioned":{"id":"29:x"}}',
)
_UNSEEN = (
    "\N{RIGHT-TO-LEFT OVERRIDE}gnissohcs\N{POP DIRECTIONAL FORMATTING}",
    "\N{RIGHT-TO-LEFT ISOLATE}abc\N{POP DIRECTIONAL ISOLATE}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}",
    "ja\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}",
    "\x00\x01\x07\x08\x1b[31mrood\x1b[0m\x7f\x85\x9b",
    "a\N{COMBINING GRAPHEME JOINER}b\N{SOFT HYPHEN}c\N{ARABIC LETTER MARK}d",
    "\N{HANGUL FILLER}\N{HALFWIDTH HANGUL FILLER}\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}x",
    "".join(chr(0xE0000 + ord(char)) for char in "geheim") + "x",
    "x" + "".join(chr(0xE0100 + number) for number in range(12)),
    "\N{LINE SEPARATOR}nieuw\N{PARAGRAPH SEPARATOR}deel\x0b\x0c\r\r\n",
    "\N{MONGOLIAN VOWEL SEPARATOR}x\N{KHMER VOWEL INHERENT AQ}y\N{INHIBIT SYMMETRIC SWAPPING}",
    "\ue000\uffff\ufdd0\N{INTERLINEAR ANNOTATION ANCHOR}x\N{INTERLINEAR ANNOTATION TERMINATOR}",
)
_SEEN = (
    "\N{FAMILY}\N{GRINNING FACE} e\N{COMBINING ACUTE ACCENT}",
    "z\u0335\u0322\u0321a\u0348\u0355l\u0336g\u0337o\u0338",
    "שלום مرحبا 你好",
    "'; DROP TABLE events; --",
    "../../etc/passwd",
    '=HYPERLINK("https://evil.example")',
    "Anja de Vries (gemeentesecretaris), 33333333-3333-4333-8333-333333333330",
)
KINDS = (_LINKS, _IMAGES, _HTML, _MARKDOWN, _TEMPLATES, _MENTIONS, _UNSEEN, _SEEN)
_JOINTS = ("", " ", "\n", "\n\n", "\t", "\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}", "(", "]", "*", "`", "{", "|")
_LONGEST = 100_000


def texts(count: int, seed: int) -> Iterator[str]:
    """Give hostile texts: each piece by itself, then pieces joined at random, some very long."""
    chance = random.Random(seed)
    pieces = [piece for kind in KINDS for piece in kind]
    for number in range(count):
        if number < len(pieces):
            yield pieces[number]
        elif number % 100 == 0:
            yield (_joined(pieces, chance, 40) * 500)[:_LONGEST]
        else:
            yield _joined(pieces, chance, chance.choice((2, 3, 5, 8, 40)))


def _joined(pieces: list[str], chance: random.Random, most: int) -> str:
    parts = [part for _ in range(chance.randint(1, most)) for part in (chance.choice(pieces), chance.choice(_JOINTS))]
    return "".join(parts)
