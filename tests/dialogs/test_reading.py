"""What is typed or pressed becomes a wish."""

import pytest

from dialogs.reading import PRESSED, Wish, plain, read_press, read_text, spoken_language, to_language
from dialogs.values import Incoming


@pytest.mark.parametrize(
    ("typed", "verb", "argument"),
    [
        ("nieuw", "new", ""),
        ("  Nieuw! ", "new", ""),
        ("verder", "resume", ""),
        ("waar was ik", "resume", ""),
        ("verder IL-2026-0042", "choose_case", "il-2026-0042"),
        ("verder 2", "choose_case", "2"),
        ("zaken", "cases", ""),
        ("HELP", "help", ""),
        ("?", "help", ""),
        ("hallo", "hello", ""),
        ("taal en", "language", "en"),
        ("English", "language", "en"),
        ("terug", "back", ""),
        ("waarom", "why", ""),
        ("waarom 7", "why", "7"),
        ("herhaal", "again", ""),
        ("overzicht", "overview", ""),
        ("wijzig 7", "change", "7"),
        ("change question 7", "change", "7"),
        ("pauze", "pause", ""),
        ("stop", "stop", ""),
        ("stop ja", "stop", "ja"),
        ("weet ik niet", "unknown", ""),
        ("I don't know", "unknown", ""),
        ("overslaan", "skip", ""),
        ("advies", "advice", ""),
        ("afwijken 15", "deviate", "15"),
        ("onderwerp 2", "subject", "2"),
        ("voorbeeld", "preview", ""),
        ("plaats", "post", ""),
        ("afronden", "finish", ""),
        ("overdragen", "hand_over", ""),
        ("overdragen 1", "hand_over", "1"),
        ("overnemen", "accept", ""),
        ("weigeren", "decline", ""),
    ],
)
def test_reads_a_typed_command(typed: str, verb: str, argument: str) -> None:
    wish = read_text(typed)
    assert (wish.verb, wish.argument) == (verb, argument)


@pytest.mark.parametrize("typed", ["1", "1,3", "Ja, vastgesteld", "gisteren 14:30", "Stop met zoeken naar wie het was"])
def test_takes_anything_else_for_an_answer(typed: str) -> None:
    assert read_text(typed) == Wish("answer", typed)


def test_keeps_the_reason_of_a_typed_deviation() -> None:
    wish = read_text("Afwijken 15 terughoudend: de jurist is nog niet gesproken")
    assert (wish.argument, wish.note) == ("15", "terughoudend: de jurist is nog niet gesproken")


def test_a_press_with_a_verb_of_another_program_is_no_wish() -> None:
    assert read_press(Incoming(verb="drop_table", handle="x"), "advice") is None


def test_a_press_carries_what_its_card_stood_for() -> None:
    wish = read_press(Incoming(verb="answer", handle="x", answer="ja"), "question:spoed")
    assert wish is not None
    assert (wish.question, wish.kind, wish.is_typed) == ("spoed", "question", False)


def test_a_list_card_knows_its_own_order() -> None:
    assert Wish("choose_case", "2", context="cases:a,b").listed == ("a", "b")
    assert Wish("choose_case", "2", context="cases:").listed == ()


def test_shows_nothing_that_hides_or_turns_text() -> None:
    assert plain("  a\u202eb\u200bc\x00d\r\ne ") == "abcd\ne"


def test_every_contract_verb_can_be_pressed() -> None:
    contract = (
        "new resume choose_case answer unknown skip back why overview change deviate subject preview post finish"
        " pause stop help language"
    )
    assert set(contract.split()) < PRESSED


@pytest.mark.parametrize(
    ("typed", "verb", "argument"),
    [
        ("change 7", "change", "7"),
        ("verander vraag 12.", "change", "12"),
        ("case IL-2026-0042", "choose_case", "il-2026-0042"),
        ("resume 3", "choose_case", "3"),
        ("subject 2", "subject", "2"),
        ("hand over 1", "hand_over", "1"),
        ("stop yes", "stop", "yes"),
        ("why 7", "why", "7"),
        ("language nl", "language", "nl"),
        ("taal Engels", "language", "engels"),
        ("deviate 3", "deviate", "3"),
        ("  waar \n was\tik. ", "resume", ""),
    ],
)
def test_reads_commands_in_either_language(typed: str, verb: str, argument: str) -> None:
    wish = read_text(typed)
    assert (wish.verb, wish.argument) == (verb, argument)


@pytest.mark.parametrize("typed", ["nl", "en", "wijzig 1234", "verder 123", "onderwerp 123", "stop nee", "7"])
def test_what_only_looks_like_a_command_is_an_answer(typed: str) -> None:
    assert read_text(typed) == Wish("answer", typed)


@pytest.mark.parametrize(
    ("typed", "language"),
    [("nieuw", "nl"), ("Hallo!", "nl"), ("verder", "nl"), ("new", "en"), ("Hello.", "en"), ("MY CASES", "en")],
)
def test_hears_in_which_language_someone_begins(typed: str, language: str) -> None:
    assert spoken_language(typed) == language


@pytest.mark.parametrize("typed", ["hi", "help", "2", "", "Er is gelekt.", "stop"])
def test_does_not_guess_a_language(typed: str) -> None:
    assert spoken_language(typed) is None


@pytest.mark.parametrize(
    ("word", "language"), [("NL", "nl"), ("Dutch", "nl"), ("engels", "en"), ("fr", None), ("", None)]
)
def test_knows_the_names_of_both_languages(word: str, language: str | None) -> None:
    assert to_language(word) == language


def test_a_press_loses_what_hides_or_turns_text() -> None:
    pressed = read_press(Incoming(verb="answer", answer=" ja\u200b ", note="om\u202edat\r\n"), "question:spoed")
    assert pressed == Wish("answer", "ja", "omdat", "question:spoed")
    assert Wish("answer", context="preview:7").question is None
