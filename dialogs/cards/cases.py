"""Cards around a case: welcome, help, the list of cases, breaking off, and single sentences."""

from collections.abc import Iterator, Sequence

from dialogs.cards.elements import (
    Element,
    Voice,
    adaptive_card,
    bold,
    choice_row,
    header,
    heading,
    line,
    literal,
    press,
    run,
    runs,
    title,
)
from dialogs.cards.question import notice_lines
from dialogs.dates import show_date
from dialogs.screens import (
    CaseLine,
    CasesScreen,
    ConfirmStopScreen,
    HelpScreen,
    TextScreen,
    WelcomeScreen,
)
from dialogs.screens_card import DiscardScreen
from dialogs.values import Card
from state.advice import AMSTERDAM
from state.case import is_practice

_HELP = (
    "new",
    "practice",
    "resume",
    "answer",
    "remark",
    "unknown",
    "why",
    "back",
    "overview",
    "change",
    "again",
    "pause",
    "stop",
    "discard",
    "advice",
    "deviate",
    "subject",
    "post",
    "met",
    "words",
    "finish",
    "hand_over",
    "relieve",
    "reopen",
    "cases",
    "language",
)
_HELP_WITHOUT_CASE = frozenset({"new", "practice", "relieve", "reopen", "resume", "cases", "language"})
_HELP_OF_DECIDERS = frozenset({"relieve"})


def welcome_card(screen: WelcomeScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give what the bot is for and how to begin."""
    body = [
        *notice_lines(notice),
        header(voice.say("welcome.title"), voice.say("disclaimer")),
        line(voice.say("welcome.text")),
        line(voice.say("welcome.warning"), spacing="Small"),
    ]
    if screen.cases:
        body += [heading(voice.say("cases.title")), *_rows(screen.cases, voice)]
    other = "nl" if voice.language == "en" else "en"
    actions = [
        {**press(voice, voice.say("button.new"), "new"), "style": "positive"},
        press(voice, voice.say("button.practice"), "practice"),
        press(voice, voice.say("button.help"), "help"),
        press(voice, voice.say("button.other_language"), "language", other),
    ]
    return adaptive_card(voice, body, actions)


def cases_card(screen: CasesScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the person's open cases, to choose one."""
    body = [*notice_lines(notice), title(voice.say("cases.title"))]
    body += _rows(screen.cases, voice) if screen.cases else [line(voice.say("cases.none"))]
    others = [_others_case(voice)] if screen.is_decider else []
    return adaptive_card(voice, body, [press(voice, voice.say("button.new"), "new"), *others])


def _rows(cases: Sequence[CaseLine], voice: Voice) -> Iterator[Element]:
    for position, case in enumerate(cases, 1):
        state = voice.say("phase.offered_to_you" if case.offered else f"phase.{case.phase}")
        if is_practice(case.number):
            # Among cases that count no band can say so of one.
            state = ", ".join((voice.say("practice.line"), state))
        since = voice.say("cases.since", day=show_date(case.opened_at.astimezone(AMSTERDAM).date(), voice.language))
        # Who was offered a case knows its number alone until accepting.
        words = f" – {state}." if case.offered else f" – {state}. {since}"
        # The position and not the number: a card's data says nothing of a case.
        action = press(voice, voice.say("cases.open", number=case.number), "choose_case", str(position))
        yield choice_row(position, [bold(case.number), run(words)], action)


def help_card(screen: HelpScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give what can be typed; everything can also be pressed."""
    body = [*notice_lines(notice), title(voice.say("help.title")), line(voice.say("help.text"), spacing="Small")]
    for name in _HELP:
        if (screen.has_case or name in _HELP_WITHOUT_CASE) and (screen.is_decider or name not in _HELP_OF_DECIDERS):
            word, meaning = voice.say(f"help.{name}.word"), voice.say(f"help.{name}.meaning")
            body.append(runs(bold(word), run(f" – {meaning}"), spacing="Small"))
    first = press(voice, voice.say("button.where"), "resume")
    actions = [first] if screen.has_case else []
    other = "nl" if voice.language == "en" else "en"
    actions += [
        press(voice, voice.say("button.new"), "new"),
        *([_others_case(voice)] if screen.is_decider else []),
        press(voice, voice.say("button.other_language"), "language", other),
    ]
    return adaptive_card(voice, body, actions)


def _others_case(voice: Voice) -> Element:
    return press(voice, voice.say("button.others_case"), "relieve")


def confirm_stop_card(screen: ConfirmStopScreen, voice: Voice, notice: str | None = None) -> Card:
    """Ask whether the weighing is really to be broken off."""
    body = [
        *notice_lines(notice),
        title(voice.say("confirm_stop.title", number=screen.case.number)),
        line(voice.say("confirm_stop.text"), spacing="Small"),
    ]
    actions = [
        press(voice, voice.say("button.go_on"), "resume"),
        press(voice, voice.say("button.pause"), "pause"),
        {**press(voice, voice.say("button.stop_yes"), "stop", "ja"), "style": "destructive"},
    ]
    return adaptive_card(voice, body, actions)


def discard_card(screen: DiscardScreen, voice: Voice, notice: str | None = None) -> Card:
    """Ask whether an exercise is really to be thrown away."""
    body = [
        *notice_lines(notice),
        title(voice.say("practice.discard_title")),
        line(voice.say("practice.discard_text"), spacing="Small"),
    ]
    actions = [
        {**press(voice, voice.say("button.discard_yes"), "discard", "ja"), "style": "destructive"},
        press(voice, voice.say("button.go_on"), "resume"),
    ]
    return adaptive_card(voice, body, actions)


def text_card(screen: TextScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give a sentence, and the way on."""
    sentence = voice.say(screen.key, **dict(screen.parameters))
    body = [*notice_lines(notice), runs(run(literal(sentence, voice)))]
    actions = [
        press(voice, voice.say("button.where"), "resume"),
        press(voice, voice.say("button.help"), "help"),
    ]
    return adaptive_card(voice, body, actions)
