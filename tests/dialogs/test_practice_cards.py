"""Every card of an exercise says first that it is one, whatever screen it shows."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dialogs import screens
from dialogs.render import render
from dialogs.screens_card import DiscardScreen
from dialogs.values import Card
from tests.dialogs.stage import ANSWERS, HANDLE, LANGUAGES, NOTICE, every_screen, problems, shown, small, wording

BAND = {
    "nl": "OEFENING – niets hiervan telt, en niets komt in het kanaal",
    "en": "EXERCISE – nothing of this counts, and nothing reaches the channel",
}


def _practised() -> Iterator[Any]:
    """Give every screen that shows a case, as it is of an exercise."""
    for screen in every_screen(small(), ANSWERS):
        shows: Any = screen
        if isinstance(screen, screens.AnsweredScreen):
            yield replace(screen, practice=True)
        elif hasattr(screen, "case"):
            yield replace(shows, case=replace(shows.case, number="OEFEN-2026-0042"))


def _card(screen: screens.Screen, language: str) -> Card:
    card = render(screen, wording(), language, HANDLE, NOTICE).card
    assert card is not None
    return card


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_an_exercise_shows_says_first_that_it_is_one(language: str) -> None:
    found = list(_practised())
    assert len({type(screen) for screen in found}) >= 15
    for screen in found:
        assert BAND[language] in shown({"body": _card(screen, language)["body"][:1]}), type(screen).__name__


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_case_that_counts_is_never_called_an_exercise(language: str) -> None:
    for screen in (one for one in every_screen(small(), ANSWERS) if not isinstance(one, DiscardScreen)):
        assert BAND[language] not in shown(_card(screen, language)), type(screen).__name__


def test_the_cards_of_an_exercise_are_valid_by_the_official_schema() -> None:
    # Both languages have the same shape.
    assert {type(screen).__name__: said for screen in _practised() if (said := problems(_card(screen, "nl")))} == {}
