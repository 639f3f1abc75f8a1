"""How a case ends: closed with a term that runs from then, or an exercise that is thrown away."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs import screens
from dialogs.conversation import respond
from dialogs.reading import read_text
from dialogs.screens_card import DiscardScreen
from dialogs.views import Scene, here
from state.compiled import CompiledFramework
from state.terms import running_terms
from tests.casework import NEWSPAPER
from tests.dialogs.stage import LANGUAGES, shown, wording
from tests.dialogs.talk import Talk, answered, copy, recorded


@pytest.fixture
def weighed(framework: CompiledFramework) -> Talk:
    return answered(framework, NEWSPAPER)


def exercise(talk: Talk) -> Scene:
    """Give the scene as it would be if this case were an exercise."""
    assert talk.case is not None
    return replace(talk.scene(), case=replace(talk.case, number="OEFEN-2026-0001"))


def closed_screen(screen: screens.Screen) -> screens.StatusScreen:
    assert isinstance(screen, screens.StatusScreen)
    assert screen.closing is not None
    return screen


def test_the_term_runs_from_closing_whenever_it_is_looked_at(weighed: Talk) -> None:
    weighed.type("afronden")
    first = closed_screen(weighed.screen).closing
    weighed.later(timedelta(days=400))
    later = closed_screen(here(weighed.scene())).closing
    assert first is not None
    assert later is not None
    # What is left of a term is told as of now; all else stays.
    as_of_now = replace(later, now=first.now, terms=first.terms)
    assert as_of_now == first
    assert [(term.id, term.due) for term in later.terms] == [(term.id, term.due) for term in first.terms] != []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_kept_for_good_says_so(framework: CompiledFramework, language: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    talk.type("afronden")
    screen = closed_screen(talk.screen)
    assert screen.closing is not None
    category = replace(screen.closing.category, years=None)
    words = shown(talk.render(replace(screen, closing=replace(screen.closing, category=category, due=None))))
    name = category.name.in_language(language)
    assert wording().say("closing.for_good", language, code=category.code, name=name) in words


@pytest.mark.parametrize("text", ["afronden", "stop", "weggooien"])
def test_an_exercise_ends_by_being_thrown_away_after_asking_once(weighed: Talk, text: str) -> None:
    outcome = respond(read_text(text), exercise(weighed))
    assert isinstance(outcome.screen, DiscardScreen)
    assert (outcome.recorded, outcome.discarded) == ((), "")
    assert wording().say("practice.discard_title", "nl") in shown(weighed.render(outcome.screen))


@pytest.mark.parametrize("text", ["weggooien", "ja gooi weg"])
def test_a_case_is_never_thrown_away(weighed: Talk, text: str) -> None:
    outcome = weighed.type(text)
    assert (recorded(outcome), outcome.discarded) == ([], "")
    assert weighed.notice == wording().say("practice_only", "nl")


@pytest.mark.parametrize(("text", "shown_card"), [("ja gooi weg", ""), ("ja", "discard")])
def test_of_an_exercise_nothing_is_kept(weighed: Talk, text: str, shown_card: str) -> None:
    scene = exercise(weighed)
    outcome = respond(read_text(text, shown_card), scene)
    assert scene.case is not None
    assert (outcome.case, outcome.recorded, outcome.discarded) == (None, (), scene.case.id)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", ["afronden", "stop ja"])
def test_who_closes_is_told_which_terms_go_on_without_reminders(
    framework: CompiledFramework, language: str, word: str
) -> None:
    talk = answered(framework, {**NEWSPAPER, "persoonsgegevens": "ja_hoog"}, language=language)
    done = copy(talk)
    talk.type(word)
    told = wording().say("closing.terms", language)
    assert told in talk.said
    assert "ma 23-11-2026 08:15" in talk.said or "Mon 23 Nov 2026, 08:15" in talk.said
    assert done.case is not None
    while running_terms(done.case, framework, done.now):
        done.type("gedaan 1")
    done.type(word)
    assert told not in done.said
