"""Handing a case over: who is involved keeps what they said, and the other sees nothing before accepting."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from dialogs import screens
from dialogs.conversation import respond
from dialogs.reading import Wish
from dialogs.screens_passing import HandOverScreen
from state import commands as do
from state.compiled import CompiledFramework
from state.decide import decide
from state.errors import NotPermitted
from state.events import Actor, AnswerValue
from tests.conftest import ANJA, BRAM, DIRK
from tests.dialogs.stage import LANGUAGES, presses, wording
from tests.dialogs.talk import INVOLVED, NUMBER, REPORTER, Talk, answered, at, recorded

BERT = Actor("33333333-3333-4333-8333-333333333339", "Bert Mol", "directeur", "assessor")


@pytest.fixture
def involved(framework: CompiledFramework) -> Talk:
    return answered(framework, INVOLVED)


@pytest.fixture
def offered(involved: Talk) -> Talk:
    """Give a case that Bram offered to Anja."""
    involved.type("overdragen 1")
    return involved


def _as(talk: Talk, actor: object) -> Talk:
    """Let another person take the keyboard, who sees where the case stands for them."""
    assert actor in (ANJA, BRAM, DIRK)
    talk.actor = actor
    talk.type("verder")
    return talk


# --- offering --------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_involved_sees_what_to_do_first(framework: CompiledFramework, language: str) -> None:
    talk = answered(framework, INVOLVED, language=language)
    assert wording().say("involved.title", language) in talk.said
    assert wording().say("involved.kept", language) in talk.said
    assert wording().say("involved.urgent", language) in talk.said
    assert framework.framework.step_by_id["spoed_veiligheid"].name.in_language(language) in talk.said


@pytest.mark.parametrize(("language", "word"), [("nl", "overdragen"), ("nl", "afronden"), ("en", "hand over")])
def test_shows_to_whom_the_case_can_go(framework: CompiledFramework, language: str, word: str) -> None:
    talk = answered(framework, INVOLVED, language=language)
    assert recorded(talk.type(word)) == []
    assert wording().say("hand_over.involved", language) in talk.said
    assert "Anja de Vries" in talk.said
    assert "Dirk Smit" in talk.said
    assert screens.context_of(talk.screen) == f"hand_over:{ANJA.id},{DIRK.id}"


def test_the_button_of_the_question_leads_to_handing_over(involved: Talk) -> None:
    assert recorded(involved.press("finish")) == []
    outcome = involved.press("finish", "2")
    assert recorded(outcome) == ["case.offered"]
    assert outcome.recorded[0].event.to == DIRK
    assert "Aangeboden aan: \nDirk Smit" in involved.said


@pytest.mark.parametrize(("language", "text"), [("nl", "overdragen 2"), ("nl", "draag over 2"), ("en", "hand over 2")])
def test_the_case_is_offered_by_typing(framework: CompiledFramework, language: str, text: str) -> None:
    talk = answered(framework, INVOLVED, language=language)
    outcome = talk.type(text)
    assert recorded(outcome) == ["case.offered"]
    assert outcome.recorded[0].event.to == DIRK
    assert wording().say("status.offered.text", language) in talk.said


@pytest.mark.parametrize("answer", ["0", "3", "99", "x", "", "9" * 500])
def test_someone_who_is_not_on_the_card_cannot_be_chosen(involved: Talk, answer: str) -> None:
    involved.type("overdragen")
    context = screens.context_of(involved.screen)
    assert recorded(involved.forge("finish", answer, "", context)) == []
    assert isinstance(involved.screen, HandOverScreen)


def test_who_left_the_list_since_cannot_be_chosen(involved: Talk) -> None:
    assert recorded(involved.forge("finish", "1", "", f"hand_over:{'c' * 36},{ANJA.id}")) == []
    assert isinstance(involved.screen, HandOverScreen)
    assert recorded(involved.forge("finish", "2", "", f"hand_over:{'c' * 36},{ANJA.id}")) == ["case.offered"]


def test_a_case_without_a_card_goes_from_the_advice_to_a_decider(framework: CompiledFramework) -> None:
    talk = answered(framework, REPORTER)
    assert recorded(talk.press("finish", "hand_over")) == []
    assert wording().say("hand_over.no_card", "nl") in talk.said
    assert recorded(talk.press("finish", "1")) == ["case.offered"]
    assert recorded(_as(talk, ANJA).press("resume")) == ["case.accepted", "advice.given"]
    assert isinstance(talk.screen, screens.AdviceScreen)
    assert recorded(talk.type("afronden")) == ["case.finished"]


def test_a_case_without_cause_is_handed_over_with_a_reason_alone(framework: CompiledFramework) -> None:
    talk = at(framework, "oorzaak")
    assert recorded(talk.type("overdragen")) == []
    assert "Waarom draagt u de zaak over?" in talk.said
    assert recorded(talk.press("finish", "1", note=" ")) == []
    assert talk.notice == wording().say("hand_over_reason_missing", "nl")
    assert recorded(talk.forge("finish", "9", "verlof", screens.context_of(talk.screen))) == []
    assert talk.notice == wording().say("no_such_person", "nl")
    assert "verlof" in talk.said
    assert recorded(talk.press("finish", "1", note="Ik ga met verlof.")) == ["case.offered"]


# --- the giver, while it is offered ----------------------------------------------------


@pytest.mark.parametrize("text", ["1", "afronden", "pauze", "stop", "stop ja", "wijzig 1", "plaats", "overdragen 2"])
def test_what_is_offered_is_not_changed_meanwhile(offered: Talk, text: str) -> None:
    assert recorded(offered.type(text)) == []
    assert isinstance(offered.screen, screens.StatusScreen)
    assert offered.notice is not None


@pytest.mark.parametrize("text", ["intrekken", "trek in", "withdraw"])
def test_an_offer_is_withdrawn_by_typing(offered: Talk, text: str) -> None:
    assert recorded(offered.type(text)) == ["offer.ended"]
    assert offered.case is not None
    assert offered.case.answers == INVOLVED
    assert offered.case.offered_to is None


def test_an_offer_is_withdrawn_with_its_button(offered: Talk) -> None:
    assert recorded(offered.press("back")) == ["offer.ended"]
    assert wording().say("involved.title", "nl") in offered.said


def test_another_case_may_be_begun_meanwhile(offered: Talk) -> None:
    assert recorded(offered.press("new")) == ["case.opened", "question.asked"]


# --- the receiver ----------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_receiver_sees_the_number_and_nothing_of_the_content(offered: Talk, language: str) -> None:
    offered.language = language
    _as(offered, ANJA)
    assert wording().say("offer.title", language, number=NUMBER) in offered.said
    assert wording().say("offer.involved", language) in offered.said
    for text in (
        "overzicht",
        "waarom",
        "waarom 2",
        "advies",
        "terug",
        "1",
        "pauze",
        "stop ja",
        "taal en",
        "overdragen",
    ):
        assert recorded(offered.type(text)) == [], text
        assert not any(question.text.nl in offered.said for question in offered.framework.framework.questions)
        assert not any(question.text.en in offered.said for question in offered.framework.framework.questions)


@pytest.mark.parametrize("text", ["overnemen", "neem over", "accept", "take over"])
def test_who_accepts_answers_for_themselves_and_keeps_the_rest(offered: Talk, text: str) -> None:
    _as(offered, ANJA)
    assert recorded(offered.type(text)) == ["case.accepted", "answers.lapsed", "question.asked"]
    assert offered.case is not None
    assert (offered.case.assessor, offered.case.answers) == (ANJA, {"spoed": "ja"})
    assert offered.framework.framework.questions[0].text.nl in offered.said


def test_who_accepts_with_the_button_goes_on(offered: Talk) -> None:
    assert recorded(_as(offered, ANJA).press("resume")) == ["case.accepted", "answers.lapsed", "question.asked"]
    assert recorded(offered.type("1")) == ["answer.given", "question.asked"]
    assert offered.case is not None
    assert offered.case.open_question == "bekend_sinds"


def test_a_second_press_accepts_nothing(offered: Talk) -> None:
    offer = _as(offered, ANJA).screen
    offered.press("resume", on=offer)
    assert recorded(offered.press("resume", on=offer)) == []
    assert offered.screen == screens.TextScreen("stale_card")
    assert recorded(offered.press("stop", on=offer)) == []


@pytest.mark.parametrize(("language", "text"), [("nl", "weigeren"), ("nl", "weiger"), ("en", "decline"), ("nl", None)])
def test_who_declines_is_done_and_the_giver_has_it_back(offered: Talk, language: str, text: str | None) -> None:
    offered.language = language
    _as(offered, ANJA)
    outcome = offered.type(text) if text else offered.press("stop")
    assert recorded(outcome) == ["offer.ended"]
    assert outcome.recorded[0].event.declined
    assert outcome.case is None
    assert wording().say("offer_declined", language) in offered.said
    assert wording().say("involved.title", language) in _as(offered, BRAM).said


def test_an_offer_that_was_withdrawn_cannot_be_accepted(offered: Talk) -> None:
    offer = _as(offered, ANJA).screen
    offered.actor = BRAM
    offered.type("intrekken")
    offered.actor = ANJA
    for verb in ("resume", "stop"):
        assert recorded(offered.press(verb, on=offer)) == []
        assert offered.screen == screens.TextScreen("stale_card")


def test_only_the_receiver_accepts(offered: Talk) -> None:
    assert recorded(offered.type("overnemen")) == []
    offered.actor = DIRK
    assert recorded(offered.type("overnemen")) == []
    assert recorded(offered.type("weigeren")) == []


def test_the_giver_sees_nothing_more_after_it_was_accepted(offered: Talk) -> None:
    status = offered.screen
    _as(offered, ANJA).type("overnemen")
    offered.actor = BRAM
    for text in ("verder", "overzicht", "1", "terug", "advies", "stop ja"):
        assert recorded(offered.type(text)) == [], text
        assert NUMBER not in offered.said
    assert recorded(offered.press("back", on=status)) == []


def test_no_card_after_an_involved_assessor_whatever_was_answered_since(framework: CompiledFramework) -> None:
    talk = answered(framework, INVOLVED)
    talk.type("overdragen 1")
    _as(talk, ANJA).type("overnemen")
    while talk.case is not None and talk.case.open_question:
        question = framework.framework.question_by_id[talk.case.open_question]
        talk.type("1" if question.options else "overslaan" if question.optional else "gisteren 14:30")
    assert wording().say("card.handed_over", "nl") in talk.said
    assert "post" not in {data["verb"] for data in presses(talk.render(talk.screen))}
    assert recorded(talk.type("plaats")) == []


# --- to whom ---------------------------------------------------------------------------------------------------


def offered_to(talk: Talk, *people: Actor) -> list[str]:
    """Give the names that the hand-over card shows when these people are listed."""
    outcome = respond(Wish("hand_over"), replace(talk.scene(), candidates=people))
    return [candidate.name for candidate in outcome.screen.candidates]


@pytest.mark.parametrize("answers", [INVOLVED, REPORTER], ids=["involved", "no card"])
def test_a_case_goes_to_a_decider(framework: CompiledFramework, answers: Mapping[str, AnswerValue]) -> None:
    assert offered_to(answered(framework, answers), BERT, DIRK) == [DIRK.name]


def test_where_nobody_else_decides_an_involved_assessor_finds_another_assessor(framework: CompiledFramework) -> None:
    assert offered_to(answered(framework, INVOLVED), BERT) == [BERT.name]


def test_a_case_without_a_card_goes_to_nobody_who_cannot_conclude_it(framework: CompiledFramework) -> None:
    talk = answered(framework, REPORTER)
    assert offered_to(talk, BERT) == []
    with pytest.raises(NotPermitted):
        decide(talk.case, do.OfferCase(BERT, ""), talk.scene().setting)
