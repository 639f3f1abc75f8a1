"""Responses about the course of a case: who has it, pausing, going on, ending."""

from dataclasses import replace

from dialogs import screens
from dialogs.answers import Misread
from dialogs.outcome import Outcome, case_of, permitted_case, run
from dialogs.passing import end_offer, hand_over, is_decider
from dialogs.reading import Wish
from dialogs.screens_card import DiscardScreen
from dialogs.views import Scene, here
from state import commands as do
from state import lifecycle
from state.errors import CommandRefused
from state.involvement import why_hand_over
from state.permissions import Action


def hello(wish: Wish, scene: Scene) -> Outcome:
    """Welcome."""
    return Outcome(scene.case, screens.WelcomeScreen(scene.setting.actor.name, scene.lines))


def cases(wish: Wish, scene: Scene) -> Outcome:
    """Show the person's open cases."""
    return Outcome(scene.case, screens.CasesScreen(scene.lines, is_decider(scene)))


def finish(wish: Wish, scene: Scene) -> Outcome:
    """Conclude the weighing, or ask for someone who may; an exercise ends by being thrown away."""
    case = permitted_case(scene, Action.OFFER)
    if case.is_practice:
        return discard(Wish("discard"), scene)
    if wish.kind == "hand_over" or wish.argument == "hand_over":
        return hand_over(wish, scene)
    if case.phase == lifecycle.ASKING and why_hand_over(case, scene.setting):
        return hand_over(Wish("hand_over"), scene)
    try:
        return run(scene, do.FinishCase())
    except CommandRefused as refusal:
        if refusal.code not in ("hand_over_needed", "conflict_of_interest"):
            raise
        return hand_over(Wish("hand_over"), scene)


def accept(wish: Wish, scene: Scene) -> Outcome:
    """Take a case that was offered."""
    return run(scene, do.AcceptCase())


def resume(wish: Wish, scene: Scene) -> Outcome:
    """Show where the case stands, in whatever state it is."""
    if wish.context == "offer":
        return accept(wish, scene)
    if scene.case is None:
        if not scene.lines:
            return hello(wish, scene)
        return replace(cases(wish, scene), notice=("no_such_open_case", {}) if wish.argument else None)
    if scene.case.is_closed or not scene.may(Action.SEE_INPUT):
        return Outcome(scene.case, here(scene))
    return run(scene, do.ShowAgain())


def pause(wish: Wish, scene: Scene) -> Outcome:
    """Put the case aside."""
    outcome = run(scene, do.PauseCase())
    return replace(outcome, screen=screens.StatusScreen(case_of(outcome), "paused"))


def stop(wish: Wish, scene: Scene) -> Outcome:
    """Break the case off, after asking once."""
    if wish.context == "offer":
        return end_offer(wish, scene)
    if scene.case is not None and scene.case.is_practice:
        return discard(Wish("discard"), scene)
    if wish.argument in ("ja", "yes"):
        return run(scene, do.StopCase())
    case = permitted_case(scene, Action.STOP)
    if case.phase not in (lifecycle.ASKING, lifecycle.WEIGHING):
        raise CommandRefused
    return Outcome(case, screens.ConfirmStopScreen(case))


def discard(wish: Wish, scene: Scene) -> Outcome:
    """Throw an exercise away, after asking once; nothing of it is kept."""
    case = permitted_case(scene, Action.DISCARD)
    if not case.is_practice:
        raise Misread("practice_only")
    if wish.argument not in ("ja", "yes"):
        return Outcome(case, DiscardScreen(case))
    return Outcome(None, screens.TextScreen("practice.gone"), discarded=case.id)
