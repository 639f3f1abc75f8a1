"""Every question with its state and answer, and a way to change one."""

from collections.abc import Iterator

from dialogs.cards.elements import (
    Element,
    Voice,
    adaptive_card,
    bold,
    buttons,
    choices,
    heading,
    hidden,
    line,
    literal,
    press,
    run,
    runs,
    title,
    unfold,
)
from dialogs.cards.question import notice_lines
from dialogs.screens import OverviewScreen
from dialogs.values import Card
from dialogs.views import answer_words
from state.framework import Question
from state.lifecycle import is_allowed

_GLYPHS = {"answered": "✓", "unknown": "?", "not_asked": "○", "skipped": "–"}
_LONGEST_SHOWN = 160


def overview_card(screen: OverviewScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the overview, by phase; what does not apply is folded away."""
    states = {question: _state(screen, question, state) for question, state in screen.states}
    body = [
        *notice_lines(notice),
        title(voice.say("overview.title", number=screen.case.number)),
        line(_counted(states, voice), spacing="Small"),
        *_phases(screen, states, voice),
        *_not_applicable(screen, states, voice),
        *_change(screen, states, voice),
    ]
    actions = [press(voice, voice.say("button.resume"), "resume")]
    ways = (("pause", "case.paused"),) if screen.involved else (("pause", "case.paused"), ("stop", "case.stopped"))
    for name, trigger in ways:
        if is_allowed(screen.case.phase, trigger):
            actions.append(press(voice, voice.say(f"button.{name}"), name))
    return adaptive_card(voice, body, actions, wide=True)


def _state(screen: OverviewScreen, question: str, state: str) -> str:
    return "skipped" if state == "not_asked" and question in screen.case.skipped else str(state)


def _counted(states: dict[str, str], voice: Voice) -> str:
    counts = {name: sum(state == name for state in states.values()) for name in (*_GLYPHS, "not_applicable")}
    return voice.say("overview.counts", **{name: str(count) for name, count in counts.items()})


def _phases(screen: OverviewScreen, states: dict[str, str], voice: Voice) -> Iterator[Element]:
    for phase in screen.framework.phases:
        asked = [
            question
            for question in screen.framework.questions
            if question.phase == phase.id and states.get(question.id, "not_applicable") != "not_applicable"
        ]
        if asked:
            yield heading(voice.of(phase.name), spacing="Medium")
        for question in asked:
            yield from _question(screen, question, states[question.id], voice)


def _question(screen: OverviewScreen, question: Question, state: str, voice: Voice) -> Iterator[Element]:
    number = screen.framework.number_of[question.id]
    yield runs(run(f"{number}  {voice.of(question.text)}"), spacing="Small")
    words = voice.say(f"state.{state}")
    given = screen.case.answers.get(question.id)
    if given is not None and state != "unknown":
        words = answer_words(question, given, voice.language, voice.wording)
        words = words if len(words) <= _LONGEST_SHOWN else words[:_LONGEST_SHOWN].rstrip() + "…"
    pieces = [bold(f"{_GLYPHS[state]} {literal(words, voice)}")]
    if screen.case.notes.get(question.id):
        pieces.append(run(" " + voice.say("overview.with_note"), isSubtle=True))
    if question.id == screen.case.open_question:
        pieces.append(run(" " + voice.say("overview.open"), isSubtle=True))
    yield runs(*pieces, spacing="None")


def _not_applicable(screen: OverviewScreen, states: dict[str, str], voice: Voice) -> Iterator[Element]:
    questions = [one for one in screen.framework.questions if states.get(one.id) == "not_applicable"]
    if not questions:
        return
    yield buttons(
        unfold(voice.say("overview.not_applicable", count=str(len(questions))), "not-applicable"), spacing="Medium"
    )
    numbered = [f"{screen.framework.number_of[one.id]}  {voice.of(one.text)}" for one in questions]
    yield hidden("not-applicable", [runs(run(text), spacing="Small") for text in numbered])


def _change(screen: OverviewScreen, states: dict[str, str], voice: Voice) -> Iterator[Element]:
    changeable = [
        question
        for question in screen.framework.questions
        if states.get(question.id) in ("answered", "unknown", "skipped")
        and (not screen.involved or question.id == screen.framework.conflict_of_interest.question)
    ]
    if not changeable or not is_allowed(screen.case.phase, "question.asked"):
        return
    pairs = [
        (question.id, f"{screen.framework.number_of[question.id]} · {voice.of(question.text)}")
        for question in changeable
    ]
    yield heading(voice.say("overview.change"))
    yield choices(voice.say("overview.which"), pairs, style="compact", placeholder=voice.say("overview.choose"))
    yield buttons(press(voice, voice.say("button.change"), "change", inputs=True))
