"""Every card on which something stands that a person wrote: the real functions, with texts put in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.teams.speaking import to_message
from dialogs import keeping, screens
from dialogs.answers import LONGEST_TEXT
from dialogs.render import render, render_keeping
from dialogs.screens_difference import DifferenceScreen
from dialogs.screens_passing import Candidate, HandOverScreen
from dialogs.screens_words import WordsScreen, WordsText
from dialogs.values import Outgoing
from state.advice import Advice
from state.case import Deviation
from state.decide_together import AUDIENCES
from state.difference import difference
from state.keeping import hold, lift
from state.questionnaire import MAX_TEXT
from state.weighing import weigh
from tests.dialogs.keepers import DUE, kept
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

# What the access file takes of a name or a function.
LONGEST_NAME = 200
# Reasons on one advice, people on one list: more texts on a card than most cards have.
_REASONS, _PEOPLE = 3, 4

Texts = Sequence[str]


@dataclass(frozen=True, slots=True)
class Form:
    """A card that shows `takes` texts, of which the conversation lets in `longest` characters."""

    name: str
    takes: int
    longest: int
    make: Callable[[Texts], screens.Screen | keeping.KeeperScreen]

    def message(self, texts: Texts) -> dict[str, Any]:
        """Give the activity that reaches Teams with these texts on its card."""
        screen = self.make([text[: self.longest] for text in texts])
        draw: Any = render_keeping if isinstance(screen, keeping.KeeperScreen) else render
        return to_message(draw(screen, wording(), "nl", HANDLE))


def channel_message(function: str) -> dict[str, Any]:
    """Give the activity that reaches the channel, prepared by someone with this function."""
    return to_message(Outgoing(wording().say("summary", "nl"), card=to_channel(small(), ANSWERS, function=function)))


def _answered(texts: Texts) -> screens.Screen:
    return screens.AnsweredScreen(small().framework, "toelichting", texts[0])


def _overview(texts: Texts) -> screens.Screen:
    # The same text is a remark, too: only that there is one may be seen.
    case = case_of({**ANSWERS, "toelichting": texts[0]}, phase="asking", notes={"toelichting": texts[0]})
    return screens.OverviewScreen(case, small().framework, (("toelichting", "answered"),))


def _question(texts: Texts) -> screens.Screen:
    return question_screen(small(), "toelichting", {**ANSWERS, "toelichting": texts[0]})


def _advice(texts: Texts) -> screens.Screen:
    steps = [step.id for step in small().framework.steps]
    deviations = {step: Deviation("nao", "lvh", text) for step, text in zip(steps, texts, strict=True)}
    return advice_screen(small(), ANSWERS, case=case_of(phase="weighing", deviations=deviations))


def _difference(texts: Texts) -> screens.Screen:
    after = {**ANSWERS, "toelichting": texts[0]}
    found = difference(small(), {**after, "toelichting": "Eerst dit."}, NOW, after, NOW)
    return DifferenceScreen(case_of(after, phase="weighing"), small().framework, found, 1, card_allowed=True)


def _deviate(texts: Texts) -> screens.Screen:
    case, step = case_of(phase="weighing"), small().framework.steps[0].id
    return screens.DeviateScreen(case, small().framework, _weighed(), step, "lvh", texts[0])


def _weighed() -> Advice:
    return weigh(small(), ANSWERS, NOW)


def _words(texts: Texts) -> screens.Screen:
    """Give the words for others, each typed here and kept otherwise elsewhere meanwhile."""
    pairs = zip(AUDIENCES, texts[::2], texts[1::2], strict=True)
    found = tuple(WordsText(name, typed, is_typed=True, newer=newer) for name, typed, newer in pairs)
    return WordsScreen(case_of(phase="weighing"), found, (7, 8, 9))


def _kept_words(texts: Texts) -> screens.Screen:
    found = tuple(WordsText(name, text, is_kept=True) for name, text in zip(AUDIENCES, texts, strict=True))
    return WordsScreen(case_of(phase="weighing"), found, (7, 8, 9))


def _hand_over(texts: Texts) -> screens.Screen:
    pairs = zip(texts[::2], texts[1::2], strict=True)
    people = tuple(Candidate(str(number), name, function) for number, (name, function) in enumerate(pairs))
    return HandOverScreen(case_of(), "no_card", people)


def _offered(texts: Texts) -> screens.Screen:
    return screens.StatusScreen(case_of(), "offered", texts[0])


def _preview(texts: Texts) -> screens.Screen:
    return screens.PreviewScreen(case_of(), to_channel(small(), ANSWERS, function=texts[0]))


def _sentence(texts: Texts) -> screens.Screen:
    return screens.TextScreen("too_long", (("most", texts[0]),))


def _kept(texts: Texts) -> keeping.KeeperScreen:
    """Give a dossier with a hold in force and one that was lifted, each with a keeper's name."""
    held = hold(hold(kept(), "a", DUE, texts[0]), "b", DUE, texts[1])
    names = {"a": texts[3], "b": texts[4]}
    return keeping.KeepingScreen(lift(held, 2, "b", DUE, texts[2]), names, frozenset({"hold", "release"}))


def _destroying(texts: Texts) -> keeping.KeeperScreen:
    return keeping.DestroyScreen(kept(), "confirm", 41, 7, texts[0], DUE)


FORMS = (
    Form("answered", 1, 10**9, _answered),
    Form("overview", 1, 10**9, _overview),
    Form("question", 1, MAX_TEXT, _question),
    Form("advice", _REASONS, 10**9, _advice),
    Form("difference", 1, 10**9, _difference),
    Form("deviate", 1, MAX_TEXT, _deviate),
    Form("words", 2 * len(AUDIENCES), LONGEST_TEXT, _words),
    Form("kept words", len(AUDIENCES), LONGEST_TEXT, _kept_words),
    Form("hand over", 2 * _PEOPLE, LONGEST_NAME, _hand_over),
    Form("offered", 1, LONGEST_NAME, _offered),
    Form("preview", 1, LONGEST_NAME, _preview),
    Form("sentence", 1, LONGEST_NAME, _sentence),
    Form("kept", 5, LONGEST_NAME, _kept),
    Form("destroying", 1, LONGEST_NAME, _destroying),
)
