"""What is said about terms: reminders, what runs, and that something was done."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from dialogs import screens
from dialogs.conversation import respond
from dialogs.outcome import Outcome
from dialogs.reading import Wish
from dialogs.screens_terms import CardTermScreen, TermScreen, TermsScreen
from dialogs.terms import reminder_screen
from state.case import Posted
from state.compiled import CompiledFramework
from state.events import REVIEW, AnswerValue
from tests.casework import NEWSPAPER
from tests.conftest import ANJA, BRAM
from tests.dialogs.stage import NOW, presses, shown
from tests.dialogs.talk import Talk, answered, recorded

# Two terms run: the 72 hours and the log files.
LEAK: Mapping[str, AnswerValue] = {
    **NEWSPAPER,
    "persoonsgegevens": "ja_risico",
    "bekend_sinds": "2026-11-23T08:00:00+01:00",
    "raad_betrokken": "nee",
}


@pytest.fixture
def talk(framework: CompiledFramework) -> Talk:
    return answered(framework, LEAK)


def on_card(talk: Talk) -> Talk:
    """Let the card stand in the channel."""
    assert talk.case is not None
    talk.case = replace(talk.case, posted=Posted(1, "{}", talk.case.answers, NOW))
    talk.transcript = []
    return talk


def decider(talk: Talk) -> Talk:
    """Give Anja's chat with the same case, which she does not hold."""
    return replace(talk, actor=ANJA, transcript=list(talk.transcript))


# --- the holder ------------------------------------------------------------------------


def test_typed_with_several_terms_a_choice_is_given(talk: Talk) -> None:
    talk.type("gedaan")
    assert isinstance(talk.screen, TermsScreen)
    assert "AVG-melding AP" in talk.said
    assert screens.context_of(talk.screen) == "terms:T_AP72,T_LOG"
    assert all("T_" not in str(data) for data in presses(talk.render(talk.screen)))


@pytest.mark.parametrize("how", ["press", "typed number", "with number"])
def test_a_chosen_term_is_recorded(talk: Talk, how: str) -> None:
    talk.type("gedaan")
    if how == "press":
        outcome = talk.press("met", "2")
    elif how == "typed number":
        outcome = talk.forge("met", "2", "", screens.context_of(talk.screen))
    else:
        outcome = talk.type("gedaan 2")
    assert recorded(outcome) == ["term.met"]
    assert talk.case is not None
    assert talk.case.met == {"T_LOG"}
    assert talk.notice == "Vastgelegd: dit is gedaan. De herinneringen hierover stoppen."


def test_with_one_term_it_is_recorded_at_once(talk: Talk) -> None:
    talk.type("gedaan 2")
    assert recorded(talk.type("done")) == ["term.met"]
    assert talk.case is not None
    assert talk.case.met == {"T_AP72", "T_LOG"}
    talk.type("gedaan")
    assert talk.notice == "In deze zaak loopt nu geen termijn. Er is niets veranderd."


def test_who_has_more_cases_sees_first_which_one_it_is_about(talk: Talk) -> None:
    talk.type("gedaan 2")
    line = screens.CaseLine("a", "IL-2026-0042", NOW, "weighing")
    talk.lines = (line, replace(line, id="b", number="IL-2026-7310"))
    assert recorded(talk.type("gedaan")) == []
    assert "Termijnen in zaak IL-2026-0042" in talk.said


@pytest.mark.parametrize("number", ["gedaan 0", "gedaan 3", "gedaan 99"])
def test_a_number_that_is_not_on_the_list_is_said(talk: Talk, number: str) -> None:
    assert recorded(talk.type(number)) == []
    assert talk.notice == "Dat nummer staat niet op de lijst. Kies hieronder een termijn."


def test_what_is_no_number_is_said(talk: Talk) -> None:
    talk.forge("met", "x", "", "terms:T_AP72")
    assert isinstance(talk.screen, TermsScreen)


def test_without_a_case_nothing_can_be_done(framework: CompiledFramework) -> None:
    assert Talk(framework).type("gedaan").notice == ("no_case", {})


def test_the_advice_shows_what_was_recorded(talk: Talk) -> None:
    assert "uiterlijk do 26-11-2026 08:00" in talk.said
    talk.type("gedaan 1")
    assert "uiterlijk do 26-11-2026 08:00" not in talk.said
    assert "al gedaan" in talk.said


def test_a_reminder_is_answered_in_its_place(talk: Talk) -> None:
    outcome = talk.forge("met", None, "", "term:T_AP72")
    assert recorded(outcome) == ["term.met"]
    assert isinstance(outcome.answered, TermScreen)
    assert "AVG-melding AP: " in shown(talk.render(outcome.answered))
    assert presses(talk.render(outcome.answered)) == []


def test_pressed_again_it_says_that_it_was_recorded(talk: Talk) -> None:
    talk.forge("met", None, "", "term:T_AP72")
    outcome = talk.forge("met", None, "", "term:T_AP72")
    assert recorded(outcome) == []
    assert talk.notice is not None
    assert talk.notice.startswith("Dit was al vastgelegd.")
    assert isinstance(outcome.answered, TermScreen)


def test_a_reminder_of_what_no_longer_runs_says_so(talk: Talk) -> None:
    assert recorded(talk.forge("met", None, "", "term:T_PERS")) == []
    assert talk.notice is not None
    assert talk.notice.startswith("Die termijn loopt in deze zaak niet")


def test_while_the_card_is_in_the_channel_the_status_shows_what_runs(talk: Talk) -> None:
    talk.type("onderwerp 1")
    talk.press("post")
    talk.confirm_posted()
    talk.type("verder")
    assert isinstance(talk.screen, screens.StatusScreen)
    for said in ("AVG-melding AP", "Logbestanden", "Herbeoordeling"):
        assert said in talk.said
    assert len(presses(talk.render(talk.screen))) <= 6
    talk.press("met")
    talk.press("met", "1")
    assert "✓ AVG-melding AP: " in talk.said


# --- a decider who does not hold the case ----------------------------------------------


def test_a_decider_records_what_stands_on_the_card(talk: Talk) -> None:
    anja = decider(on_card(talk))
    outcome = _met(anja, "T_AP72")
    assert outcome.case is None
    assert isinstance(outcome.screen, screens.TextScreen)
    assert outcome.screen.key == "term_recorded"
    assert [type(one.event).__name__ for one in outcome.recorded] == ["TermMet"]
    assert outcome.recorded[0].actor == ANJA
    assert isinstance(outcome.answered, CardTermScreen)


def test_a_decider_records_nothing_that_is_not_on_the_card(talk: Talk) -> None:
    outcome = _met(decider(on_card(talk)), "T_LOG")
    assert outcome.recorded == ()
    assert isinstance(outcome.screen, screens.TextScreen)
    assert (outcome.screen.key, outcome.answered) == ("no_such_term", None)


def test_a_decider_reads_that_it_was_recorded_before(talk: Talk) -> None:
    on_card(talk)
    assert talk.case is not None
    talk.case = replace(talk.case, met=frozenset({"T_AP72"}))
    outcome = _met(decider(talk), "T_AP72")
    assert isinstance(outcome.screen, screens.TextScreen)
    assert outcome.screen.key == "term_known"
    assert isinstance(outcome.answered, CardTermScreen)


def test_of_a_closed_case_nothing_is_recorded(talk: Talk) -> None:
    on_card(talk)
    assert talk.case is not None
    talk.case = replace(talk.case, phase="finished")
    outcome = _met(decider(talk), "T_AP72")
    assert isinstance(outcome.screen, screens.TextScreen)
    assert outcome.screen.key == "case_closed"


@pytest.mark.parametrize("who", ["no decider", "involved"])
def test_who_may_not_say_so_gets_the_answer_to_a_past_card(talk: Talk, who: str) -> None:
    on_card(talk)
    assert talk.case is not None
    if who == "involved":
        talk.case = replace(talk.case, involved=frozenset({ANJA.id}))
    actor = ANJA if who == "involved" else replace(BRAM, id="someone", role="assessor")
    outcome = _met(replace(talk, actor=actor), "T_AP72")
    assert outcome.recorded == ()
    assert isinstance(outcome.screen, screens.TextScreen)
    assert outcome.screen.key == "stale_card"


def _met(talk: Talk, term: str) -> Outcome:
    """Give what follows from pressing a reminder; the case of these tests has no transcript to rebuild it from."""
    return respond(Wish("met", context=f"term:{term}"), talk.scene())


# --- reminders -------------------------------------------------------------------------


def test_a_reminder_shows_nothing_to_who_may_not_see_it(talk: Talk) -> None:
    assert isinstance(reminder_screen(talk.scene(), "T_AP72"), TermScreen)
    assert isinstance(reminder_screen(decider(talk).scene(), "T_AP72"), CardTermScreen)
    stranger = replace(talk, actor=replace(BRAM, id="someone"))
    assert isinstance(reminder_screen(stranger.scene(), "T_AP72"), screens.WelcomeScreen)
    assert isinstance(reminder_screen(talk.scene(), "T_PERS"), screens.WelcomeScreen)
    assert isinstance(reminder_screen(replace(talk.scene(), case=None), "T_AP72"), screens.WelcomeScreen)


def test_without_a_case_a_reminder_is_past(talk: Talk) -> None:
    talk.case = None
    assert _met(talk, REVIEW).screen == screens.TextScreen("stale_card")
