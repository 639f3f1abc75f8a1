"""Screens to messages: one card for each, in a person's language."""

from collections.abc import Callable
from typing import Any

from dialogs import keeping as kept
from dialogs import screens
from dialogs.cards import (
    advice,
    cases,
    deciding,
    difference,
    involved,
    keeping,
    overview,
    passing,
    posting,
    question,
    terms,
    words,
)
from dialogs.cards.elements import Voice, bold, box, runs
from dialogs.screens_card import DecideScreen, DiscardScreen, DissentScreen, Form, RecuseScreen, WithdrawScreen
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
from dialogs.values import Card, Outgoing
from dialogs.wording import Wording

_CARDS: dict[type[screens.Screen], Callable[[Any, Voice, str | None], Card]] = {
    screens.WelcomeScreen: cases.welcome_card,
    screens.HelpScreen: cases.help_card,
    screens.CasesScreen: cases.cases_card,
    screens.QuestionScreen: question.question_card,
    screens.InvolvedScreen: involved.involved_card,
    screens.WhyScreen: question.why_card,
    screens.OverviewScreen: overview.overview_card,
    screens.AdviceScreen: advice.advice_card,
    DifferenceScreen: difference.difference_card,
    screens.DeviateScreen: posting.deviate_card,
    screens.SubjectScreen: posting.subject_card,
    screens.PreviewScreen: posting.preview_card,
    screens.StatusScreen: posting.status_card,
    HandOverScreen: passing.hand_over_card,
    RelieveScreen: passing.relieve_card,
    OthersCaseScreen: passing.others_case_card,
    WaitingOfferScreen: passing.waiting_offer_card,
    OfferScreen: passing.offer_card,
    screens.ConfirmStopScreen: cases.confirm_stop_card,
    DecideScreen: deciding.decide_card,
    WithdrawScreen: posting.withdraw_card,
    DiscardScreen: cases.discard_card,
    WordsScreen: words.words_card,
    TermScreen: terms.term_card,
    CardTermScreen: terms.term_card,
    TermsScreen: terms.terms_card,
}

_FORMS: dict[type[Form], Callable[[Any, Voice, str | None], Card]] = {
    DecideScreen: deciding.decide_card,
    DissentScreen: deciding.dissent_card,
    RecuseScreen: deciding.recuse_card,
}

_KEEPERS_CARDS: dict[type[kept.KeeperScreen], Callable[[Any, Voice, str | None], Card]] = {
    kept.KeepingsScreen: keeping.keepings_card,
    kept.KeepingScreen: keeping.keeping_card,
    kept.DestroyScreen: keeping.destroy_card,
    kept.CertificateScreen: keeping.certificate_card,
    kept.CertificatesScreen: keeping.certificates_card,
    kept.KeepingHelpScreen: keeping.keeping_help_card,
}


def render(screen: screens.Screen, wording: Wording, language: str, handle: str, notice: str | None = None) -> Outgoing:
    """Give the message that shows a screen, with a notice above it; without a handle it has no buttons."""
    voice = Voice(wording, language, handle)
    neutral = summary(language, wording)
    match screen:
        case screens.TextScreen() if not handle:
            # Said to people who may not talk to the bot, too: words and nothing to press.
            return Outgoing(neutral, text=voice.say(screen.key, **dict(screen.parameters)))
        case screens.TextScreen():
            return Outgoing(neutral, _marked(screen, cases.text_card(screen, voice, notice), voice))
        case screens.AnsweredScreen():
            return Outgoing(neutral, _marked(screen, question.answered_card(screen, voice), voice))
        case _:
            return Outgoing(neutral, _marked(screen, _CARDS[type(screen)](screen, voice, notice), voice))


def _marked(screen: screens.Screen, card: Card, voice: Voice) -> Card:
    """Give the card with a band on top when it is of an exercise: no card of one is without."""
    case = getattr(screen, "case", None)
    if not (getattr(screen, "practice", False) or (case is not None and case.is_practice)):
        return card
    band = box([runs(bold(voice.say("practice.band")))], "warning", bleed=True)
    return {**card, "body": [band, *card["body"]]}


def render_keeping(
    screen: kept.KeeperScreen, wording: Wording, language: str, handle: str, notice: str | None = None
) -> Outgoing:
    """Give the message that shows a dossier keeper's screen, with a notice above it."""
    card = _KEEPERS_CARDS[type(screen)](screen, Voice(wording, language, handle), notice)
    return Outgoing(summary(language, wording), card)


def render_form(form: Form, wording: Wording, language: str, handle: str, notice: str | None = None) -> Outgoing:
    """Give the message that shows a form of the channel card, with a notice above it."""
    card = _FORMS[type(form)](form, Voice(wording, language, handle), notice)
    return Outgoing(summary(language, wording), card)


def summary(language: str, wording: Wording) -> str:
    """Give all that a notification may show: nothing of any case."""
    return wording.say("summary", language)
