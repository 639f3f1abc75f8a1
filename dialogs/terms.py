"""Responses about the terms of a case: what runs, a reminder of it, and that it was done."""

from dataclasses import replace

from dialogs import screens
from dialogs.answers import Misread
from dialogs.outcome import Outcome, again, permitted_case, run
from dialogs.reading import Wish
from dialogs.screens_terms import CardTermScreen, TermScreen
from dialogs.views import Scene, terms_screen
from state import commands as do
from state.errors import CommandRefused, StaleCard
from state.permissions import Action
from state.terms import running_terms


def reminder_screen(scene: Scene, term: str) -> screens.Screen:
    """Give the reminder of a term, the welcome where there is nothing to remind this person of."""
    reminder = _reminder(scene, term)
    if reminder is None or reminder.running is None:
        return screens.WelcomeScreen(scene.setting.actor.name, scene.lines)
    return reminder


def met(wish: Wish, scene: Scene) -> Outcome:
    """Take it that what a term is about was done; the one of the pressed reminder, else the one that runs."""
    if wish.kind == "term":
        return _recorded(wish.context.partition(":")[2], scene)
    case = permitted_case(scene, Action.MEET_TERM)
    shown = terms_screen(scene)
    if not shown.terms:
        raise Misread("no_term_runs")
    ids = wish.listed if wish.kind == "terms" else tuple(term.id for term in shown.terms)
    if wish.argument:
        position = int(wish.argument[:3]) if wish.argument.isdecimal() else 0
        if not 1 <= position <= len(ids):
            return Outcome(case, shown, notice=("choose_term", {}))
        return _recorded(ids[position - 1], scene)
    # Who has more cases may mean another one than the open one: the list says which this is.
    if len(ids) == 1 and len(scene.lines) <= 1:
        return _recorded(ids[0], scene)
    return Outcome(case, shown)


def _recorded(term: str, scene: Scene) -> Outcome:
    """Record it, for the holder or for a decider who was reminded; said before, nothing is recorded."""
    case, reminder = scene.case, _reminder(scene, term)
    if case is None or reminder is None:
        raise StaleCard
    answered = replace(reminder, running=None)
    if isinstance(reminder, TermScreen):
        if term in case.met:
            return replace(again(scene, "term_known"), answered=answered)
        return replace(run(scene, do.MeetTerm(term)), answered=answered, notice=("term_recorded", {}))
    try:
        outcome = run(scene, do.MeetTerm(term, of_others=True))
    except CommandRefused as refusal:
        is_known = term in case.met
        said = screens.TextScreen("term_known" if is_known else refusal.code)
        return Outcome(None, said, answered=answered if is_known else None)
    # The case is not theirs, and does not become the open one of their chat.
    return Outcome(None, screens.TextScreen("term_recorded"), outcome.recorded, outcome.after, answered)


def _reminder(scene: Scene, term: str) -> TermScreen | CardTermScreen | None:
    """Give the reminder of a term as this person may see it; None for who may see none."""
    case, setting = scene.case, scene.setting
    if case is None:
        return None
    running = next((one for one in running_terms(case, setting.framework, setting.now) if one.id == term), None)
    shown = (case.number, setting.framework.framework, term, setting.now, running)
    if scene.may(Action.MEET_TERM):
        return TermScreen(*shown)
    if scene.may(Action.MEET_TERM_FOR):
        return CardTermScreen(*shown, may_relieve=scene.may(Action.RELIEVE))
    return None
