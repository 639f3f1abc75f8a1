"""Who said to be involved: what stays, what is closed, and that each refusal says the way on."""

from dataclasses import replace

import pytest

from dialogs import conversation, screens, seeing
from dialogs.conversation import respond
from dialogs.outcome import Outcome
from dialogs.reading import Wish
from dialogs.screens_passing import HandOverScreen, OfferScreen
from state.compiled import CompiledFramework
from state.permissions import OUTSIDE
from tests.conftest import ANJA, DIRK
from tests.dialogs.stage import LANGUAGES, wording
from tests.dialogs.talk import INVOLVED, Talk, answered, recorded

CLOSED = {
    "nl": ("1", "advies", "terug", "wijzig 3", "afwijken", "onderwerp", "voorbeeld", "plaats", "stop", "stop ja", "zo"),
    "en": ("1", "advice", "back", "change 3", "deviate", "subject", "preview", "post", "stop", "stop yes", "anything"),
}  # fmt: skip


@pytest.fixture
def involved(framework: CompiledFramework) -> Talk:
    return answered(framework, INVOLVED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_closed_says_to_hand_over(framework: CompiledFramework, language: str) -> None:
    talk = answered(framework, INVOLVED, language=language)
    for text in CLOSED[language]:
        outcome = talk.type(text)
        assert recorded(outcome) == [], text
        assert talk.notice == wording().say("conflict_of_interest", language, number="1"), text
        assert outcome.refused == "conflict_of_interest"


@pytest.mark.parametrize("text", ["1", "advies", "wijzig 3", "stop"])
def test_while_it_is_offered_the_sentence_is_another(involved: Talk, text: str) -> None:
    involved.type("overdragen 1")
    assert recorded(involved.type(text)) == []
    assert involved.notice == wording().say("conflict_of_interest_offered", "nl")


@pytest.mark.parametrize("text", ["wijzig", "wijzig 1", "wijzig dit antwoord"])
def test_that_one_answer_can_be_corrected(involved: Talk, text: str) -> None:
    assert recorded(involved.type(text)) == ["question.asked"]
    assert isinstance(involved.screen, screens.QuestionScreen)
    assert recorded(involved.type("1")) == ["answer.given", "question.asked"]
    assert involved.case is not None
    assert involved.case.open_question == "bekend_sinds"


def test_the_button_corrects_it_and_keeping_it_is_said_again(involved: Talk) -> None:
    assert recorded(involved.press("change")) == ["question.asked"]
    assert recorded(involved.press("skip")) == ["answer.given"]
    assert isinstance(involved.screen, screens.InvolvedScreen)


def test_why_and_overview_and_pause_stay(involved: Talk) -> None:
    assert isinstance(involved.type("waarom").screen, screens.WhyScreen)
    assert isinstance(involved.type("overzicht").screen, screens.OverviewScreen)
    assert recorded(involved.type("pauze")) == ["case.paused"]
    assert recorded(involved.type("verder")) == ["case.resumed"]
    assert recorded(involved.type("afronden")) == []
    assert isinstance(involved.screen, HandOverScreen)


def test_a_pressed_overview_without_a_choice_leads_to_the_correction(involved: Talk) -> None:
    involved.type("overzicht")
    assert recorded(involved.press("change")) == ["question.asked"]


def test_the_next_who_is_involved_too_sees_nothing_of_the_one_before(involved: Talk) -> None:
    involved.type("overdragen 1")
    involved.actor = ANJA
    involved.type("overnemen")
    involved.type("2")
    overview = involved.type("overzicht").screen
    assert isinstance(overview, screens.OverviewScreen)
    assert overview.case.answers == {"eigen_betrokkenheid": "ja_ikzelf"}


# --- the check of what is shown --------------------------------------------------------


def test_every_screen_has_its_permission() -> None:
    kinds = {kind for name, kind in vars(screens).items() if name.endswith("Screen") and name != "Screen"}
    assert set(seeing.SHOWS) == kinds


def test_what_is_shown_of_a_case_has_a_word_for_the_register(involved: Talk) -> None:
    assert involved.case is not None
    assert seeing.read_of(screens.ConfirmStopScreen(involved.case)) == "read"
    assert seeing.read_of(OfferScreen("IL-2026-0001", "involved")) == "offer"
    assert seeing.read_of(screens.CasesScreen(())) is None
    assert replace(involved.scene(), case=None).place == OUTSIDE


def test_a_screen_that_is_not_permitted_is_not_shown(involved: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a response would show by mistake, the same table decides."""
    case = involved.case
    assert case is not None
    status = screens.StatusScreen(case, "posted")
    monkeypatch.setitem(conversation._RESPONSES, "advice", lambda wish, scene: Outcome(scene.case, status))
    stranger = replace(involved.scene(), setting=involved.scene().setting._replace(actor=DIRK))
    assert isinstance(respond(Wish("advice"), stranger).screen, screens.WelcomeScreen)
    assert respond(Wish("advice", context="advice"), stranger).screen == screens.TextScreen("stale_card")
