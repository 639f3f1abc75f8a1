"""Answering by click and by typing, for every type of question, in both languages."""

import pytest

from state.compiled import CompiledFramework
from tests.casework import NEWSPAPER
from tests.dialogs.stage import LANGUAGES, shown, walk, wording
from tests.dialogs.talk import Talk, answered, at, begun, recorded

NEXT = ["answer.given", "question.asked"]


def _given(talk: Talk) -> object:
    """Give the value of the answer that the last turn recorded."""
    assert talk.outcome is not None
    return talk.outcome.recorded[0].event.value


# --- one of several --------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_click_answers_and_asks_the_next_question(framework: CompiledFramework, language: str) -> None:
    talk = begun(framework, language)
    assert recorded(talk.press("answer", "ja_ander_lid")) == NEXT
    assert _given(talk) == "ja_ander_lid"
    assert framework.framework.questions[1].text.in_language(language) in talk.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answered_card_says_what_was_answered(framework: CompiledFramework, language: str) -> None:
    talk = begun(framework, language)
    talk.press("answer", "nee")
    label = framework.framework.questions[0].option_by_id["nee"].label.in_language(language)
    assert f"{wording().say('answered.your', language)} \n{label}" in talk.said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "vastgesteld"),
        ("2.", "aannemelijk"),
        ("3", "gerucht"),
        ("Ja, vastgesteld", "vastgesteld"),
        ("ja", "vastgesteld"),
        ("aannemelijk!", "aannemelijk"),
        ("gerucht", "gerucht"),
        ("GERUCHT  OF vage aanwijzing", "gerucht"),
        ("Plausible", "aannemelijk"),
        ("rumour", "gerucht"),
        ("eigen_publicatie_fout", "eigen_publicatie_fout"),
        ("onbekend", "onbekend"),
        ("weet ik niet", "onbekend"),
        ("I don't know", "onbekend"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_or_the_words_of_an_option_can_be_typed(
    framework: CompiledFramework, language: str, text: str, value: str
) -> None:
    talk = at(framework, "lek_status", language)
    assert recorded(talk.type(text)) == NEXT
    assert _given(talk) == value


@pytest.mark.parametrize("text", ["0", "8", "99", "1,3", "nee", "g", "vast", "iets anders", "-1", "1e", "²", "½", "()"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_no_option_is_asked_again(framework: CompiledFramework, language: str, text: str) -> None:
    talk = at(framework, "lek_status", language)
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say("no_such_option", language, last="7")
    assert framework.framework.question_by_id["lek_status"].text.in_language(language) in talk.said


def test_an_answer_with_a_remark_keeps_it(framework: CompiledFramework) -> None:
    talk = begun(framework)
    outcome = talk.press("answer", "nee", note="Nagevraagd bij de secretaris.")
    assert outcome.recorded[0].event.note == "Nagevraagd bij de secretaris."
    talk.type("overzicht")
    assert "(met opmerking)" in talk.said


def test_the_second_of_two_equal_answers_answers_the_next_question(framework: CompiledFramework) -> None:
    talk = begun(framework)
    talk.type("1")
    talk.type("2")
    assert talk.case is not None
    assert talk.case.answers == {"eigen_betrokkenheid": "nee", "spoed": "nee"}


# --- several ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", ("media",)),
        ("1,3", ("media", "externe_partij")),
        ("3, 1", ("media", "externe_partij")),
        ("1;3", ("media", "externe_partij")),
        ("1 3", ("media", "externe_partij")),
        ("1 en 3", ("media", "externe_partij")),
        ("1, 2 and 3", ("media", "raadslid", "externe_partij")),
        ("1,1", ("media",)),
        ("media", ("media",)),
        ("media,raadslid", ("media", "raadslid")),
        ("onbekend", ("onbekend",)),
        ("I don't know", ("onbekend",)),
    ],
)
def test_several_options_can_be_typed(framework: CompiledFramework, text: str, value: tuple[str, ...]) -> None:
    talk = at(framework, "ontvanger")
    assert recorded(talk.type(text)) == NEXT
    assert _given(talk) == value


def test_several_options_can_be_ticked(framework: CompiledFramework) -> None:
    talk = at(framework, "ontvanger", "en")
    assert recorded(talk.press("answer", "media,publiek_online")) == NEXT
    assert _given(talk) == ("media", "publiek_online")
    labels = framework.framework.question_by_id["ontvanger"].option_by_id
    assert f"{labels['media'].label.en}, {labels['publiek_online'].label.en}" in talk.said


@pytest.mark.parametrize("text", ["0", "10", "1,99", "1,iets", ",", "1-3", "geen idee"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_are_no_options_is_asked_again(framework: CompiledFramework, language: str, text: str) -> None:
    talk = at(framework, "ontvanger", language)
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say("no_such_options", language, last="9")


@pytest.mark.parametrize("language", LANGUAGES)
def test_options_that_exclude_each_other_are_not_taken_together(framework: CompiledFramework, language: str) -> None:
    talk = at(framework, "al_gedaan", language)
    assert recorded(talk.press("answer", "niets,ap_gemeld")) == []
    assert talk.notice == wording().say("answer", language)


@pytest.mark.parametrize("answer", ["", "   ", "\u200b\u200b", None])
def test_an_empty_press_asks_for_an_answer(framework: CompiledFramework, answer: str | None) -> None:
    talk = at(framework, "ontvanger")
    assert recorded(talk.press("answer", answer)) == []
    assert talk.notice == wording().say("answer_empty", "nl")


# --- dates -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text", "value", "label"),
    [
        ("nl", "gisteren 14:30", "2026-11-22T14:30:00+01:00", "zondag 22 november 2026, 14:30"),
        ("nl", "20-11-2026 8.15", "2026-11-20T08:15:00+01:00", "vrijdag 20 november 2026, 08:15"),
        ("en", "yesterday 2:30 pm", "2026-11-22T14:30:00+01:00", "Sunday 22 November 2026, 14:30"),
    ],
)
def test_a_moment_is_typed_as_people_say_it_and_shown_back(
    framework: CompiledFramework, language: str, text: str, value: str, label: str
) -> None:
    talk = at(framework, "bekend_sinds", language)
    assert recorded(talk.type(text)) == NEXT
    assert _given(talk) == value
    assert label in talk.said
    talk.type("overzicht")
    assert f"✓ {label}" in talk.said


@pytest.mark.parametrize(("language", "word"), [("nl", "weet ik niet"), ("en", "I don't know"), ("nl", "onbekend")])
def test_a_moment_may_be_unknown(framework: CompiledFramework, language: str, word: str) -> None:
    talk = at(framework, "bekend_sinds", language)
    assert recorded(talk.type(word)) == NEXT
    assert _given(talk) == "onbekend"
    assert wording().say("unknown", language) in talk.said


def test_a_moment_may_be_unknown_with_its_button_or_in_its_field(framework: CompiledFramework) -> None:
    talk = at(framework, "bekend_sinds")
    assert recorded(talk.press("unknown")) == NEXT
    talk = at(framework, "bekend_sinds")
    talk.press("answer", "Weet ik niet.")
    assert _given(talk) == "onbekend"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("zomaar wat", "date_unreadable"),
        ("gisteren", "time_missing"),
        ("morgen 10:00", "date_future"),
        ("31-11-2026 10:00", "date_impossible"),
        ("gisteren 3 uur", "time_half"),
        ("1" * 5000, "date_unreadable"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_moment_that_cannot_be_is_asked_again(
    framework: CompiledFramework, language: str, text: str, key: str
) -> None:
    talk = at(framework, "bekend_sinds", language)
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say(key, language)


@pytest.mark.parametrize(
    ("language", "text", "label"),
    [("nl", "over 2 weken", "maandag 7 december 2026"), ("en", "7-12-2026", "Monday 7 December 2026")],
)
def test_a_date_is_typed_and_shown_back(framework: CompiledFramework, language: str, text: str, label: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    talk.type("wijzig 31")
    assert recorded(talk.type(text)) == ["answer.given", "advice.given"]
    assert _given(talk) == "2026-12-07"
    assert label in talk.said
    talk.type("wijzig 31")
    assert label in [node.get("value") for node in walk(talk.render(talk.screen))]


@pytest.mark.parametrize(
    ("text", "key"), [("gisteren", "day_past"), ("ooit", "day_unreadable"), ("31-2", "date_impossible")]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_that_cannot_be_is_asked_again_without_a_word_of_time(
    framework: CompiledFramework, language: str, text: str, key: str
) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    talk.type("wijzig 31")
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say(key, language)
    assert ":" not in (talk.notice or "")


def test_what_may_stay_empty_is_passed_over_by_sending_nothing_but_not_with_a_remark(
    framework: CompiledFramework,
) -> None:
    talk = answered(framework, {**NEWSPAPER, "zwaarwegend": "Niets."})
    talk.type("wijzig 30")
    talk.press("answer", "")
    assert talk.notice == wording().say("answer_empty", "nl")
    talk = at(framework, "raad_betrokken")
    talk.type("1")
    assert recorded(talk.press("answer", "")) == ["question.skipped", "question.asked"]
    assert talk.outcome is not None
    assert talk.outcome.answered is not None
    # Where nothing was written, nobody is warned of what was.
    assert wording().say("answered.text_warning", "nl") not in shown(talk.render(talk.outcome.answered))
    talk.press("answer", "", "Nog een opmerking.")
    assert talk.notice == wording().say("answer_empty", "nl")
    assert recorded(talk.press("answer", "")) == ["question.skipped", "advice.given"]


def test_a_message_without_words_as_a_picture_is_passes_no_question_over(framework: CompiledFramework) -> None:
    talk = at(framework, "raad_betrokken")
    talk.type("1")
    assert recorded(talk.type("")) == []
    assert talk.notice == wording().say("answer_empty", "nl")
    assert recorded(talk.press("answer", "")) == ["question.skipped", "question.asked"]
