"""Which permission each screen needs; a screen that shows anything of a case is checked before it is said."""

from collections.abc import Mapping
from types import MappingProxyType

from dialogs import screens
from dialogs.screens import Screen
from dialogs.screens_card import DecideScreen, DiscardScreen, WithdrawScreen
from dialogs.screens_difference import DifferenceScreen
from dialogs.screens_passing import (
    HandOverScreen,
    OfferScreen,
    OthersCaseScreen,
    RelieveScreen,
    WaitingOfferScreen,
)
from dialogs.screens_terms import CardTermScreen, TermScreen, TermsScreen
from dialogs.screens_words import WordsScreen
from dialogs.views import Scene
from state.permissions import Action

# None: nothing of any case, or no more than the person's own list of numbers.
SHOWS: Mapping[type[Screen], Action | None] = MappingProxyType({
    screens.WelcomeScreen: None,
    screens.HelpScreen: None,
    screens.CasesScreen: None,
    screens.TextScreen: None,
    OthersCaseScreen: None,
    OfferScreen: Action.SEE_OFFER,
    screens.QuestionScreen: Action.SEE_INPUT,
    screens.InvolvedScreen: Action.SEE_INPUT,
    screens.AnsweredScreen: Action.SEE_INPUT,
    screens.WhyScreen: Action.SEE_INPUT,
    screens.OverviewScreen: Action.SEE_INPUT,
    screens.StatusScreen: Action.SEE_INPUT,
    screens.AdviceScreen: Action.SEE_ADVICE,
    DifferenceScreen: Action.SEE_ADVICE,
    screens.DeviateScreen: Action.DEVIATE,
    screens.SubjectScreen: Action.SUBJECT,
    screens.PreviewScreen: Action.PREVIEW,
    DecideScreen: Action.DECIDE_ALL,
    WithdrawScreen: Action.WITHDRAW_CARD,
    DiscardScreen: Action.DISCARD,
    WordsScreen: Action.WORDS,
    TermScreen: Action.MEET_TERM,
    TermsScreen: Action.MEET_TERM,
    CardTermScreen: Action.MEET_TERM_FOR,
    HandOverScreen: Action.OFFER,
    RelieveScreen: Action.RELIEVE,
    WaitingOfferScreen: Action.END_OFFER_FOR,
    screens.ConfirmStopScreen: Action.STOP,
})


# What shows no content: that the case is there, and that it is offered.
_LESS: Mapping[Action, str] = MappingProxyType({
    Action.SEE_OFFER: "offer",
    Action.END_OFFER_FOR: "offer",
    Action.RELIEVE: "relieve",
})


def is_visible(screen: Screen, scene: Scene) -> bool:
    """Tell whether this person may see this screen of the scene's case."""
    action = SHOWS[type(screen)]
    return action is None or scene.may(action)


def read_of(screen: Screen) -> str | None:
    """Give the register's word for showing this screen: read, or what shows less; None when it shows no case."""
    action = SHOWS[type(screen)]
    return None if action is None else _LESS.get(action, "read")
