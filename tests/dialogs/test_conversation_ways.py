"""Ways around a question: free text, not knowing, skipping, why, back, overview, and changing an answer."""

import pytest

from dialogs import screens
from state.compiled import CompiledFramework
from tests.casework import NEWSPAPER
from tests.dialogs.stage import LANGUAGES, wording
from tests.dialogs.talk import NUMBER, answered, at, begun, recorded

NEXT = ["answer.given", "question.asked"]


# --- free text -------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_free_text_is_asked_without_names(framework: CompiledFramework, language: str) -> None:
    talk = at(framework, "omschrijving", language)
    assert wording().say("question.no_names", language) in talk.said
    assert wording().say("question.text_warning", language) in talk.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_free_text_is_kept_as_written_and_asks_to_look_again(framework: CompiledFramework, language: str) -> None:
    talk = at(framework, "omschrijving", language)
    outcome = talk.type("  Een nota stond\r\nin de krant. \u202e")
    assert recorded(outcome) == NEXT
    assert outcome.recorded[0].event.value == "Een nota stond\nin de krant."
    assert wording().say("answered.text_warning", language) in talk.said


def test_free_text_may_be_written_in_the_field_of_the_card(framework: CompiledFramework) -> None:
    talk = at(framework, "omschrijving")
    assert recorded(talk.press("answer", "nieuw")) == NEXT
    assert talk.case is not None
    assert talk.case.answers["omschrijving"] == "nieuw"


@pytest.mark.parametrize("length", [4001, 20_000])
def test_text_that_is_too_long_is_not_taken(framework: CompiledFramework, length: int) -> None:
    talk = at(framework, "omschrijving")
    assert recorded(talk.type("x" * length)) == []
    assert talk.notice is not None
    assert recorded(talk.type("x" * 4000)) == NEXT


def test_a_long_text_is_cut_short_in_the_overview_only(framework: CompiledFramework) -> None:
    talk = at(framework, "omschrijving")
    talk.type("woord " * 100)
    talk.type("overzicht")
    assert f"✓ {('woord ' * 27)[:160].rstrip()}…" in talk.said
    assert talk.case is not None
    assert talk.case.answers["omschrijving"] == ("woord " * 100).strip()


# --- not knowing, and skipping ---------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("nl", "weet ik niet"), ("en", "I don't know"), ("en", "unknown")])
def test_not_knowing_is_an_answer_where_there_is_one(framework: CompiledFramework, language: str, word: str) -> None:
    talk = at(framework, "strafbaar_vermoeden", language)
    outcome = talk.type(word)
    assert recorded(outcome) == NEXT
    assert outcome.recorded[0].event.value == "niet_getoetst"


@pytest.mark.parametrize("question", ["mogelijke_bron", "omschrijving", "al_gedaan"])
def test_not_knowing_is_refused_where_it_is_no_answer(framework: CompiledFramework, question: str) -> None:
    talk = at(framework, question)
    assert recorded(talk.type("weet ik niet")) == []
    assert talk.notice is not None
    assert framework.framework.question_by_id[question].text.nl in talk.said


@pytest.mark.parametrize(("language", "word"), [("nl", "overslaan"), ("en", "skip")])
def test_an_optional_question_may_be_skipped(framework: CompiledFramework, language: str, word: str) -> None:
    talk = at(framework, "raad_betrokken", language)
    talk.type("1")
    assert recorded(talk.type(word)) == ["question.skipped", "question.asked"]
    assert wording().say("skipped", language) in talk.said
    assert recorded(talk.press("skip")) == ["question.skipped", "advice.given"]
    talk.type("overzicht")
    assert f"– {wording().say('state.skipped', language)}" in talk.said


@pytest.mark.parametrize("word", ["overslaan", "laat staan", "skip"])
def test_a_question_that_counts_is_not_skipped(framework: CompiledFramework, word: str) -> None:
    talk = at(framework, "oorzaak")
    assert recorded(talk.type(word)) == []
    assert talk.notice == wording().say("answer_needed", "nl")


# --- why -------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("nl", "waarom"), ("en", "why")])
def test_why_names_the_steps_that_a_question_touches(framework: CompiledFramework, language: str, word: str) -> None:
    talk = at(framework, "persoonsgegevens", language)
    assert recorded(talk.type(word)) == []
    assert framework.framework.step_by_id["datalek_ap"].name.in_language(language) in talk.said
    assert wording().say("why.basis", language) in talk.said
    assert recorded(talk.press("resume")) == []
    assert isinstance(talk.screen, screens.QuestionScreen)


def test_why_of_another_question_by_its_number(framework: CompiledFramework) -> None:
    talk = at(framework, "persoonsgegevens")
    talk.type("waarom 2")
    assert framework.framework.questions[1].text.nl in talk.said
    talk.type("why 13")
    assert framework.framework.questions[12].text.nl in talk.said


def test_why_on_an_older_card_is_about_that_card(framework: CompiledFramework) -> None:
    talk = begun(framework)
    first = talk.screen
    talk.type("1")
    assert recorded(talk.press("why", on=first)) == []
    assert framework.framework.questions[0].text.nl in talk.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_without_an_open_question_says_so(framework: CompiledFramework, language: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    assert recorded(talk.type("waarom")) == []
    assert talk.notice == wording().say("no_open_question", language)


# --- back ------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("nl", "terug"), ("nl", "vorige"), ("en", "back")])
def test_back_puts_the_question_before_with_its_answer(framework: CompiledFramework, language: str, word: str) -> None:
    talk = at(framework, "spoed", language)
    assert recorded(talk.type(word)) == ["question.asked"]
    assert wording().say("question.current", language) in talk.said
    assert recorded(talk.press("skip")) == ["question.asked"]
    assert talk.case is not None
    assert talk.case.open_question == "spoed"
    assert talk.case.answers == {"eigen_betrokkenheid": "nee"}


def test_back_with_its_button_goes_all_the_way(framework: CompiledFramework) -> None:
    talk = at(framework, "bekend_sinds")
    talk.press("back")
    talk.press("back")
    assert talk.case is not None
    assert talk.case.open_question == "eigen_betrokkenheid"


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_first_question_there_is_none(framework: CompiledFramework, language: str) -> None:
    talk = begun(framework, language)
    assert recorded(talk.type("terug")) == []
    assert talk.notice == wording().say("nothing_before", language)


def test_back_from_the_advice_puts_the_last_question(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    assert recorded(talk.type("terug")) == ["question.asked"]
    assert framework.framework.questions[-1].text.nl in talk.said


# --- overview and change ---------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("nl", "overzicht"), ("en", "overview")])
def test_the_overview_shows_every_question_and_answer(framework: CompiledFramework, language: str, word: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    assert recorded(talk.type(word)) == []
    assert wording().say("overview.title", language, number=NUMBER) in talk.said
    assert all(question.text.in_language(language) in talk.said for question in framework.framework.questions)
    assert "Citaat uit een directienota in de krant." in talk.said
    assert recorded(talk.press("resume")) == []


def test_the_overview_marks_the_open_question_and_what_is_unknown(framework: CompiledFramework) -> None:
    talk = at(framework, "lek_status")
    talk.type("onbekend")
    talk.press("overview")
    assert "? onbekend" in talk.said
    assert "(open vraag)" in talk.said


@pytest.mark.parametrize("text", ["wijzig 13", "verander vraag 13", "change 13", "change question 13"])
def test_an_answer_is_changed_by_its_number(framework: CompiledFramework, text: str) -> None:
    talk = answered(framework, NEWSPAPER)
    assert recorded(talk.type(text)) == ["question.asked"]
    assert recorded(talk.type("2")) == ["answer.given", "answers.lapsed", "advice.given"]
    assert talk.outcome is not None
    assert talk.outcome.recorded[0].event.previous == "bewust_vermoed"
    assert "klokkenluider" in talk.outcome.recorded[1].event.questions


def test_an_answer_is_changed_from_the_overview_and_may_be_kept(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("overzicht")
    assert recorded(talk.press("change", "schade")) == ["question.asked"]
    assert recorded(talk.type("laat staan")) == ["advice.given"]
    assert isinstance(talk.screen, screens.AdviceScreen)


def test_new_facts_after_posting_reopen_the_case(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("onderwerp 1")
    talk.type("plaats")
    talk.confirm_posted()
    talk.type("verder")
    talk.press("overview")
    assert recorded(talk.press("change", "schade")) == ["question.asked"]
    assert recorded(talk.press("answer", "groot")) == ["answer.given", "advice.given"]


def test_the_overview_without_a_choice_is_shown_again(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("overzicht")
    assert recorded(talk.press("change", "")) == []
    assert isinstance(talk.screen, screens.OverviewScreen)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("wijzig 14", "not_asked"),
        ("wijzig 0", "no_such_question"),
        ("wijzig 99", "no_such_question"),
        ("change 999", "no_such_question"),
        ("waarom 99", "no_such_question"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_not_asked_cannot_be_changed(framework: CompiledFramework, language: str, text: str, key: str) -> None:
    talk = at(framework, "informatiesoort", language)
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say(key, language, last="31")
    assert framework.framework.question_by_id["informatiesoort"].text.in_language(language) in talk.said
