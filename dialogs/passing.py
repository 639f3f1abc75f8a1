"""Responses about who has a case: handing over, taking over for an assessor who is ill, opening again."""

from dataclasses import replace

from dialogs import screens
from dialogs.answers import Misread, within_limit
from dialogs.outcome import Outcome, again, permitted_case, run
from dialogs.reading import Wish
from dialogs.screens_passing import (
    Candidate,
    HandOverScreen,
    OthersCaseScreen,
    RelieveScreen,
    WaitingOfferScreen,
)
from dialogs.views import Scene, here
from state import commands as do
from state import lifecycle
from state.case import Case
from state.errors import CommandRefused, HandOverReasonMissing, NotPermitted, ReopenReasonMissing, StaleCard
from state.events import Actor
from state.involvement import may_take, why_hand_over
from state.permissions import OUTSIDE, RECEIVER, Action, may

HANDED = "handed"
_OTHERS_CASE = "others_case"
# Cards of one case: what cannot be done with it any more makes them past. On others a number was filled in.
_OF_ONE_CASE = frozenset({"relieve", "waiting_offer", "closed", "term"})


def hand_over(wish: Wish, scene: Scene) -> Outcome:
    """Offer the case to someone, or show to whom it can be offered."""
    case = permitted_case(scene, Action.OFFER)
    if case.is_practice or not lifecycle.is_allowed(case.phase, "case.offered"):
        raise CommandRefused
    because = why_hand_over(case, scene.setting) or HANDED
    free = _free(case, because, scene)
    chosen = _chosen(wish, free)
    shown = HandOverScreen(case, because, _shown(free), chosen.id if chosen else "", wish.note)
    if chosen is None:
        return Outcome(case, shown, notice=_nobody(wish))
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


def _nobody(wish: Wish) -> tuple[str, dict[str, str]] | None:
    """Give the sentence for who chose nobody, or someone who is not there; None where it was not asked yet."""
    if wish.argument.isdecimal():
        return "no_such_person", {}
    return ("choose_person", {}) if wish.kind in ("hand_over", "relieve") else None


def _shown(people: tuple[Actor, ...]) -> tuple[Candidate, ...]:
    return tuple(Candidate(person.id, person.name, person.function) for person in people)


# --- someone else's case ---------------------------------------------------------------


def is_decider(scene: Scene) -> bool:
    """Tell whether this person may let someone else take over a case that is not theirs."""
    return may(Action.RELIEVE, (scene.setting.actor.role,), OUTSIDE)


def relieve(wish: Wish, scene: Scene) -> Outcome:
    """Offer the case of an assessor who cannot go on; nothing of it is shown."""
    if not wish.case and wish.kind not in _OF_ONE_CASE:
        return _which(wish, scene)
    case, me = scene.case, scene.setting.actor
    if scene.may(Action.OFFER):
        # Their own, by its number.
        return hand_over(Wish("hand_over", note=wish.note), scene)
    if case is not None and _may_end_offer(scene):
        return Outcome(case, WaitingOfferScreen(case.number))
    if case is None or not scene.may(Action.RELIEVE) or not _can_be_offered(case):
        return _no_such(wish, scene)
    # The same list whatever the case: who is not on it would say who has it, who is involved or what it is about.
    people = _anyone(scene)
    chosen = _chosen(wish, people)
    shown = RelieveScreen(case.number, _shown(people), chosen.id if chosen else "", wish.note)
    if chosen is None:
        return Outcome(case, shown, notice=_nobody(wish))
    try:
        outcome = run(scene, do.RelieveCase(chosen, within_limit(wish.note)))
    except HandOverReasonMissing as refusal:
        return Outcome(case, shown, notice=(refusal.code, {}))
    except NotPermitted as refusal:
        return Outcome(case, shown, notice=("not_to_them", {}), refused=refusal.code)
    if chosen.id == me.id:
        return outcome
    return replace(outcome, case=None, screen=screens.TextScreen("relieved"))


def end_offer(wish: Wish, scene: Scene) -> Outcome:
    """Take an offer back or decline it; of someone else's case for who has it, and then it can be offered anew."""
    if not wish.case and wish.kind != "waiting_offer":
        return _own_offer_ended(scene)
    if scene.may(Action.END_OFFER):
        # Their own, by its number.
        return _own_offer_ended(scene)
    if scene.case is None or not _may_end_offer(scene):
        return _no_such(wish, scene)
    outcome = run(scene, do.EndOffer(of_others=True))
    again_to = RelieveScreen(scene.case.number, _shown(_anyone(scene)))
    return replace(outcome, screen=again_to, notice=("offer_ended_for", {}))


def _own_offer_ended(scene: Scene) -> Outcome:
    outcome = run(scene, do.EndOffer())
    if scene.place == RECEIVER:
        return replace(outcome, case=None, screen=screens.TextScreen("offer_declined"))
    return outcome


def _may_end_offer(scene: Scene) -> bool:
    return scene.case is not None and scene.case.phase == lifecycle.OFFERED and scene.may(Action.END_OFFER_FOR)


def _anyone(scene: Scene) -> tuple[Actor, ...]:
    return (scene.setting.actor, *scene.candidates)


def _can_be_offered(case: Case) -> bool:
    return not case.is_practice and lifecycle.is_allowed(case.phase, "case.offered")


def reopen(wish: Wish, scene: Scene) -> Outcome:
    """Open a closed case again, with a reason."""
    if wish.kind == _OTHERS_CASE and not wish.case:
        return _which(wish, scene)
    if wish.is_typed and not wish.case:
        raise Misread("reopen_how")
    case = scene.case
    is_holder = scene.may(Action.REOPEN)
    if case is None or not case.is_closed or not (is_holder or scene.may(Action.REOPEN_FOR)):
        return _no_such(wish, scene)
    try:
        outcome = run(scene, do.ReopenCase(within_limit(wish.note), of_others=not is_holder))
    except ReopenReasonMissing as refusal:
        if is_holder:
            return again(scene, refusal.code)
        if wish.kind == _OTHERS_CASE:
            return _which(wish, scene, refusal.code)
        return Outcome(None, screens.TextScreen("reopen_reason_missing"))
    if is_holder:
        return replace(outcome, screen=here(replace(scene, case=outcome.after)), notice=("reopened", {}))
    return replace(outcome, case=None, screen=screens.TextScreen("reopened_for"))


def _which(wish: Wish, scene: Scene, key: str = "") -> Outcome:
    """Ask a decider which case of someone else they mean; what was filled in stays."""
    if not is_decider(scene):
        raise NotPermitted
    is_filled = wish.kind == _OTHERS_CASE
    if is_filled and not key:
        key = "case_number_missing"
    shown = OthersCaseScreen(wish.argument, wish.note) if is_filled else OthersCaseScreen()
    return Outcome(None, shown, notice=(key, {}) if key else None)


def _no_such(wish: Wish, scene: Scene) -> Outcome:
    """Give the one answer for what does not exist, is closed or open, or is not for this person.

    A card of a case that has gone on since is past. Of a sealed one there is no case here, and the sentence says who
    can open it; who may not open any gets the same, and does not learn from it which is sealed.
    """
    may_know = wish.kind != "closed" or scene.may(Action.REOPEN) or scene.may(Action.REOPEN_FOR)
    if wish.kind in _OF_ONE_CASE and scene.case is not None and may_know:
        return Outcome(None, screens.TextScreen("stale_card"), refused=StaleCard.code)
    if wish.kind == _OTHERS_CASE:
        return replace(_which(wish, scene, "no_such_case"), refused="no_such_case")
    return Outcome(None, screens.TextScreen("no_such_case"), refused="no_such_case")
