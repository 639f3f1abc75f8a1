"""From the advice to the channel: deviating with its reason, the subject, the preview, and posting."""

import pytest

from dialogs import screens
from dialogs.reading import read_text
from state.compiled import CompiledFramework
from tests.casework import NEWSPAPER
from tests.dialogs.stage import LANGUAGES, wording
from tests.dialogs.talk import NUMBER, Talk, answered, at, recorded

STEP = "aangifte"


@pytest.fixture
def weighed(framework: CompiledFramework) -> Talk:
    return answered(framework, NEWSPAPER)


@pytest.fixture
def previewed(weighed: Talk) -> Talk:
    weighed.type("onderwerp 1")
    return weighed


# --- the advice ------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_advice_follows_the_last_question(framework: CompiledFramework, language: str) -> None:
    talk = at(framework, "raad_betrokken", language)
    talk.type("1")
    talk.type("skip")
    assert recorded(talk.type("skip")) == ["question.skipped", "advice.given"]
    assert wording().say("advice.title", language, number=NUMBER) in talk.said
    assert wording().say("disclaimer", language) in talk.said
    for step in framework.framework.steps:
        assert step.name.in_language(language) in talk.said


@pytest.mark.parametrize(("language", "word"), [("nl", "advies"), ("en", "advice")])
def test_the_advice_is_shown_again(framework: CompiledFramework, language: str, word: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    assert recorded(talk.type(word)) == []
    assert wording().say("advice.how", language) in talk.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_no_advice_while_questions_are_open(framework: CompiledFramework, language: str) -> None:
    talk = at(framework, "oorzaak", language)
    assert recorded(talk.type("advies")) == []
    assert talk.notice == wording().say("not_concluded", language)


@pytest.mark.parametrize("text", ["2", "gisteren", "Dank u wel.", "weet ik niet", "overslaan"])
def test_an_answer_to_no_question_is_not_understood(weighed: Talk, text: str) -> None:
    assert recorded(weighed.type(text)) == []
    assert weighed.notice == wording().say("not_understood", "nl")
    assert isinstance(weighed.screen, screens.AdviceScreen)


# --- deviating -------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("nl", "afwijken"), ("en", "deviate")])
def test_deviates_with_a_reason_step_by_step(framework: CompiledFramework, language: str, word: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    assert recorded(talk.type(word)) == []
    assert wording().say("deviate.text", language) in talk.said
    assert recorded(talk.press("deviate", STEP)) == []
    assert framework.framework.step_by_id[STEP].name.in_language(language) in talk.said
    outcome = talk.press("deviate", "to", note="  De raad vraagt erom.  ")
    assert recorded(outcome) == ["deviation.recorded"]
    event = outcome.recorded[0].event
    assert (event.step, event.indicated, event.chosen, event.reason) == (STEP, "th", "to", "De raad vraagt erom.")
    assert "De raad vraagt erom." in talk.said


def test_the_button_of_the_advice_leads_to_deviating(weighed: Talk) -> None:
    assert recorded(weighed.press("deviate")) == []
    assert isinstance(weighed.screen, screens.DeviateScreen)
    assert weighed.screen.step is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_reason_asks_for_it_and_keeps_the_choice(framework: CompiledFramework, language: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    talk.press("deviate")
    talk.press("deviate", STEP)
    assert recorded(talk.press("deviate", "lvh", note="  ")) == []
    assert talk.notice == wording().say("reason_missing", language)
    assert isinstance(talk.screen, screens.DeviateScreen)
    assert (talk.screen.step, talk.screen.grade) == (STEP, "lvh")
    assert recorded(talk.press("deviate", "lvh", note="Nu wel.")) == ["deviation.recorded"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_indicated_grade_is_no_deviation_and_the_reason_is_kept(
    framework: CompiledFramework, language: str
) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    talk.press("deviate")
    talk.press("deviate", STEP)
    assert recorded(talk.press("deviate", "th", note="Mijn reden.")) == []
    assert talk.notice == wording().say("same_grade", language)
    assert isinstance(talk.screen, screens.DeviateScreen)
    assert talk.screen.reason == "Mijn reden."


def test_choosing_the_indicated_grade_takes_a_deviation_back(weighed: Talk) -> None:
    weighed.type("afwijken 15 te overwegen: de raad vraagt erom")
    weighed.press("deviate")
    weighed.press("deviate", STEP)
    assert "de raad vraagt erom" in str(weighed.render(weighed.screen))
    assert recorded(weighed.press("deviate", "th")) == ["deviation.withdrawn"]
    assert weighed.case is not None
    assert not weighed.case.deviations


@pytest.mark.parametrize(
    ("text", "grade", "reason"),
    [
        ("afwijken 15 ligt voor de hand: de raad vraagt erom", "lvh", "de raad vraagt erom"),
        ("Afwijken 15 Te overwegen, want het speelt", "to", "want het speelt"),
        ("afwijken 15 to consider - the council asks", "to", "the council asks"),
        ("DEVIATE 15 clearly indicated\nthe council asks", "lvh", "the council asks"),
        ("afwijken 15 niet aan de orde: niets wijst erop", "nao", "niets wijst erop"),
    ],
)
def test_a_deviation_is_typed_in_one_sentence(weighed: Talk, text: str, grade: str, reason: str) -> None:
    outcome = weighed.type(text)
    assert recorded(outcome) == ["deviation.recorded"]
    event = outcome.recorded[0].event
    assert (event.step, event.chosen, event.reason) == (STEP, grade, reason)


@pytest.mark.parametrize("text", ["afwijken 15", "afwijken 15 de jurist is nog niet gesproken", "deviate 15 because"])
def test_a_typed_deviation_without_a_grade_asks_for_it(weighed: Talk, text: str) -> None:
    assert recorded(weighed.type(text)) == []
    assert isinstance(weighed.screen, screens.DeviateScreen)
    assert weighed.screen.step == STEP
    assert weighed.screen.reason in text


@pytest.mark.parametrize("text", ["afwijken 0", "afwijken 24", "afwijken 99 te overwegen: want"])
def test_a_typed_deviation_from_no_step_asks_which(weighed: Talk, text: str) -> None:
    assert recorded(weighed.type(text)) == []
    assert isinstance(weighed.screen, screens.DeviateScreen)
    assert weighed.screen.step is None


@pytest.mark.parametrize(("first", "second"), [("geen_stap", None), (STEP, "heel erg"), (STEP, "")])
def test_a_forged_choice_is_asked_again(weighed: Talk, first: str, second: str | None) -> None:
    weighed.press("deviate")
    weighed.press("deviate", first)
    if second is not None:
        weighed.press("deviate", second, note="want")
    assert not weighed.outcome or recorded(weighed.outcome) == []
    assert isinstance(weighed.screen, screens.DeviateScreen)


def test_deviating_waits_for_the_advice(framework: CompiledFramework) -> None:
    talk = at(framework, "oorzaak")
    assert recorded(talk.type("afwijken 15 te overwegen: want")) == []
    assert talk.notice == wording().say("not_now", "nl")


# --- the subject -----------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("nl", "onderwerp"), ("en", "subject")])
def test_the_subject_is_chosen_and_the_preview_follows(framework: CompiledFramework, language: str, word: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    assert recorded(talk.type(word)) == []
    assert wording().say("subject.text", language) in talk.said
    assert recorded(talk.press("subject", "veiligheid")) == ["subject.chosen", "preview.shown"]
    assert wording().say("preview.before", language) in talk.said
    assert "Afweging informatielek - zaak IL-2026-0042 - veiligheid" in talk.said


@pytest.mark.parametrize("text", ["onderwerp 4", "subject 4"])
def test_the_subject_is_typed_by_its_number(weighed: Talk, text: str) -> None:
    assert recorded(weighed.type(text)) == ["subject.chosen", "preview.shown"]
    assert weighed.case is not None
    assert weighed.case.subject == "veiligheid"


def test_another_subject_from_the_preview(previewed: Talk) -> None:
    assert recorded(previewed.press("subject")) == []
    assert recorded(previewed.press("subject", "persoonsgegevens")) == ["subject.chosen", "preview.shown"]


def test_the_same_subject_again_is_no_event(previewed: Talk) -> None:
    assert recorded(previewed.type("onderwerp 1")) == []
    assert isinstance(previewed.screen, screens.PreviewScreen)


@pytest.mark.parametrize(
    ("answer", "key"),
    [("geheim", "not_now"), ("0", "no_such_subject"), ("99", "no_such_subject"), ("9" * 500, "no_such_subject")],
)
def test_a_subject_that_there_is_not_is_refused(weighed: Talk, answer: str, key: str) -> None:
    weighed.type("onderwerp")
    assert recorded(weighed.forge("subject", answer, "", "subject")) == []
    assert weighed.notice == wording().say(key, "nl")


@pytest.mark.parametrize("text", ["9", "onderwerp 9"])
def test_a_number_that_no_subject_has_keeps_the_list_of_subjects(weighed: Talk, text: str) -> None:
    assert recorded(weighed.take(read_text(text, "subject"))) == []
    assert weighed.notice == wording().say("no_such_subject", "nl")
    assert isinstance(weighed.screen, screens.SubjectScreen)


def test_the_subject_waits_for_the_advice(framework: CompiledFramework) -> None:
    for text in ("onderwerp", "onderwerp 1"):
        talk = at(framework, "oorzaak")
        assert recorded(talk.type(text)) == []
        assert talk.notice == wording().say("not_now", "nl")
