"""The card for an assessor who is involved: protect, hand over, or correct that one answer."""

from collections.abc import Iterator

from dialogs.cards.elements import (
    Element,
    Voice,
    adaptive_card,
    bold,
    box,
    buttons,
    heading,
    line,
    press,
    run,
    runs,
)
from dialogs.cards.question import notice_lines
from dialogs.screens import InvolvedScreen
from dialogs.values import Card

# The limit that holds for an assessor who is involved (rules.md, group ST).
_INVOLVED = "STOP1"


def involved_card(screen: InvolvedScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give what someone who is involved does now: nothing but protect and hand over."""
    stop = screen.framework.stop_by_id.get(_INVOLVED)
    text = voice.of(stop.text) if stop else voice.say("involved.text")
    attention = [
        heading(voice.say("involved.title"), spacing="None"),
        line(text),
        line(voice.say("involved.kept")),
        *_steps(screen, voice),
        buttons({**press(voice, voice.say("button.hand_over"), "finish"), "style": "positive"}),
    ]
    body = [*notice_lines(notice), box(attention, "attention", bleed=True), line(voice.say("involved.mistake"))]
    actions = [
        press(voice, voice.say("button.correct"), "change"),
        press(voice, voice.say("button.overview"), "overview"),
        press(voice, voice.say("button.pause"), "pause"),
    ]
    return adaptive_card(voice, body, actions)


def _steps(screen: InvolvedScreen, voice: Voice) -> Iterator[Element]:
    """Give the steps that protect: first those that their own input indicates, with what they are."""
    steps = screen.framework.step_by_id
    if screen.urgent:
        yield runs(bold(voice.say("involved.urgent")))
    for step in screen.urgent:
        name, description = voice.of(steps[step].name), voice.of(steps[step].description)
        yield runs(bold(f"▲ {name}"), run(f"\n{description}"), spacing="Small")
    if screen.others:
        yield runs(bold(voice.say("involved.others")))
    for step in screen.others:
        yield runs(run(f"– {voice.of(steps[step].name)}"), spacing="None")
