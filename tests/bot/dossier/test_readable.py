"""The dossier as people read it: complete, literal, and nothing in it can act."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from bot.dossier.document import visible
from bot.dossier.html import to_html
from bot.dossier.markdown import to_markdown
from bot.dossier.posting import card_lines
from bot.dossier.readable import to_document
from bot.dossier.transcript import MARKING
from dialogs.cards.elements import paragraphs
from state import commands as do
from state.events import BOT, CardPosted
from tests.bot.dossier.cases import (
    ANJA,
    BRAM,
    NASTY,
    NOW,
    decided,
    dossier_of,
    full,
    handed_over,
    mini,
    weighed,
)
from tests.casework import Casework

VOID = {"meta", "br", "wbr", "hr"}


class Page(HTMLParser):
    """Reads a page as a browser would, and keeps what matters."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    @property
    def text(self) -> str:
        return "".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def page_of(work: Casework) -> Page:
    return Page(to_html(to_document(dossier_of(work))))


def test_marks_the_document_and_says_what_it_is_not():
    text = page_of(full()).text
    assert text.count(MARKING) == 2
    assert "Mensen besluiten. Dit is geen besluit en geen onderzoek naar een persoon." in text
    assert "Het gebruikte kader is een concept" in text


def test_says_how_long_it_is_kept_once_it_is_closed_and_which_version_it_is():
    text = page_of(full()).text
    assert "5 jaar, te vernietigen vanaf 23 november 2031" in text
    assert "resultaat 21.1 (Adviseren: verstrekt); een voorstel, de archivaris beslist" in text
    assert f"v{len(full().transcript)}, de stand na gebeurtenis" in text
    assert "wordt bepaald bij het afsluiten" in page_of(weighed()).text


def test_has_every_part_in_order_with_a_table_of_contents():
    page = page_of(full())
    parts = [f"{number}. " for number in range(1, 10)]
    headings = re.findall(r'<h2 id="(deel-\d+)">(\d\. )', to_html(to_document(dossier_of(full()))))
    assert [number for _, number in headings] == parts
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert links == [f"#{anchor}" for anchor, _ in headings]


def test_tells_old_and_new_answers_and_what_lapsed():
    text = page_of(full()).text
    assert "Antwoord op vraag 3 gewijzigd.\nOud: Ja (ja)\nNieuw: Weet ik niet (onbekend)" in text
    assert "Vervallen, telt niet meer mee:\nVraag 4: Namen (naam); Gezondheid (gezondheid)" in text


def test_shows_questions_literally_in_the_language_in_which_they_were_put():
    page = page_of(full())
    for words in (
        "Since when is the leak known?",
        "The moment at which anyone knew.",
        "Sinds wanneer is het lek bekend?",
    ):
        assert words in page.text
    assert {attrs.get("lang") for _, attrs in page.tags} >= {"nl", "en"}
    assert "○ Ja, ik (ja_ikzelf)" in page.text
    assert "● Nee (nee)" in page.text


def test_keeps_the_four_states_apart():
    text = page_of(full()).text
    for state in ("beantwoord met “onbekend”", "niet van toepassing", "overgeslagen (niet verplicht)"):
        assert state in text
    half = Casework(mini(), BRAM, NOW).open()
    assert "nog niet beantwoord" in page_of(half).text


def test_shows_the_whole_advice_with_reasons_and_basis():
    text = page_of(weighed()).text
    for words in (
        "● Ligt voor de hand",
        "Melden bij de AP (melden_ap)",
        "Er zijn persoonsgegevens gelekt.",
        "ten minste ● ligt voor de hand",
        "AVG art. 33 (AVG-33)",
        "gemeentesecretaris",
        "Gevoelige gegevens vragen terughoudendheid.",
        "pleit tegen",
        "Geraakte kaders: Ambtenarenwet 2017.",
        "23-11-2026 08:15:00",
        "verstreken",
    ):
        assert words in text


def test_says_what_is_unknown_and_what_that_can_change():
    assert "Vraag 3. Gaat het om persoonsgegevens?" in page_of(full()).text


def test_shows_deviations_with_reasons_also_those_withdrawn():
    text = page_of(full()).text
    assert "weger koos: ◑ te overwegen (zie deel 5)" in text
    assert "Het team vraagt erom." in text
    assert "ingetrokken" in text


def test_says_that_decisions_are_still_to_be_filled_in():
    assert "Er zijn nog geen besluiten vastgelegd." in page_of(full()).text


def test_shows_every_decision_with_who_is_competent_and_who_recorded_it():
    text = page_of(decided()).text
    for told in (
        "later\nwijkt af",
        "zegt dat wie bevoegd is zo besloot",
        "Opnieuw bekijken op 7 december 2026.",
        "Betrokkene vraagt er zelf om.",
        "privéchat",
        "Afwijkende mening bij kaart v2.",
        "Dirk Smit, wethouder",
        "Herinnering 1 aan de termijn “Melding aan de AP”",
        "Gemeld.",
        "persregel",
        "Kaart v2 ingetrokken, want iemand die haar ziet, gaf aan betrokken te zijn.",
        "leeg gemaakt; verwijderen liet Teams niet toe",
        "Tekst van kaart v1, zoals eerder geplaatst:",
        "Weging heropend. Reden: De AP heeft gebeld.",
    ):
        assert told in text, told


def test_tells_what_counts_now_and_every_round_in_order():
    text = page_of(decided()).text
    places = [
        text.index(told)
        for told in (
            "Wat nu geldt, per stap",
            "Ronde 1, vastgelegd door Anja de Vries, gemeentesecretaris, op kaart v1",
            "Ronde 2, vastgelegd door Bram Jansen, directeur, die zegt dat wie bevoegd is zo besloot, op kaart v2",
            "Ronde 2: opnieuw bekijken op 7 december 2026.",
            "Ronde 3, vastgelegd door Anja de Vries, gemeentesecretaris, in de privéchat",
        )
    ]
    assert places == sorted(places)
    # With one round there is nothing that it replaced.
    once = weighed(BRAM)
    once.do(do.OfferCase(ANJA, "Zij beslist."))
    once.do(do.AcceptCase(), ANJA)
    once.do(do.GiveAnswer("betrokken", "nee"), ANJA)
    once.do(do.DecidePrivately(0, {}, "2026-12-07"), ANJA)
    text = page_of(once).text
    assert "Wat nu geldt" not in text
    assert "Ronde 1: opnieuw bekijken op 7 december 2026." in text


def test_the_cover_says_that_the_card_was_withdrawn():
    assert "ingetrokken, laatste versie v2, zie deel 7" in page_of(decided()).text
    assert "geplaatst, laatste versie v" in page_of(full()).text


def test_asks_to_fill_in_only_what_was_not_decided():
    assert "In te vullen" in page_of(weighed()).text
    assert "In te vullen" not in page_of(decided()).text


def test_shows_the_card_as_it_was_posted():
    text = page_of(full()).text
    assert "Tekst van kaart v1, zoals geplaatst:" in text
    assert "VERTROUWELIJK - uitsluitend CMT - niet doorsturen" in text
    assert "Kaart: v1" in text


def test_says_why_no_card_was_posted():
    assert "Een eerdere weger gaf aan mogelijk betrokken te zijn" in page_of(handed_over()).text
    assert "de weger heeft er geen laten plaatsen" in page_of(weighed()).text
    involved = (
        Casework(mini(), BRAM, NOW).open().answer({"betrokken": "ja_ikzelf", "sinds": "onbekend", "gegevens": "nee"})
    )
    assert "De weger gaf aan zelf mogelijk betrokken te zijn." in page_of(involved).text


def test_says_that_teams_refused_a_card():
    work = weighed()
    work.do(do.ChooseSubject("bestuurlijk"))
    work.do(do.PreviewCard("{}"))
    assert work.case.preview is not None
    work.do(do.PostCard(work.case.preview.seq))
    work.do(do.ConfirmRefused(1, "http_403"), BOT)
    text = page_of(work).text
    assert "Teams heeft kaart v1 geweigerd (code http_403)." in text
    assert not any(isinstance(recorded.event, CardPosted) for recorded in work.transcript)


def test_tells_who_handed_over_to_whom_and_why():
    text = page_of(handed_over()).text
    assert "Weging aangeboden aan Anja de Vries, gemeentesecretaris" in text
    assert "Toelichting: Ik ben onderwerp van het stuk." in text
    assert "Bram Jansen, directeur (weger)" in text


def test_warns_when_the_case_goes_on():
    assert "Deze zaak is niet afgesloten." in page_of(weighed()).text
    assert "Deze zaak is niet afgesloten." not in page_of(full()).text
    again = weighed()
    again.do(do.ChangeAnswer("gegevens"))
    assert "is nog geen nieuw advies gegeven" in page_of(again).text


@pytest.mark.parametrize(
    "change", [do.PauseCase(), do.StopCase(), do.OfferCase(ANJA), "declined", "withdrawn"], ids=str
)
def test_every_kind_of_event_can_be_told(change):
    work = Casework(mini(), BRAM, NOW).open()
    work.do(do.GiveAnswer("betrokken", "ja_ikzelf"))
    if isinstance(change, str):
        work.do(do.OfferCase(ANJA))
        work.do(do.EndOffer(), ANJA if change == "declined" else BRAM)
    elif change == do.StopCase():
        work.do(do.ChangeAnswer("betrokken"))
        work.do(do.GiveAnswer("betrokken", "nee"))
        work.do(change)
    else:
        work.do(change)
    document = to_document(dossier_of(work))
    Page(to_html(document))
    to_markdown(document)


# --- nothing in it can act -------------------------------------------------------------


def test_holds_no_script_image_form_or_link_to_elsewhere():
    page = page_of(full())
    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "form", "input", "link", "object", "svg"}
    assert all(not name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert all(attrs["href"].startswith("#") for tag, attrs in page.tags if tag == "a")
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert "url(" not in to_html(to_document(dossier_of(full())))


def test_shows_what_a_person_wrote_as_text_and_nothing_else():
    page = page_of(full())
    assert NASTY.replace("\u202e", "[U+202E]") in page.text
    assert "\u202e" not in page.text


def test_every_table_has_a_caption_and_headed_rows_and_columns():
    page = to_html(to_document(dossier_of(full())))
    assert page.count("<table") == page.count("<caption>")
    assert page.count("<tr>") == page.count('scope="row"') + page.count("<thead>")


def test_headings_never_skip_a_level():
    levels = [int(tag[1]) for tag, _ in page_of(full()).tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(level <= before + 1 for before, level in pairwise(levels))


def test_markdown_says_the_same_and_takes_nothing_for_markup():
    text = to_markdown(to_document(dossier_of(full())))
    assert r"\<script\>alert(1)\</script\>" in text
    assert r"\[link\](https:\//example.org)" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    heads = [line for line in rows if set(line) <= set("| -")]
    assert len(heads) == to_html(to_document(dossier_of(full()))).count("<table")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("gewoon é 漢 🦊", "gewoon é 漢 🦊"),
        ("a\u200bb", "a[U+200B]b"),
        ("\u202egnp", "[U+202E]gnp"),
        ("nul\u0000", "nul[U+0000]"),
        ("twee\nregels", "twee\nregels"),
    ],
)
def test_writes_out_what_would_hide(written: str, shown: str):
    assert visible(written) == shown


def test_reads_the_text_of_any_card():
    card = {
        "body": [
            {"type": "Container", "items": [{"type": "TextBlock", "text": "een"}, None, 3]},
            {
                "type": "ColumnSet",
                "columns": [{"items": [{"type": "RichTextBlock", "inlines": ["tw", {"text": "ee"}]}]}],
            },
            {"type": "Table", "rows": [{"cells": [{"items": [{"type": "TextBlock", "text": "drie"}]}]}]},
        ]
    }
    assert list(card_lines(card)) == ["een", "twee", "drie"]


def test_the_text_of_a_card_is_as_people_read_it_there():
    card = [
        paragraphs([("Daarom:", "eerst [dit]; 2 * 3."), ("Let op:", "a_b")]),
        {"type": "RichTextBlock", "inlines": ["⛔ ", {"text": "Bron"}]},
    ]
    assert list(card_lines(card)) == ["Daarom: eerst [dit]; 2 * 3.", "Let op: a_b", "Bron"]
