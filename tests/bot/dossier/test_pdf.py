"""The PDF of a dossier: valid under both standards, literal, complete, the same each time, and made of data alone."""

import json
import os
import re
import subprocess
import sys
import unicodedata
from datetime import UTC, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dossier import pdf
from bot.dossier.document import (
    Block,
    Bullets,
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
from bot.dossier.fitting import column_widths, pieces, width_of
from bot.dossier.glyphs import FONTS, showable
from bot.dossier.readable import to_document
from bot.dossier.transcript import MARKING, to_text
from state import commands as do
from tests.bot.dossier.cases import BRAM, NOW, decided, dossier_of, full, handed_over, mini, weighed
from tests.bot.dossier.pdf_reading import attached, fonts, objects, pages
from tests.bot.dossier.verapdf import STANDARDS, Broken, broken_rules
from tests.casework import Casework

HASH = sha256(b"").hexdigest()
HOSTILE = (
    '#panic("x") #read("/etc/passwd") #import "@preview/cetz:0.1.0" #{ while true {} }',
    "= kop *vet* _schuin_ `code` ```raw``` $x^2$ @ref <label> // c /* c */ \\u{41} \\ ~ --- ... #sym.zws",
    '"] #[ ]" \' {"a": 1} ]]> </script> %PDF-1.7 endobj (\\) BT ET',
    "\u202egnp.exe\u202c \u2066links\u2069 on\u200bzicht\u200dbaar zacht\u00adstreepje \ufeffBOM",
    "nul\x00 bel\x07 \x1b[31mrood\x1b[0m \x7f \x85 \u2028 \u2029 los\ud800",
    "🦊 漢字 ﷽ 👩\u200d👧 e\u0301 j\u0301 bi\u0301j\u0301na \u0301los n\u0303\u0323\u0301 漢\u0301",
    "☺\ufe0f leeg\u3164\u115f \ufb01jn ½ ² µ ﬁ",
    "W" * 700,
    "漢" * 120,
    "a" * 4_000,
    "https://example.org/" + "pad/" * 90,
    HASH * 9,
    "",
    " ",
    "\n\n\n",
    "\t\tmet tab",
)

OTHERS = {"transcript.json": b"{}", "x.txt": "\ufeffé\r\n\x00 漢\n".encode()}


def hostile() -> Document:
    """Give a document with hostile text in every place of every block; headings and the like are not that long."""
    blocks: list[Block] = [Contents(), PageBreak()]
    for text in HOSTILE:
        short, heading = text[:1000], text[:80]
        row = (text, short, Code(short), "", "gewoon", short)
        blocks += [
            Heading(2, heading),
            Paragraph(text, "warning"),
            Paragraph(short, "note", "en"),
            Facts(((short, text), ("Code", Code(short)))),
            Table(heading, ("a", heading, "c", "d", "", "f"), (row, row[::-1])),
            Bullets((short, Code(short)), "options", "nl"),
        ]
    return Document("Dossier #strong[x] \u202e 🦊", MARKING, tuple(blocks))


def long() -> Casework:
    """Give a case with more than 200 events."""
    work = weighed()
    while len(work.transcript) < 200:
        work.later(timedelta(minutes=7)).do(do.ChangeAnswer("gegevens"))
        work.do(do.GiveAnswer("gegevens", "onbekend", f"Bij nader inzien {len(work.transcript)}."))
    return work


def small() -> Casework:
    """Give a case that has only begun."""
    return Casework(mini(), BRAM, NOW).open()


def of_case(work: Casework) -> bytes:
    """Give a case's PDF with its transcript attached."""
    dossier = dossier_of(work)
    return pdf.to_pdf(to_document(dossier), {"transcript.json": to_text(dossier.transcript)}, work.now)


def alone(*blocks: Block, title: str = "Dossier") -> bytes:
    """Give the PDF of a document with these blocks."""
    return pdf.to_pdf(Document(title, MARKING, blocks), {}, NOW)


@cache
def documents() -> dict[str, bytes]:
    return {
        "small": of_case(small()),
        "whole": of_case(full()),
        "handed over": of_case(handed_over()),
        "decided": of_case(decided()),
        "long": of_case(long()),
        "hostile": pdf.to_pdf(hostile(), OTHERS, NOW),
    }


# Each breaks a rule on purpose, so that a validator that passes everything is found out.
SPOILED = {
    "not marked as tagged": (b"/Marked true", b"/Marked fals", "PDF/A-3a", "6.7.2.2-1"),
    "another part": (b"<pdfaid:part>3", b"<pdfaid:part>1", "PDF/A-3a", "6.6.4-2"),
    "nothing said of the file": (b"/AFRelationship", b"/AFRelationshiq", "PDF/A-3a", "6.8-3"),
    "not of version 1": (b"<pdfuaid:part>1", b"<pdfuaid:part>2", "PDF/UA-1", "5-2"),
    "title not shown": (b"/DisplayDocTitle true", b"/DisplayDocTitle fals", "PDF/UA-1", "7.1-10"),
    "no language": (b"/Lang(nl)/StructTreeRoot", b"/Lanh(nl)/StructTreeRoot", "PDF/UA-1", "7.2-2"),
    "no structure": (b"/StructTreeRoot", b"/StructTreeRoox", "PDF/UA-1", "7.1-11"),
}


@pytest.fixture(scope="module")
def broken() -> Broken:
    """Give what one run of veraPDF says of every document, sound and spoiled."""
    small = documents()["small"]
    for name, (before, after, *_) in SPOILED.items():
        assert before in small and len(before) == len(after), name
    spoiled = {name: small.replace(before, after) for name, (before, after, *_) in SPOILED.items()}
    return broken_rules({**documents(), **spoiled, "cut": small[:5000]})


# --- valid -----------------------------------------------------------------------------


@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize("name", ["small", "whole", "handed over", "decided", "long", "hostile"])
def test_is_valid_under_both_standards(broken: Broken, name: str, standard: str):
    assert broken[name][standard] == []


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_file_is_found_out(broken: Broken, name: str):
    *_, standard, rule = SPOILED[name]
    assert rule in [said.partition(":")[0] for said in broken[name][standard]]


def test_half_a_file_is_not_valid(broken: Broken):
    assert all(broken["cut"][standard] for standard in STANDARDS)


# --- complete and literal --------------------------------------------------------------


def texts(document: Document) -> list[str]:
    """Give every text of a document."""
    found: list[str] = [document.title]
    for block in document.blocks:
        match block:
            case Heading(text=text) | Paragraph(text=text):
                found.append(text)
            case Facts(rows=rows):
                found += [one.text if isinstance(one, Code) else one for row in rows for one in row]
            case Bullets(items=items):
                found += [one.text if isinstance(one, Code) else one for one in items]
            case Table(caption=caption, headers=headers, rows=rows):
                cells = [one.text if isinstance(one, Code) else one for row in rows for one in row]
                found += [caption, *headers, *cells]
    return found


def bare(text: str) -> str:
    """Give text without white space: where a line ends is the page's business."""
    return "".join(showable(text).split())


@pytest.mark.parametrize("work", [small, full, handed_over, decided, weighed], ids=lambda make: make.__name__)
def test_holds_every_text_of_the_dossier(work):
    shown = "".join(pages(of_case(work())))
    assert [text for text in texts(to_document(dossier_of(work()))) if bare(text) not in shown] == []


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_shows_what_a_person_wrote_as_text_and_nothing_else(text: str):
    text = text[:120]
    shown = pages(alone(Paragraph(text), Heading(2, text), Bullets((text,)), Table(text, (text,), ((Code(text),),))))
    assert "".join(shown).replace(f"{bare(MARKING)}", "").count(bare(text)) >= (5 if bare(text) else 0)


def test_says_everything_on_many_pages_when_a_text_is_long():
    shown = pages(alone(Table("Lang", ("a", "b"), (("woord " * 20_000, "b"),)), Paragraph("x" * 100_000)))
    assert len(shown) > 20
    everything = "".join(shown)
    assert everything.count("woord") == 20_000
    assert everything.count("x") == 100_000


def test_every_page_bears_the_marking_and_its_number():
    shown = pages(documents()["long"])
    assert len(shown) > 10
    for number, page in enumerate(shown, start=1):
        assert page.startswith(bare(MARKING))
        assert page.endswith(f"DossierIL-2026-0042pagina{number}van{len(shown)}")


def test_no_text_makes_a_link_a_script_or_an_action():
    made = pdf.to_pdf(hostile(), {}, NOW)
    assert not re.search(rb"/(URI|JavaScript|JS|Launch|GoToR|SubmitForm|OpenAction|AA)\b", made)
    assert made.count(b"/Subtype/Link") >= len(HOSTILE)  # those of the table of contents


def test_is_tagged_as_the_document_is_built():
    document = to_document(dossier_of(full()))
    made = documents()["whole"]
    headings = [block.level for block in document.blocks if isinstance(block, Heading)]
    for level in (2, 3, 4):
        inside = 1 if level == 2 else 0  # the table of contents has a heading of its own
        assert len(re.findall(rb"/S/H%d\b" % (level - 1), made)) == headings.count(level) + inside
    tables = [block for block in document.blocks if isinstance(block, Table)]
    assert len(re.findall(rb"/S/Table\b", made)) == len(tables)
    assert len(re.findall(rb"/S/Caption\b", made)) == len(tables)
    assert len(re.findall(rb"/S/TH\b", made)) == sum(len(table.headers) for table in tables)
    assert len(re.findall(rb"/S/TOCI\b", made)) == len(document.parts)
    assert b"/Lang(en)" in made


def test_holds_the_transcript_as_the_source_that_it_was_made_from():
    dossier = dossier_of(full())
    made = documents()["whole"]
    assert attached(made) == {"transcript.json": to_text(dossier.transcript)}
    assert b"/AFRelationship/Source" in made
    assert b"/Subtype/application#2Fjson" in made


def test_holds_any_other_file_too():
    assert attached(documents()["hostile"]) == OTHERS


def test_refuses_what_is_not_text():
    with pytest.raises(pdf.NotTypeset):
        pdf.to_pdf(Document("Dossier", MARKING, ()), {"x.bin": b"\xff"}, NOW)


# --- the same each time, and from nothing else -----------------------------------------


AGAIN = """
import sys
from hashlib import sha256
from tests.bot.dossier.test_pdf import full, of_case
print(sha256(of_case(full())).hexdigest())
"""


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC"])
def test_gives_the_same_bytes_in_another_process_zone_and_language(zone: str):
    elsewhere = {**os.environ, "PYTHONHASHSEED": "7", "TZ": zone, "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1"}
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", AGAIN]
    done = subprocess.run(command, cwd=root, env=elsewhere, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == sha256(documents()["whole"]).hexdigest()


def test_another_moment_gives_another_file():
    document = Document("Dossier", MARKING, (Paragraph("x"),))
    first = pdf.to_pdf(document, {}, NOW)
    assert pdf.to_pdf(document, {}, NOW) == first
    assert pdf.to_pdf(document, {}, NOW.astimezone(UTC)) == first
    assert pdf.to_pdf(document, {}, NOW + timedelta(seconds=1)) != first
    assert b"/CreationDate(D:20261123090000Z)" in first


def test_uses_only_the_typesetters_own_fonts():
    for made in documents().values():
        assert {name.partition("-")[0] for name in fonts(made)} <= {"LibertinusSerif", "DejaVuSansMono"}


def test_leaves_nothing_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    of_case(full())
    assert list(tmp_path.rglob("*")) == []


def test_says_nothing_of_a_case_when_it_fails():
    template = b'#set document(title: "x")\n#json("document.json")'
    with pytest.raises(pdf.NotTypeset) as failed:
        pdf.typeset({"main.typ": template, "document.json": json.dumps("geheim 漢").encode()}, NOW)
    assert "geheim" not in str(failed.value) and "漢" not in str(failed.value)
    assert failed.value.__suppress_context__


def test_names_the_typesetter():
    assert re.fullmatch(r"typst \d+\.\d+\.\d+", pdf.TYPESETTER)


# --- characters ------------------------------------------------------------------------


NAMES = ("Libertinus Serif", "DejaVu Sans Mono")
PROBE = """
#set document(title: "x")
#set text(lang: "nl", font: NAME, fallback: false)
#for char in json("document.json") { par(text(char)) }
"""


@pytest.mark.parametrize(("font", "name"), list(zip(FONTS, NAMES, strict=True)))
def test_the_table_of_characters_holds_for_this_typesetter(font: frozenset[str], name: str):
    template = PROBE.replace("NAME", json.dumps(name)).encode()
    shown = [char for char in sorted(font) if not unicodedata.category(char).startswith("Z")]
    made = pdf.typeset({"main.typ": template, "document.json": json.dumps(shown).encode()}, NOW)
    assert len(objects(made)) > len(shown)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.sampled_from(sorted(FONTS[0] | FONTS[1])) | st.characters(codec="utf-8")), min_size=20))
def test_any_text_can_be_set(found: list[str]):
    made = alone(*(block for text in found for block in (Paragraph(text), Facts(((text, Code(text)),)))))
    assert made.startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("gewoon é ○◔◑● ▲◆▽ €", "gewoon é ○◔◑● ▲◆▽ €"),
        ("漢", "[U+6F22]"),
        ("🦊", "[U+1F98A]"),
        ("j\u0301", "j[U+0301]"),
        ("漢\u0301", "[U+6F22][U+0301]"),
        ("\ue000", "[U+E000]"),
        ("\u202e", "[U+202E]"),
        ("\ud800", "[U+D800]"),
        ("☺\ufe0f", "☺[U+FE0F]"),
        ("a\tb", "a    b"),
    ],
)
def test_writes_out_what_its_fonts_do_not_have(written: str, shown: str):
    assert showable(written) == shown


def test_no_letter_can_hide():
    assert visible("a\u3164b\u115f\ufe0f\U000e0101") == "a[U+3164]b[U+115F][U+FE0F][U+E0101]"


# --- fitting ---------------------------------------------------------------------------


def test_columns_fill_the_room():
    widths = column_widths([("Nr.", "1"), ("Wat", "lang " * 100), ("Wie", "kort")], 481, 8.5, 8)
    assert sum(widths) == pytest.approx(481)
    assert widths[1] > widths[2] > 0
    assert sum(column_widths([["W" * 100]] * 9, 481, 8.5, 8)) == pytest.approx(481)
    assert sum(column_widths([[""], [""]], 481, 8.5, 8)) == pytest.approx(481)


def test_a_word_that_is_too_wide_may_break_and_nothing_is_added():
    text = f"kort {'x' * 300} en nog {HASH}\n{'漢' * 40}"
    found = pieces(text, 100, 10)
    assert "".join(found) == text
    assert all(width_of(word, 10) <= 100 for piece in found for word in piece.split())
    assert pieces("kort woord", 100, 10) == ["kort woord"]
    assert pieces("", 100, 10) == [""]


def test_no_piece_but_one_of_opening_marks_alone_ends_with_one():
    found = pieces("ab([{cd(x)" * 30, 100, 10)
    assert not [piece for piece in found if piece[-1] in "([{"]
    assert pieces("(" * 400, 100, 10)[:2] == ["((((\u200b"] * 2


def test_a_space_that_does_not_break_counts_as_a_letter():
    assert len(pieces("x\u00a0" * 100, 100, 10)) > 10


def test_a_check_value_breaks_at_sixteen():
    assert pieces(HASH, 150, 7, code=True) == [HASH[at : at + 16] for at in range(0, 64, 16)]


def test_a_moment_with_parts_of_a_second_is_taken():
    assert alone() == pdf.to_pdf(Document("Dossier", MARKING, ()), {}, NOW + timedelta(microseconds=7))
