"""Help, language, pause and resume at any time, and what ends a case."""

from datetime import timedelta

import pytest

from dialogs import screens
from dialogs.reading import read_text
from dialogs.screens_passing import HandOverScreen
from state.compiled import CompiledFramework
from tests.casework import NEWSPAPER
from tests.conftest import ANJA
from tests.dialogs.stage import LANGUAGES, wording
from tests.dialogs.talk import NUMBER, REPORTER, Talk, answered, at, begun, copy, recorded

OTHER = {"nl": "en", "en": "nl"}


# --- help and language -----------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("nl", "help"), ("nl", "?"), ("nl", "hulp"), ("en", "HELP!")])
def test_help_says_what_can_be_typed(framework: CompiledFramework, language: str, word: str) -> None:
    talk = at(framework, "oorzaak", language)
    assert recorded(talk.type(word)) == []
    assert wording().say("help.change.meaning", language) in talk.said
    talk.press("resume")
    assert isinstance(talk.screen, screens.QuestionScreen)


def test_help_without_a_case_has_only_what_works_without_one(framework: CompiledFramework) -> None:
    talk = Talk(framework)
    talk.type("help")
    assert wording().say("help.new.meaning", "nl") in talk.said
    assert wording().say("help.change.meaning", "nl") not in talk.said


@pytest.mark.parametrize("text", ["taal en", "English", "engels", "language en"])
def test_another_language_puts_the_open_question_anew(framework: CompiledFramework, text: str) -> None:
    talk = at(framework, "spoed")
    assert recorded(talk.type(text)) == ["question.asked"]
    assert talk.language == "en"
    assert framework.framework.questions[1].text.en in talk.said
    assert recorded(talk.type(text)) == []


def test_back_to_dutch(framework: CompiledFramework) -> None:
    talk = at(framework, "spoed", "en")
    talk.type("Nederlands")
    assert framework.framework.questions[1].text.nl in talk.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_of_the_welcome_is_changed_with_its_button(framework: CompiledFramework, language: str) -> None:
    talk = Talk(framework, language=language)
    talk.press("language", OTHER[language])
    assert talk.language == OTHER[language]
    assert wording().say("welcome.text", OTHER[language]) in talk.said


@pytest.mark.parametrize(("text", "language"), [("taal frans", "nl"), ("language de", "en")])
def test_says_which_languages_there_are(framework: CompiledFramework, text: str, language: str) -> None:
    talk = at(framework, "spoed", language)
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say("no_such_language", language)


def test_another_language_shows_the_advice_in_it_without_an_event(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    assert recorded(talk.type("taal en")) == []
    assert wording().say("advice.how", "en") in talk.said


@pytest.mark.parametrize(("language", "label"), [("nl", "Vastgesteld"), ("en", "established")])
def test_an_answer_is_kept_in_the_language_of_the_card(framework: CompiledFramework, language: str, label: str) -> None:
    talk = at(framework, "lek_status", language)
    outcome = talk.press("answer", "vastgesteld")
    assert label.casefold() in outcome.recorded[0].event.label.casefold()
    assert outcome.answered is not None
    assert label.casefold() in outcome.answered.label.casefold()


# --- pause and resume ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "pause", "resume"), [("nl", "pauze", "waar was ik"), ("en", "pause", "where was I")]
)
def test_pause_and_resume(framework: CompiledFramework, language: str, pause: str, resume: str) -> None:
    talk = at(framework, "oorzaak", language)
    assert recorded(talk.type(pause)) == ["case.paused"]
    assert wording().say("status.paused.title", language, number=NUMBER) in talk.said
    talk.later(timedelta(days=3))
    assert recorded(talk.type(resume)) == ["case.resumed"]
    assert framework.framework.question_by_id["oorzaak"].text.in_language(language) in talk.said
    assert recorded(talk.type(resume)) == []


def test_pause_and_resume_with_buttons(framework: CompiledFramework) -> None:
    talk = at(framework, "oorzaak")
    assert recorded(talk.press("pause")) == ["case.paused"]
    assert recorded(talk.press("resume")) == ["case.resumed"]


def test_a_second_pause_is_no_event(framework: CompiledFramework) -> None:
    talk = at(framework, "oorzaak")
    talk.type("pauze")
    assert recorded(talk.type("pauze")) == []
    assert "staat op pauze" in talk.said


def test_an_answer_goes_on_with_a_paused_case(framework: CompiledFramework) -> None:
    talk = at(framework, "oorzaak")
    talk.type("pauze")
    assert recorded(talk.type("1")) == ["answer.given", "question.asked"]
    assert recorded(talk.type("verder")) == []


@pytest.mark.parametrize("word", ["herhaal", "again", "verder", "resume"])
def test_shows_the_question_again_without_an_event(framework: CompiledFramework, word: str) -> None:
    talk = at(framework, "oorzaak")
    assert recorded(talk.type(word)) == []
    assert framework.framework.question_by_id["oorzaak"].text.nl in talk.said


def test_a_chosen_case_is_shown_where_it_stands(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    for text in ("verder 1", "verder IL-2026-0042", "case 1"):
        assert recorded(talk.type(text)) == []
        assert isinstance(talk.screen, screens.AdviceScreen)


# --- breaking off ----------------------------------------------------------------------


@pytest.mark.parametrize(("language", "yes"), [("nl", "stop ja"), ("en", "stop yes")])
def test_stop_asks_first(framework: CompiledFramework, language: str, yes: str) -> None:
    talk = at(framework, "oorzaak", language)
    assert recorded(talk.type("stop")) == []
    assert wording().say("confirm_stop.text", language) in talk.said
    assert recorded(talk.type(yes)) == ["case.stopped"]
    assert wording().say("status.stopped.text", language) in talk.said


@pytest.mark.parametrize(
    ("verb", "answer", "expected"),
    [("resume", None, []), ("pause", None, ["case.paused"]), ("stop", "ja", ["case.stopped"])],
)
def test_every_way_on_from_breaking_off(
    framework: CompiledFramework, verb: str, answer: str | None, expected: list[str]
) -> None:
    talk = at(framework, "oorzaak")
    talk.type("overzicht")
    talk.press("stop")
    assert recorded(talk.press(verb, answer)) == expected


@pytest.mark.parametrize(("text", "expected"), [("ja", ["case.stopped"]), ("Yes!", ["case.stopped"]), ("nee", [])])
def test_yes_or_no_under_the_question_whether_to_break_off_answers_that_one(
    framework: CompiledFramework, text: str, expected: list[str]
) -> None:
    talk = at(framework, "spoed")
    talk.type("stop")
    assert recorded(talk.take(read_text(text, screens.context_of(talk.screen)))) == expected


def test_what_was_broken_off_stays_so(framework: CompiledFramework) -> None:
    stopped = at(framework, "oorzaak")
    question = stopped.screen
    stopped.type("stop ja")
    for text in ("1", "terug", "pauze", "stop", "stop ja", "wijzig 1", "verder", "taal en", "plaats", "overdragen"):
        talk = copy(stopped)
        assert recorded(talk.type(text)) == [], text
    assert recorded(stopped.press("answer", "vergissing", on=question)) == []
    assert recorded(stopped.type("nieuw")) == ["case.opened", "question.asked"]


@pytest.mark.parametrize("phase", ["posting", "posted"])
def test_what_is_posted_is_not_broken_off(framework: CompiledFramework, phase: str) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("onderwerp 1")
    talk.type("plaats")
    if phase == "posted":
        talk.confirm_posted()
    assert recorded(talk.type("stop")) == []
    assert recorded(talk.type("stop ja")) == []
    assert talk.notice == wording().say("not_now", "nl")
    assert wording().say(f"status.{phase}.title", "nl") in talk.said


# --- concluding ------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("nl", "afronden"), ("nl", "rond af"), ("en", "finish")])
def test_a_weighing_is_concluded(framework: CompiledFramework, language: str, word: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    assert recorded(talk.type(word)) == ["case.finished"]
    assert wording().say("status.finished.text", language) in talk.said
    assert recorded(talk.type(word)) == []


def test_a_weighing_is_concluded_with_its_button(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    assert recorded(talk.press("finish")) == ["case.finished"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_concluded_while_questions_are_open(framework: CompiledFramework, language: str) -> None:
    talk = begun(framework, language)
    assert recorded(talk.type("afronden")) == []
    assert talk.notice == wording().say("not_concluded", language)
    assert framework.framework.questions[0].text.in_language(language) in talk.said


def test_a_decider_concludes_a_case_without_a_card(framework: CompiledFramework) -> None:
    talk = answered(framework, REPORTER, actor=ANJA)
    assert recorded(talk.press("finish")) == ["case.finished"]


def test_an_assessor_hands_a_case_without_a_card_over_instead(framework: CompiledFramework) -> None:
    talk = answered(framework, REPORTER)
    assert recorded(talk.type("afronden")) == []
    assert isinstance(talk.screen, HandOverScreen)
    assert talk.screen.because == "no_card"
