"""What is pressed twice, too late, or on no card of ours: no second event, and a sentence that helps."""

import pytest

from dialogs import screens
from dialogs.reading import Wish, read_press
from dialogs.values import Incoming
from state.compiled import CompiledFramework
from tests.casework import NEWSPAPER
from tests.dialogs.stage import LANGUAGES, wording
from tests.dialogs.talk import answered, at, begun, recorded

LONG = "9" * 20_000
STALE = screens.TextScreen("stale_card")


# --- twice, or too late ----------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("again", ["nee", "ja_ikzelf"])
def test_a_question_is_answered_once_on_its_card(framework: CompiledFramework, language: str, again: str) -> None:
    talk = begun(framework, language)
    first = talk.screen
    talk.press("answer", "nee")
    assert recorded(talk.press("answer", again, on=first)) == []
    assert wording().say("stale_card", language) in talk.said
    assert talk.case is not None
    assert talk.case.answers == {"eigen_betrokkenheid": "nee"}


def test_the_helpful_sentence_leads_back_to_the_question(framework: CompiledFramework) -> None:
    talk = begun(framework)
    first = talk.screen
    talk.type("1")
    talk.press("answer", "nee", on=first)
    assert recorded(talk.press("resume")) == []
    assert framework.framework.questions[1].text.nl in talk.said


@pytest.mark.parametrize(
    ("question", "verb", "answer"),
    [
        ("raad_betrokken", "answer", "nee"),
        ("bekend_sinds", "unknown", None),
        ("bekend_sinds", "back", None),
        ("oorzaak", "back", None),
    ],
)
def test_a_second_press_changes_nothing(
    framework: CompiledFramework, question: str, verb: str, answer: str | None
) -> None:
    talk = at(framework, question)
    card = talk.screen
    talk.press(verb, answer, on=card)
    case = talk.case
    assert recorded(talk.press(verb, answer, on=card)) == []
    assert talk.screen == STALE
    assert talk.case == case


def test_a_second_skip_does_not_skip_the_next_question(framework: CompiledFramework) -> None:
    talk = at(framework, "raad_betrokken")
    talk.type("1")
    card = talk.screen
    talk.press("skip", on=card)
    assert recorded(talk.press("skip", on=card)) == []
    assert talk.case is not None
    assert talk.case.open_question == "evaluatiedatum"


def test_a_card_of_a_question_does_nothing_when_all_are_answered(framework: CompiledFramework) -> None:
    talk = begun(framework)
    first = talk.screen
    talk = answered(framework, NEWSPAPER)
    for verb, answer in (("answer", "ja_ikzelf"), ("answer", "nee")):
        assert recorded(talk.press(verb, answer, on=first)) == []
        assert talk.screen == STALE


def test_a_second_deviation_is_recorded_as_said_and_the_first_is_kept_in_the_transcript(
    framework: CompiledFramework,
) -> None:
    talk = answered(framework, NEWSPAPER)
    assert recorded(talk.type("afwijken 15 te overwegen: eerst")) == ["deviation.recorded"]
    assert recorded(talk.type("afwijken 15 ligt voor de hand: daarna")) == ["deviation.recorded"]
    assert talk.case is not None
    assert talk.case.deviations["aangifte"].reason == "daarna"


@pytest.mark.parametrize("verb", ["finish", "subject", "preview", "deviate"])
def test_a_card_of_an_older_advice_does_not_conclude_a_case_with_open_questions(
    framework: CompiledFramework, verb: str
) -> None:
    talk = answered(framework, NEWSPAPER)
    advice = talk.screen
    talk.type("wijzig 18")
    assert recorded(talk.forge(verb, None, "", screens.context_of(advice))) == []
    assert framework.framework.question_by_id["schade"].text.nl in talk.said
    assert talk.notice is not None


# --- no card of ours -------------------------------------------------------------------


@pytest.mark.parametrize(
    "verb", ["", "drop_table", "ANSWER", "answer ", "accept", "hand_over", "cases", "x" * 32, None]
)
def test_a_press_with_another_verb_is_no_wish(verb: str | None) -> None:
    assert read_press(Incoming(verb=verb, handle="x", answer="nee"), "question:spoed") is None


@pytest.mark.parametrize("verb", ["answer", "unknown", "skip"])
@pytest.mark.parametrize("context", ["other", "advice", "offer", "cases:a,b", "question:schade"])
def test_an_answer_on_a_card_without_its_question_is_refused(
    framework: CompiledFramework, verb: str, context: str
) -> None:
    talk = at(framework, "spoed")
    assert recorded(talk.forge(verb, "beperkt", "", context)) == []
    assert talk.screen == STALE


@pytest.mark.parametrize("verb", ["new", "resume", "choose_case", "help", "overview", "why", "language", "pause"])
@pytest.mark.parametrize("answer", ["", "0", "-1", "x", LONG, "٣", "'; drop table", "{{DATE(x)}}", "../../etc"])
def test_a_press_with_a_forged_argument_is_answered(framework: CompiledFramework, verb: str, answer: str) -> None:
    talk = at(framework, "spoed")
    assert len(recorded(talk.forge(verb, answer, LONG, "other"))) <= 2
    assert LONG not in talk.said


@pytest.mark.parametrize(
    ("verb", "expected"), [("change", "no_such_question"), ("deviate", None), ("finish", None), ("stop", None)]
)
@pytest.mark.parametrize("answer", ["0", "-1", "EIGEN_BETROKKENHEID", "geen_vraag", "x" * 20_000, "²"])
def test_a_forged_argument_of_the_advice_changes_nothing(
    framework: CompiledFramework, verb: str, expected: str | None, answer: str
) -> None:
    talk = answered(framework, NEWSPAPER)
    if verb == "finish":
        talk = at(framework, "spoed")
    assert recorded(talk.forge(verb, answer, "", "advice")) == []
    assert expected is None or talk.notice == wording().say(expected, "nl", last="31")


@pytest.mark.parametrize("answer", ["NEE", "ja_ikzelf,nee", "1e", "x" * 20_000, LONG, "nee\u0000e", "null", "[]", "{}"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_forged_answer_is_read_as_if_it_was_typed(framework: CompiledFramework, language: str, answer: str) -> None:
    pressed, typed = begun(framework, language), begun(framework, language)
    pressed.forge("answer", answer, "", "question:eigen_betrokkenheid")
    typed.type(answer)
    assert pressed.case == typed.case
    assert pressed.notice == typed.notice


def test_a_press_without_an_answer_counts_as_an_empty_one() -> None:
    assert read_press(Incoming(verb="answer"), "question:spoed") == Wish("answer", context="question:spoed")
