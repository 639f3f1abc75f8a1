"""The cards of the published framework, over cases drawn at random: valid, small enough, and discreet."""

import json
import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.cards.channel import MOST_BYTES
from dialogs.cards.elements import size_of
from dialogs.render import render
from state.advice import Reason
from state.compiled import CompiledFramework
from state.events import AnswerValue
from state.framework import Question
from state.questionnaire import asked
from state.weighing import weigh, weigh_for_channel
from tests.casework import NEWSPAPER
from tests.dialogs.stage import (
    HANDLE,
    LANGUAGES,
    NOW,
    advice_screen,
    every_card,
    problems,
    shown,
    to_channel,
    wording,
)

SECRET = "Zwartewaterkade"
# What Teams takes of one message, and what every client takes.
_TEAMS, _EVERYWHERE = 80_000, 28_000


def _answer(question: Question, chance: random.Random) -> AnswerValue:
    match question.type:
        case "single":
            return chance.choice(question.options).id
        case "multi":
            alone = [option.id for option in question.options if option.exclusive]
            together = [option.id for option in question.options if not option.exclusive]
            if alone and chance.random() < 0.2:
                return (chance.choice(alone),)
            return tuple(sorted(chance.sample(together, chance.randint(1, len(together))), key=together.index))
        case "text":
            return SECRET
        case "date":
            return "2026-12-07"
        case _:
            return (NOW - timedelta(hours=chance.choice([-5, 1, 80]))).isoformat()


def _play(framework: CompiledFramework, seed: int) -> dict[str, AnswerValue]:
    """Answer every question that applies, by chance."""
    chance, answers = random.Random(seed), {}
    while left := [question for question in asked(framework, answers) if question not in answers]:
        answers[left[0]] = _answer(framework.framework.question_by_id[left[0]], chance)
    return answers


def _told(reason: Reason, language: str) -> str:
    return reason.text.in_language(language)


def test_every_screen_of_a_real_case_is_valid_and_small_enough(framework):
    for name, card in every_card(framework, NEWSPAPER):
        # The official schema takes its time, and both languages have the same shape.
        assert name.endswith("en") or problems(card) == [], name
        assert size_of(card) <= _EVERYWHERE, name


@pytest.mark.parametrize("seed", range(5))
def test_cases_drawn_at_random_give_valid_cards(framework, seed):
    answers = _play(framework, seed)
    assert problems(render(advice_screen(framework, answers), wording(), "nl", HANDLE).card) == []
    assert problems(to_channel(framework, answers)) == []


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(min_value=0))
def test_any_case_gives_an_advice_with_every_reason_that_teams_takes(framework, seed):
    answers = _play(framework, seed)
    screen, advice = advice_screen(framework, answers), weigh(framework, answers, NOW)
    for language in LANGUAGES:
        card = render(screen, wording(), language, HANDLE).card
        found = shown(card)
        assert size_of(card) <= _TEAMS
        assert all(_told(reason, language) in found for step in advice.steps.values() for reason in step.reasons)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(min_value=0))
def test_any_case_gives_a_channel_card_with_every_reason_term_and_limit_in_28_kb(framework, seed):
    answers = _play(framework, seed)
    advice = weigh_for_channel(framework, answers, NOW)
    for language in LANGUAGES:
        card = to_channel(framework, answers, language=language)
        found = shown(card)
        assert size_of(card) <= MOST_BYTES
        terms = [framework.framework.deadline_by_id[one].name for one in advice.deadlines]
        limits = [framework.framework.stop_by_id[one].text for one in advice.stops]
        assert all(text.in_language(language) in found for text in (*terms, *limits))
        lightest = framework.framework.grades[0].id
        graded = [step for step in advice.steps.values() if step.grade != lightest]
        assert all(_told(reason, language) in found for step in graded for reason in step.reasons)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(min_value=0))
def test_no_channel_card_says_what_must_never_be_there(framework, seed):
    card = json.dumps(to_channel(framework, _play(framework, seed)), ensure_ascii=False)
    assert SECRET not in card
    assert "GEHEIM" not in card
    closed = [step for step in framework.framework.steps if not step.channel]
    assert closed
    assert not any(step.name.nl in card for step in closed)
    sensitive = [question for question in framework.framework.questions if not question.channel]
    assert sensitive
    assert not any(question.text.nl in card for question in sensitive)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_grade_of_a_real_advice_has_its_glyph_and_its_word(framework, language):
    found = shown(render(advice_screen(framework, NEWSPAPER), wording(), language, HANDLE).card)
    used = {step.grade for step in weigh(framework, NEWSPAPER, NOW).steps.values()}
    for grade in used:
        known = framework.framework.grade_by_id[grade]
        assert f"{known.glyph} {known.name.in_language(language)}".casefold() in found.casefold()
