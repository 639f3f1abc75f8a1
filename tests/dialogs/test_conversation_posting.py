"""The preview of the card, and posting exactly what was previewed, once."""

import json
from datetime import timedelta

import pytest

from dialogs import screens
from state.compiled import CompiledFramework
from tests.casework import NEWSPAPER
from tests.dialogs.stage import LANGUAGES, wording
from tests.dialogs.talk import NUMBER, REPORTER, Talk, answered, at, copy, recorded


@pytest.fixture
def previewed(framework: CompiledFramework) -> Talk:
    talk = answered(framework, NEWSPAPER)
    talk.type("onderwerp 1")
    return talk


def _preview(talk: Talk) -> screens.PreviewScreen:
    assert isinstance(talk.screen, screens.PreviewScreen)
    return talk.screen


# --- the preview -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "word"), [("nl", "voorbeeld"), ("nl", "plaats"), ("en", "preview"), ("en", "post")]
)
def test_without_a_subject_asks_for_it_first(framework: CompiledFramework, language: str, word: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    assert recorded(talk.type(word)) == []
    assert isinstance(talk.screen, screens.SubjectScreen)


def test_the_preview_holds_exactly_what_is_kept_and_posted(previewed: Talk) -> None:
    card = _preview(previewed).card
    assert previewed.case is not None
    assert previewed.case.preview is not None
    assert json.loads(previewed.case.preview.card) == card
    outcome = previewed.press("post")
    assert recorded(outcome) == ["card.owed"]
    assert json.loads(outcome.recorded[0].event.card) == card


def test_the_card_is_dutch_also_for_whoever_talks_english(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER, language="en")
    talk.type("subject 1")
    assert "Afweging informatielek - zaak IL-2026-0042 - bestuurlijk stuk" in talk.said
    assert _preview(talk).card["lang"] == "nl"
    assert "in Dutch" in talk.said


def test_the_same_preview_again_is_no_event(previewed: Talk) -> None:
    assert recorded(previewed.type("voorbeeld")) == []
    assert isinstance(previewed.screen, screens.PreviewScreen)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["voorbeeld", "plaats", "onderwerp 1"])
def test_where_no_card_may_be_none_is_shown(framework: CompiledFramework, language: str, text: str) -> None:
    talk = answered(framework, REPORTER, language=language)
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say("no_card", language)
    assert wording().say("card.forbidden", language) in talk.said


@pytest.mark.parametrize("text", ["voorbeeld", "plaats"])
def test_the_preview_waits_for_the_advice(framework: CompiledFramework, text: str) -> None:
    talk = at(framework, "oorzaak")
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say("not_now", "nl")


# --- posting ---------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("nl", "plaats"), ("nl", "plaatsen"), ("en", "post")])
def test_posting_by_typing_what_was_previewed(framework: CompiledFramework, language: str, word: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    talk.type("onderwerp 1")
    assert recorded(talk.type(word)) == ["card.owed"]
    assert wording().say("status.posting.text", language, number=NUMBER) in talk.said


def test_typing_shows_a_preview_before_it_posts(previewed: Talk) -> None:
    previewed.type("wijzig 18")
    previewed.type("laat staan")
    assert recorded(previewed.type("plaats")) == ["preview.shown"]
    assert recorded(previewed.type("plaats")) == ["card.owed"]


def test_the_case_waits_while_the_card_is_posted_and_then_says_so(previewed: Talk) -> None:
    previewed.press("post")
    assert recorded(previewed.press("resume")) == []
    assert wording().say("status.posting.title", "nl") in previewed.said
    previewed.confirm_posted()
    assert recorded(previewed.type("verder")) == []
    assert wording().say("status.posted.text", "nl", number=NUMBER, version="1") in previewed.said
    assert recorded(previewed.press("finish")) == ["case.finished"]


def test_a_card_that_was_refused_leads_back_to_the_advice(previewed: Talk) -> None:
    previewed.press("post")
    previewed.confirm_refused()
    previewed.type("verder")
    assert isinstance(previewed.screen, screens.AdviceScreen)
    assert recorded(previewed.press("preview")) == ["preview.shown"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_typed", [True, False])
def test_a_preview_of_more_than_an_hour_is_made_anew(
    framework: CompiledFramework, language: str, is_typed: bool
) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    talk.type("onderwerp 1")
    talk.later(timedelta(minutes=61))
    assert recorded(talk.type("plaats") if is_typed else talk.press("post")) == ["preview.shown"]
    assert talk.notice == wording().say("preview_outdated", language)
    assert recorded(talk.press("post")) == ["card.owed"]


def test_an_older_preview_cannot_be_posted(previewed: Talk) -> None:
    older = previewed.screen
    previewed.type("onderwerp 2")
    assert recorded(previewed.press("post", on=older)) == []
    assert previewed.screen == screens.TextScreen("stale_card")
    assert recorded(copy(previewed).type("plaats")) == ["card.owed"]


def test_a_preview_of_other_facts_cannot_be_posted(previewed: Talk) -> None:
    older = previewed.screen
    previewed.type("wijzig 18")
    assert recorded(previewed.press("post", on=older)) == []
    previewed.type("1")
    assert recorded(previewed.press("post", on=older)) == []


def test_what_is_posted_is_not_posted_twice(previewed: Talk) -> None:
    preview = previewed.screen
    previewed.press("post")
    assert recorded(previewed.press("post", on=preview)) == []
    assert recorded(previewed.type("plaats")) == []
    previewed.confirm_posted()
    assert recorded(previewed.press("post", on=preview)) == []
    assert recorded(previewed.type("plaats")) == []
    assert wording().say("status.posted.title", "nl") in previewed.said


@pytest.mark.parametrize(
    "context", ["other", "preview:0", "preview:", "preview:x", "preview:-1", f"preview:{'9' * 99}"]
)
def test_posting_from_a_card_that_was_no_preview_is_refused(previewed: Talk, context: str) -> None:
    assert recorded(previewed.forge("post", None, "", context)) == []
    assert previewed.screen == screens.TextScreen("stale_card")
