"""New facts while a card stands: first what changed and by which answer, then version 2 on the same card."""

import json
from datetime import timedelta

import pytest

from dialogs import screens
from dialogs.screens_difference import DifferenceScreen
from state.causes import Causes
from state.compiled import CompiledFramework
from tests.casework import NEWSPAPER
from tests.conftest import ANJA
from tests.dialogs.stage import LANGUAGES, shown, wording
from tests.dialogs.talk import Talk, answered, copy, recorded


@pytest.fixture
def posted(framework: CompiledFramework) -> Talk:
    """Give a talk in a case of which the card stands in the channel, five hours later."""
    talk = answered(framework, NEWSPAPER)
    talk.type("onderwerp 1")
    talk.press("post")
    talk.confirm_posted()
    talk.later(timedelta(hours=5))
    return talk


@pytest.fixture
def reweighed(posted: Talk) -> Talk:
    posted.type("wijzig 8")
    posted.type("ja_risico")
    return posted


def _difference(talk: Talk) -> DifferenceScreen:
    assert isinstance(talk.screen, DifferenceScreen)
    return talk.screen


# --- what is shown first ---------------------------------------------------------------


def test_after_new_facts_the_difference_comes_first_with_the_answer_that_caused_it(reweighed: Talk) -> None:
    found = _difference(reweighed)
    assert found.version == 1
    assert [one.question for one in found.difference.answers] == ["persoonsgegevens"]
    by_step = {step.step: step for step in found.difference.steps}
    assert by_step["datalek_ap"].grade == Causes(("persoonsgegevens",))
    assert "○ Niet aan de orde → ▲ Ligt voor de hand. Door vraag 8." in reweighed.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_changed_answer_that_changes_nothing_is_said_to(posted: Talk, language: str) -> None:
    posted.language = language
    posted.type("wijzig 31" if language == "nl" else "change 31")
    posted.type("24-12-2026")
    assert _difference(posted).difference.is_empty
    assert wording().say("difference.nothing", language) in posted.said


def test_before_a_card_stands_the_advice_comes_first(framework: CompiledFramework) -> None:
    assert isinstance(answered(framework, NEWSPAPER).screen, screens.AdviceScreen)


@pytest.mark.parametrize("word", ["verder", "resume", "Wat is er veranderd?", "What has changed?", "herhaal"])
def test_where_was_i_shows_it_again(reweighed: Talk, word: str) -> None:
    reweighed.type("help")
    assert recorded(reweighed.type(word)) == []
    _difference(reweighed)


@pytest.mark.parametrize("word", ["advies", "Volledig advies", "full advice"])
def test_the_full_advice_is_one_word_away(reweighed: Talk, word: str) -> None:
    assert recorded(reweighed.type(word)) == []
    assert isinstance(reweighed.screen, screens.AdviceScreen)
    assert wording().say("card.stands", "nl", version="1") in reweighed.said
    reweighed.press("resume")
    _difference(reweighed)


def test_each_button_of_it_does_what_it_says(reweighed: Talk) -> None:
    for verb, screen in (("advice", screens.AdviceScreen), ("overview", screens.OverviewScreen)):
        talk = copy(reweighed)
        assert recorded(talk.press(verb)) == []
        assert isinstance(talk.screen, screen)
    assert recorded(copy(reweighed).press("finish")) == ["case.finished"]


def test_back_to_the_advice_from_the_preview_and_after_deviating_is_the_full_advice(reweighed: Talk) -> None:
    reweighed.press("preview")
    reweighed.press("advice")
    assert isinstance(reweighed.screen, screens.AdviceScreen)
    reweighed.type("afwijken 1 te overwegen omdat het zo is")
    assert isinstance(reweighed.screen, screens.AdviceScreen)
    assert "omdat het zo is" in reweighed.said


def test_nobody_else_sees_it(reweighed: Talk) -> None:
    screen = reweighed.screen
    other = copy(reweighed)
    other.actor = ANJA
    other.type("verder")
    assert isinstance(other.screen, screens.WelcomeScreen)
    assert other.forge("advice", None, "", screens.context_of(screen)).screen == screens.TextScreen("stale_card")


# --- version 2 -------------------------------------------------------------------------


def test_version_two_says_what_changed_since_the_one_that_stands(reweighed: Talk) -> None:
    reweighed.press("preview")
    found = reweighed.said
    assert "Gewijzigd sinds versie 1" in found
    assert "**⏱ AVG-melding AP:** is erbij gekomen." in found
    outcome = reweighed.press("post")
    assert recorded(outcome) == ["card.owed"]
    assert "Gewijzigd sinds versie 1" in shown(json.loads(outcome.recorded[0].event.card))
    reweighed.confirm_posted()
    reweighed.type("wijzig 8")
    reweighed.type("nee")
    assert _difference(reweighed).version == 2
    reweighed.press("preview")
    assert "Gewijzigd sinds versie 2" in reweighed.said
    assert "**⏱ AVG-melding AP:** loopt niet meer." in reweighed.said


def test_what_a_sensitive_answer_changed_is_in_the_private_chat_and_not_on_the_card(posted: Talk) -> None:
    posted.type("wijzig 15")
    posted.type("raadslid")
    while posted.case is not None and posted.case.phase == "asking":
        posted.type("weet ik niet")
    assert _difference(posted).difference.steps
    posted.press("preview")
    assert isinstance(posted.screen, screens.PreviewScreen)
    assert wording().say("channel.unchanged", "nl") in shown(posted.screen.card)


def test_a_second_version_that_teams_refused_leads_back_to_what_changed(reweighed: Talk) -> None:
    reweighed.press("preview")
    reweighed.press("post")
    reweighed.confirm_refused()
    reweighed.type("verder")
    assert _difference(reweighed).version == 1


def test_once_the_rules_forbid_a_card_the_full_advice_comes_and_no_card_stands(posted: Talk) -> None:
    posted.type("wijzig 16")
    posted.type("misstand_gemeld")
    assert posted.case is not None
    assert posted.case.posted is None
    assert isinstance(posted.screen, screens.AdviceScreen)


def test_who_closes_with_new_facts_that_are_not_on_the_card_is_told_so(posted: Talk) -> None:
    told = wording().say("closing.changed", "nl", version="1")
    same = copy(posted)
    same.type("afronden")
    assert told not in same.said
    posted.type("wijzig 8")
    posted.type("ja_risico")
    posted.type("afronden")
    assert told in posted.said
