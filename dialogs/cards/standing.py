"""The card as it stands in the channel: what was confirmed, what was decided since, and what can be pressed.

Reasons, dissent and who said to be involved never get here: what people wrote stands in the dossier alone.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from dialogs.cards.elements import (
    Element,
    Voice,
    bold,
    box,
    button_rows,
    heading,
    line,
    literal,
    press_in_place,
    run,
    runs,
)
from dialogs.dates import show_date, show_moment, show_short
from dialogs.wording import Wording
from state.case import Case, Decision
from state.framework import Framework, Step

_GLYPHS: Mapping[str, str] = {"yes": "✓", "no": "✕", "later": "◷"}


def standing_card(
    base: Mapping[str, Any],
    case: Case,
    framework: Framework,
    wording: Wording,
    *,
    handle: str = "",
    notice: str = "",
    closed: tuple[datetime, str] | None = None,
) -> Element:
    """Give the card in its own language; `closed` is when its case was closed and the last print."""
    voice = Voice(wording, str(base.get("lang", "nl")), handle)
    head, *rest = base["body"]
    body = [
        *([box([runs(bold(notice))], "accent")] if notice else []),
        head,
        *_decided(case, framework, voice),
        *rest,
        *(_closed(*closed, voice) if closed else _buttons(case, voice)),
    ]
    return {**base, "body": body}


def decided_words(decided: str, voice: Voice) -> str:
    """Give a decision as its glyph and its word, never as a colour."""
    return f"{_GLYPHS[decided]} " + voice.say(f"decided.{decided}")


def _decided(case: Case, framework: Framework, voice: Voice) -> Iterator[Element]:
    """Give what was decided on the steps that may be in the channel, and the day of the next look."""
    shown = [(step, case.decisions[step.id]) for step in framework.steps if step.channel and step.id in case.decisions]
    if shown or case.review:
        yield heading(voice.say("decided.title"))
    for step, decision in shown:
        yield _line(step, decision, case, voice)
    if case.review:
        yield line(voice.say("decided.review", day=show_date(case.review, voice.language)), spacing="Small")


def _line(step: Step, decision: Decision, case: Case, voice: Voice) -> Element:
    word = decided_words(decision.decided, voice)
    who = literal(decision.by.function, voice) or voice.say("channel.a_member")
    key = "decided.vouched" if decision.vouched else "decided.by"
    told = voice.say(key, who=who, moment=show_short(decision.at, voice.language))
    if decision.deviates:
        told += " " + voice.say("decided.deviates")
    if case.posted is not None and 0 < decision.version < case.posted.version:
        told += " " + voice.say("decided.earlier", version=str(decision.version))
    return runs(bold(f"{word} · {voice.of(step.name)} "), run(told, size="Small"), spacing="Small")


def _buttons(case: Case, voice: Voice) -> Iterator[Element]:
    if not voice.handle:
        return
    actions = [
        {**press_in_place(voice, voice.say("card_button.decide"), "decide"), "style": "positive"},
        press_in_place(voice, voice.say("card_button.dissent"), "dissent"),
        press_in_place(voice, voice.say("card_button.involved"), "involved"),
    ]
    # On a phone the three do not fit beside each other, and two of them begin with the same words.
    yield from button_rows(actions)


def _closed(at: datetime, print_: str, voice: Voice) -> Iterator[Element]:
    words = voice.say("channel.closed", moment=show_moment(at, voice.language), print=print_)
    yield line(words, weight="Bolder", separator=True)
