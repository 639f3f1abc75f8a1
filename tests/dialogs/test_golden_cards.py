"""A few whole cards, to see in a review what a change does: `python -m tests.dialogs.test_golden_cards` writes them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from dialogs import screens
from dialogs.cards.channel import Since
from dialogs.render import render
from dialogs.screens_difference import DifferenceScreen
from dialogs.values import Card
from state.case import Posted
from state.difference import channel_difference, difference
from state.events import AnswerValue
from state.weighing import weigh_for_channel
from tests.dialogs.stage import (
    ANSWERS,
    HANDLE,
    NOW,
    advice_screen,
    case_of,
    question_screen,
    small,
    to_channel,
    wording,
)

GOLDEN = Path(__file__).parent / "golden"
# As it was before new facts.
_BEFORE: Mapping[str, AnswerValue] = {**ANSWERS, "gegevens": "nee"}


def _rendered(screen: screens.Screen, language: str = "nl") -> Card:
    card = render(screen, wording(), language, HANDLE).card
    assert card is not None
    return card


def _changed() -> DifferenceScreen:
    case = case_of(phase="weighing", posted=Posted(1, "{}", _BEFORE, NOW))
    return DifferenceScreen(case, small().framework, difference(small(), _BEFORE, NOW, ANSWERS, NOW), 1, True)


def _since() -> Since:
    before, after = (weigh_for_channel(small(), answers, NOW) for answers in (_BEFORE, ANSWERS))
    return Since(1, channel_difference(before, after))


CARDS: Mapping[str, Callable[[], Card]] = {
    "question": lambda: _rendered(question_screen(small(), "gegevens", {})),
    "question_date": lambda: _rendered(question_screen(small(), "sinds", ANSWERS), "en"),
    "answered": lambda: _rendered(screens.AnsweredScreen(small().framework, "gegevens", "Ja")),
    "advice": lambda: _rendered(advice_screen(small(), ANSWERS)),
    "channel": lambda: to_channel(small(), ANSWERS),
    "difference": lambda: _rendered(_changed()),
    "channel_again": lambda: to_channel(small(), ANSWERS, version=2, since=_since()),
}


def _written(card: Card) -> str:
    return json.dumps(card, ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("name", CARDS)
def test_looks_as_it_did(name):
    assert _written(CARDS[name]()) == (GOLDEN / f"{name}.json").read_text("utf-8")


def test_no_golden_card_is_left_over():
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(CARDS)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for card_name, build in CARDS.items():
        (GOLDEN / f"{card_name}.json").write_text(_written(build()), "utf-8")
