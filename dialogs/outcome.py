"""What follows from a wish, and what every response is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from dialogs import screens
from dialogs.answers import Misread
from dialogs.views import Scene, here
from state import commands as do
from state.case import Case
from state.decide import decide
from state.errors import CommandRefused, StaleCard
from state.events import Recorded
from state.fold import record
from state.permissions import Action, check_permitted


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a wish: the case with its new events, and what to show.

    `case` is the one that stays open in the chat, `after` the one that changed. `answered` replaces the
    card that was pressed; `language` is the one chosen for the chat; `refused` is the code of a refusal that
    is kept in the register; `discarded` the exercise of which nothing is kept.
    """

    case: Case | None
    screen: screens.Screen
    recorded: tuple[Recorded, ...] = ()
    after: Case | None = None
    answered: screens.Screen | None = None
    notice: tuple[str, Mapping[str, str]] | None = None
    language: str | None = None
    refused: str = ""
    discarded: str = ""


def again(scene: Scene, key: str, parameters: Mapping[str, str] | None = None) -> Outcome:
    """Give where the case stands, with a word on why nothing changed."""
    return Outcome(scene.case, here(scene), notice=(key, parameters or {}))


def past_card(scene: Scene) -> Outcome:
    """Give the one answer for a past card, a forged one and someone else's: nobody learns which."""
    is_exercise = scene.case is not None and scene.case.is_practice
    return Outcome(scene.case, screens.TextScreen("stale_card", practice=is_exercise), refused=StaleCard.code)


def run(scene: Scene, command: do.Command, show: Callable[[Scene], screens.Screen] = here) -> Outcome:
    """Do a command on the scene's case and show where the case stands then, or what else is to be shown of it."""
    if scene.case is None:
        raise CommandRefused
    events = decide(scene.case, command, scene.setting)
    after, recorded = record(scene.case, events, scene.setting.actor, scene.setting.now)
    return Outcome(after, show(replace(scene, case=after)), recorded, after)


def permitted_case(scene: Scene, action: Action) -> Case:
    """Give the case in which this person may do this; nobody else is shown anything of it."""
    if scene.case is None:
        raise Misread("no_case")
    check_permitted(scene.case, action, scene.setting)
    return scene.case


def case_of(outcome: Outcome) -> Case:
    """Give the case that stays open; an empty one when there is none."""
    return outcome.case or Case("")


def joined(first: Outcome, second: Outcome) -> Outcome:
    """Give two outcomes of one turn as one: the events of both, what the second shows."""
    return replace(second, recorded=first.recorded + second.recorded, after=second.after or first.after)
