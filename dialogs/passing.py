"""Responses about who has a case: handing over, taking over for an assessor who is ill, opening again."""

from dataclasses import replace

from dialogs import screens
from dialogs.answers import within_limit
from dialogs.outcome import Outcome, again, permitted_case, run
from dialogs.reading import Wish
from dialogs.views import Scene, here
from state import commands as do
from state import lifecycle
from state.case import Case
from state.errors import CommandRefused, HandOverReasonMissing, ReopenReasonMissing
from state.events import Actor
from state.involvement import is_card_allowed, may_take, why_hand_over
from state.permissions import Action
from state.weighing import weigh

HANDED, RELIEVED = "handed", "relieved"


def hand_over(wish: Wish, scene: Scene) -> Outcome:
    """Offer the case to someone, or show to whom it can be offered."""
    case = permitted_case(scene, Action.OFFER)
    if case.is_practice or not lifecycle.is_allowed(case.phase, "case.offered"):
        raise CommandRefused
    because = why_hand_over(case, scene.setting) or HANDED
    free = _free(case, because, scene)
    chosen = _chosen(wish, free)
    shown = screens.HandOverScreen(case, because, _shown(free), wish.note)
    if chosen is None:
        outcome = Outcome(case, shown)
        return replace(outcome, notice=("no_such_person", {})) if wish.argument.isdecimal() else outcome
    try:
        return run(scene, do.OfferCase(chosen, within_limit(wish.note)))
    except HandOverReasonMissing as refusal:
        return Outcome(case, shown, notice=(refusal.code, {}))


def _free(case: Case, because: str, scene: Scene) -> tuple[Actor, ...]:
    """Give who may take the case: where it must go to someone else, deciders as long as there are any."""
    free = tuple(person for person in scene.candidates if may_take(case, person, because))
    if because == HANDED:
        return free
    return tuple(person for person in free if person.role == "decider") or free


def _chosen(wish: Wish, free: tuple[Actor, ...]) -> Actor | None:
    """Give the person at the position that was chosen; a card's own list counts, not today's."""
    ids = wish.listed if wish.kind in ("hand_over", "relieve") else tuple(person.id for person in free)
    position = int(wish.argument[:3]) if wish.argument.isdecimal() else 0
    if not 1 <= position <= len(ids):
        return None
    return next((person for person in free if person.id == ids[position - 1]), None)


def _shown(people: tuple[Actor, ...]) -> tuple[screens.Candidate, ...]:
    return tuple(screens.Candidate(person.id, person.name, person.function) for person in people)


# --- someone else's case ---------------------------------------------------------------


def relieve(wish: Wish, scene: Scene) -> Outcome:
    """Offer the case of an assessor who cannot go on; nothing of it is shown."""
    case = scene.case
    if case is None or not scene.may(Action.RELIEVE) or not _can_be_offered(case):
        return _no_such(scene)
    free = _relievers(case, scene)
    chosen = _chosen(wish, free)
    shown = screens.RelieveScreen(case, _shown(free), wish.note)
    if chosen is None:
        outcome = Outcome(case, shown)
        return replace(outcome, notice=("no_such_person", {})) if wish.argument.isdecimal() else outcome
    try:
        outcome = run(scene, do.RelieveCase(chosen, within_limit(wish.note)))
    except HandOverReasonMissing as refusal:
        return Outcome(case, shown, notice=(refusal.code, {}))
    if chosen.id == scene.setting.actor.id:
        return outcome
    return replace(outcome, case=None, screen=screens.TextScreen("relieved"))


def _can_be_offered(case: Case) -> bool:
    return not case.is_practice and lifecycle.is_allowed(case.phase, "case.offered")


def _relievers(case: Case, scene: Scene) -> tuple[Actor, ...]:
    holder = case.assessor.id if case.assessor else ""
    advice = weigh(scene.setting.framework, case.answers, scene.setting.now)
    because = RELIEVED if is_card_allowed(case, advice) else "no_card"
    people = (scene.setting.actor, *scene.candidates)
    return tuple(person for person in people if person.id != holder and may_take(case, person, because))


def reopen(wish: Wish, scene: Scene) -> Outcome:
    """Open a closed case again, with a reason."""
    case = scene.case
    is_holder = scene.may(Action.REOPEN)
    if case is None or not case.is_closed or not (is_holder or scene.may(Action.REOPEN_FOR)):
        return _no_such(scene)
    try:
        outcome = run(scene, do.ReopenCase(within_limit(wish.note), of_others=not is_holder))
    except ReopenReasonMissing as refusal:
        if is_holder:
            return again(scene, refusal.code)
        return Outcome(None, screens.TextScreen("reopen_reason_missing"))
    if is_holder:
        return replace(outcome, screen=here(replace(scene, case=outcome.after)), notice=("reopened", {}))
    return replace(outcome, case=None, screen=screens.TextScreen("reopened_for"))


def _no_such(scene: Scene) -> Outcome:
    """Give the one answer for what does not exist, is closed or open, or is not for this person."""
    return Outcome(None, screens.TextScreen("no_such_case"), refused="no_such_case")
