"""How a conversation begins, and what it says without a case."""

import pytest

from dialogs import screens
from dialogs.reading import read_text
from state.compiled import CompiledFramework
from tests.conftest import ANJA
from tests.dialogs.stage import LANGUAGES, NOW, wording
from tests.dialogs.talk import NUMBER, Talk, at, begun, recorded

LINES = (
    screens.CaseLine("a" * 32, "IL-2026-0001", NOW, "asking"),
    screens.CaseLine("b" * 32, "IL-2026-0002", NOW, "offered", offered=True),
)


# --- beginning -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "word"), [("nl", "nieuw"), ("nl", "Nieuwe zaak!"), ("en", "new"), ("en", "start")]
)
def test_a_new_case_begins_with_its_first_question(framework: CompiledFramework, language: str, word: str) -> None:
    talk = Talk(framework, language=language)
    assert recorded(talk.type(word)) == ["case.opened", "question.asked"]
    assert talk.case is not None
    assert (talk.case.number, talk.case.open_question) == (NUMBER, "eigen_betrokkenheid")
    assert framework.framework.questions[0].text.in_language(language) in talk.said


def test_a_case_begins_with_the_button_of_the_welcome(framework: CompiledFramework) -> None:
    talk = Talk(framework)
    talk.type("hallo")
    assert recorded(talk.press("new")) == ["case.opened", "question.asked"]


@pytest.mark.parametrize(
    ("language", "sentence"), [("nl", "al aan een nieuwe zaak begonnen"), ("en", "begun a new case")]
)
def test_a_second_new_is_no_second_empty_case(framework: CompiledFramework, language: str, sentence: str) -> None:
    talk = begun(framework, language)
    assert recorded(talk.type("nieuw")) == []
    assert sentence in talk.said
    assert framework.framework.questions[0].text.in_language(language) in talk.said


def test_a_new_case_may_stand_beside_one_that_was_answered(framework: CompiledFramework) -> None:
    talk = at(framework, "spoed")
    assert recorded(talk.type("nieuw")) == ["case.opened", "question.asked"]
    assert talk.case is not None
    assert not talk.case.answers


@pytest.mark.parametrize(("language", "word"), [("nl", "Goedemorgen"), ("nl", "hallo"), ("en", "hello"), ("en", "hi")])
def test_greets_whoever_greets(framework: CompiledFramework, language: str, word: str) -> None:
    talk = Talk(framework, language=language, lines=LINES)
    assert recorded(talk.type(word)) == []
    assert wording().say("disclaimer", language) in talk.said
    assert "IL-2026-0001" in talk.said


@pytest.mark.parametrize(("language", "word"), [("nl", "zaken"), ("en", "my cases")])
def test_lists_the_open_cases(framework: CompiledFramework, language: str, word: str) -> None:
    talk = Talk(framework, language=language, lines=LINES)
    talk.type(word)
    assert wording().say("phase.offered_to_you", language) in talk.said
    assert screens.context_of(talk.screen) == f"cases:{'a' * 32},{'b' * 32}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_that_is_not_on_the_list_of_cases_is_said_so(framework: CompiledFramework, language: str) -> None:
    talk = Talk(framework, language=language, lines=LINES)
    talk.take(read_text("9", "cases"))
    assert talk.notice == wording().say("no_such_open_case", language)
    assert isinstance(talk.screen, screens.CasesScreen)


def test_says_so_when_there_is_no_open_case(framework: CompiledFramework) -> None:
    talk = Talk(framework)
    talk.type("zaken")
    assert "U hebt geen open zaken." in talk.said


# --- without a case --------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["terug", "waarom", "overzicht", "wijzig 3", "advies", "afwijken", "onderwerp 1"])
def test_without_a_case_says_how_to_get_one(framework: CompiledFramework, language: str, text: str) -> None:
    talk = Talk(framework, language=language)
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say("no_case", language)


@pytest.mark.parametrize("text", ["voorbeeld", "plaats", "afronden", "overdragen", "stop"])
def test_without_a_case_nothing_can_be_posted_or_ended(framework: CompiledFramework, text: str) -> None:
    talk = Talk(framework)
    assert recorded(talk.type(text)) == []
    assert isinstance(talk.screen, screens.WelcomeScreen)
    assert talk.notice is not None


@pytest.mark.parametrize("text", ["pauze", "stop ja", "overnemen", "weigeren", "intrekken"])
def test_without_a_case_says_that_it_cannot_be_done_and_what_can(framework: CompiledFramework, text: str) -> None:
    talk = Talk(framework)
    assert recorded(talk.type(text)) == []
    assert talk.notice is not None
    assert "Nieuwe zaak" in talk.said


@pytest.mark.parametrize("text", ["2", "vanochtend", "Er is gelekt.", "weet ik niet", "overslaan", ""])
def test_without_a_case_an_answer_is_not_understood(framework: CompiledFramework, text: str) -> None:
    talk = Talk(framework)
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say("not_understood", "nl")


def test_without_a_case_resume_shows_the_cases_or_the_welcome(framework: CompiledFramework) -> None:
    assert isinstance(Talk(framework).type("verder").screen, screens.WelcomeScreen)
    assert isinstance(Talk(framework, lines=LINES).type("verder").screen, screens.CasesScreen)


def test_a_case_of_someone_else_is_not_shown(framework: CompiledFramework) -> None:
    talk = at(framework, "omschrijving")
    talk.actor = ANJA
    for text in ("verder", "overzicht", "waarom", "advies", "terug", "1", "pauze", "stop ja", "nieuwe vraag", "en"):
        assert recorded(talk.type(text)) == [], text
        assert NUMBER not in talk.said
        assert "Beschrijf in enkele zinnen" not in talk.said
